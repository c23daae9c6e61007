"""The kinds of values that methods of expressions take and give, and the datatypes of the plain ones."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal as PythonDecimal
from typing import Literal, TypeAlias, TypeVar

from tabor.datatypes import Float, Integer, Pattern, Text

Fraction = TypeVar("Fraction", float, float | None, PythonDecimal, PythonDecimal | None)
Finer = TypeVar("Finer", float, PythonDecimal)
Real: TypeAlias = float | PythonDecimal
Number = TypeVar(
    "Number",
    int,
    int | None,
    float,
    float | None,
    PythonDecimal,
    PythonDecimal | None,
    timedelta,
    timedelta | None,
)
Addable = TypeVar(
    "Addable",
    int,
    int | None,
    float,
    float | None,
    PythonDecimal,
    PythonDecimal | None,
    timedelta,
    timedelta | None,
    str,
    str | None,
)
ExactNumber: TypeAlias = int | PythonDecimal
"""Numbers that are exact: whole ones and decimals, which together give decimals."""
Exact = TypeVar("Exact", PythonDecimal, PythonDecimal | None)
N = TypeVar("N", int, float, PythonDecimal, timedelta)
Summand = TypeVar("Summand", int, float, PythonDecimal, timedelta, str)
Moment = TypeVar("Moment", datetime, datetime | None, date, date | None)
Day: TypeAlias = date
"""``date`` under a name that no method has."""
Clock: TypeAlias = time
"""``time`` under a name that no method has."""
Unit = Literal["year", "quarter", "month", "week", "day", "hour", "minute", "second"]
"""To what ``trunc()`` cuts a moment down."""

TEXT = Text()
INTEGER = Integer()
FLOAT = Float()
LIKE = Pattern()
ILIKE = Pattern(ignore_case=True)
WHITESPACE = " \t\n\r\x0b\x0c"
