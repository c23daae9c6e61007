"""``Operand``: anything that has a node; and how what stands beside an operator becomes a node."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal as PythonDecimal
from functools import reduce
from typing import Any, TypeVar

from tabor.datatypes import (
    BOOLEAN,
    Array,
    Boolean,
    Bytes,
    DataType,
    Date,
    DateTime,
    Decimal,
    Duration,
    Enumeration,
    Integer,
    Json,
    Text,
    Time,
    Uuid,
    brief,
)
from tabor.errors import QueryError
from tabor.expression.decimals import aligned, between_decimals, compared_decimal, without_too_precise
from tabor.expression.rows import Rows
from tabor.expression.selectable import Selectable
from tabor.tree.nodes import ColumnNode, Comparison, Node, Operation, Placeholder, Value

T_co = TypeVar("T_co", covariant=True)

PADDED_AT_MOST = 8_192
"""Longer lists are rare, and their padding might not fit into one statement."""
LISTED = (Boolean, Date, DateTime, Enumeration, Integer, Text, Time, Uuid)
"""Items that a list holds just as they stand alone, so that a long one may travel as one value."""
STORED_OTHERWISE = (Decimal, Bytes, Duration)
"""Items that may stand in a list in another form than alone."""


class Operand(Selectable[T_co]):
    """An expression as the functions below see it: something with a node."""

    __slots__ = ("node",)

    node: Node

    @staticmethod
    def _expression(node: Node, /) -> Any:
        """The expression of another node; what can be computed with says which class it is."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {_told(self.node)}>"


def _told(node: Node) -> str:
    """What an expression computes, in the words of the tree; a value may be a secret and is not shown."""
    if isinstance(node, ColumnNode):
        return f"{node.source.table}.{node.name}"
    if isinstance(node, Operation):
        return f"{node.op}({', '.join([_told(arg) for arg in node.args])})"
    return "?" if isinstance(node, Value) else type(node).__name__.lower()


def comparison(op: str, left: Node, other: object) -> Node:
    """The condition ``left op other``, for a value or an expression ``other``.

    A decimal with more places than the column is compared exactly, never rounded.
    """
    if isinstance(other, Operand):
        right = other.node
        if right.datatype is not left.datatype:
            left, right = aligned(left, right)
        return Comparison(op, left, right)
    if type(other) is PythonDecimal:
        return compared_decimal(op, left, other)
    return Comparison(op, left, Value(left.datatype, other))


def distinction(op: str, left: Node, other: object) -> Node:
    """The condition that two values are, or are not, the same one, nulls included."""
    if other is None:
        return Operation("is_not_null" if op == "distinct_from" else "is_null", (left,), BOOLEAN)
    if type(other) is PythonDecimal and isinstance(left.datatype, Decimal) and not without_too_precise(left, [other]):
        return among("not_in" if op == "distinct_from" else "in", left, [])
    return comparison(op, left, other)


def between(node: Node, low: object, high: object) -> Node:
    """The condition that the value lies within two bounds."""
    exact = isinstance(node.datatype, Decimal)
    if any(isinstance(bound, Operand) and (exact or isinstance(bound.node.datatype, Decimal)) for bound in (low, high)):
        return Comparison("and", comparison("gte", node, low), comparison("lte", node, high))
    if exact:
        return between_decimals(node, low, high)
    return Operation("between", (node, value_of(node, low), value_of(node, high)), BOOLEAN)


def value_of(node: Node, other: object) -> Node:
    """An expression, or a value of the same type as ``node``."""
    return other.node if isinstance(other, Operand) else Value(node.datatype, other)


def operand(expr: object) -> Node:
    """The node of any expression; raises ``QueryError`` for anything that is not one."""
    if isinstance(expr, Operand):
        return expr.node
    if hasattr(expr, "_tabor_entity_"):
        raise QueryError(f"A column or an expression was expected, and {brief(expr)} is a row; name a column of it.")
    raise QueryError(f"A column or an expression was expected, such as Event.title, got {brief(expr)}.")


def name_given(name: object) -> str:
    """The name of something selected; raises ``QueryError`` for one that is no identifier."""
    if isinstance(name, str) and name.isidentifier():
        return name
    raise QueryError(f"The name of something selected is an identifier, such as total, got {brief(name)}.")


def condition(expr: object) -> Node:
    """The node of a condition; raises ``QueryError`` for anything that is not one."""
    given = expr
    if isinstance(expr, Operand):
        node: Node = expr.node
        if node.datatype is BOOLEAN or isinstance(node.datatype, Boolean):
            return node
    raise QueryError(
        f"A condition was expected, such as Event.title == 'x', got {brief(given)}. "
        "Combine conditions with & | ~ in parentheses."
    )


