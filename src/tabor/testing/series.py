"""The numbers and the chance that a run of made rows depends on."""

from __future__ import annotations

from random import Random

from tabor.schema.facts import TableFacts


class Series:
    """Numbers the rows of each table from 1, with a source of chance for each that depends on the seed alone."""

    __slots__ = ("_rows", "_seed")

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._rows: dict[int, tuple[int, Random]] = {}

    def next(self, facts: TableFacts) -> tuple[int, Random]:
        """The number of the next row of a table, and the table's source of chance."""
        token = facts.source.token
        number, chance = self._rows.get(token) or (0, Random(f"{self._seed} {facts.name}"))  # noqa: S311 - no secret
        self._rows[token] = number + 1, chance
        return number + 1, chance

    def skip(self, facts: TableFacts, count: int) -> None:
        """Leave numbers out, which rows that are there already may have."""
        number, chance = self._rows[facts.source.token]
        self._rows[facts.source.token] = number + count, chance

    def restart(self) -> None:
        """Begin anew."""
        self._rows.clear()


_SHARED = Series()


def shared() -> Series:
    """The series of all factories that were given no seed."""
    return _SHARED
