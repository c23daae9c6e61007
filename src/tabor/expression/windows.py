"""Window functions: what each row is among others, and what stands in the rows before and after it."""

from __future__ import annotations

from typing import Generic, TypeVar, overload

from tabor.datatypes import Float, Integer, brief
from tabor.errors import QueryError
from tabor.expression.expr import Expr
from tabor.expression.framing import MOST_ROWS, Partition, Range, Rows, Terms, over
from tabor.expression.kinds import Exact
from tabor.expression.operand import operand
from tabor.expression.values import unified
from tabor.tree.calls import Call
from tabor.tree.nodes import Node, Value

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_INTEGER = Integer()
_FLOAT = Float()


class _Function:
    """A window function that has not been told its window yet."""

    __slots__ = ("_call",)

    def __init__(self, call: Call) -> None:
        self._call = call

    def __repr__(self) -> str:
        return f"{self._call.op}() without over(order_by=...)"

    def _over(
        self, partition_by: Partition, order_by: Terms, rows: Rows | None = None, range_: Range | None = None
    ) -> Call:
        call = over(self._call, partition_by, order_by, rows, range_)
        if call.window is None or not call.window.order:
            raise QueryError(f"{call.op}() looks at rows in an order: give over() an order_by.")
        return call


class WindowFunction(_Function, Generic[T_co]):
    """A window function; ``over(...)`` says in which rows it looks and makes it an expression."""

    __slots__ = ()

    def over(self, *, order_by: Terms, partition_by: Partition = ()) -> Expr[T_co]:
        """The function in the order ``order_by``, for each value of ``partition_by`` by itself, if that is given.

        It can be selected and ordered by.  A condition on it goes round a ``cte()`` that selects it.

        Example: ``row_number().over(partition_by=Event.place, order_by=Event.starts_at.desc())``.
        """
        return Expr(self._over(partition_by, order_by))


class FrameFunction(_Function, Generic[T_co]):
    """A window function that looks at a frame: the rows up to the current one and its equals unless told otherwise."""

    __slots__ = ()

    @overload
    def over(
        self, *, order_by: Terms, partition_by: Partition = (), rows: tuple[None, None] | None = None
    ) -> Expr[T_co]: ...
    @overload
    def over(self, *, order_by: Terms, partition_by: Partition = (), rows: Rows) -> Expr[T_co | None]: ...
    @overload
    def over(self, *, order_by: Terms, partition_by: Partition = (), range_: Range) -> Expr[T_co | None]: ...
    def over(
        self, *, order_by: Terms, partition_by: Partition = (), rows: Rows | None = None, range_: Range | None = None
    ) -> Expr[T_co] | Expr[T_co | None]:
        """The function in the order ``order_by``, for each value of ``partition_by`` by itself, if that is given.

        ``rows=(start, end)`` counts rows from the current one, negative ones before it; ``None`` is the end of the
        partition.  ``range_`` measures by the one ``order_by``.  Without either the frame ends with the current row
        and its equals; ``rows=(None, None)`` is all of the partition.  A frame with no row in it gives null.

        Example: ``last_value(Event.title).over(order_by=Event.id, rows=(None, None))``.
        """
        call = self._over(partition_by, order_by, rows, range_)
        call.nullable = call.nullable or not (range_ is None and rows in (None, (None, None)))
        return Expr(call)


def row_number() -> WindowFunction[int]:
    """The place of the row, counted from 1; rows that are equal in the order come in any order.

    Example: ``row_number().over(partition_by=Event.place, order_by=[Event.seats.desc(), Event.id])``.
    """
    return WindowFunction(Call("row_number", (), _INTEGER))


def rank() -> WindowFunction[int]:
    """The place of the row, counted from 1; equals have the same one, and as many places are left out after them."""
    return WindowFunction(Call("rank", (), _INTEGER))


def dense_rank() -> WindowFunction[int]:
    """The place of the row, counted from 1; equals have the same one, and none is left out after them."""
    return WindowFunction(Call("dense_rank", (), _INTEGER))


def percent_rank() -> WindowFunction[float]:
    """Which part of the other rows comes before the row: from 0.0 to 1.0."""
    return WindowFunction(Call("percent_rank", (), _FLOAT))


