"""What statements give back, and the same statements giving back something else."""

from __future__ import annotations

from tabor.tree.insert_from import rebuilt
from tabor.tree.nodes import Node
from tabor.tree.statements import Select, Statement
from tabor.tree.update_many import UpdateMany
from tabor.tree.writes import Delete, Insert, Update


def giving(statement: Statement, columns: tuple[Node, ...]) -> Statement:
    """The same statement giving back other columns."""
    if isinstance(statement, Select):
        return statement.arranged(columns=columns)
    if isinstance(statement, Insert):
        return rebuilt(statement, columns, statement.conflict)
    if isinstance(statement, Update):
        return Update(statement.source, statement.assignments, statement.where, columns)
    if isinstance(statement, UpdateMany):
        return UpdateMany(statement.source, statement.keys, statement.columns, statement.rows, columns)
    assert isinstance(statement, Delete)
    return Delete(statement.source, statement.where, columns)
