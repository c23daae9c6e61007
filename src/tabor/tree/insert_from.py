"""Inserts of what the database computes: the rows of a select, or one row of expressions."""

from __future__ import annotations

from tabor.tree.nodes import ColumnNode, Node, Source, Values
from tabor.tree.statements import Select
from tabor.tree.writes import Conflict, Insert


class InsertFrom(Insert):
    """``INSERT INTO source (columns) SELECT …``; the values of ``query`` stand for those of one row.

    ``numbered`` is the column that the database would number, where it is given numbers all the same.
    """

    __slots__ = ("numbered", "query")

    def __init__(
        self,
        source: Source,
        columns: tuple[ColumnNode, ...],
        query: Select,
        returning: tuple[Node, ...] = (),
        *,
        numbered: ColumnNode | None = None,
        conflict: Conflict | None = None,
    ) -> None:
        key = ("from", tuple([column.key for column in columns]), query.key)
        super().__init__(source, columns, [query.values], returning, columns_key=key, conflict=conflict)
        self.query: Select = query
        self.numbered: ColumnNode | None = numbered


class InsertValues(Insert):
    """``INSERT INTO source (columns) VALUES (nodes)``: one row; ``made`` are the columns that Python gave a value.

    ``numbered`` is the column that the database would number, where it is given a number all the same.
    """

    __slots__ = ("made", "nodes", "numbered")

    def __init__(
        self,
        source: Source,
        columns: tuple[ColumnNode, ...],
        nodes: tuple[Node, ...],
        returning: tuple[Node, ...] = (),
        *,
        made: tuple[str, ...] = (),
        numbered: ColumnNode | None = None,
        conflict: Conflict | None = None,
    ) -> None:
        key = ("values", tuple([(column.key, node.key) for column, node in zip(columns, nodes, strict=True)]))
        values: Values = ()
        for node in nodes:
            values += node.values
        super().__init__(source, columns, [values], returning, columns_key=key, conflict=conflict)
        self.nodes: tuple[Node, ...] = nodes
        self.made: tuple[str, ...] = made
        self.numbered: ColumnNode | None = numbered


def rebuilt(old: Insert, returning: tuple[Node, ...] = (), conflict: Conflict | None = None) -> Insert:
    """The same insert giving back ``returning`` and doing this on a conflict."""
    if isinstance(old, InsertFrom):
        return InsertFrom(old.source, old.columns, old.query, returning, numbered=old.numbered, conflict=conflict)
    if isinstance(old, InsertValues):
        made, numbered = old.made, old.numbered
        return InsertValues(
            old.source, old.columns, old.nodes, returning, made=made, numbered=numbered, conflict=conflict
        )
    return Insert(old.source, old.columns, old.rows, returning, columns_key=old.columns_key, conflict=conflict)
