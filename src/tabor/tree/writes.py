"""The statements that write: insert, update and delete, each with its shape key and its values.

``values`` stand in the order in which a compiler meets them: rows, or assignments and then conditions, then returned
columns.
"""

from __future__ import annotations

from collections.abc import Sequence

from tabor.tree.nodes import Assignment, ColumnNode, Key, Node, Source, Values
from tabor.tree.statements import Statement

EXCLUDED = Source("excluded", 0)
"""The row that could not be inserted, by the name that databases have for it."""


def excluded_row(source: Source) -> Source:
    """The row that could not be inserted into a table."""
    return Source(EXCLUDED.table, EXCLUDED.token, renamed=source.renamed) if source.renamed else EXCLUDED


class Conflict:
    """What an insert does with a row that is there already by the unique ``target`` columns.

    It makes the ``changes`` where all of ``where`` hold; without changes it leaves the stored row as it is.  Without
    a target any unique constraint counts; ``only`` are the rows that the unique index covers, if not all, and
    ``nulls_distinct`` says whether it takes two nulls for different values.
    """

    __slots__ = ("changes", "key", "nulls_distinct", "only", "target", "values", "where")

    def __init__(
        self,
        target: tuple[Node, ...],
        changes: tuple[Assignment, ...],
        where: tuple[Node, ...] = (),
        *,
        only: Node | None = None,
        nulls_distinct: bool = True,
    ) -> None:
        self.nulls_distinct: bool = nulls_distinct
        self.target: tuple[Node, ...] = target
        self.only: Node | None = only
        self.changes: tuple[Assignment, ...] = changes
        self.where: tuple[Node, ...] = where
        self.key: Key = (
            tuple([node.key for node in target]),
            None if only is None else only.key,
            tuple([change.key for change in changes]),
            tuple([node.key for node in where]),
        )
        values: Values = ()
        for node in (*[change.value for change in changes], *where):
            values += node.values
        self.values: Values = values


class Insert(Statement):
    """``INSERT INTO source (columns) VALUES …``, one list of values a row, all for the same columns."""

    __slots__ = ("columns", "columns_key", "conflict", "returning", "rows")

    def __init__(
        self,
        source: Source,
        columns: tuple[ColumnNode, ...],
        rows: Sequence[Values],
        returning: tuple[Node, ...] = (),
        *,
        columns_key: Key = None,
        conflict: Conflict | None = None,
    ) -> None:
        self.source = source
        self.conflict: Conflict | None = conflict
        self.columns: tuple[ColumnNode, ...] = columns
        self.rows: Sequence[Values] = rows
        self.returning: tuple[Node, ...] = returning
        # Known beforehand where the same columns are inserted again and again.
        self.columns_key: Key = tuple([c.key for c in columns]) if columns_key is None else columns_key

    @property
    def key(self) -> Key:
        returning = self.returning
        conflict = self.conflict
        return (
            "insert",
            self.source.key,
            self.columns_key,
            tuple([c.key for c in returning]) if returning else None,
            None if conflict is None else conflict.key,
        )

    @property
    def values(self) -> Values:
        row = self.rows[0] if self.rows else ()
        return row + self.further_values if self.conflict is not None or self.returning else row

    @property
    def further_values(self) -> Values:
        """The values that follow those of each row: of the conflict, then of the returned columns."""
        values: Values = () if self.conflict is None else self.conflict.values
        for node in self.returning:
            values += node.values
        return values


class Update(Statement):
    """``UPDATE source SET … WHERE …``."""

    __slots__ = ("assignments", "returning", "where")

    def __init__(
        self,
        source: Source,
        assignments: tuple[Assignment, ...],
        where: tuple[Node, ...] = (),
        returning: tuple[Node, ...] = (),
    ) -> None:
        self.source = source
        self.assignments: tuple[Assignment, ...] = assignments
        self.where: tuple[Node, ...] = where
        self.returning: tuple[Node, ...] = returning

    @property
    def key(self) -> Key:
        return (
            "update",
            self.source.key,
            tuple([a.key for a in self.assignments]),
            tuple([n.key for n in self.where]),
            tuple([n.key for n in self.returning]),
        )

    @property
    def values(self) -> Values:
        values: Values = ()
        for assignment in self.assignments:
            values += assignment.value.values
        for node in (*self.where, *self.returning):
            values += node.values
        return values


class Delete(Statement):
    """``DELETE FROM source WHERE …``."""

    __slots__ = ("returning", "where")

    def __init__(self, source: Source, where: tuple[Node, ...] = (), returning: tuple[Node, ...] = ()) -> None:
        self.source = source
        self.where: tuple[Node, ...] = where
        self.returning: tuple[Node, ...] = returning

    @property
    def key(self) -> Key:
        return (
            "delete",
            self.source.key,
            tuple([n.key for n in self.where]),
            tuple([n.key for n in self.returning]),
        )

    @property
    def values(self) -> Values:
        values: Values = ()
        for node in (*self.where, *self.returning):
            values += node.values
        return values