def cume_dist() -> WindowFunction[float]:
    """Which part of all rows comes before the row or is equal to it: above 0.0 and up to 1.0."""
    return WindowFunction(Call("cume_dist", (), _FLOAT))


def ntile(count: int) -> WindowFunction[int]:
    """In which of ``count`` groups the row is, counted from 1, where all are dealt out as evenly as they can be.

    Raises ``QueryError`` for anything but a whole number from 1 up.
    """
    return WindowFunction(Call("ntile", (_number("ntile", count, 1),), _INTEGER))


@overload
def lag(expression: Expr[T], n: int = 1) -> WindowFunction[T | None]: ...
@overload
def lag(
    expression: Expr[Exact], n: int = 1, *, default: int | Expr[int] | Exact | Expr[Exact]
) -> WindowFunction[Exact]: ...
@overload
def lag(expression: Expr[Exact], n: int, default: int | Expr[int] | Exact | Expr[Exact]) -> WindowFunction[Exact]: ...
@overload
def lag(expression: Expr[T], n: int = 1, *, default: T | Expr[T]) -> WindowFunction[T]: ...
@overload
def lag(expression: Expr[T], n: int, default: T | Expr[T]) -> WindowFunction[T]: ...
def lag(expression: Expr[object], n: int = 1, default: object = None) -> WindowFunction[object]:
    """The value of the expression in the ``n``-th row before; ``default`` (or null) where there is none.

    Raises ``QueryError`` for a default of another type, and for a number below 0.

    Example: ``Event.seats - lag(Event.seats, default=0).over(order_by=Event.starts_at)``.
    """
    return WindowFunction(_beside("lag", expression, n, default))


@overload
def lead(expression: Expr[T], n: int = 1) -> WindowFunction[T | None]: ...
@overload
def lead(
    expression: Expr[Exact], n: int = 1, *, default: int | Expr[int] | Exact | Expr[Exact]
) -> WindowFunction[Exact]: ...
@overload
def lead(expression: Expr[Exact], n: int, default: int | Expr[int] | Exact | Expr[Exact]) -> WindowFunction[Exact]: ...
@overload
def lead(expression: Expr[T], n: int = 1, *, default: T | Expr[T]) -> WindowFunction[T]: ...
@overload
def lead(expression: Expr[T], n: int, default: T | Expr[T]) -> WindowFunction[T]: ...
def lead(expression: Expr[object], n: int = 1, default: object = None) -> WindowFunction[object]:
    """The value of the expression in the ``n``-th row after; ``default`` (or null) where there is none.

    Raises ``QueryError`` for a default of another type, and for a number below 0.
    """
    return WindowFunction(_beside("lead", expression, n, default))


def first_value(expression: Expr[T]) -> FrameFunction[T]:
    """The value of the expression in the first row of the frame.

    Example: ``first_value(Event.title).over(partition_by=Event.place, order_by=Event.starts_at)``.
    """
    return FrameFunction(_at("first_value", operand(expression)))


def last_value(expression: Expr[T]) -> FrameFunction[T]:
    """The value of the expression in the last row of the frame, which ends with the current row unless told."""
    return FrameFunction(_at("last_value", operand(expression)))


def nth_value(expression: Expr[T], n: int) -> FrameFunction[T | None]:
    """The value of the expression in the ``n``-th row of the frame, counted from 1; null where there is none.

    Raises ``QueryError`` for anything but a whole number from 1 up.
    """
    node = operand(expression)
    return FrameFunction(Call("nth_value", (node, _number("nth_value", n, 1)), node.datatype, nullable=True))


def _at(op: str, node: Node) -> Call:
    return Call(op, (node,), node.datatype, nullable=node.nullable)


def _beside(op: str, expression: Expr[object], n: int, default: object) -> Call:
    node, number = operand(expression), _number(op, n, 0)
    if default is None:
        return Call(op, (node, number), node.datatype, nullable=True)
    (value, other), datatype = unified([expression, default], op)
    return Call(op, (value, number, other), datatype, nullable=value.nullable or other.nullable)


def _number(function: str, number: int, lowest: int) -> Value:
    if type(number) is not int or not lowest <= number <= MOST_ROWS:
        raise QueryError(f"{function}() takes a whole number from {lowest} to {MOST_ROWS}, got {brief(number)}.")
    return Value(_INTEGER, number)
