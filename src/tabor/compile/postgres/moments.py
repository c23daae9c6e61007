"""Moments as PostgreSQL computes with them: always in UTC, and within the years 1 to 9999.

The driver sends the first and the last day or moment of the calendar as infinity, which has no parts; where a column
or a value may hold it, the moment itself stands for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from tabor.compile.postgres.numbers import Spell
from tabor.datatypes import DataType, Date, DateTime
from tabor.tree.nodes import Node, Operation

_FIRST, _LAST = "'0001-01-01 00:00:00'", "'9999-12-31 23:59:59.999999'"
# In the first and the last day of the calendar zones are UTC: it has no days around them.
_SECOND, _LAST_BUT_ONE = "'0001-01-02 00:00:00'", "'9999-12-30 23:59:59.999999'"
_COMPUTED = {"add_duration", "subtract_duration", "date_of", "moment_of", "now", "today", "to_zone", "from_zone"}
"""Operations that never give infinity."""
_DAY = 86_400
_FIELDS = {"day_of_year": "doy", "iso_year": "isoyear"}
_PARTS = ("year", "quarter", "month", "day", "weekday", "hour", "minute", "second", "microsecond", "week", *_FIELDS)


def finite(text: str, made: str, first: str, last: str) -> str:
    """The text, where the driver has sent the first or last day or moment of the calendar as infinity."""
    return f"CASE {text} WHEN '-infinity' THEN {first} WHEN 'infinity' THEN {last} ELSE {made} END"


def _plain(text: str, node: Node) -> str:
    """A moment as a timestamp in UTC; a day or a time of day as it is."""
    datatype = node.datatype
    known = isinstance(node, Operation) and (node.op in _COMPUTED or node.op.startswith("trunc_"))
    if isinstance(datatype, DateTime):
        made = f"({text} AT TIME ZONE 'UTC')"
        return made if known else finite(text, made, f"timestamp {_FIRST}", f"timestamp {_LAST}")
    if isinstance(datatype, Date) and not known:
        return finite(text, text, "date '0001-01-01'", "date '9999-12-31'")
    return text


def _kept(text: str, datatype: DataType) -> str:
    """A timestamp in UTC as it is kept."""
    return f"({text} AT TIME ZONE 'UTC')" if isinstance(datatype, DateTime) else f"({text})::date"


def _zoned(args: Sequence[str], node: Operation) -> str:
    x, zone = args
    plain = _plain(x, node.args[0])
    there = f"({plain} AT TIME ZONE 'UTC' AT TIME ZONE {zone})"
    if node.op == "from_zone":
        there = f"({plain} AT TIME ZONE {zone} AT TIME ZONE 'UTC')"
    within = f"{plain} BETWEEN timestamp {_SECOND} AND timestamp {_LAST_BUT_ONE}"
    return f"(CASE WHEN {within} THEN {there} ELSE {plain} END AT TIME ZONE 'UTC')"


def _part(args: Sequence[str], node: Operation) -> str:
    x = _plain(args[0], node.args[0])
    if node.op == "weekday":
        return f"(extract(isodow from {x}) - 1)::bigint"
    if node.op == "second":
        return f"floor(extract(second from {x}))::bigint"
    if node.op == "microsecond":
        return f"(extract(microseconds from {x})::bigint % 1000000)"
    return f"extract({_FIELDS.get(node.op, node.op)} from {x})::bigint"


def _trunc(args: Sequence[str], node: Operation) -> str:
    unit = node.op.removeprefix("trunc_")
    return _kept(f"date_trunc('{unit}', {_plain(args[0], node.args[0])}::timestamp)", node.datatype)


def _shifted(args: Sequence[str], node: Operation) -> str:
    sign = "+" if node.op == "add_duration" else "-"
    x, by = _plain(args[0], node.args[0]), args[1]
    if isinstance(node.datatype, Date):
        # A day moves by whole days, as in Python: what is left over is cut off downwards.
        by = f"floor(extract(epoch from {by}) / {_DAY})::int"
    moved = f"({x} {sign} {by})"
    kind = "date" if isinstance(node.datatype, Date) else "timestamp"
    # Outside of the calendar the sum is moved on to where the server itself refuses it.
    early = f"WHEN {moved} < {kind} {_FIRST} THEN {moved}::timestamp - interval '10000 years'"
    late = f"WHEN {moved} > {kind} {_LAST} THEN {moved}::timestamp + interval '290000 years'"
    return _kept(f"CASE {early} {late} ELSE {moved}::timestamp END", node.datatype)


def _elapsed(args: Sequence[str], node: Operation) -> str:
    one, two = [_plain(text, arg) for text, arg in zip(args, node.args, strict=True)]
    if isinstance(node.args[0].datatype, Date):
        return f"make_interval(days => {one} - {two})"
    return f"({one} - {two})"


MOMENTS: dict[str, Spell] = {
    **dict.fromkeys(_PARTS, _part),
    **{f"trunc_{unit}": _trunc for unit in ("year", "quarter", "month", "week", "day", "hour", "minute", "second")},
    "add_duration": _shifted,
    "date_of": lambda args, node: f"{_plain(args[0], node.args[0])}::date",
    "elapsed": _elapsed,
    "from_zone": _zoned,
    "moment_of": lambda args, node: f"({_plain(args[0], node.args[0])}::timestamp AT TIME ZONE 'UTC')",
    "now": lambda args, node: "statement_timestamp()",
    "subtract_duration": _shifted,
    "time_of": lambda args, node: f"{_plain(args[0], node.args[0])}::time",
    "to_zone": _zoned,
    "today": lambda args, node: "(statement_timestamp() AT TIME ZONE 'UTC')::date",
    "total_seconds": lambda args, node: f"((extract(epoch from {args[0]}) * 1000000)::bigint::double precision / 1e6)",
}
