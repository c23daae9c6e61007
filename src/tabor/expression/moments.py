"""Parts of moments and cutting moments down, as nodes; which units each type has."""

from __future__ import annotations

from tabor.datatypes import DataType, Date, DateTime, Duration, Float, Integer, Time, brief
from tabor.errors import QueryError
from tabor.tree.nodes import Node, Operation

INTEGER = Integer()
FLOAT = Float()
DAYS = ("year", "month", "day", "weekday")
TIMES = ("hour", "minute", "second", "microsecond")
UNITS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
"""To what a moment can be cut down; a day only to the first five."""


def of(node: Node, method: str, *kinds: type[DataType]) -> Node:
    """The node, which gives one of these types; raises ``QueryError`` for any other."""
    if not isinstance(node.datatype, kinds):
        wanted = " or ".join([kind().label for kind in kinds])
        raise QueryError(f"{method} needs {wanted}, and this expression gives {node.datatype.label}.")
    return node


def part(name: str, node: Node) -> Node:
    """One part of a day, a time of day, or a moment in UTC, as a whole number."""
    of(node, f"{name}()", *((Date, DateTime) if name in DAYS else (DateTime, Time)))
    return Operation(name, (node,), INTEGER, nullable=node.nullable)


def trunc(unit: str, node: Node) -> Node:
    """The beginning of the unit in which a day or a moment in UTC lies."""
    of(node, "trunc()", Date, DateTime)
    units = UNITS[:5] if isinstance(node.datatype, Date) else UNITS
    if unit not in units:
        raise QueryError(f"trunc() of {node.datatype.label} takes one of {', '.join(units)}; got {brief(unit)}.")
    return Operation(f"trunc_{unit}", (node,), node.datatype, nullable=node.nullable)


def seconds(node: Node) -> Node:
    """The length of a duration in seconds, as a float."""
    of(node, "total_seconds()", Duration)
    return Operation("total_seconds", (node,), FLOAT, nullable=node.nullable)
