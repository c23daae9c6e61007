"""Fetches the related rows that a select asked for beside each row: one statement for each relation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tabor.database.plans import returned
from tabor.query.keyset import total_order
from tabor.query.runnable import Runnable
from tabor.query.runner import Question
from tabor.query.shape import LINKED, TUPLE, VALUE, Shape
from tabor.schema.annotations import table_with
from tabor.schema.facts import facts_of
from tabor.tree.related import Collection, PageOfEach, one_of

KEYS_AT_ONCE = 8_192


Run = Callable[[Runnable[list[Any]]], Awaitable[list[Any]]]


async def with_related(rows: list[Any], question: Question[Any], places: Sequence[int], run: Run) -> list[Any]:
    """The rows of ``question`` with the owner's key at each of ``places`` replaced by the list of its related rows."""
    single = question.shape is VALUE
    changed = [[row] if single else list(row) for row in rows]
    columns = returned(question.statement)
    for place in places:
        collection = columns[place]
        assert isinstance(collection, Collection)
        owners = list(dict.fromkeys([row[place] for row in changed if row[place] is not None]))
        found: dict[object, list[Any]] = {owner: [] for owner in owners}
        width = len(collection.link)
        at_once = KEYS_AT_ONCE // width
        for start in range(0, len(owners), at_once):
            for row in await run(_children(collection, owners[start : start + at_once])):
                found[row[0] if width == 1 else row[:width]].append(row[width] if collection.single else row[width:])
        if collection.finish is not None:
            found = {owner: collection.finish(items) for owner, items in found.items()}
        for row in changed:
            row[place] = list(found[row[place]]) if row[place] is not None else []
    return [row[0] if single else tuple(row) for row in changed]


def _children(collection: Collection, owners: list[object]) -> Runnable[list[Any]]:
    child, link = collection.child, collection.link
    shape = TUPLE if not collection.plain else LINKED if len(link) == 1 else Shape("plain", ("link",) * len(link))
    size = 1 << (len(owners) - 1).bit_length()
    padded = owners + [owners[-1]] * (size - len(owners))
    statement = child.arranged(columns=(*link, *child.columns))
    statement.where = (*child.where, one_of(link, padded))
    if child.limit is None and child.offset is None:
        return Runnable(statement, shape)
    identity = facts_of(table_with(child.source.token))
    order = total_order(child, [identity.nodes[name] for name in identity.primary_key])
    return Runnable(PageOfEach(statement, link, order), shape)
