"""What a factory raises where no row can be made."""

from __future__ import annotations

from tabor.errors import TaborError


class NoValidRow(TaborError):
    """No valid row could be made of a table.

    ``table`` is the table's name, ``columns`` are those for which no value was found, and ``constraint`` is the name
    of the constraint that no values fulfilled (``None`` where a column itself was the reason).
    """

    def __init__(self, table: str, columns: tuple[str, ...], reason: str, *, constraint: str | None = None) -> None:
        place = f"{table}.{columns[0]}" if len(columns) == 1 else f"{table} ({', '.join(columns)})"
        super().__init__(f"No valid row of {place}: {reason}. Give values: factory(...).build({_example(columns)}).")
        self.table = table
        self.columns = columns
        self.constraint = constraint


def _example(columns: tuple[str, ...]) -> str:
    return ", ".join([f"{column}=..." for column in columns])
