"""Rows of a table that SQL by hand gives: its columns found by their names, its values read as the table's own are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar

from tabor.compile.dialect import quoted
from tabor.engines.interface import Engine
from tabor.errors import InvalidValue, MissingColumn, QueryError, StatementFailed
from tabor.query.shape import ROW
from tabor.rows.decoder import decoder
from tabor.schema.facts import TableBase, TableFacts, facts_of
from tabor.tree.nodes import Entity
from tabor.tree.statements import Raw

M = TypeVar("M", bound=TableBase)
Run = Callable[[Raw], Awaitable[list[tuple[Any, ...]]]]

_GIVEN = "rows_by_hand"


class Hand(NamedTuple):
    """What runs SQL by hand, and what tells the engine that it runs on."""

    run: Run
    engine: Callable[[], Engine]

    async def rows(self, statement: Raw, table: type[M]) -> list[M]:
        """The rows of a table that the statement gives, as if they were selected."""
        facts = facts_of(table)
        if not statement.reads:
            raise QueryError("rows() follows a query that only reads; of what a write gives take returning(...).")
        await self._refuse_doubled(statement, facts)
        try:
            found = await self.run(_columns_by_name(statement, facts))
        except MissingColumn as error:
            if error.table != _GIVEN:
                raise
            raise QueryError(
                f"The query gives no column {error.column}, which a row of {facts.name} has; select all columns of it."
            ) from error
        _refuse_nulls(found, facts)
        decode = decoder([Entity(facts.source, tuple(facts.nodes.values()), facts)], ROW, self.engine().codecs)
        try:
            return decode(found)
        except InvalidValue:
            raise
        except (ArithmeticError, AttributeError, TypeError, ValueError) as error:
            raise QueryError(f"The query gives a value that no column of {facts.name} keeps: {error}.") from error

    async def _refuse_doubled(self, statement: Raw, facts: TableFacts) -> None:
        """Raise ``StatementFailed`` for a name that two columns have, where the database would take the first."""
        second = self.engine().capabilities.second_name
        if not second:
            return
        names = list(facts.nodes)
        (found,) = await self.run(_second_names(statement, facts, second))
        for name, doubled in zip(names, found, strict=True):
            if doubled:
                raise StatementFailed(f'column reference "{name}" is ambiguous; the query gives several of this name')


def _columns_by_name(statement: Raw, facts: TableFacts) -> Raw:
    """The query around one by hand that gives the columns of a table in their order."""
    names = [f"{_GIVEN}.{quoted(facts.source.stored_name(name))}" for name in facts.nodes]
    return _around(statement, f"SELECT {', '.join(names)} FROM (", f") AS {_GIVEN}")  # noqa: S608  # quoted names, and text by hand as it is


def _second_names(statement: Raw, facts: TableFacts, second: str) -> Raw:
    """The query whether one by hand gives each column of a table twice; it reads no row.

    A name is looked for among the columns of the query first, where it stands for null, and else found around it.
    """
    names = [quoted(second.format(facts.source.stored_name(name))) for name in facts.nodes]
    asked = [f"(SELECT {name} IS NULL FROM (SELECT 1) AS one LEFT JOIN {_GIVEN} ON 0)" for name in names]  # noqa: S608  # quoted names, and text by hand as it is
    around = ", ".join([f"1 AS {name}" for name in names])
    rest = f") LIMIT 0) SELECT {', '.join(asked)} FROM (SELECT {around}) AS around_it"  # noqa: S608  # quoted names, and text by hand as it is
    return _around(statement, f"WITH {_GIVEN} AS (SELECT * FROM (", rest)  # noqa: S608  # quoted names, and text by hand as it is


def _around(statement: Raw, before: str, after: str) -> Raw:
    first, *rest = statement.parts
    *rest, last = (before + first, *rest)
    # On a line of its own, because the text may end in a comment.
    return Raw((*rest, f"{last.rstrip().rstrip(';')}\n{after}"), statement.values, statement.datatypes, reads=True)


def _refuse_nulls(rows: list[tuple[Any, ...]], facts: TableFacts) -> None:
    required = [(place, name) for place, (name, node) in enumerate(facts.nodes.items()) if not node.nullable]
    for row in rows:
        for place, name in required:
            if row[place] is None:
                raise QueryError(f"The query gives null for {facts.name}.{name}, which is never null in a stored row.")
