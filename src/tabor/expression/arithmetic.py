"""Arithmetic as nodes: which types go together, and what comes out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal as PythonDecimal

from tabor.datatypes import Array, DataType, Date, DateTime, Decimal, Duration, Float, Integer, Text, brief
from tabor.errors import QueryError
from tabor.expression import lists
from tabor.expression.decimals import MAX_PLACES, decimal_value, places_of, rescaled, scale_of
from tabor.expression.operand import Operand
from tabor.tree.nodes import Constant, Node, Operation, Value

INTEGER = Integer()
FLOAT = Float()
DURATION = Duration()
NUMBERS = (Integer, Float, Decimal, Duration)


def numeric(node: Node, function: str) -> Node:
    """The node, which gives numbers; raises ``QueryError`` for any other."""
    if not isinstance(node.datatype, NUMBERS):
        raise QueryError(f"{function}() needs numbers, and this expression gives {node.datatype.label}.")
    return node


def averaged(node: Node) -> Node:
    """The node, which gives numbers of which there is a mean; raises ``QueryError`` for any other."""
    if isinstance(node.datatype, Duration):
        raise QueryError("The mean of durations is that of their seconds: use total_seconds().avg().")
    return numeric(node, "avg")


def whole(node: Node, function: str) -> Node:
    """The node, which gives whole numbers; raises ``QueryError`` for any other."""
    if not isinstance(node.datatype, Integer):
        raise QueryError(f"{function} needs whole numbers, and this expression gives {node.datatype.label}.")
    return node


def made(op: str, args: tuple[Node, ...], datatype: DataType) -> Operation:
    """An operation that is null where one of its operands is."""
    return Operation(op, args, datatype, nullable=any(arg.nullable for arg in args))


def of_one(op: str, node: Node) -> Node:
    """An operation on one number that gives another of its type."""
    return made(op, (numeric(node, op),), node.datatype)


def added(op: str, left: Node, other: object) -> Node:
    """``left + other`` or ``left - other``: numbers, texts, lists, durations, and moments moved by durations."""
    datatype = left.datatype
    if op == "add" and isinstance(datatype, Array):
        return lists.joined(left, lists.beside(left, other))
    if op == "add" and isinstance(datatype, Text):
        return made("concat", (left, other.node if isinstance(other, Operand) else Value(datatype, other)), datatype)
    if isinstance(datatype, (Date, DateTime)):
        return _moved(op, left, other)
    numeric(left, op)
    right = _number(left, other)
    return _sum(op, left, right)


def added_to(op: str, other: object, right: Operand[object]) -> Node:
    """``other + right`` or ``other - right``, where ``other`` is a plain value."""
    node = right.node
    if isinstance(node.datatype, Text) and op == "add":
        return made("concat", (Value(node.datatype, other), node), node.datatype)
    if op == "add":
        return added(op, node, other)
    if isinstance(node.datatype, (Date, DateTime)):
        return _moved(op, Value(node.datatype, other), right)
    return added(op, _number(numeric(node, op), other), right)


def _sum(op: str, left: Node, right: Node) -> Node:
    one, two = left.datatype, right.datatype
    if isinstance(one, Decimal) or isinstance(two, Decimal):
        first, second = scale_of(one), scale_of(two)
        if first is not None and second is not None:
            places = max(first, second)
            return made(op, (rescaled(left, places), rescaled(right, places)), Decimal(places))
    elif isinstance(one, Duration) is isinstance(two, Duration) and isinstance(two, NUMBERS):
        return made(op, (left, right), FLOAT if isinstance(two, Float) else one)
    raise QueryError(f"{one.label} and {two.label} cannot be added; cast() one of them first.")


def _number(left: Node, other: object) -> Node:
    """The other operand: a value is bound as what it is where it does not fit the type of the left one."""
    if isinstance(other, Operand):
        return numeric(other.node, "Arithmetic")
    datatype = left.datatype
    if isinstance(other, PythonDecimal) and isinstance(datatype, (Decimal, Integer)):
        return decimal_value(other, scale_of(datatype) or 0)
    if isinstance(other, float) and isinstance(datatype, Integer):
        return Value(FLOAT, other)
    return Value(datatype, other)


def multiplied(left: Node, other: object) -> Node:
    """``left * other``; the product of decimals has the places of both together."""
    numeric(left, "multiply")
    right = _factor(left, other)
    one, two = left.datatype, right.datatype
    first, second = scale_of(one), scale_of(two)
    if first is not None and second is not None:
        if first + second > MAX_PLACES:
            raise QueryError(f"A product with {first + second} decimal places is more exact than {MAX_PLACES} allow.")
        whole_numbers = isinstance(one, Integer) and isinstance(two, Integer)
        return made("multiply", (left, right), INTEGER if whole_numbers else Decimal(first + second))
    if isinstance(one, (Integer, Float)) and isinstance(two, (Integer, Float)):
        return made("multiply", (left, right), FLOAT)
    if {type(one), type(two)} == {Duration, Integer}:
        return made("multiply", (left, right), DURATION)
    raise QueryError(f"{one.label} cannot be multiplied by {two.label}; cast() one of them first.")


def _factor(left: Node, other: object) -> Node:
    if isinstance(other, Operand):
        return numeric(other.node, "multiply")
    if isinstance(other, int):
        return Value(INTEGER, other)
    if isinstance(other, PythonDecimal) and scale_of(left.datatype) is not None:
        return decimal_value(other, places_of(other))
    if isinstance(left.datatype, Decimal):
        return Value(left.datatype, other)
    return Value(FLOAT if isinstance(left.datatype, (Integer, Float)) else INTEGER, other)


def divided(left: Node, other: object) -> Node:
    """``left / other`` as a float."""
    numeric(left, "divide")
    right = _beside(left, other)
    if isinstance(left.datatype, Duration) or isinstance(right.datatype, Duration):
        raise QueryError("A duration is divided by way of total_seconds().")
    return made("divide", (left, right), FLOAT)


def divided_by(other: object, right: Operand[object]) -> Node:
    """``other / right`` as a float, where ``other`` is a plain value."""
    return divided(_beside(right.node, other), right)


def _beside(node: Node, other: object) -> Node:
    """The other number of a division, which may be a float where sums and products with a decimal want a decimal."""
    if isinstance(other, float) and isinstance(node.datatype, Decimal):
        return Value(FLOAT, other)
    return _number(node, other)


def power(left: Node, other: object) -> Node:
    """``left ** other`` as a float."""
    return made("power", (_as_float(numeric(left, "power")), _as_float(_plain_float(left, other))), FLOAT)


def power_of(other: object, right: Node) -> Node:
    """``other ** right`` as a float, where ``other`` is a plain value."""
    return made("power", (_as_float(_plain_float(right, other)), _as_float(numeric(right, "power"))), FLOAT)


def of_floats(op: str, node: Node) -> Node:
    """A function from a number to a float."""
    return made(op, (_as_float(numeric(node, op)),), FLOAT)


def sign(node: Node) -> Node:
    """-1, 0 or 1."""
    return made("sign", (_real(numeric(node, "sign"), "sign()"),), INTEGER)


def _plain_float(node: Node, other: object) -> Node:
    """The other number of a power: a plain whole number is bound as the float that it becomes."""
    return Value(FLOAT, other) if isinstance(other, (int, float)) else _number(node, other)


def _as_float(node: Node) -> Node:
    if isinstance(_real(node, "Arithmetic of floats").datatype, Float):
        return node
    return Operation("to_float", (node,), FLOAT, nullable=node.nullable)


def _real(node: Node, function: str) -> Node:
    if isinstance(node.datatype, Duration):
        raise QueryError(f"{function} needs numbers, and this expression gives {node.datatype.label}.")
    return node


def whole_division(op: str, left: Node, other: object) -> Node:
    """``left // other`` and ``left % other`` of whole numbers, as Python has them."""
    sign = "//" if op == "floor_divide" else "%"
    right = other.node if isinstance(other, Operand) else Value(INTEGER, other)
    return made(op, (whole(left, sign), whole(right, sign)), INTEGER)


