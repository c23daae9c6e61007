"""Functions that are not methods of a column: ``now``, ``param``."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from tabor.datatypes import SIMPLE, DateTime
from tabor.errors import QueryError
from tabor.expression.expr import Expr
from tabor.tree.nodes import Operation, Placeholder, Value

T = TypeVar("T")

_NOW = Operation("now", (), DateTime())


def now() -> Expr[datetime]:
    """The moment at which the database runs the statement, in UTC.

    Example: ``Event.select().where(Event.starts_at > now())``.
    """
    return Expr(_NOW)


def param(kind: type[T]) -> Expr[T]:
    """A place in a query for a value that comes later, when the prepared query is called.

    ``kind`` is the plain Python type of the value (``int``, ``str``, ``datetime`` and so on).  Raises ``QueryError``
    for a type that no column can hold.

    Example: ``by_creator = Event.select().where(Event.creator.id == param(int)).prepare(); await by_creator(7)``.
    """
    datatype = SIMPLE.get(kind)
    if datatype is None:
        raise QueryError(f"param() takes one of {', '.join(t.__name__ for t in SIMPLE)}, got {kind!r}.")
    return Expr(Value(datatype, Placeholder(datatype, nullable=False)))
