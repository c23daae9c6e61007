"""Hostile values: texts that look like SQL, numbers beyond every limit, endless nesting, and what is no value."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import IntEnum, StrEnum
from uuid import UUID

MARK = "h0st1le"
"""Stands in every hostile text, so that a statement into which one got is known by it."""

FRAGMENTS = [
    "'",
    '"',
    "''",
    "\\",
    "\\'",
    "`",
    ";",
    "--",
    "/*",
    "*/",
    "\0",
    "\n",
    "\r",
    "\t",
    "\x01",
    "\x7f",
    "\ud800",
    "\udfff",
    "'; DROP TABLE odd; --",
    "' OR 1=1 --",
    '" OR ""="',
    "{}",
    "{{",
    "}}",
    "{0}",
    "$1",
    "?1",
    "?",
    ":a",
    "%s",
    "%(a)s",
    "%",
    "_",
    "[a-z]",
    "*",
    "^",
    "$$",
    "E'\\x27'",
    "U&'\\0027'",
    "x'00'",
    "\u2019",
    "\ufeff",
    "\u202e",
    "\u2028",
    "e\u0301",
    "é",
    "ß",
    "İ",
    "🎪",
    "👨‍👩‍👧",
    "\U0010ffff",
    "\uffff",
    "NULL",
    "null",
    "true",
    "NaN",
    "Infinity",
    "1e999",
    "<script>",
    "&amp;",
    "[]",
    "[1,",
    '{"a": 1}',
    '"',
    "2024-02-30",
    "P1D",
    "x" * 3_000,
    " ",
    "",
]


class Word(str):
    """Text that shows itself as something else."""

    __slots__ = ()

    def __str__(self) -> str:
        return "'; DROP TABLE odd; --"


class Count(int):
    """A number that shows itself as something else."""

    def __str__(self) -> str:
        return "1; DROP TABLE odd; --"


class Foreign(StrEnum):
    """A member of another enumeration, with a value that a column knows."""

    red = "red"


class Level(IntEnum):
    """A number with a name."""

    one = 1


def nested(depth: int, wrap: Callable[[object], object]) -> object:
    """Something within something, so many times."""
    value: object = 1
    for _ in range(depth):
        value = wrap(value)
    return value


def endless() -> list[object]:
    """A list that holds itself."""
    value: list[object] = []
    value.append(value)
    return value


FAR = timezone(timedelta(hours=23, minutes=59))
NUMBERS: list[object] = [
    0,
    1,
    -1,
    True,
    False,
    2**31,
    2**53 + 1,
    2**63 - 1,
    -(2**63),
    2**63,
    -(2**63) - 1,
    2**64,
    10**40,
    -(10**400),
    10**5_000,
    0.0,
    -0.0,
    0.1,
    1.0,
    1e16,
    1e308,
    -1.7976931348623157e308,
    5e-324,
    -1e-308,
    1e-200,
    1e200,
    2.0**63,
    float("nan"),
    float("inf"),
    -float("inf"),
    Decimal(0),
    Decimal("-0"),
    Decimal("0.01"),
    Decimal("0.010"),
    Decimal("0.001"),
    Decimal("1E+2"),
    Decimal("1E+500"),
    Decimal("1E-500"),
    Decimal("9" * 16 + ".99"),
    Decimal("9" * 17),
    Decimal("NaN"),
    Decimal("sNaN"),
    Decimal("-Infinity"),
    Decimal("1E+999999"),
    Decimal("1E-999999"),
    Count(5),
    Level.one,
    1j,
]
MOMENTS: list[object] = [
    date.min,
    date.max,
    date(2024, 2, 29),
    datetime(2024, 1, 1),  # noqa: DTZ001  # a moment without a zone is hostile here
    datetime(2024, 1, 1, tzinfo=UTC),
    datetime.min.replace(tzinfo=UTC),
    datetime.max.replace(tzinfo=UTC),
    datetime.min.replace(tzinfo=FAR),
    datetime.max.replace(tzinfo=timezone(-timedelta(hours=23))),
    datetime(2024, 1, 1, 1, tzinfo=FAR),
    time(0),
    time.max,
    time(1, tzinfo=UTC),
    time(1, fold=1),
    timedelta(0),
    timedelta.min,
    timedelta.max,
    timedelta(microseconds=-1),
    timedelta(days=106_751_991),
    timedelta(days=200_000_000),
]
OTHERS: list[object] = [
    None,
    ...,
    NotImplemented,
    object,
    object(),
    len,
    lambda: 1,
    Exception("x"),
    (1, 2),
    set[int](),
    {1},
    range(3),
    b"",
    b"\0",
    b"\xff'\"",
    bytearray(b"x"),
    memoryview(b"x"),
    UUID(int=0),
    UUID(int=2**128 - 1),
    Foreign.red,
    Foreign,
    Word("a"),
    [],
    [None],
    [[]],
    [1],
    ["a"],
    ["a", None],
    ["\0"],
    ["\ud800"],
    [Word("a")],
    [b"x"],
    [True],
    {},
    {"a": 1},
    {1: 1},
    {None: 1},
    {"\0": 1},
    {"\ud800": 1},
    {"a": "\0"},
    {"a": float("nan")},
    {"a": 2**64},
    {"a": -0.0},
    {"a": 1e308},
    {"a": 5e-324},
    {"a": 1.0},
    {"a": 1.5},
    {"a": 1e22},
    {"": ""},
    {"a": (1,)},
    {"a": b"x"},
    {"a": Decimal(1)},
    {"'": {'"': ["\\", "$1", "{}"]}},
    {"a": [None, True, 2**63 - 1]},
    nested(10, lambda v: {"a": v}),
    nested(63, lambda v: {"a": v}),
    nested(64, lambda v: {"a": v}),
    nested(65, lambda v: {"a": v}),
    nested(5_000, lambda v: {"a": v}),
    {"a": nested(63, lambda v: [v])},
    {"a": nested(5_000, lambda v: [v])},
    endless(),
    {"a": endless()},
]


def hostile_text(chance: random.Random) -> str:
    """A few fragments around the mark."""
    parts = [chance.choice(FRAGMENTS) for _ in range(chance.randint(1, 3))]
    parts.insert(chance.randint(0, len(parts)), MARK)
    return "".join(parts)


def hostile_value(chance: random.Random) -> object:
    """Any of them: a text in half of the cases, alone or within something else."""
    pick = chance.random()
    if pick < 0.35:
        return hostile_text(chance)
    if pick < 0.5:
        text = hostile_text(chance)
        return chance.choice([[text], {text: 1}, {"a": text}, text.encode(errors="replace"), [text, "a"], Word(text)])
    if pick < 0.7:
        return chance.choice(NUMBERS)
    return chance.choice(MOMENTS if pick < 0.8 else OTHERS)
