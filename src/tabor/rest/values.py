"""Values as they come over HTTP, in JSON or in an address, to the Python values that columns hold.

Strict by type: text is never taken for a number in JSON, and nothing is rounded, cut or guessed.  Every reader raises
``InvalidValue``.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal as PythonDecimal
from typing import cast
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
    Model,
    Text,
    Time,
    Uuid,
)
from tabor.errors import InvalidValue, ValueOutOfRange

Read = Callable[[object], object]

# One expression for what is read and for what the OpenAPI document promises; [0-9], since \d takes any script's digits.
DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
DECIMAL = r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?"
_SECONDS = r"([0-9]{1,9})(?:\.([0-9]{1,6}))?S"
_AFTER_HOURS = f"(?:([0-9]{{1,9}})M)?(?:{_SECONDS})?"
_CLOCK_LENGTH = f"T(?:([0-9]{{1,9}})H)?{_AFTER_HOURS}"
DURATION = rf"(-)?P(?:([0-9]{{1,5}})W|([0-9]{{1,6}})D(?:{_CLOCK_LENGTH})?|{_CLOCK_LENGTH})"

_DATE = re.compile(DATE)
_TIME = re.compile(CLOCK)
_MOMENT = re.compile(rf"({DATE})[Tt ]({CLOCK})([Zz]|[+ -][0-9]{{2}}:[0-9]{{2}})")
_DURATION = re.compile(DURATION)
_DECIMAL = re.compile(DECIMAL)
_UUID = re.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_WHOLE = re.compile("-?[0-9]{1,19}")
_NUMBER = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?")


class _ItemInvalid(InvalidValue):
    """An item of a list does not fit; ``steps`` lead to it."""

    def __init__(self, index: int, error: InvalidValue) -> None:
        super().__init__(f"item {index}: {error.reason}", code=error.code, value=error.value)
        self.steps = (index, *steps_to(error))


def steps_to(error: InvalidValue) -> tuple[int, ...]:
    """The positions that lead from a field's value to the item that an error is about."""
    return error.steps if isinstance(error, _ItemInvalid) else ()


def json_reader(datatype: DataType) -> Read:
    """The function from a JSON value, never null, to the value to keep, checked against the limits of ``datatype``."""
    if isinstance(datatype, Integer):
        return _integer_reader(datatype)
    if isinstance(datatype, Text):
        return _body_text_reader(datatype)
    if isinstance(datatype, Array):
        return _array_reader(datatype)
    if isinstance(datatype, Enumeration):
        return _member_reader(datatype)
    if isinstance(datatype, Model):
        return _model_reader(datatype)
    parse = _FROM_TEXT.get(type(datatype))
    if parse is None:
        return datatype.check
    check, label, numeric = datatype.check, datatype.label, isinstance(datatype, Decimal)

    def read(value: object) -> object:
        if isinstance(value, str):
            return check(parse(value, label))
        number = _whole(value)
        if numeric and type(number) is int:
            return check(number)
        raise _refused(label, value)

    return read


def text_reader(datatype: DataType) -> Callable[[str], object]:
    """The function from text in an address to a value of ``datatype``; raises ``InvalidValue``."""
    parse = _FROM_PLAIN.get(type(datatype))
    if parse is None:
        return json_reader(datatype)
    check = datatype.check

    def read(text: str) -> object:
        return check(parse(text, datatype))

    return read


def _refused(label: str, value: object) -> InvalidValue:
    shown = value if isinstance(value, (int, float)) or value is None else type(value).__name__
    shown = repr(value)[:60] if isinstance(value, str) else shown
    return InvalidValue(f"expected {label}, got {shown}", code="wrong_type", value=value)


_EXACT = 2**53  # beyond, a float may stand for another whole number than the one that was written


def _whole(value: object) -> object:
    """A float without a fraction as the whole number that it is: to JSON, 5.0 and 5 are one number."""
    if type(value) is float and value.is_integer() and -_EXACT <= value <= _EXACT:
        return int(value)
    return value


def _integer_reader(datatype: Integer) -> Read:
    check = datatype.check

    def read(value: object) -> object:
        return check(value if type(value) is int else _whole(value))

    return read


def _body_text_reader(datatype: Text) -> Read:
    """The usual text (ASCII, within its length, nothing else asked of it) is taken without a call."""
    check = datatype.check
    if datatype.formed or datatype.min_length:
        return check
    most = INT64_MAX if datatype.max_length is None else datatype.max_length

    def read(value: object) -> object:
        if type(value) is str and value.isascii() and len(value) <= most and "\0" not in value:
            return value
        return check(value)

    return read


def _model_reader(datatype: Model) -> Read:
    def read(value: object) -> object:
        return datatype.check(datatype.from_text(json.dumps(value)))

    return read


def _array_reader(datatype: Array) -> Read:
    read_item, nulls, check = json_reader(datatype.item), datatype.nullable_items, datatype.check
    bounded = datatype.max_length is not None or datatype.min_length > 0

    def read(value: object) -> object:
        if not isinstance(value, list):
            raise _refused(datatype.label, value)
        given = cast("list[object]", value)
        try:
            items = [None if item is None and nulls else read_item(item) for item in given]
        except InvalidValue:
            raise _first_invalid(given, read_item, nulls=nulls) from None
        return check(items) if bounded else items

    return read


