"""The insert of what a select gives."""

from __future__ import annotations

from tabor.tree.nodes import ColumnNode, Node, Source
from tabor.tree.statements import Conflict, Insert, Select


class InsertFrom(Insert):
    """``INSERT INTO source (columns) SELECT …``; the values of ``query`` stand for those of one row."""

    __slots__ = ("query",)

    def __init__(
        self,
        source: Source,
        columns: tuple[ColumnNode, ...],
        query: Select,
        returning: tuple[Node, ...] = (),
        *,
        conflict: Conflict | None = None,
    ) -> None:
        key = ("from", tuple([column.key for column in columns]), query.key)
        super().__init__(source, columns, [query.values], returning, columns_key=key, conflict=conflict)
        self.query: Select = query


def rebuilt(old: Insert, returning: tuple[Node, ...] = (), conflict: Conflict | None = None) -> Insert:
    """The same insert giving back ``returning`` and doing this on a conflict."""
    if isinstance(old, InsertFrom):
        return InsertFrom(old.source, old.columns, old.query, returning, conflict=conflict)
    return Insert(old.source, old.columns, old.rows, returning, columns_key=old.columns_key, conflict=conflict)
