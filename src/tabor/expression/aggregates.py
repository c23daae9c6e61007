"""Aggregates that are not methods of a column: values in a row, and whether conditions hold for all or for any."""

from __future__ import annotations

from typing import TypeVar

from tabor.datatypes import BOOLEAN, Array, Bytes, Json, Text
from tabor.errors import QueryError
from tabor.expression.expr import Aggregate, Expr
from tabor.expression.framing import Terms, ordering
from tabor.expression.operand import condition, operand
from tabor.tree.calls import Call
from tabor.tree.nodes import Node, Operation, Ordering, Value

T = TypeVar("T")

_TEXT = Text()


def string_agg(
    expression: Expr[str | None], separator: str, *, distinct: bool = False, order_by: Terms = ()
) -> Aggregate[str | None]:
    """The texts of all rows that have one, in one text with ``separator`` between them; null where there is none.

    They are in their own order unless ``order_by`` says another; with ``distinct`` each different one stands there
    once.  Raises ``QueryError`` for anything but texts, and for ``distinct`` in the order of something else.

    Example: ``string_agg(Event.title, ", ", order_by=Event.starts_at)``.
    """
    node = operand(expression)
    if not isinstance(node.datatype, Text):
        raise QueryError(f"string_agg() takes texts, and these are {node.datatype.label}; cast() them to str.")
    order = _order("string_agg", node, order_by, distinct=distinct)
    operands = (node, Value(_TEXT, separator))
    return Aggregate(Call("string_agg", operands, _TEXT, nullable=True, distinct=distinct, order=order))


def list_agg(expression: Expr[T | None], *, distinct: bool = False, order_by: Terms = ()) -> Aggregate[list[T]]:
    """The values of all rows that have one, as a list; an empty one where there is none.

    They are in their own order unless ``order_by`` says another; with ``distinct`` each different one stands there
    once.  JSON has no order of its own and needs ``order_by``.  Raises ``QueryError`` for lists and bytes, and for
    ``distinct`` in the order of something else.

    Example: ``list_agg(Event.id, order_by=Event.starts_at.desc())``.
    """
    node = operand(expression)
    if isinstance(node.datatype, (Array, Bytes)):
        raise QueryError(f"list_agg() takes plain values and JSON, and these are {node.datatype.label} each.")
    order = _order("list_agg", node, order_by, distinct=distinct)
    if isinstance(node.datatype, Json) and (distinct or not order):
        raise QueryError("list_agg() of JSON needs an order_by and takes no distinct: JSON has no order of its own.")
    return Aggregate(Call("list_agg", (node,), Array(node.datatype.bare), distinct=distinct, order=order))


def every(test: Expr[bool]) -> Aggregate[bool | None]:
    """Whether a condition is true in all rows in which it is known; null where there is none.

    Example: ``Event.select(Event.place, every(Event.seats > 100)).group_by(Event.place)``.
    """
    return Aggregate(Operation("min", (condition(test),), BOOLEAN, nullable=True))


def some(test: Expr[bool]) -> Aggregate[bool | None]:
    """Whether a condition is true in any row in which it is known; null where there is none.

    Example: ``Event.select(Event.place).group_by(Event.place).having(some(Event.seats > 100))``.
    """
    return Aggregate(Operation("max", (condition(test),), BOOLEAN, nullable=True))


def _order(function: str, node: Node, terms: Terms, *, distinct: bool) -> tuple[Ordering, ...]:
    order = ordering(terms)
    own = (node.key, node.values)
    if distinct and any((term.node.key, term.node.values) != own for term in order):
        raise QueryError(f"{function}(distinct=True) has one row for each value: only that itself can be its order.")
    return order[:1] if distinct else order