def _first_invalid(items: list[object], read_item: Read, *, nulls: bool) -> InvalidValue:
    for index, item in enumerate(items):
        try:
            None if item is None and nulls else read_item(item)
        except InvalidValue as error:
            return _ItemInvalid(index, error)
    raise AssertionError("an item that was refused is accepted now")


def _member_reader(datatype: Enumeration) -> Read:
    kind = int if datatype.integers else str
    members = {member.value: member for member in datatype.enum}

    def read(value: object) -> object:
        # A bool is an int to Python and no number in JSON.
        plain = _whole(value)
        member = members.get(plain) if type(plain) is kind else None
        if member is None:
            raise InvalidValue(f"expected {datatype.label}, got {str(value)[:60]!r}", code="not_a_member", value=value)
        return member

    return read


# --- from JSON text ---


def _date(text: str, label: str) -> date:
    if not _DATE.fullmatch(text):
        raise InvalidValue(f"expected {label} such as 2026-06-24, got {text[:40]!r}", code="malformed", value=text)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidValue(f"{text} is not in the calendar", code="malformed", value=text) from None


def _time(text: str, label: str) -> time:
    if not _TIME.fullmatch(text):
        raise InvalidValue(f"expected {label} such as 18:30:00, got {text[:40]!r}", code="malformed", value=text)
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise InvalidValue(f"{text} is not on the clock", code="malformed", value=text) from None


def _moment(text: str, label: str) -> datetime:
    """RFC 3339; a blank before the zone is a ``+`` that an address has lost."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        message = f"expected {label} such as 2026-06-24T18:30:00Z, got {text[:40]!r}"
        raise InvalidValue(message, code="malformed", value=text)
    day, clock, zone = match.groups()
    try:
        return datetime.fromisoformat(f"{day}T{clock}{zone.upper().replace(' ', '+')}")
    except ValueError:
        raise InvalidValue(f"{text} is not in the calendar or on the clock", code="malformed", value=text) from None


def _duration(text: str, label: str) -> timedelta:
    match = _DURATION.fullmatch(text)
    if match is None or text.endswith("T"):
        raise InvalidValue(f"expected {label} such as P1DT2H30M, got {text[:40]!r}", code="malformed", value=text)
    groups = match.groups()
    sign, weeks, days = groups[:3]
    hours, minutes, seconds, fraction = groups[3:7] if days else groups[7:]
    length = timedelta(
        weeks=int(weeks or 0),
        days=int(days or 0),
        hours=int(hours or 0),
        minutes=int(minutes or 0),
        seconds=int(seconds or 0),
        microseconds=int((fraction or "0").ljust(6, "0")),
    )
    return -length if sign else length


def _decimal(text: str, label: str) -> PythonDecimal:
    if not _DECIMAL.fullmatch(text):
        raise InvalidValue(f"expected {label} such as 12.50, got {text[:40]!r}", code="malformed", value=text)
    return PythonDecimal(text)


def _uuid(text: str, label: str) -> UUID:
    if not _UUID.fullmatch(text):
        raise InvalidValue(f"expected {label}, got {text[:40]!r}", code="malformed", value=text)
    return UUID(text)


def _bytes(text: str, label: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (Base64Error, ValueError):
        raise InvalidValue(f"expected {label} in base64", code="malformed", value=text) from None


_FROM_TEXT: dict[type[DataType], Callable[[str, str], object]] = {
    Date: _date,
    Time: _time,
    DateTime: _moment,
    Duration: _duration,
    Decimal: _decimal,
    Uuid: _uuid,
    Bytes: _bytes,
}


# --- from text in an address ---


def _plain_text(text: str, datatype: DataType) -> str:
    return text


def _plain_integer(text: str, datatype: DataType) -> int:
    if not _WHOLE.fullmatch(text):
        raise _refused(datatype.label, text)
    number = int(text)
    if not INT64_MIN <= number <= INT64_MAX:
        raise ValueOutOfRange(f"{text} does not fit into 64 bits", code="out_of_range", value=text)
    return number


def _plain_float(text: str, datatype: DataType) -> float:
    if not _NUMBER.fullmatch(text):
        raise _refused(datatype.label, text)
    return float(text)


def _plain_boolean(text: str, datatype: DataType) -> bool:
    if text not in ("true", "false"):
        raise _refused(datatype.label, text)
    return text == "true"


def _plain_member(text: str, datatype: DataType) -> object:
    assert isinstance(datatype, Enumeration)
    for member in datatype.enum:
        if str(member.value) == text:
            return member
    raise InvalidValue(f"expected {datatype.label}, got {text[:60]!r}", code="not_a_member", value=text)


def _no_plain(text: str, datatype: DataType) -> object:
    raise InvalidValue(f"{datatype.label} cannot stand in an address", code="wrong_type", value=text)


_FROM_PLAIN: dict[type[DataType], Callable[[str, DataType], object]] = {
    Text: _plain_text,
    Integer: _plain_integer,
    Float: _plain_float,
    Boolean: _plain_boolean,
    Enumeration: _plain_member,
    Json: _no_plain,
    Model: _no_plain,
    Array: _no_plain,
}
