"""Queries written by hand, always with bound values: ``db.sql("select title from event where id = {}", 5)``."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import Any, Generic, TypeVar, cast

from tabor.errors import QueryError
from tabor.expression.fragments import split, type_by_hand
from tabor.tree.statements import Raw

R_co = TypeVar("R_co", covariant=True)
S = TypeVar("S")

Run = Callable[[Raw], Awaitable[list[tuple[Any, ...]]]]
_READS = re.compile(r"\s*(select|values|explain|with)\b", re.IGNORECASE)
_WRITES = re.compile(r"\b(insert|update|delete|replace)\b", re.IGNORECASE)


class RawQuery(Generic[R_co]):
    """A query by hand; awaited, it gives its rows, values as the driver gives them.

    ``into(make)`` passes the values of each row to a class or function; ``values()`` gives the single column.
    """

    __slots__ = ("_finish", "_run", "_statement")

    def __init__(self, statement: Raw, run: Run, finish: Callable[[list[tuple[Any, ...]]], list[R_co]]) -> None:
        self._statement = statement
        self._run = run
        self._finish = finish

    def __await__(self) -> Generator[Any, None, list[R_co]]:
        return self._rows().__await__()

    async def _rows(self) -> list[R_co]:
        return self._finish(await self._run(self._statement))

    def into(self, make: Callable[..., S]) -> RawQuery[S]:
        """Each row's values passed to ``make``."""
        return RawQuery(self._statement, self._run, lambda rows: [make(*row) for row in rows])

    def values(self) -> RawQuery[object]:
        """The first column of each row; raises ``QueryError`` where a row has another number of columns."""

        def single(rows: list[tuple[Any, ...]]) -> list[object]:
            if rows and len(rows[0]) != 1:
                raise QueryError(f"values() needs a query of one column, this one gives {len(rows[0])}.")
            return [row[0] for row in rows]

        return RawQuery(self._statement, self._run, single)

    async def first(self) -> R_co | None:
        """The first row, or None."""
        rows = await self._rows()
        return rows[0] if rows else None


def raw_query(text: str, values: Sequence[object], run: Run) -> RawQuery[tuple[object, ...]]:
    """The query for ``text`` with ``{}`` where each value goes; ``{{`` and ``}}`` stand for braces.

    Raises ``QueryError`` where places and values differ in number, and for a value that cannot be bound or is a
    ``Decimal``.
    """
    parts = split(text, len(values))
    reads = bool(_READS.match(text)) and not _WRITES.search(text)
    statement = Raw(parts, tuple(values), tuple([type_by_hand(value, "sql()") for value in values]), reads=reads)
    return RawQuery(statement, run, lambda rows: cast("list[tuple[object, ...]]", rows))
