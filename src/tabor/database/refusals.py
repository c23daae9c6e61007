"""Adds to a constraint's refusal what only the tables know: which column, which missing row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from tabor.errors import CheckViolation, ForeignKeyViolation
from tabor.query.runnable import Runnable
from tabor.query.shape import VALUE
from tabor.schema.facts import ColumnFacts, TableFacts
from tabor.tree.nodes import Comparison, Value
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
        for other in tables.values():
            for column in other.columns.values():
                if column.key and column.key.target is facts.table and column.key.on_delete == "restrict":
                    return ForeignKeyViolation(facts.name, references=other.name)
        return error
    for column, value in _references(statement, facts):
        assert column.key is not None
        target = column.key.target._facts_()  # pyright: ignore[reportPrivateUsage]  # the data half's own name
        select = Select(target.source, (target.nodes[column.key.target_column],))
        node = target.nodes[column.key.target_column]
        select.where = (Comparison("eq", node, Value(node.datatype, value)),)
        if not await run(Runnable(select, VALUE)):
            return ForeignKeyViolation(facts.name, (column.name,), references=target.name)
    return error


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
