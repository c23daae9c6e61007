"""Moments as SQLite computes with them: texts of a fixed width, and microseconds since the first year for sums."""

from __future__ import annotations

from collections.abc import Sequence

from tabor.compile.sqlite.numbers import OUT_OF_RANGE, Spell, checked
from tabor.datatypes import DataType, Date, Time
from tabor.tree.nodes import Operation

TO_ZONE, FROM_ZONE = "tabor_to_zone", "tabor_from_zone"
"""Functions that the engine gives to each connection: SQLite knows no time zones."""
_EPOCH = 62_135_596_800
"""Seconds from the first moment of the calendar to 1970."""
_LAST = 315_537_897_599_999_999
"""Microseconds from the first moment of the calendar to the last."""
_DAY = 86_400_000_000
_STARTS = {"year": (4, "-01-01"), "month": (7, "-01"), "day": (10, ""), "hour": (13, ":00:00"), "minute": (16, ":00")}
_CALENDAR = {"day_of_year": "%j", "week": "%V", "iso_year": "%G"}
_PARTS = {"year": (1, 4), "month": (6, 2), "day": (9, 2), "hour": (12, 2), "minute": (15, 2), "second": (18, 2)}


def _part(args: Sequence[str], node: Operation) -> str:
    start, length = (21, 6) if node.op == "microsecond" else _PARTS[node.op]
    if isinstance(node.args[0].datatype, Time):
        start -= 11
    return f"CAST(substr({args[0]}, {start}, {length}) AS INTEGER)"


def _calendar(args: Sequence[str], node: Operation) -> str:
    return f"CAST(strftime('{_CALENDAR[node.op]}', substr({args[0]}, 1, 10)) AS INTEGER)"


def _weekday(args: Sequence[str], node: Operation) -> str:
    return f"((strftime('%w', substr({args[0]}, 1, 10)) + 6) % 7)"


def _trunc(args: Sequence[str], node: Operation) -> str:
    unit, x = node.op.removeprefix("trunc_"), args[0]
    day = isinstance(node.datatype, Date)
    if unit == "week":
        text = f"date(substr({x}, 1, 10), '-6 days', 'weekday 1')"
    elif unit == "quarter":
        month = f"((substr({x}, 6, 2) - 1) / 3 * 3 + 1)"
        text = f"(substr({x}, 1, 5) || printf('%02d', {month}) || '-01')"
        text = f"CASE WHEN {x} IS NOT NULL THEN {text} END"
    elif unit == "second":
        return f"(substr({x}, 1, 19) || '.000000Z')"
    else:
        length, rest = _STARTS[unit]
        text = f"(substr({x}, 1, {length}) || '{rest}')"
        if length > 10:
            return f"({text} || '.000000Z')"
    return text if day else f"({text} || 'T00:00:00.000000Z')"


def _microseconds(text: str, datatype: DataType) -> str:
    if isinstance(datatype, Date):
        return f"((unixepoch({text}) + {_EPOCH}) * 1000000)"
    return f"((unixepoch(substr({text}, 1, 19)) + {_EPOCH}) * 1000000 + substr({text}, 21, 6))"


def _shifted(args: Sequence[str], node: Operation) -> str:
    x, by = args
    sign = "+" if node.op == "add_duration" else "-"
    if isinstance(node.datatype, Date):
        # A day moves by whole days, as in Python: what is left over is cut off downwards.
        by = f"(({by} / {_DAY} - ({by} % {_DAY} < 0)) * {_DAY})"
    sum_ = f"({_microseconds(x, node.datatype)} {sign} {by})"
    seconds = f"{sum_} / 1000000 - {_EPOCH}"
    if isinstance(node.datatype, Date):
        made = f"date({seconds}, 'unixepoch')"
    else:
        made = f"strftime('%Y-%m-%dT%H:%M:%S', {seconds}, 'unixepoch') || printf('.%06dZ', {sum_} % 1000000)"
    return f"CASE WHEN {sum_} BETWEEN 0 AND {_LAST} THEN {made} WHEN {sum_} IS NOT NULL THEN {OUT_OF_RANGE} END"


def _elapsed(args: Sequence[str], node: Operation) -> str:
    one, two = [_microseconds(text, arg.datatype) for text, arg in zip(args, node.args, strict=True)]
    return checked(f"({one} - {two})", node.datatype)


MOMENTS: dict[str, Spell] = {
    **dict.fromkeys([*_PARTS, "microsecond"], _part),
    **dict.fromkeys(_CALENDAR, _calendar),
    **{f"trunc_{unit}": _trunc for unit in (*_STARTS, "quarter", "week", "second")},
    "add_duration": _shifted,
    "date_of": lambda args, node: f"substr({args[0]}, 1, 10)",
    "elapsed": _elapsed,
    "from_zone": lambda args, node: f"{FROM_ZONE}({args[0]}, {args[1]})",
    "moment_of": lambda args, node: f"({args[0]} || 'T00:00:00.000000Z')",
    "quarter": lambda args, node: f"((substr({args[0]}, 6, 2) + 2) / 3)",
    "subtract_duration": _shifted,
    "time_of": lambda args, node: f"substr({args[0]}, 12, 15)",
    "to_zone": lambda args, node: f"{TO_ZONE}({args[0]}, {args[1]})",
    "today": lambda args, node: "date('now')",
    "total_seconds": lambda args, node: f"({args[0]} / 1000000.0)",
    "weekday": _weekday,
}
