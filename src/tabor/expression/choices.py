"""Choices between values: ``case``, ``coalesce``, ``nullif``, ``greatest``, ``least``."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar, overload

from tabor.datatypes import DataType
from tabor.errors import QueryError
from tabor.expression.expr import Expr
from tabor.expression.kinds import ExactNumber
from tabor.expression.operand import condition
from tabor.expression.values import unified
from tabor.tree.nodes import Node, Operation

T = TypeVar("T")


class _Missing:
    """The type of an ``else_`` that was not given."""


_MISSING = _Missing()


@overload
def case(
    first: tuple[Expr[bool], Decimal | Expr[Decimal]],
    /,
    *others: tuple[Expr[bool], ExactNumber | Expr[ExactNumber]],
    else_: ExactNumber | Expr[ExactNumber],
) -> Expr[Decimal]: ...
@overload
def case(
    *branches: tuple[Expr[bool], ExactNumber | Expr[ExactNumber]], else_: Decimal | Expr[Decimal]
) -> Expr[Decimal]: ...
@overload
def case(
    first: tuple[Expr[bool], Decimal | Expr[Decimal | None]],
    /,
    *others: tuple[Expr[bool], ExactNumber | Expr[ExactNumber | None]],
    else_: ExactNumber | Expr[ExactNumber | None] | None = None,
) -> Expr[Decimal | None]: ...
@overload
def case(
    *branches: tuple[Expr[bool], ExactNumber | Expr[ExactNumber | None]], else_: Decimal | Expr[Decimal | None]
) -> Expr[Decimal | None]: ...
@overload
def case(*branches: tuple[Expr[bool], Expr[T]], else_: T | Expr[T]) -> Expr[T]: ...
@overload
def case(*branches: tuple[Expr[bool], T | Expr[T]], else_: T | Expr[T]) -> Expr[T]: ...
@overload
def case(*branches: tuple[Expr[bool], Expr[T]]) -> Expr[T | None]: ...
@overload
def case(*branches: tuple[Expr[bool], T | Expr[T]]) -> Expr[T | None]: ...
def case(*branches: tuple[Expr[bool], object], else_: object = _MISSING) -> Expr[object]:
    """The value of the first branch whose condition is true, or ``else_``, or null.

    Each branch is a pair of a condition and a value or an expression; all of one type.  Raises ``QueryError`` for
    branches of different types.

    Example: ``case((Event.seats > 100, "large"), (Event.seats > 10, "small"), else_="tiny")``.
    """
    if not branches:
        raise QueryError("case() needs one pair at least, such as (Event.seats > 100, 'large').")
    other = None if else_ is _MISSING else else_
    nodes, datatype = unified([*[value for _, value in branches], other], "case")
    args: list[Node] = []
    for (test, _), node in zip(branches, nodes[:-1], strict=True):
        args += [condition(test), node]
    return Expr(Operation("case", (*args, nodes[-1]), datatype, nullable=any(node.nullable for node in nodes)))


@overload
def coalesce(first: Expr[Decimal | None], *others: ExactNumber | Expr[ExactNumber]) -> Expr[Decimal]: ...
@overload
def coalesce(
    first: Expr[Decimal | None], second: Expr[ExactNumber | None], last: ExactNumber | Expr[ExactNumber], /
) -> Expr[Decimal]: ...
@overload
def coalesce(first: Expr[int | None], last: Decimal | Expr[Decimal], /) -> Expr[Decimal]: ...
@overload
def coalesce(first: Expr[T | None], last: T | Expr[T], /) -> Expr[T]: ...
@overload
def coalesce(first: Expr[T | None], second: Expr[T | None], last: T | Expr[T], /) -> Expr[T]: ...
@overload
def coalesce(first: Expr[T | None], second: Expr[T | None], third: Expr[T | None], last: T | Expr[T], /) -> Expr[T]: ...
@overload
def coalesce(first: Expr[T | None], *others: T | Expr[T] | Expr[T | None]) -> Expr[T | None]: ...
def coalesce(first: Expr[object], *others: object) -> Expr[object]:
    """The first of these that is not null.

    Raises ``QueryError`` for values of different types.

    Example: ``coalesce(Event.nickname, Event.title, "untitled")``.
    """
    nodes, datatype = unified([first, *others], "coalesce")
    return Expr(Operation("coalesce", nodes, datatype, nullable=all(node.nullable for node in nodes)))


@overload
def nullif(expression: Expr[Decimal | None], value: ExactNumber | Expr[ExactNumber | None]) -> Expr[Decimal | None]: ...
@overload
def nullif(expression: Expr[int | None], value: Decimal | Expr[Decimal | None]) -> Expr[Decimal | None]: ...
@overload
def nullif(expression: Expr[T], value: T | Expr[T]) -> Expr[T | None]: ...
def nullif(expression: Expr[object], value: object) -> Expr[object]:
    """The expression, or null where it equals ``value``.

    Example: ``Event.income / nullif(Event.seats, 0)``.
    """
    nodes, datatype = unified([expression, value], "nullif")
    return Expr(Operation("nullif", nodes, datatype, nullable=True))


@overload
def greatest(
    first: Expr[Decimal], second: ExactNumber | Expr[ExactNumber], *others: ExactNumber | Expr[ExactNumber]
) -> Expr[Decimal]: ...
@overload
def greatest(
    first: Expr[int], second: Decimal | Expr[Decimal], *others: ExactNumber | Expr[ExactNumber]
) -> Expr[Decimal]: ...
@overload
def greatest(
    first: Expr[Decimal | None],
    second: ExactNumber | Expr[ExactNumber | None],
    *others: ExactNumber | Expr[ExactNumber | None],
) -> Expr[Decimal | None]: ...
@overload
def greatest(
    first: Expr[int | None], second: Decimal | Expr[Decimal | None], *others: ExactNumber | Expr[ExactNumber | None]
) -> Expr[Decimal | None]: ...
@overload
def greatest(first: Expr[T], second: T | Expr[T], *others: T | Expr[T]) -> Expr[T]: ...
def greatest(first: Expr[object], second: object, *others: object) -> Expr[object]:
    """The largest of these, or null where one of them is null.

    Example: ``greatest(Event.seats, 10)``.
    """
    return Expr(_extreme("greatest", first, second, *others))


@overload
def least(
    first: Expr[Decimal], second: ExactNumber | Expr[ExactNumber], *others: ExactNumber | Expr[ExactNumber]
) -> Expr[Decimal]: ...
@overload
def least(
    first: Expr[int], second: Decimal | Expr[Decimal], *others: ExactNumber | Expr[ExactNumber]
) -> Expr[Decimal]: ...
@overload
def least(
    first: Expr[Decimal | None],
    second: ExactNumber | Expr[ExactNumber | None],
    *others: ExactNumber | Expr[ExactNumber | None],
) -> Expr[Decimal | None]: ...
@overload
def least(
    first: Expr[int | None], second: Decimal | Expr[Decimal | None], *others: ExactNumber | Expr[ExactNumber | None]
) -> Expr[Decimal | None]: ...
@overload
def least(first: Expr[T], second: T | Expr[T], *others: T | Expr[T]) -> Expr[T]: ...
def least(first: Expr[object], second: object, *others: object) -> Expr[object]:
    """The smallest of these, or null where one of them is null.

    Example: ``least(Event.seats, Event.sold)``.
    """
    return Expr(_extreme("least", first, second, *others))


def _extreme(op: str, *items: object) -> Node:
    nodes, datatype = unified(items, op)
    return Operation(op, nodes, _ordered(datatype, op), nullable=any(node.nullable for node in nodes))


def _ordered(datatype: DataType, function: str) -> DataType:
    if type(datatype).__name__ in ("Json", "Array", "Boolean"):
        raise QueryError(f"{function}() needs values that have an order, and these are {datatype.label}.")
    return datatype


@overload
def concat(*parts: str | Expr[str]) -> Expr[str]: ...
@overload
def concat(*parts: str | Expr[str | None]) -> Expr[str | None]: ...
def concat(*parts: object) -> Expr[str] | Expr[str | None]:
    """The texts one after the other, or null where one of them is null.

    Example: ``concat(Person.first_name, " ", Person.last_name)``.
    """
    nodes, datatype = unified(parts, "concat")
    if datatype.key != "Text":
        raise QueryError(f"concat() takes texts, and these are {datatype.label}; cast() them to str.")
    whole = nodes[0]
    for node in nodes[1:]:
        whole = Operation("concat", (whole, node), datatype, nullable=whole.nullable or node.nullable)
    return Expr(whole)
