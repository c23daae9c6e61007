"""Queries written by hand, always with bound values: ``db.sql("select title from event where id = {}", 5)``."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Generator, Sequence
from functools import partial
from typing import Any, Generic, TypeVar

from tabor.database.hand_rows import Hand
from tabor.errors import QueryError
from tabor.expression.fragments import split, type_by_hand
from tabor.schema.facts import TableBase
from tabor.tree.statements import Raw

R_co = TypeVar("R_co", covariant=True)
S = TypeVar("S")
M = TypeVar("M", bound=TableBase)

_READS = re.compile(r"\s*(select|values|explain|with)\b", re.IGNORECASE)
_WRITES = re.compile(r"\b(insert|update|delete|replace)\b", re.IGNORECASE)


class RawQuery(Generic[R_co]):
    """A query by hand; awaited, it gives its rows, values as the driver gives them.

    ``rows(table)`` makes stored rows of a table of them, ``into(make)`` passes the values of each row to a class or
    function, and ``values()`` gives the single column.
    """

    __slots__ = ("_ask", "_hand", "_statement")

    def __init__(self, statement: Raw, hand: Hand, ask: Callable[[], Awaitable[list[R_co]]]) -> None:
        self._statement = statement
        self._hand = hand
        self._ask = ask

    def __await__(self) -> Generator[Any, None, list[R_co]]:
        return self._rows().__await__()

    async def _rows(self) -> list[R_co]:
        return await self._ask()

    def rows(self, table: type[M]) -> RawQuery[M]:
        """Each row as a stored row of ``table``, as if it were selected: to be read, changed and saved.

        Its columns are found by their names in the database; others that the query gives are left out.  Raises
        ``QueryError``, when it runs, where a column is missing or null that a stored row has, and for a query that
        writes, and ``StatementFailed`` where the query gives two columns of one name.

        Example: ``await db.sql("select * from event where id % {} = 0", 7).rows(Event)`` gives ``list[Event]``.
        """
        return RawQuery(self._statement, self._hand, partial(self._hand.rows, self._statement, table))

    def into(self, make: Callable[..., S]) -> RawQuery[S]:
        """Each row's values passed to ``make``."""
        return self._then(lambda rows: [make(*row) for row in rows])

    def values(self) -> RawQuery[object]:
        """The first column of each row; raises ``QueryError`` where a row has another number of columns."""

        def single(rows: list[tuple[Any, ...]]) -> list[object]:
            if rows and len(rows[0]) != 1:
                raise QueryError(f"values() needs a query of one column, this one gives {len(rows[0])}.")
            return [row[0] for row in rows]

        return self._then(single)

    def _then(self, finish: Callable[[list[tuple[Any, ...]]], list[S]]) -> RawQuery[S]:
        async def ask() -> list[S]:
            return finish(await self._hand.run(self._statement))

        return RawQuery(self._statement, self._hand, ask)

    async def first(self) -> R_co | None:
        """The first row, or None."""
        rows = await self._rows()
        return rows[0] if rows else None


def raw_query(text: str, values: Sequence[object], hand: Hand) -> RawQuery[tuple[object, ...]]:
    """The query for ``text`` with ``{}`` where each value goes; ``{{`` and ``}}`` stand for braces.

    Raises ``QueryError`` where places and values differ in number, and for a value that cannot be bound or is a
    ``Decimal``.
    """
    parts = split(text, len(values))
    reads = bool(_READS.match(text)) and not _WRITES.search(text)
    statement = Raw(parts, tuple(values), tuple([type_by_hand(value, "sql()") for value in values]), reads=reads)
    return RawQuery(statement, hand, partial(hand.run, statement))
