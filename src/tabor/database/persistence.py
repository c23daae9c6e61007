"""Saving, removing and refreshing single rows: which columns changed, and what to write."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

from tabor.datatypes import DataType
from tabor.engines.interface import Codecs
from tabor.errors import NotFound, QueryError, StaleRow, TaborError
from tabor.query.runnable import Runnable
from tabor.query.shape import ROW
from tabor.schema.facts import TableFacts
from tabor.schema.row_class import LOADED, extractor
from tabor.schema.server_set import marking, restoring
from tabor.schema.table import Table
from tabor.tree.nodes import Assignment, Comparison, Node, Value
from tabor.tree.statements import Select
from tabor.tree.writes import Delete, Insert, Update


def facts_of(row: object) -> TableFacts:
    """The facts of the table of a row."""
    return cast("type[Table]", type(row))._facts_()  # pyright: ignore[reportPrivateUsage]  # the data half's own name


def is_new(row: object) -> bool:
    """Whether a row was never stored."""
    return getattr(row, LOADED) is None


def inserting(row: object) -> Runnable[list[Any]]:
    """The insert of a new row, giving it back as stored."""
    facts = facts_of(row)
    values = facts.extract([row])
    key = facts.insertable_key
    return Runnable(Insert(facts.source, facts.insertable, values, (facts.entity,), columns_key=key), ROW)


def changing(row: object, codecs: Codecs) -> Runnable[list[Any]] | None:
    """The update of the columns of a stored row that differ from what was read; None where nothing does."""
    facts = facts_of(row)
    loaded = cast("tuple[object, ...]", getattr(row, LOADED))
    places = [i for i, column in enumerate(facts.columns.values()) if not column.read_only]
    columns = [column for column in facts.columns.values() if not column.read_only]
    (values,) = extractor(columns, facts.checks)([row])
    assignments: list[Assignment] = []
    for place, column, value in zip(places, columns, values, strict=True):
        name, raw = column.name, loaded[place]
        kept = column.datatype.check(value) if value is not None else None
        codec = codecs.encoder(column.datatype)
        encoded = kept if codec is None or kept is None else codec(kept)
        if _differs(encoded, raw) and (raw is None or _differs(encoded, _encoded(raw, column.datatype, codecs))):
            assignments.append(Assignment(facts.nodes[name], Value(column.datatype.bare, kept)))
    if not assignments:
        return None
    written = (*assignments, *facts.source.touch)
    return Runnable(Update(facts.source, written, same_version(row, codecs), (facts.entity,)), ROW)


def _differs(encoded: object, raw: object) -> bool:
    return encoded != raw or type(encoded) is not type(raw)


def _encoded(raw: object, datatype: DataType, codecs: Codecs) -> object:
    """What was read as it would be written: a database may give a value in another form than it takes it."""
    decode, encode = codecs.decoder(datatype), codecs.encoder(datatype)
    value = raw if decode is None else decode(raw)
    return value if encode is None else encode(value)


def removing(row: object, codecs: Codecs) -> Runnable[list[Any]]:
    """The delete of a stored row, or the update that marks it as deleted; it gives the row back."""
    facts = facts_of(row)
    mark, where = marking(facts), same_version(row, codecs)
    if mark is None:
        return Runnable(Delete(facts.source, where, (facts.entity,)), ROW)
    update = mark.statement
    assert isinstance(update, Update)
    return Runnable(Update(facts.source, update.assignments, (*where, *update.where), (facts.entity,)), ROW)


def restoring_row(row: object, codecs: Codecs) -> Runnable[list[Any]]:
    """The update that takes back the mark of a stored row."""
    facts = facts_of(row)
    update = restoring(facts).statement
    assert isinstance(update, Update)
    return Runnable(Update(facts.source, update.assignments, same_row(row, codecs), (facts.entity,)), ROW)


def same_version(row: object, codecs: Codecs) -> tuple[Node, ...]:
    """The condition that finds a stored row as it was read: by its key, and by its version where it has one."""
    expected = version_of(row)
    if expected is None:
        return same_row(row, codecs)
    node = facts_of(row).marked["version"]
    return (*same_row(row, codecs), Comparison("eq", node, Value(node.datatype, expected)))


def version_of(row: object) -> int | None:
    """The version that a stored row was read with; None for a table without one."""
    facts = facts_of(row)
    node, loaded = facts.marked.get("version"), getattr(row, LOADED)
    return None if node is None or loaded is None else int(loaded[list(facts.columns).index(node.name)])


async def missed(row: object, codecs: Codecs, run: Callable[[Runnable[list[Any]]], Awaitable[list[Any]]]) -> TaborError:
    """Why a write did not find the row: it is gone, or its version is another one."""
    facts, expected = facts_of(row), version_of(row)
    now = await run(reading(row, codecs)) if expected is not None else []
    if not now or expected is None or version_of(now[0]) == expected:
        return NotFound(facts.name, key_of_loaded(row))
    return StaleRow(facts.name, key_of_loaded(row), expected)


def key_of_loaded(row: object) -> object:
    """The key that a row was read with, as a tuple where it has several columns."""
    loaded = getattr(row, LOADED)
    # The key is what a row begins with.
    key = loaded[: len(facts_of(row).primary_key)] if loaded else (None,)
    return key[0] if len(key) == 1 else key


def reading(row: object, codecs: Codecs) -> Runnable[list[Any]]:
    """The select of a stored row."""
    facts = facts_of(row)
    select = Select(facts.source, (facts.entity,))
    select.where = same_row(row, codecs)
    return Runnable(select, ROW)


def same_row(row: object, codecs: Codecs) -> tuple[Node, ...]:
    """The condition that finds a stored row: its key as it was read, whatever the object says now."""
    facts = facts_of(row)
    if not facts.primary_key:
        raise QueryError(f"{facts.table.__name__} has no primary key, so one row cannot be told from another.")
    loaded = getattr(row, LOADED)
    if loaded is None:
        raise QueryError(f"This {facts.table.__name__} was never saved; save() or insert() it first.")
    names = list(facts.columns)
    conditions: list[Node] = []
    for name in facts.primary_key:
        node = facts.nodes[name]
        codec = codecs.decoder(node.datatype)
        raw = loaded[names.index(name)]
        conditions.append(Comparison("eq", node, Value(node.datatype, raw if codec is None else codec(raw))))
    return tuple(conditions)


def adopt(row: object, stored: list[Any], names: Sequence[str] = ()) -> None:
    """Give a row the values of its stored self, or those of some columns; raises ``NotFound`` where there is none."""
    facts = facts_of(row)
    if not stored:
        raise NotFound(facts.name, key_of_loaded(row))
    raw, fresh = getattr(row, LOADED), getattr(stored[0], LOADED)
    if names:
        fresh = tuple([new if name in names else old for name, old, new in zip(facts.columns, raw, fresh, strict=True)])
    for name in names or facts.columns:
        object.__setattr__(row, name, getattr(stored[0], name))
    object.__setattr__(row, LOADED, fresh)
    object.__setattr__(row, "__class__", facts.row)
