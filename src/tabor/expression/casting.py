"""``cast``: an expression as another type, where every database gives the same."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal as PythonDecimal
from typing import TypeVar, overload

from tabor.datatypes import (
    SIMPLE,
    Boolean,
    DataType,
    Date,
    DateTime,
    Decimal,
    Enumeration,
    Float,
    Integer,
    Text,
    Time,
    Uuid,
    brief,
)
from tabor.errors import QueryError
from tabor.expression.decimals import rescaled
from tabor.expression.expr import Expr
from tabor.tree.nodes import Operation

T = TypeVar("T", int, float, str, PythonDecimal, date, datetime)

_TEXTUAL = (Integer, Decimal, Date, DateTime, Time, Uuid, Enumeration)
_WAYS: dict[type[DataType], tuple[str, tuple[type[DataType], ...]]] = {
    Integer: ("to_whole", (Float, Decimal)),
    Float: ("to_float", (Integer, Decimal)),
    Text: ("to_text", _TEXTUAL),
    Date: ("date_of", (DateTime,)),
    DateTime: ("moment_of", (Date,)),
}
"""The operation that makes each type, and the types that it is made of."""


@overload
def cast(expression: Expr[float | PythonDecimal | str | date], kind: type[T]) -> Expr[T]: ...  # type: ignore[overload-overlap]  # the second is for what may be null
@overload
def cast(expression: Expr[object], kind: type[T]) -> Expr[T | None]: ...
def cast(expression: Expr[object], kind: type[object]) -> Expr[object]:
    """The expression as another type.

    To ``int``: floats and decimals without their fraction, and truth values as 0 and 1; to ``float``: whole numbers
    and decimals; to ``Decimal``: whole numbers; to ``str``: whole numbers, decimals with all their places, days,
    times, moments, UUIDs and members of enumerations, as they stand in JSON; to ``date``: the day of a moment in
    UTC; to ``datetime``: the beginning of a day in UTC.

    Raises ``QueryError`` for anything else, such as text to a number, which is not the same on every database.

    Example: ``cast(Event.price, int)``.
    """
    node = expression.node
    datatype = SIMPLE.get(kind) if isinstance(kind, type) else None  # type: ignore[redundant-expr]  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without a checker
    if datatype is None or isinstance(node.datatype, type(datatype)):
        return _unchanged(expression, datatype, kind)
    if isinstance(datatype, Decimal) and isinstance(node.datatype, Integer):
        return Expr(rescaled(node, 0))
    if isinstance(datatype, Integer) and isinstance(node.datatype, Boolean):
        return Expr(Operation("truth", (node,), datatype, nullable=node.nullable))
    op, sources = _WAYS.get(type(datatype), ("", ()))
    if not isinstance(node.datatype, sources):
        raise QueryError(f"{node.datatype.label} cannot be cast to {kind.__name__}: databases differ in what it gives.")
    return Expr(Operation(op, (node,), datatype, nullable=node.nullable))


def _unchanged(expression: Expr[object], datatype: DataType | None, kind: object) -> Expr[object]:
    if datatype is None:
        raise QueryError(f"cast() takes one of {', '.join(t.__name__ for t in SIMPLE)}, got {brief(kind)}.")
    return expression
