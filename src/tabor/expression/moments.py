"""Parts of moments and cutting moments down, in any time zone, as nodes; which units each type has.

Elsewhere than in UTC a moment is first moved to where UTC has the time that clocks show there: ``to_zone``.  What is
made of that is moved back by ``from_zone``.
"""

from __future__ import annotations

import re

from tabor.datatypes import DataType, Date, DateTime, Duration, Float, Integer, Text, Time, brief
from tabor.errors import QueryError
from tabor.tree.nodes import Constant, Node, Operation

INTEGER = Integer()
FLOAT = Float()
TEXT = Text()
DURATION = Duration()
DATE = Date()
TIME = Time()
UTC = "UTC"
_ZONE = re.compile(r"[A-Z][A-Za-z_]+(/[A-Z][A-Za-z_-]+)+|Etc/GMT[+-][0-9]{1,2}")
DAYS = ("year", "quarter", "month", "day", "weekday", "day_of_year", "week", "iso_year")
TIMES = ("hour", "minute", "second", "microsecond")
UNITS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
"""To what a moment can be cut down; a day only to the first five."""


def of(node: Node, method: str, *kinds: type[DataType]) -> Node:
    """The node, which gives one of these types; raises ``QueryError`` for any other."""
    if not isinstance(node.datatype, kinds):
        wanted = " or ".join([kind().label for kind in kinds])
        raise QueryError(f"{method} needs {wanted}, and this expression gives {node.datatype.label}.")
    return node


def part(name: str, node: Node, zone: str = UTC) -> Node:
    """One part of a day, a time of day, or a moment, as a whole number."""
    of(node, f"{name}()", *((Date, DateTime) if name in DAYS else (DateTime, Time)))
    return Operation(name, (_there(node, zone),), INTEGER, nullable=node.nullable)


def day_of(node: Node, zone: str) -> Node:
    """The day on which a moment lies."""
    return Operation("date_of", (_there(of(node, "date()", DateTime), zone),), DATE, nullable=node.nullable)


def time_of(node: Node, zone: str) -> Node:
    """The time of day of a moment."""
    return Operation("time_of", (_there(of(node, "time()", DateTime), zone),), TIME, nullable=node.nullable)


def trunc(unit: str, node: Node, zone: str) -> Node:
    """The beginning of the unit in which a day or a moment lies."""
    of(node, "trunc()", Date, DateTime)
    units = UNITS[:5] if isinstance(node.datatype, Date) else UNITS
    if unit not in units:
        raise QueryError(f"trunc() of {node.datatype.label} takes one of {', '.join(units)}; got {brief(unit)}.")
    there = _there(node, zone)
    start = Operation(f"trunc_{unit}", (there,), node.datatype, nullable=node.nullable)
    if there is node:
        return start
    if unit in UNITS[:5]:
        return _moved("from_zone", start, zone)
    # An hour that comes twice has two beginnings: as far before the moment as clocks there say.
    since = Operation("elapsed", (there, start), DURATION, nullable=node.nullable)
    return Operation("subtract_duration", (node, since), node.datatype, nullable=node.nullable)


def _there(node: Node, zone: str) -> Node:
    """A moment by the clocks of a zone."""
    if zone == UTC:
        return node
    if not isinstance(node.datatype, DateTime):
        raise QueryError(f"Only a moment has a time zone, and this expression gives {node.datatype.label}.")
    if _ZONE.fullmatch(str(zone)) is None:
        raise QueryError(f"A time zone has a name such as 'Europe/Berlin', or is 'UTC'; got {brief(zone)}.")
    return _moved("to_zone", node, zone)


def _moved(op: str, node: Node, zone: str) -> Node:
    return Operation(op, (node, Constant(TEXT, str(zone))), node.datatype, nullable=node.nullable)


def seconds(node: Node) -> Node:
    """The length of a duration in seconds, as a float."""
    of(node, "total_seconds()", Duration)
    return Operation("total_seconds", (node,), FLOAT, nullable=node.nullable)
