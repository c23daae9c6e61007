"""Tells whether the values of a row fulfil a check, as far as plain Python can; the database has the last word."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, cast

from tabor.datatypes import DataType, Decimal, Enumeration, Integer, Text
from tabor.tree.nodes import ColumnNode, Constant, Node, Operation, Value


class Unknown:
    """The type of ``UNKNOWN``: what only the database can tell."""

    __slots__ = ()


UNKNOWN: Final = Unknown()
_WILDCARD = re.compile(r"\\?.", re.DOTALL)


def _between(value: Any, low: Any, high: Any) -> bool:
    return bool(low <= value <= high)


def _in(value: object, *items: object) -> bool:
    return value in items


def _not_in(value: object, *items: object) -> bool:
    return value not in items


def _like(text: str, pattern: str) -> bool:
    parts = _WILDCARD.findall(pattern)
    regex = "".join([{"%": ".*", "_": "."}.get(part) or re.escape(part[-1]) for part in parts])
    return re.fullmatch(regex, text, re.DOTALL) is not None


# Text functions and the order of text are the database's own matter where they depend on a collation.
_PLAIN: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "negate": operator.neg,
    "abs": abs,
    "concat": operator.add,
    "elapsed": operator.sub,
    "length": len,
    "list_length": len,
    "lower": str.lower,
    "upper": str.upper,
    "contains": operator.contains,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "between": _between,
    "in": _in,
    "not_in": _not_in,
    "not": operator.not_,
    "like": _like,
}
_ORDER = frozenset({"lt", "lte", "gt", "gte", "between"})


def fulfilled(condition: Node, values: Mapping[str, object]) -> bool:
    """Whether a check lets a row with these values through: true, null and what cannot be told here do."""
    return _computed(condition, values) is not False


def _computed(node: Node, values: Mapping[str, object]) -> object:
    if isinstance(node, ColumnNode):
        return _stored(values.get(node.name, UNKNOWN), node.datatype)
    if isinstance(node, Value):
        return _stored(node.values[0], node.datatype)
    if isinstance(node, Constant):
        return node.value
    if isinstance(node, Operation):
        return _operated(node, [_computed(part, values) for part in node.args])
    return UNKNOWN


def _stored(value: object, datatype: DataType) -> object:
    return cast("object", value.value) if isinstance(datatype, Enumeration) and isinstance(value, Enum) else value


def _operated(node: Operation, args: list[object]) -> object:
    if node.op in ("and", "or"):
        return _joined(args, decisive=node.op == "or")
    if UNKNOWN in args:
        return UNKNOWN
    if node.op in ("is_null", "is_not_null"):
        return (args[0] is None) == (node.op == "is_null")
    apply = _PLAIN.get(node.op)
    if apply is None or (node.op in _ORDER and isinstance(node.args[0].datatype, Text)):
        return UNKNOWN
    if None in args:
        return None
    try:
        return cast("object", apply(*args))
    except (TypeError, ValueError, ArithmeticError):
        return UNKNOWN


def _joined(args: list[object], *, decisive: bool) -> object:
    """``and`` and ``or`` of three values: one decisive operand is enough."""
    if decisive in args:
        return decisive
    for uncertain in (UNKNOWN, None):
        if uncertain in args:
            return uncertain
    return not decisive


def compared_values(condition: Node, datatype: DataType) -> list[object]:
    """The values of this type that a check compares with; those of patterns without their wildcards."""
    found: list[object] = []

    def visit(node: Node) -> None:
        if isinstance(node, Operation):
            for part in node.args:
                visit(part)
        elif isinstance(node, Value) and _alike(node.datatype, datatype):
            given = node.values[0]
            found.append(given.replace("%", "").replace("\\", "") if isinstance(given, str) else given)

    visit(condition)
    return list({repr(value): value for value in found}.values())


def _alike(one: DataType, other: DataType) -> bool:
    if isinstance(other, Text):
        return one.key.startswith(("Text", "Pattern")) or isinstance(one, Integer)  # a number stands for a length
    return one.key == other.key or (isinstance(one, Decimal) and isinstance(other, Decimal))
