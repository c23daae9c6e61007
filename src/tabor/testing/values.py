"""Makes a valid value of each datatype."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal as PythonDecimal
from typing import Any
from uuid import UUID

from tabor.datatypes import (
    INT64_MAX,
    INT64_MIN,
    Array,
    Boolean,
    Bytes,
    DataType,
    Date,
    DateTime,
    Decimal,
    Duration,
    Enumeration,
    Float,
    Integer,
    Json,
    Text,
    Time,
    Uuid,
)
from tabor.datatypes.models import Model
from tabor.errors import InvalidValue
from tabor.testing.documents import instance
from tabor.testing.draw import Draw
from tabor.testing.texts import text

_FIRST_DAY = date(2030, 1, 1)
_FIRST_MOMENT = datetime(2030, 1, 1, tzinfo=UTC)
_YEAR = 365
_SPREAD = 1_000
_DAY_SECONDS = 86_400


def value(datatype: DataType, draw: Draw) -> object:
    """A value that ``datatype`` accepts; raises ``NoValidRow`` where there is none, or none that is left."""
    for kind in type(datatype).__mro__:
        make = _MAKERS.get(kind)
        if make is not None:
            made = make(datatype, draw)
            try:
                return datatype.check(made)
            except InvalidValue as error:
                raise draw.refused(error.reason) from error
    raise draw.refused(f"a factory does not know how to make {datatype.label}")


def _integer(datatype: Integer, draw: Draw) -> int:
    low, high = datatype.minimum, datatype.maximum
    if low is None:
        low = 1 if high is None or high >= 1 else max(INT64_MIN, high - _SPREAD)
    if high is None:
        high = INT64_MAX
    return low + draw.nth(_among(high - low + 1, draw), "numbers")


def _among(count: int, draw: Draw) -> int:
    """How many steps there are to choose from: a readable number of them, all of them where values are unique."""
    if count < 1:
        raise draw.refused("its minimum is above its maximum")
    return count if draw.unique else min(count, _SPREAD)


def _decimal(datatype: Decimal, draw: Draw) -> PythonDecimal:
    unit = PythonDecimal(1).scaleb(-datatype.places)
    largest = int(PythonDecimal(10) ** datatype.max_digits) - 1
    low = -largest if datatype.minimum is None else math.ceil(PythonDecimal(datatype.minimum) / unit)
    high = largest if datatype.maximum is None else math.floor(PythonDecimal(datatype.maximum) / unit)
    if datatype.minimum is None and high >= 1:
        low = 1
    return (max(low, -largest) + draw.nth(_among(min(high, largest) - max(low, -largest) + 1, draw), "numbers")) * unit


def _float(datatype: Float, draw: Draw) -> float:
    low, high = datatype.minimum, datatype.maximum
    if low is None:
        low = 0.0 if high is None or high >= 0 else high - _SPREAD
    if high is None:
        return float(low) + (draw.number if draw.unique else round(draw.chance.uniform(0, _SPREAD), 2))
    if low > high:
        raise draw.refused("its minimum is above its maximum")
    if draw.unique:
        # Each number takes a fraction of its own, as far as 53 bits tell them apart.
        return low + (high - low) * (draw.number / (draw.number + 1))
    return min(high, max(low, draw.chance.uniform(low, min(high, low + _SPREAD))))


def _boolean(_: Boolean, draw: Draw) -> bool:
    return draw.nth(2, "values") == 1


def _bytes(datatype: Bytes, draw: Draw) -> bytes:
    number = draw.number.to_bytes(max(1, (draw.number.bit_length() + 7) // 8), "big")
    size = max(datatype.min_length, min(8, 8 if datatype.max_length is None else datatype.max_length))
    if len(number) > size and draw.unique and datatype.max_length is not None:
        raise draw.refused(f"its values differ from row to row, and no more fit into {size} bytes")
    return number[-size:].rjust(size, b"\0") if size else b""


def _date(_: Date, draw: Draw) -> date:
    return _FIRST_DAY + timedelta(days=draw.number if draw.unique else draw.chance.randrange(_YEAR))


def _moment(_: DateTime, draw: Draw) -> datetime:
    return _FIRST_MOMENT + timedelta(hours=draw.number if draw.unique else draw.chance.randrange(24 * _YEAR))


def _time(_: Time, draw: Draw) -> time:
    seconds = draw.nth(_DAY_SECONDS, "seconds in a day")
    return (_FIRST_MOMENT + timedelta(seconds=seconds)).time()


def _duration(_: Duration, draw: Draw) -> timedelta:
    return timedelta(minutes=draw.number if draw.unique else 1 + draw.chance.randrange(_SPREAD))


def _uuid(_: Uuid, draw: Draw) -> UUID:
    return UUID(int=draw.chance.getrandbits(128), version=4)


def _member(datatype: Enumeration, draw: Draw) -> object:
    members = list(datatype.enum)
    if not members:
        raise draw.refused(f"{datatype.enum.__name__} has no members")
    return members[draw.nth(len(members), f"members of {datatype.enum.__name__}")]


def _json(_: Json, draw: Draw) -> object:
    return {draw.column: draw.number}


def _model(datatype: Model, draw: Draw) -> object:
    return instance(datatype, draw)


def _array(datatype: Array, draw: Draw) -> list[object]:
    most = max(datatype.min_length, 3) if datatype.max_length is None else min(datatype.max_length, 3)
    count = max(datatype.min_length, 1 if most and draw.unique else draw.chance.randint(0, most))
    return [value(datatype.item, draw) for _ in range(count)]


_MAKERS: dict[type, Callable[[Any, Draw], object]] = {
    Array: _array,
    Boolean: _boolean,
    Bytes: _bytes,
    Date: _date,
    DateTime: _moment,
    Decimal: _decimal,
    Duration: _duration,
    Enumeration: _member,
    Float: _float,
    Integer: _integer,
    Json: _json,
    Model: _model,
    Text: text,
    Time: _time,
    Uuid: _uuid,
}