def rounded(node: Node, digits: int) -> Node:
    """Rounded to ``digits`` places, halves away from zero."""
    numeric(node, "round")
    if not (type(digits) is int and 0 <= digits <= MAX_PLACES):
        raise QueryError(f"round() takes a number of places from 0 to {MAX_PLACES}, got {brief(digits)}.")
    datatype = node.datatype
    if isinstance(datatype, Decimal) and digits < datatype.places:
        return made("round_decimal", (node, Constant(INTEGER, digits)), Decimal(digits))
    if isinstance(datatype, Float):
        return made("round_float", (node, Value(FLOAT, 10.0**digits)), datatype)
    return node


def to_whole(op: str, node: Node) -> Node:
    """The whole number below (``floor``) or above (``ceil``)."""
    _real(numeric(node, op), f"{op}()")
    return node if isinstance(node.datatype, Integer) else made(op, (node,), INTEGER)


def _moved(op: str, left: Node, other: object) -> Node:
    datatype = left.datatype
    right = other.node if isinstance(other, Operand) else _moment_or_duration(datatype, other)
    if isinstance(right.datatype, Duration):
        return made(f"{op}_duration", (left, right), datatype)
    if op == "subtract" and right.datatype.key == datatype.key:
        return made("elapsed", (left, right), DURATION)
    word = "added to" if op == "add" else "subtracted from"
    raise QueryError(f"{right.datatype.label} cannot be {word} {datatype.label}.")


def _moment_or_duration(datatype: DataType, other: object) -> Node:
    if isinstance(other, timedelta):
        return Value(DURATION, other)
    if isinstance(other, (date, datetime)):
        return Value(datatype, other)
    raise QueryError(f"A timedelta was expected beside {datatype.label}, got {brief(other)}.")
