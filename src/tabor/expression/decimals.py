"""Exact decimals with different numbers of places: compared, brought to the same places, never rounded."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Context
from decimal import Decimal as PythonDecimal

from tabor.datatypes import BOOLEAN, DataType, Decimal, Float, Integer, brief
from tabor.errors import QueryError, ValueOutOfRange
from tabor.tree.nodes import ColumnNode, Comparison, Constant, Node, Operation, Placeholder, Value

MAX_PLACES = 18
_INTEGER = Integer()
_WIDE = Context(prec=200)


def places_of(value: PythonDecimal) -> int:
    """How many places behind the point a number needs.

    >>> places_of(PythonDecimal("1.250"))
    2
    """
    if not value.is_finite() or not value:
        return 0
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    trailing = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    return max(0, -(exponent + trailing))


def decimal_value(value: PythonDecimal, at_least: int) -> Value:
    """A number bound with as many places as it needs; raises ``ValueOutOfRange`` for more than 18."""
    places = max(at_least, places_of(value))
    if places > MAX_PLACES:
        raise ValueOutOfRange(
            f"{brief(value, str)} has more than {MAX_PLACES} decimal places", code="too_precise", value=value
        )
    return Value(Decimal(places), value)


def rescaled(node: Node, places: int) -> Node:
    """The same number with this many places, which are not fewer than it has."""
    if isinstance(node.datatype, Decimal) and node.datatype.places == places:
        return node
    # The number of places is an operand too, so that it belongs to the shape.
    return Operation("rescale", (node, Constant(_INTEGER, places)), Decimal(places), nullable=node.nullable)


def scale_of(datatype: DataType) -> int | None:
    """The places of a decimal or whole number; None for anything else."""
    if isinstance(datatype, Decimal):
        return datatype.places
    return 0 if isinstance(datatype, Integer) else None


def aligned(left: Node, right: Node) -> tuple[Node, Node]:
    """Two nodes of which one may be a decimal, ready to be compared; raises ``QueryError`` where they cannot be."""
    if not (isinstance(left.datatype, Decimal) or isinstance(right.datatype, Decimal)):
        return left, right
    one, other = scale_of(left.datatype), scale_of(right.datatype)
    if one is None or other is None:
        raise QueryError(
            f"{left.datatype.label} and {right.datatype.label} cannot be compared exactly; cast() one of them first."
            if Float in (type(left.datatype), type(right.datatype))
            else f"{left.datatype.label} cannot be compared with {right.datatype.label}."
        )
    places = max(one, other)
    return _aligned(left, one, places), _aligned(right, other, places)


def _aligned(node: Node, have: int, want: int) -> Node:
    if have == want:
        return node
    return Operation("align", (node, Constant(_INTEGER, want)), Decimal(want), nullable=node.nullable)


def assignable(column: ColumnNode, node: Node) -> Node:
    """What a column is set to, with the column's places; raises ``QueryError`` for what it could not hold exactly."""
    if not (isinstance(column.datatype, Decimal) or isinstance(node.datatype, Decimal)):
        return node
    want, have = scale_of(column.datatype), scale_of(node.datatype)
    place = f"{column.source.table}.{column.name}"
    if want is None or have is None:
        raise QueryError(f"{place} holds {column.datatype.label} and is set to {node.datatype.label}; cast() it first.")
    if isinstance(node, Value) and isinstance(node.values[0], Placeholder):
        return Value(column.datatype, Placeholder(column.datatype, nullable=node.values[0].nullable))
    if have > want:
        raise QueryError(
            f"{place} has {want} decimal places, and what it is set to may have {have}; say round({want}) after it."
        )
    return rescaled(node, want) if have < want else node


def compared_decimal(op: str, node: Node, value: PythonDecimal) -> Node:
    """The condition ``node op value``, where the value may have more places than the column.

    No number with the column's places lies between the value and its neighbours, so that they can stand for it.
    """
    datatype = node.datatype
    if not isinstance(datatype, Decimal) or not value.is_finite() or places_of(value) <= datatype.places:
        return Comparison(op, node, Value(datatype, value))
    below, above = _neighbours(value, datatype)
    if op in ("lt", "lte"):
        return Comparison("lte", node, below)
    if op in ("gt", "gte"):
        return Comparison("gte", node, above)
    # Never equal, and unknown where the column is null.
    sides = Comparison("lte", node, below), Comparison("gte", node, above)
    return Comparison("and" if op == "eq" else "or", *sides)


def _neighbours(value: PythonDecimal, datatype: Decimal) -> tuple[Value, Value]:
    unit = PythonDecimal(1).scaleb(-datatype.places)
    if value.adjusted() > 100:
        return Value(datatype, value), Value(datatype, value)  # refused as too large when it is bound
    low = value.quantize(unit, ROUND_FLOOR, _WIDE)
    return Value(datatype, low), Value(datatype, value.quantize(unit, ROUND_CEILING, _WIDE))


def between_decimals(node: Node, low: object, high: object) -> Node:
    """The condition that a decimal lies within two values, which may have more places than it."""
    assert isinstance(node.datatype, Decimal)
    first, last = Value(node.datatype, low), Value(node.datatype, high)
    if isinstance(low, PythonDecimal) and low.is_finite() and places_of(low) > node.datatype.places:
        first = _neighbours(low, node.datatype)[1]
    if isinstance(high, PythonDecimal) and high.is_finite() and places_of(high) > node.datatype.places:
        last = _neighbours(high, node.datatype)[0]
    return Operation("between", (node, first, last), BOOLEAN)


def without_too_precise(node: Node, items: list[object]) -> list[object]:
    """The items of a list that a decimal can be equal to; those with more places are left out."""
    assert isinstance(node.datatype, Decimal)
    places = node.datatype.places
    return [item for item in items if not (isinstance(item, PythonDecimal) and places_of(item) > places)]
