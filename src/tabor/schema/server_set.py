"""Columns that the database fills: server defaults, computed columns, the version of a row, and its stamps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tabor.datatypes import BOOLEAN, DataType, DateTime, Integer
from tabor.errors import InvalidValue, QueryError, SchemaError
from tabor.expression.expr import Expr
from tabor.expression.functions import now
from tabor.query.write import UpdateQuery
from tabor.schema.constraints import checked_node
from tabor.schema.facts import MISSING, ColumnFacts, Mark, TableBase, TableFacts
from tabor.schema.options import ColumnOptions
from tabor.tree.nodes import Assignment, ColumnNode, Constant, Node, Operation, Source, Value
from tabor.tree.writes import Update

_ONE = Constant(Integer(), 1)


def filled_by_database(
    options: ColumnOptions, mark: Mark, datatype: DataType, *, nullable: bool, place: str
) -> Node | None:
    """What the database fills a column of a new row with; raises ``SchemaError`` for what does not fit its type."""
    if mark == "version":
        if not isinstance(datatype, Integer) or nullable:
            raise SchemaError(f"{place}: a version is a whole number that is always there, Column[int].")
        return _ONE
    if mark:
        if not isinstance(datatype, DateTime) or nullable != (mark == "deleted"):
            kind = "Column[datetime | None]" if mark == "deleted" else "Column[datetime]"
            raise SchemaError(f"{place}: the stamp {mark!r} needs {kind}.")
        return None if mark == "deleted" else now().node
    given = options.server_default
    if given is MISSING:
        return None
    if isinstance(given, Expr):
        return _fitting(given.node, datatype, f"{place}: the server default")
    try:
        return Value(datatype, None if given is None and nullable else datatype.check(given))
    except InvalidValue as error:
        raise SchemaError(f"{place}: the server default does not fit its own column: {error.reason}.") from None


def computed_node(facts: TableFacts, column: ColumnFacts) -> Node | None:
    """What the database computes a column from; raises ``SchemaError`` for what it cannot be computed from."""
    if column.computed is None:
        return None
    place = f"{facts.table.__name__}.{column.name}: what it is computed from"
    made = column.computed()
    if not isinstance(made, Expr):
        raise SchemaError(f"{place} is an expression over other columns of the row, got {made!r}.")
    node = checked_node(_fitting(made.node, column.datatype, place), facts)
    if node.nullable and not column.nullable:
        raise SchemaError(f"{place} may be null, and the column may not.")
    return node


def _fitting(node: Node, datatype: DataType, what: str) -> Node:
    if node.datatype.key != datatype.key:
        raise SchemaError(f"{what} gives {node.datatype.label}, and the column holds {datatype.label}.")
    return node


def marked_columns(
    table: type[TableBase], columns: Mapping[str, ColumnFacts], nodes: Mapping[str, ColumnNode]
) -> dict[Mark, ColumnNode]:
    """The version and the stamps of a table; raises ``SchemaError`` where there are two of a kind."""
    found: dict[Mark, ColumnNode] = {}
    for name, column in columns.items():
        if column.mark in found:
            raise SchemaError(
                f"{table.__name__}: {found[column.mark].name} and {name} are both its {column.mark} column."
            )
        if column.mark:
            found[column.mark] = nodes[name]
    return found


def mark_source(source: Source, marked: Mapping[Mark, ColumnNode]) -> None:
    """Tell the source of a table which rows are left out, and what every change sets beside."""
    deleted, updated, version = marked.get("deleted"), marked.get("updated"), marked.get("version")
    if deleted is not None:
        source.live = Operation("is_null", (deleted,), BOOLEAN)
    if updated is not None:
        source.touch += (Assignment(updated, now().node),)
    if version is not None:
        source.touch += (Assignment(version, Operation("add", (version, _ONE), version.datatype)),)


def live_rows(facts: TableFacts) -> list[Expr[bool]]:
    """The condition that leaves out rows marked as deleted, where the table marks some."""
    return [] if facts.source.live is None else [Expr(facts.source.live)]


def at_version(facts: TableFacts, expected: int) -> Expr[bool]:
    """The condition that a row of a table with a version is still at this one."""
    return Expr[int](facts.marked["version"]) == expected


def marking(facts: TableFacts) -> UpdateQuery[Any] | None:
    """The update that marks rows as deleted, without saying which; None where they are deleted for good."""
    source, deleted = facts.source, facts.marked.get("deleted")
    if deleted is None or source.live is None:
        return None
    return UpdateQuery(Update(source, (Assignment(deleted, now().node), *source.touch), (source.live,)), facts.entity)


def restoring(facts: TableFacts) -> UpdateQuery[Any]:
    """The update that takes the mark away again, without saying of which rows.

    Raises ``QueryError`` for a table without a column that marks them.
    """
    source, deleted = facts.source, facts.marked.get("deleted")
    if deleted is None:
        raise QueryError(f'{facts.name} has no column(stamp="deleted"); its rows are deleted for good.')
    return UpdateQuery(
        Update(source, (Assignment(deleted, Value(deleted.datatype, None)), *source.touch), ()), facts.entity
    )
