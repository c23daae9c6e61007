"""Queries within expressions: as a list to look through, as one value, as the question whether there are rows."""

from __future__ import annotations

from tabor.datatypes import BOOLEAN, brief
from tabor.errors import QueryError
from tabor.expression.expr import Expr
from tabor.expression.rows import Rows
from tabor.query.runnable import Runnable
from tabor.query.shape import TUPLE, VALUE, Shape
from tabor.tree.nodes import Entity, Node, Placeholder
from tabor.tree.nulls import may_be_null
from tabor.tree.related import Collection
from tabor.tree.statements import Select, Subquery
from tabor.tree.walk import has_aggregate


def exists(query: Rows[object]) -> Expr[bool]:
    """True where ``query`` has any row; a condition for another query, whose columns may stand in its conditions.

    A column belongs to the innermost query that starts from its table; to look for other rows of the same table,
    select them from an alias of it.  Raises ``QueryError`` for anything but a query.

    Example: ``User.select().where(exists(Event.select().where(Event.creator.id == User.id)))``.
    """
    statement = query.statement if isinstance(query, Runnable) else None
    if not isinstance(statement, Select) or statement.asks != "rows":
        raise QueryError(f"exists() takes a query such as Event.select().where(...), got {brief(query)}.")
    if not _needed(statement):
        statement = statement.arranged(columns=())
        statement.order = ()
    return Expr(Subquery("exists", statement, BOOLEAN))


def _needed(statement: Select) -> bool:
    """Whether what is selected, and in which order, decides if there are rows."""
    return bool(statement.group or statement.having) or any(has_aggregate(column) for column in statement.columns)


def list_of(statement: Select, shape: Shape, finish: object) -> Node:
    """The subquery that ``is_in`` looks through; raises ``QueryError`` unless it selects one column."""
    column = _single(statement, shape, finish, "is_in() and not_in() need")
    return Subquery("rows", statement, column.datatype, nullable=may_be_null(column))


def tuples_of(statement: Select, shape: Shape, finish: object) -> Node:
    """The subquery that ``tuple_(...).is_in`` looks through; raises ``QueryError`` where it selects whole rows."""
    columns = statement.columns
    if any(isinstance(column, (Entity, Collection)) for column in columns) or shape is not TUPLE or finish:
        raise QueryError(
            "is_in() and not_in() of tuple_() need a query of columns, such as Seat.select(Seat.row, Seat.number)."
        )
    return Subquery("rows", statement, BOOLEAN, nullable=any(map(may_be_null, columns)))


def value_of(statement: Select, shape: Shape, finish: object) -> Node:
    """The subquery that stands for one value; raises ``QueryError`` unless it selects one column."""
    column = _single(statement, shape, finish, "scalar() needs")
    if isinstance(statement.limit, Placeholder):
        raise QueryError("scalar() takes the first row; a limit() that comes later cannot stand before it.")
    if statement.limit is None or statement.limit > 1:
        statement = statement.copy()
        statement.limit = 1
    return Subquery("value", statement, column.datatype, nullable=True)


def _single(statement: Select, shape: Shape, finish: object, asker: str) -> Node:
    columns = statement.columns
    if len(columns) != 1 or isinstance(columns[0], (Entity, Collection)) or shape not in (TUPLE, VALUE) or finish:
        raise QueryError(f"{asker} a query of exactly one column, such as User.select(User.id).")
    return columns[0]
