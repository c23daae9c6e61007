"""Fetches the related rows that a select asked for beside each row: one statement for each relation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tabor.database.plans import returned
from tabor.datatypes import BOOLEAN
from tabor.query.keyset import total_order
from tabor.query.runnable import Runnable
from tabor.query.runner import Question
from tabor.query.shape import LINKED, TUPLE, VALUE
from tabor.schema.annotations import table_with
from tabor.schema.facts import facts_of
from tabor.tree.nodes import Node, Operation, Value
from tabor.tree.related import Collection, PageOfEach

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
        for start in range(0, len(owners), KEYS_AT_ONCE):
            for owner, *items in await run(_children(collection, owners[start : start + KEYS_AT_ONCE])):
                found[owner].append(items[0] if collection.single else tuple(items))
        if collection.finish is not None:
            found = {owner: collection.finish(items) for owner, items in found.items()}
        for row in changed:
            row[place] = list(found[row[place]]) if row[place] is not None else []
    return [row[0] if single else tuple(row) for row in changed]


def _children(collection: Collection, owners: list[object]) -> Runnable[list[Any]]:
    child, link = collection.child, collection.link
    shape = LINKED if collection.plain else TUPLE
    size = 1 << (len(owners) - 1).bit_length()
    padded = owners + [owners[-1]] * (size - len(owners))
    keys: list[Node] = [Value(link.datatype, owner) for owner in padded]
    statement = child.with_columns((link, *child.columns))
    statement.where = (*child.where, Operation("in", (link, *keys), BOOLEAN))
    if child.limit is None and child.offset is None:
        return Runnable(statement, shape)
    identity = facts_of(table_with(child.source.token))
    order = total_order(child, [identity.nodes[name] for name in identity.primary_key])
    return Runnable(PageOfEach(statement, link, order), shape)
