"""What a made value depends on: the place it is for, its number, and a source of chance."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tabor.testing.errors import NoValidRow


@dataclass(frozen=True, slots=True)
class Draw:
    """One value to be made: for ``table.column``, in the row with this ``number`` (from 1).

    Where it is ``unique`` no other row has it, or not ``together`` with the same values of these columns.
    """

    table: str
    column: str
    number: int
    chance: Random
    unique: bool = False
    together: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """The name of the column as a word without digits, so that a number after it can be told from it."""
        return "".join([letter for letter in self.column if letter.isalpha()]) or "x"

    def refused(self, reason: str) -> NoValidRow:
        """The error that says why there is no value."""
        return NoValidRow(self.table, (self.column,), reason)

    def nth(self, count: int, what: str) -> int:
        """A place among ``count``, the row's own where values are unique; raises ``NoValidRow`` behind the last."""
        if not self.unique:
            return self.chance.randrange(count)
        if self.number > count and self.together:
            raise self.refused(f"another row has each combination of {', '.join(self.together)} already")
        if self.number > count:
            raise self.refused(f"its values differ from row to row, and there are only {count} {what}")
        return self.number - 1
