"""The update of many rows at once, each by its key and with values of its own."""

from __future__ import annotations

from collections.abc import Sequence

from tabor.tree.nodes import ColumnNode, Key, Node, Source, Values
from tabor.tree.statements import Statement


class UpdateMany(Statement):
    """``UPDATE source SET columns FROM (VALUES …) WHERE keys``: each of ``rows`` brings its keys, then its values."""

    __slots__ = ("columns", "keys", "returning", "rows")

    def __init__(
        self,
        source: Source,
        keys: tuple[ColumnNode, ...],
        columns: tuple[ColumnNode, ...],
        rows: Sequence[Values],
        returning: tuple[Node, ...],
    ) -> None:
        self.source = source
        self.keys: tuple[ColumnNode, ...] = keys
        self.columns: tuple[ColumnNode, ...] = columns
        self.rows: Sequence[Values] = rows
        self.returning: tuple[Node, ...] = returning

    @property
    def key(self) -> Key:
        return (
            "update many",
            self.source.key,
            len(self.rows),
            tuple([column.key for column in (*self.keys, *self.columns)]),
            tuple([node.key for node in self.returning]),
        )

    @property
    def values(self) -> Values:
        values = tuple([value for row in self.rows for value in row])
        for node in self.returning:
            values += node.values
        return values
