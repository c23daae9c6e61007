"""Functions that are not methods of a column: ``now``, ``today``, ``random``, ``count``, ``value``, ``excluded``."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import TypeVar

from tabor.datatypes import SIMPLE, Date, DateTime, Float, Integer, brief
from tabor.errors import QueryError
from tabor.expression.expr import Aggregate, Expr
from tabor.expression.values import type_of
from tabor.tree.nodes import ColumnNode, Operation, Value
from tabor.tree.writes import excluded_row

T = TypeVar("T")

_NOW = Operation("now", (), DateTime())
_TODAY = Operation("today", (), Date())
_RANDOM = Operation("random", (), Float())
_ROWS = Operation("count_rows", (), Integer())


def now() -> Expr[datetime]:
    """The moment at which the database runs the statement, in UTC.

    Example: ``Event.select().where(Event.starts_at > now())``.
    """
    return Expr(_NOW)


def today() -> Expr[date]:
    """The day, in UTC, on which the database runs the statement.

    Example: ``Event.select().where(Event.day >= today())``.
    """
    return Expr(_TODAY)


def random() -> Expr[float]:
    """Another number from 0.0 to below 1.0 for each row, for an order by chance: not for secrets.

    Example: ``Event.select().order_by(random()).limit(3)``.
    """
    return Expr(_RANDOM)


def count() -> Aggregate[int]:
    """The number of rows of each group, or of all.

    Example: ``Event.select(Event.place, count()).group_by(Event.place)``.
    """
    return Aggregate(_ROWS)


def value(given: T) -> Expr[T]:
    """A value as an expression, to be selected or computed with.

    Raises ``QueryError`` for a value of a type that no column can hold.

    Example: ``Event.select(Event.title, value(0))``.
    """
    datatype = type_of(given) if isinstance(given, Enum) else SIMPLE.get(type(given))
    if datatype is None:
        names = ", ".join([kind.__name__ for kind in SIMPLE])
        raise QueryError(f"value() takes a member of an enumeration, or one of {names}, got {brief(given)}.")
    return Expr(Value(datatype, given))


def excluded(column: Expr[T]) -> Expr[T]:
    """The value of a column in the row that could not be inserted, for ``on_conflict(...).update(...)``.

    Raises ``QueryError`` for anything but a column of the table itself.

    Example: ``Stock.insert(*rows).on_conflict(Stock.item).update(Stock.count.to(excluded(Stock.count) + 1))``.
    """
    node = column.node
    if not isinstance(node, ColumnNode) or node.source.parent is not None:
        raise QueryError(f"excluded() takes a column of the table that rows are inserted into, got {brief(column)}.")
    return Expr(ColumnNode(excluded_row(node.source), node.name, node.datatype, nullable=node.nullable))
