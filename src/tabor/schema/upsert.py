"""A row that is found or made, or updated or made: safe where several tasks do the same at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from tabor.datatypes import BOOLEAN
from tabor.errors import QueryError
from tabor.expression.expr import Expr
from tabor.expression.operand import operand
from tabor.query.insert import ConflictTarget, InsertQuery
from tabor.query.runnable import Runnable
from tabor.query.select import Query
from tabor.query.shape import ROW, TUPLE
from tabor.query.write import Setting
from tabor.schema.definition import conflict_targets
from tabor.schema.facts import TableFacts
from tabor.tree.nodes import ColumnNode, Operation
from tabor.tree.statements import Select
from tabor.tree.writes import Insert

M = TypeVar("M")

_INSERTED = Operation("inserted", (), BOOLEAN)


def updating_or_creating(
    insert: InsertQuery[M], facts: TableFacts, by: Sequence[Expr[Any]], update: Sequence[Expr[Any] | Setting]
) -> Runnable[tuple[M, bool]]:
    """The insert that updates the stored row instead, telling whether it inserted."""
    _must_tell(facts, _named(facts, by, "update_or_create"), "update_or_create")
    statement = insert.on_conflict(*by).update(*update).statement
    returning = (facts.entity, _INSERTED)
    key, conflict = statement.columns_key, statement.conflict
    telling = Insert(statement.source, statement.columns, statement.rows, returning, columns_key=key, conflict=conflict)
    return Runnable(telling, TUPLE, _single)


def finding(insert: InsertQuery[M], facts: TableFacts, by: Sequence[Expr[Any]]) -> Query[M]:
    """The select of the stored row that has the values of the row to be inserted in the columns ``by``.

    Raises ``QueryError`` for a column that is none of the row's own, or that is empty, which no row is found by.
    """
    names = [node.name for node in facts.insertable]
    (values,) = insert.statement.rows
    query = Query[M](Select(facts.source, (facts.entity,)), ROW)
    nodes = _named(facts, by, "get_or_create")
    nulls_differ = all(target.nulls_distinct for target in _telling(facts, nodes))
    for node in nodes:
        value = values[names.index(node.name)]
        if value is None and nulls_differ:
            raise QueryError(f"get_or_create() finds no row by an empty {facts.name}.{node.name}; give it a value.")
        query = query.where(Expr[object](node).is_null() if value is None else Expr[object](node) == value)
    _must_tell(facts, nodes, "get_or_create")
    return query


def _named(facts: TableFacts, by: Sequence[Expr[Any]], method: str) -> list[ColumnNode]:
    nodes = [operand(column) for column in by]
    insertable = {column.key: column for column in facts.insertable}
    own = [insertable[node.key] for node in nodes if node.key in insertable]
    if not own or len(own) < len(nodes):
        raise QueryError(
            f"{method}() needs the unique column or columns of {facts.name} by which a row is told, after the row."
        )
    return own


def _telling(facts: TableFacts, nodes: Sequence[ColumnNode]) -> list[ConflictTarget]:
    """What is unique and over these columns."""
    targets = [target for target in conflict_targets(facts).values() if target.where is None]
    return [target for target in targets if set(target.terms) == set(nodes)]


def _must_tell(facts: TableFacts, nodes: Sequence[ColumnNode], method: str) -> None:
    """Raise ``QueryError`` where several rows could have the same values in these columns."""
    if not _telling(facts, nodes):
        names = ", ".join([node.name for node in nodes])
        raise QueryError(
            f"{method}() tells rows of {facts.name} by {names}, and several may have the same there; declare it "
            "unique, by column(unique=True) or unique(...) of several columns."
        )


def _single(rows: list[tuple[M, bool]]) -> tuple[M, bool]:
    return rows[0]
