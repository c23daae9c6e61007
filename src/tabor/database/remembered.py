"""What rows knew of what is stored before a transaction wrote them: given back to them when that is undone.

Without it a row whose insert was rolled back would go on as a stored one without changes, and saving it again would
silently do nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from tabor.database.persistence import facts_of
from tabor.schema.row_class import LOADED


class Remembered(NamedTuple):
    """A row as it was: the class of new rows or of stored ones, what it was read with, what the database had set."""

    row: object
    kind: type
    loaded: tuple[object, ...] | None
    values: dict[str, object]

    def give_back(self) -> None:
        """Let the row be so again; what its owner has set since stays, and is a change that is not written yet."""
        row, loaded, values = self.row, self.loaded, self.values
        for name in _set_by_database(row, loaded):
            if name in values:
                object.__setattr__(row, name, values[name])
            elif hasattr(row, name):
                object.__delattr__(row, name)
        object.__setattr__(row, LOADED, loaded)
        object.__setattr__(row, "__class__", self.kind)


def remembered(row: object) -> Remembered:
    """What a row knows now."""
    loaded: tuple[object, ...] | None = getattr(row, LOADED)
    values = {name: getattr(row, name) for name in _set_by_database(row, loaded) if hasattr(row, name)}
    return Remembered(row, type(row), loaded, values)


def _set_by_database(row: object, loaded: tuple[object, ...] | None) -> list[str]:
    """The columns whose values are not for the owner to set: of a stored row, those that nobody may change."""
    columns = facts_of(row).columns.values()
    return [column.name for column in columns if (column.server_set if loaded is None else column.read_only)]
