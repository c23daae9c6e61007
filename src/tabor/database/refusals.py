"""Adds to a constraint's refusal what only the tables know: which column, which missing row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any

from tabor.datatypes import BOOLEAN
from tabor.errors import CheckViolation, ForeignKeyViolation
from tabor.query.conditions import node_moved_to
from tabor.query.runnable import Runnable
from tabor.query.shape import VALUE
from tabor.schema.facts import ColumnFacts, TableFacts, facts_of
from tabor.tree.nodes import Comparison, Operation, Source, Value
from tabor.tree.statements import Delete, Insert, Select, Statement, Update

Run = Callable[[Runnable[list[Any]]], Awaitable[list[Any]]]


def explained_check(error: CheckViolation, columns: dict[str, tuple[str, str]]) -> CheckViolation:
    """The same refusal with the table and column that the constraint's name belongs to."""
    table, column = columns.get(error.constraint or "", (None, None))
    if table is None or column is None:
        return error
    return CheckViolation(error.constraint or "", table=table, columns=(column,))


async def explained_reference(
    error: ForeignKeyViolation, statement: Statement, tables: dict[int, TableFacts], run: Run
) -> ForeignKeyViolation:
    """The same refusal naming the column whose row is missing, or the table that still refers to a deleted row."""
    facts = tables.get(statement.source.token)
    if facts is None:
        return error
    if isinstance(statement, Delete):
        for other, column in _referring(facts, tables.values()):
            if await run(_still_referring(statement, facts, other, column)):
                return ForeignKeyViolation(facts.name, references=other.name)
        return error
    for column, value in _references(statement, facts):
        assert column.key is not None
        target = facts_of(column.key.target)
        select = Select(target.source, (target.nodes[column.key.target_column],))
        node = target.nodes[column.key.target_column]
        select.where = (Comparison("eq", node, Value(node.datatype, value)),)
        if not await run(Runnable(select, VALUE)):
            return ForeignKeyViolation(facts.name, (column.name,), references=target.name)
    return error


def _referring(facts: TableFacts, tables: Iterable[TableFacts]) -> Iterator[tuple[TableFacts, ColumnFacts]]:
    """The keys that keep rows of a table from being deleted, with the table that each is a column of."""
    for other in tables:
        for column in other.columns.values():
            if column.key and column.key.target is facts.table and column.key.on_delete == "restrict":
                yield other, column


def _still_referring(
    statement: Delete, facts: TableFacts, other: TableFacts, column: ColumnFacts
) -> Runnable[list[Any]]:
    """A row that refers to one of the rows to be deleted."""
    assert column.key is not None
    deleted = Source(
        facts.name,
        facts.source.token,
        parent=other.source,
        hop=column.name,
        local=(column.name,),
        remote=(column.key.target_column,),
        identity=facts.primary_key,
    )
    select = Select(other.source, (other.nodes[column.name],))
    select.where = (
        Operation("is_not_null", (other.nodes[column.name],), BOOLEAN),
        *[node_moved_to(node, deleted) for node in statement.where],
    )
    select.limit = 1
    return Runnable(select, VALUE)


def _references(statement: Statement, facts: TableFacts) -> Iterator[tuple[ColumnFacts, object]]:
    pairs: Sequence[tuple[str, object]] = ()
    if isinstance(statement, Insert):
        names = [column.name for column in statement.columns]
        pairs = [pair for row in statement.rows[:100] for pair in zip(names, row, strict=True)]
    elif isinstance(statement, Update):
        pairs = [(a.column.name, a.value.values[0]) for a in statement.assignments if len(a.value.values) == 1]
    for name, value in pairs:
        column = facts.columns[name]
        if column.key is not None and value is not None:
            yield column, value
