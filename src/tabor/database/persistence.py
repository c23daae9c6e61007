"""Saving, removing and refreshing single rows: which columns changed, and what to write."""

from __future__ import annotations

from typing import Any, cast

from tabor.datatypes import DataType
from tabor.engines.interface import Codecs
from tabor.errors import NotFound, QueryError
from tabor.query.runnable import Runnable
from tabor.query.shape import COUNT, ROW
from tabor.schema.facts import TableFacts
from tabor.schema.row_class import LOADED, extractor
from tabor.schema.table import Table
from tabor.tree.nodes import Assignment, Comparison, Node, Value
from tabor.tree.statements import Delete, Insert, Select, Update


def facts_of(row: object) -> TableFacts:
    """The facts of the table of a row."""
    return cast("type[Table]", type(row))._facts_()  # pyright: ignore[reportPrivateUsage]  # the data half's own name


def is_new(row: object) -> bool:
    """Whether a row was never stored."""
    return getattr(row, LOADED) is None


def inserting(row: object) -> Runnable[list[Any]]:
    """The insert of a new row, giving it back as stored."""
    facts = facts_of(row)
    values = [facts.extract(row)]
    key = facts.insertable_key
    return Runnable(Insert(facts.source, facts.insertable, values, (facts.entity,), columns_key=key), ROW)


def changing(row: object, codecs: Codecs) -> Runnable[list[Any]] | None:
    """The update of the columns of a stored row that differ from what was read; None where nothing does."""
    facts = facts_of(row)
    loaded = cast("tuple[object, ...]", getattr(row, LOADED))
    values = extractor(facts.columns.values(), facts.checks)(row)
    assignments: list[Assignment] = []
    for (name, column), value, raw in zip(facts.columns.items(), values, loaded, strict=True):
        kept = column.datatype.check(value) if value is not None else None
        codec = codecs.encoder(column.datatype)
        encoded = kept if codec is None or kept is None else codec(kept)
        if _differs(encoded, raw) and (raw is None or _differs(encoded, _encoded(raw, column.datatype, codecs))):
            assignments.append(Assignment(facts.nodes[name], Value(column.datatype.bare, kept)))
    if not assignments:
        return None
    return Runnable(Update(facts.source, tuple(assignments), same_row(row, codecs), (facts.entity,)), ROW)


def _differs(encoded: object, raw: object) -> bool:
    return encoded != raw or type(encoded) is not type(raw)


def _encoded(raw: object, datatype: DataType, codecs: Codecs) -> object:
    """What was read as it would be written: a database may give a value in another form than it takes it."""
    decode, encode = codecs.decoder(datatype), codecs.encoder(datatype)
    value = raw if decode is None else decode(raw)
    return value if encode is None else encode(value)


def removing(row: object, codecs: Codecs) -> Runnable[int]:
    """The delete of a stored row."""
    return Runnable(Delete(facts_of(row).source, same_row(row, codecs)), COUNT)


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


def adopt(row: object, stored: list[Any]) -> None:
    """Give a row the values of its stored self; raises ``NotFound`` where there is none."""
    facts = facts_of(row)
    if not stored:
        loaded = getattr(row, LOADED)
        # The key is what a row begins with.
        key = loaded[: len(facts.primary_key)] if loaded else (None,)
        raise NotFound(facts.name, key[0] if len(key) == 1 else key)
    for name in (*facts.columns, LOADED):
        object.__setattr__(row, name, getattr(stored[0], name))
    object.__setattr__(row, "__class__", facts.row)
