"""Names the column of a stored value that no longer fits it: a member that was renamed, a model with another field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from tabor.engines.interface import Codec, Row
from tabor.errors import InvalidValue
from tabor.tree.nodes import ColumnNode, Node


class Stored:
    """The columns at the places of a raw row, each with what decodes it; filled while a decoder is made."""

    __slots__ = ("_columns",)

    def __init__(self) -> None:
        self._columns: list[tuple[int, Codec, ColumnNode]] = []

    def note(self, place: int, codec: Codec, column: Node) -> None:
        """Remember what stands at a place; the value of an expression has no column to be named."""
        if isinstance(column, ColumnNode):
            self._columns.append((place, codec, column))

    def refuse(self, row: Row, error: InvalidValue) -> NoReturn:
        """Raise the error of the first value in ``row`` that cannot be decoded, with its table and column.

        It tells nothing of a secret value, and neither does what led to it.
        """
        self._look(row)
        raise error

    def refuse_first(self, rows: Sequence[Row], error: InvalidValue) -> NoReturn:
        """The same for the first of these rows that has such a value."""
        for row in rows:
            self._look(row)
        raise error

    def _look(self, row: Row) -> None:
        for place, codec, column in self._columns:
            if row[place] is None:
                continue
            try:
                codec(row[place])
            except InvalidValue as found:
                told = found.at(column.source.table, column.name)
                if column.secret:
                    raise told.hidden() from None
                raise told from found.__cause__
