"""Answers a list, and one row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tabor.auth.policy import Verdict, anyone
from tabor.errors import NotFound
from tabor.query.conditions import Condition, any_of
from tabor.query.document import Documents
from tabor.query.runnable import Runnable
from tabor.rest.cursor import Cursors
from tabor.rest.exchange import Exchange
from tabor.rest.faults import Faults
from tabor.rest.list_request import ListReader, ListRequest
from tabor.rest.names import Guards, Hop, ruled
from tabor.rest.offer import Offer
from tabor.rest.query_string import parse_query
from tabor.rest.searching import search_fields
from tabor.rest.selection import Selection, read_selection, relations_of

REQUESTS_KEPT = 512

_NO_GUARDS: Guards = {}
_NOTHING = b'{"items":[],"next":null}'
_NOTHING_COUNTED = b'{"items":[],"next":null,"total":0}'


class _Question(NamedTuple):
    """What is asked of the database: a page, and the number of all rows where that is wanted."""

    page: Runnable[Documents]
    total: Runnable[int] | None


class _Asked(NamedTuple):
    """A request with what does not depend on the caller: the steps that have rules, the question of who sees all."""

    request: ListRequest
    steps: Sequence[Hop]
    open_question: _Question


class Listing:
    """``GET /api/event``."""

    def __init__(self, offer: Offer, cursors: Cursors) -> None:
        self._offer = offer
        self._searched = search_fields(offer.resource.search, offer.names)
        self._reader = ListReader(
            offer.names,
            table=offer.facts.name,
            key=offer.key,
            relations=relations_of(offer.table),
            searches=bool(self._searched),
            cursors=cursors,
        )
        self._kept: dict[bytes, _Asked] = {}

    async def __call__(self, exchange: Exchange, key: str) -> None:
        """Answer the list."""
        verdict = await exchange.verdict(self._offer.resource.list)
        asked = self._asked(exchange.scope["query_string"])
        if verdict is False:
            await exchange.answer(_NOTHING_COUNTED if asked.request.counts else _NOTHING)
            return
        guards = await exchange.guards(asked.steps) if asked.steps else _NO_GUARDS
        question = asked.open_question
        if guards or verdict is not True:
            question = self._question(asked.request, verdict, guards)
        db = self._offer.db
        documents = await db.run(question.page)
        total = "" if question.total is None else f',"total":{await db.run(question.total)}'
        await self._answer(exchange, asked.request, documents, total)

    def _asked(self, query: bytes) -> _Asked:
        """The request in the query part; those met lately are kept, except for pages behind a cursor."""
        asked = self._kept.get(query)
        if asked is not None:
            return asked
        request = self._reader.read(parse_query(query))
        searched = [step for field in self._searched for step in field.steps] if request.search is not None else []
        steps = ruled([*request.steps(), *searched])
        asked = _Asked(request, steps, self._question(request, True, _NO_GUARDS))
        if request.after is None:
            if len(self._kept) >= REQUESTS_KEPT:
                self._kept.clear()
            self._kept[query] = asked
        return asked

    def _question(self, request: ListRequest, verdict: Verdict, guards: Guards) -> _Question:
        query = self._offer.rows()
        conditions = self._offer.own_condition(verdict)
        conditions += [item.condition(guards) for item in request.filters]
        if request.search is not None:
            conditions.append(self._search(request.search, guards))
        if conditions:
            query = query.where(*conditions)
        count = query.count() if request.counts else None
        order = request.sort.order(guards)
        page = order.sorted(query).limit(request.limit + 1)
        if request.offset:
            page = page.offset(request.offset)
        if request.after is not None:
            page = page.where(order.after(request.after))
        return _Question(request.selection.document(guards, order.expressions).of(page), count)

    def _search(self, text: str, guards: Guards) -> Condition:
        return any_of([field.seen(guards).icontains(text) for field in self._searched])

    async def _answer(self, exchange: Exchange, request: ListRequest, documents: Documents, total: str) -> None:
        texts = documents.texts
        limit = request.limit
        if len(texts) <= limit:
            await exchange.answer(f'{{"items":[{",".join(texts)}],"next":null{total}}}'.encode())
            return
        cursor = self._reader.next_cursor(request, documents.key(limit - 1))
        texts.pop()
        query = f"{request.next_query}&cursor={cursor}" if request.next_query else f"cursor={cursor}"
        link = f'<{exchange.scope.get("root_path", "")}{self._offer.address}?{query}>; rel="next"'
        body = f'{{"items":[{",".join(texts)}],"next":"{cursor}"{total}}}'.encode()
        await exchange.answer(body, headers=[(b"link", link.encode())])


class Reading:
    """``GET /api/event/{id}``."""

    def __init__(self, offer: Offer) -> None:
        self._offer = offer
        self._relations = relations_of(offer.table)
        self._selections: dict[bytes, Selection] = {}
        self._whole: Runnable[Documents] | None = None

    async def __call__(self, exchange: Exchange, key: str) -> None:
        """Answer the row; raises ``NotFound`` where there is none that the caller may see."""
        offer = self._offer
        verdict = await exchange.verdict(offer.resource.read)
        query: bytes = exchange.scope["query_string"]
        if verdict is True and not query:
            value = offer.key_of(key)
            if self._whole is None:
                self._whole = offer.whole.of(offer.rows().where(offer.row(value)))
            documents = await offer.db.run_bound(self._whole, (value,))
        else:
            documents = await self._selected(exchange, key, verdict, query)
        if not documents.texts:
            raise NotFound(offer.facts.name, key)
        await exchange.answer(documents.texts[0].encode())

    def body_now(self, key: str) -> bytes | None:
        """The row that anyone may read, as it is answered; None where it is not there or not to be had at once."""
        offer = self._offer
        if self._whole is None or offer.resource.read is not anyone:
            return None
        documents = offer.db.run_now(self._whole, (offer.key_of(key),))
        return documents.texts[0].encode() if documents is not None and documents.texts else None

    async def _selected(self, exchange: Exchange, key: str, verdict: Verdict, query: bytes) -> Documents:
        offer = self._offer
        selection = self._selection(query) if query else None
        value = offer.key_of(key)
        if verdict is False:
            raise NotFound(offer.facts.name, key)
        rows = offer.rows().where(offer.row(value), *offer.own_condition(verdict))
        if selection is None:
            return await offer.db.run(offer.whole.of(rows))
        guards = await exchange.guards(ruled(selection.steps()))
        return await offer.db.run(selection.document(guards, ()).of(rows))

    def _selection(self, query: bytes) -> Selection:
        known = self._selections.get(query)
        if known is not None:
            return known
        faults = Faults()
        selection: Selection | None = None
        for name, text in parse_query(query):
            if name != "fields":
                message = f"There is no parameter {name!r} here; there is fields."
                faults.meaningless(("query", name), "unknown_parameter", message)
            elif selection is not None:
                faults.meaningless(("query", name), "duplicate", "fields may stand once.")
            else:
                selection = read_selection(text, self._offer.names, self._relations, faults)
        faults.settle()
        assert selection is not None
        if len(self._selections) >= REQUESTS_KEPT:
            self._selections.clear()
        self._selections[query] = selection
        return selection