def membership(op: str, node: Node, values: Sequence[object] | Rows[object] | Operand[object]) -> Node:
    """The condition that the value is, or is not, one of a list, or of the rows of a query."""
    if isinstance(values, Rows):
        listed: object = getattr(values, "_tabor_rows_", None)
        assert isinstance(listed, Node)
        if any(part is not node and part is not listed for part in aligned(node, listed)):
            raise QueryError("Decimals with different decimal_places cannot be looked for in a query.")
        return Operation(op, (node, listed), BOOLEAN)
    if isinstance(values, Operand):
        return _within(op, node, values.node)
    if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
        raise QueryError(f"is_in and not_in take a list of values, got {brief(values)}.")
    items = list(values)
    if any(item is None for item in items):
        raise QueryError("None in is_in or not_in never matches in SQL; use .is_null() beside it.")
    if any(_of_other_scale(node, item) for item in items):
        return _one_by_one(op, node, items)
    if isinstance(node.datatype, Decimal):
        fitting = without_too_precise(node, items)
        if items and not fitting:
            return comparison("eq" if op == "in" else "ne", node, items[0])
        return among(op, node, [_like_it(node, item) for item in fitting])
    plain = len(items) > PADDED_AT_MOST and not any(isinstance(item, Operand) for item in items)
    if plain and isinstance(node.datatype, LISTED):
        return Operation(f"{op}_list", (node, Value(Array(node.datatype.bare), items)), BOOLEAN)
    return among(op, node, [value_of(node, item) for item in items])


def _of_other_scale(node: Node, item: object) -> bool:
    """Whether one of the two is a decimal, and the other an expression that has not as many places."""
    if not isinstance(item, Operand) or item.node.datatype.key == node.datatype.key:
        return False
    return not is_place(item.node) if isinstance(node.datatype, Decimal) else isinstance(item.node.datatype, Decimal)


def _like_it(node: Node, item: object) -> Node:
    """An item beside a decimal; the place of one that comes later is as precise as that."""
    beside = value_of(node, item)
    return Value(node.datatype.bare, beside.values[0]) if is_place(beside) else beside


def _one_by_one(op: str, node: Node, items: list[object]) -> Node:
    """The same condition where expressions in the list have other decimal places: each of them is compared alone."""
    sign, word = ("eq", "or") if op == "in" else ("ne", "and")
    apart = [item for item in items if _of_other_scale(node, item)]
    parts = [comparison(sign, node, item) for item in apart]
    if rest := [item for item in items if not _of_other_scale(node, item)]:
        parts.append(membership(op, node, rest))
    return reduce(lambda left, right: Comparison(word, left, right), parts)


def _within(op: str, node: Node, listed: Node) -> Node:
    """The condition that the value is, or is not, in a list that comes later."""
    item = getattr(listed.datatype, "item", None)
    if not is_place(listed) or not isinstance(item, DataType):
        raise QueryError(
            "is_in and not_in take a list of values, a query, or param(list[...]); a list in a column has has()."
        )
    if item.key != node.datatype.key or isinstance(item, STORED_OTHERWISE):
        raise QueryError(
            f"A value that is {node.datatype.label} cannot be looked for in a param() of values that are {item.label}; "
            f"give is_in and not_in a param() for each of them."
        )
    return Operation(f"{op}_list", (node, listed), BOOLEAN)


def is_place(node: Node) -> bool:
    """Whether the node is the place of a ``param()``."""
    return isinstance(node, Value) and isinstance(node.values[0], Placeholder)


def among(op: str, node: Node, items: list[Node]) -> Node:
    """The same for nodes."""
    if 1 < len(items) <= PADDED_AT_MOST:
        # Padded to a power of two with the last value, so that few lengths need a statement of their own.
        size = 1 << (len(items) - 1).bit_length()
        items = items + [items[-1]] * (size - len(items))
    return Operation(op, (node, *items), BOOLEAN)


def item_type(node: Node, method: str) -> DataType:
    """The type of the items of a list; raises ``QueryError`` for anything but a list of one type."""
    item = getattr(node.datatype, "item", None)
    if not isinstance(item, DataType):
        raise QueryError(f"{method} needs a column that holds a list of values of one type.")
    return item


def text_node(node: Node, method: str) -> Node:
    """The node, which holds text; raises ``QueryError`` for any other."""
    datatype = node.datatype
    if isinstance(datatype, Text) or (isinstance(datatype, Enumeration) and not datatype.integers):
        return node
    raise QueryError(f"{method}() needs text, and this expression gives {datatype.label}.")


def json_node(node: Node, method: str) -> Node:
    """The node, which holds JSON; raises ``QueryError`` for any other."""
    if not isinstance(node.datatype, Json):
        raise QueryError(f"{method} needs JSON, and this expression gives {node.datatype.label}.")
    return node
