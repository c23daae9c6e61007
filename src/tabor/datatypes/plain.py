"""The datatype of each plain Python type."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal as PythonDecimal
from uuid import UUID

from tabor.datatypes.base import DataType
from tabor.datatypes.members import Uuid
from tabor.datatypes.moments import Date, DateTime, Duration, Time
from tabor.datatypes.numbers import Boolean, Decimal, Float, Integer
from tabor.datatypes.text import Bytes, Text

BOOLEAN = Boolean()

SIMPLE: dict[type, DataType] = {
    int: Integer(),
    float: Float(),
    bool: BOOLEAN,
    str: Text(),
    bytes: Bytes(),
    PythonDecimal: Decimal(),
    date: Date(),
    time: Time(),
    datetime: DateTime(),
    timedelta: Duration(),
    UUID: Uuid(),
}
"""The datatype of each plain Python type."""
