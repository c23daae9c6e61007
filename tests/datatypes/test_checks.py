"""Tests of what each datatype accepts, and by which word and sentence it refuses the rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal as PythonDecimal
from enum import Enum, IntEnum, StrEnum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabor import InvalidValue, ValueOutOfRange
from tabor.datatypes import (
    JSON_DEPTH,
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


class Shade(StrEnum):
    """Members by text."""

    red = "red"
    blue = "blue"


class Grade(IntEnum):
    """Members by number."""

    low = 1


def nested(depth: int) -> object:
    """A list in a list, so many deep."""
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


ACCEPTED: list[tuple[DataType, object, object]] = [
    (Integer(minimum=0, maximum=3), 3, 3),
    (Integer(), Grade.low, 1),
    (Float(), 3, 3.0),
    (Text(max_length=3), "äöü", "äöü"),
    (Text(plain_text=True), "5 < 6 & 7\n\t>", "5 < 6 & 7\n\t>"),
    (Text(email=True), "ann.o'neil+x@mail.example.org", "ann.o'neil+x@mail.example.org"),
    (Bytes(), bytearray(b"x"), b"x"),
    (Decimal(2, 4), PythonDecimal("99.99"), PythonDecimal("99.99")),
    (Decimal(2, 4), PythonDecimal("1.5000"), PythonDecimal("1.5")),
    (Decimal(2, 4), PythonDecimal("9E+1"), PythonDecimal(90)),
    (Decimal(0, 18), PythonDecimal("0E-400"), PythonDecimal(0)),
    (Decimal(2, 4), 12, PythonDecimal(12)),
    (Time(), time(1, 30, fold=1), time(1, 30)),
    (Enumeration(Shade), Shade.red, Shade.red),
    (Array(Integer()), (1, 2), [1, 2]),
    (Array(Text(), nullable_items=True), ["a", None], ["a", None]),
    (Json(), {"a": [1, None, "x", {"b": 1.5}]}, {"a": [1, None, "x", {"b": 1.5}]}),
    (Json(), nested(JSON_DEPTH), nested(JSON_DEPTH)),
]


@pytest.mark.parametrize(("datatype", "value", "kept"), ACCEPTED)
def test_accepted(datatype: DataType, value: object, kept: object) -> None:
    """A value that fits is kept in the type of its column."""
    found = datatype.check(value)
    assert (type(found), found) == (type(kept), kept)


REFUSED: list[tuple[DataType, object, str, str]] = [
    (Integer(), True, "wrong_type", "expected a whole number, got True (bool)"),
    (Integer(), 1.0, "wrong_type", "expected a whole number, got 1.0 (float)"),
    (Integer(), 2**63, "out_of_range", "9223372036854775808 does not fit into 64 bits"),
    (Integer(minimum=3), 2, "too_small", "2 is less than 3"),
    (Integer(maximum=3), 4, "too_large", "4 is more than 3"),
    (Float(), float("nan"), "out_of_range", "nan is not a finite number"),
    (Float(), float("inf"), "out_of_range", "inf is not a finite number"),
    (Float(), "1", "wrong_type", "expected a number, got '1' (str)"),
    (Boolean(), 1, "wrong_type", "expected true or false, got 1 (int)"),
    (Text(), Shade.red, "wrong_type", "expected text, got <Shade.red: 'red'> (Shade)"),
    (Text(), "a\0b", "bad_character", "text may not contain NUL or lone surrogates"),
    (Text(), "\ud800", "bad_character", "text may not contain NUL or lone surrogates"),
    (Text(max_length=2), "abc", "too_long", "at most 2 characters are allowed, got 3"),
    (Text(min_length=2), "a", "too_short", "at least 2 characters are needed, got 1"),
    (Text(plain_text=True), "<b>", "not_plain", "markup and control characters are not allowed here"),
    (Text(plain_text=True), "&lt;", "not_plain", "markup and control characters are not allowed here"),
    (Text(plain_text=True), "a\x07", "not_plain", "markup and control characters are not allowed here"),
    (Text(email=True), "ann@localhost", "not_an_email", "'ann@localhost' is not an e-mail address"),
    (Text(email=True), "ann @example.org", "not_an_email", "'ann @example.org' is not an e-mail address"),
    (Text(email=True), "ann@example.org\n", "not_an_email", "'ann@example.org\\n' is not an e-mail address"),
    (Text(), "x" * 70 + "\0", "bad_character", "text may not contain NUL or lone surrogates"),
    (Bytes(), "x", "wrong_type", "expected bytes, got 'x' (str)"),
    (Bytes(max_length=1), b"xy", "too_long", "at most 1 bytes are allowed, got 2"),
    (Decimal(2), 1.5, "wrong_type", "expected a decimal number, got 1.5 (float)"),
    (Decimal(2), PythonDecimal("1.005"), "too_precise", "1.005 has more than 2 decimal places"),
    (Decimal(2, 4), PythonDecimal(100), "out_of_range", "100 has more than 2 digits before the point"),
    (Decimal(2), PythonDecimal("NaN"), "out_of_range", "NaN is not a finite number"),
    (Decimal(2), PythonDecimal("1E+1000000"), "out_of_range", "1E+1000000 has more than 16 digits before the point"),
    (Date(), datetime(2030, 1, 1, tzinfo=UTC), "wrong_type", "expected a date, got datetime.datetime(2030, 1, 1, 0, 0"),
    (Time(), time(1, tzinfo=UTC), "wrong_type", "expected a time of day without a zone, got datetime.time(1, 0, tzin"),
    (DateTime(), date(2030, 1, 1), "wrong_type", "expected a date and time with a zone, got datetime.date(2030, 1, 1)"),
    (DateTime(), datetime(2030, 1, 1), "no_time_zone", "2030-01-01T00:00:00 has no time zone; use datetime.now(UTC) "),  # noqa: DTZ001 - the mistake
    (
        DateTime(),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
        "out_of_range",
        "0001-01-01T00:00:00+01:00 is outside the calendar in UTC",
    ),
    (Duration(), 5, "wrong_type", "expected a duration, got 5 (int)"),
    (Duration(), timedelta.max, "out_of_range", "999999999 days, 23:59:59.999999 is longer than 292,000 years"),
    (Uuid(), str(UUID(int=1)), "wrong_type", "expected a UUID, got '00000000-0000-0000-0000-000000000001' (str)"),
    (
        Enumeration(Shade),
        "red",
        "not_a_member",
        "expected a member of Shade, got 'red', which is only its value; write Shade.red",
    ),
    (Enumeration(Shade), "green", "not_a_member", "expected one of red, blue, got 'green'"),
    (
        Enumeration(Grade, integers=True),
        1,
        "not_a_member",
        "expected a member of Grade, got 1, which is only its value; write Grade.low",
    ),
    (Array(Integer()), [1, "2"], "wrong_type", "expected a whole number, got '2' (str)"),
    (Array(Integer()), [None], "wrong_type", "expected a whole number, got None (NoneType)"),
    (Array(Integer()), "12", "wrong_type", "expected a list, got '12' (str)"),
    (Array(Integer(), max_length=1), [1, 2], "too_long", "at most 1 items are allowed, got 2"),
    (Json(), {1: 2}, "wrong_type", "expected text, got 1 (int)"),
    (Json(), [float("nan")], "out_of_range", "nan is not a finite number"),
    (Json(), [2**64], "out_of_range", "18446744073709551616 does not fit into 64 bits"),
    (Json(), [(1,)], "wrong_type", "expected a JSON value (null, boolean, number, text, list or dict), got (1,) (tu"),
    (Json(), nested(JSON_DEPTH + 1), "too_deep", "JSON may nest 64 levels deep at most"),
]


@pytest.mark.parametrize(("datatype", "value", "code", "reason"), REFUSED)
def test_refused(datatype: DataType, value: object, code: str, reason: str) -> None:
    """A value that does not fit is refused with a word for programs and a sentence part for people."""
    with pytest.raises(InvalidValue) as caught:
        datatype.check(value)
    assert (caught.value.code, caught.value.reason[: len(reason)]) == (code, reason)
    assert isinstance(caught.value, ValueOutOfRange) is (code in OUT_OF_RANGE)


OUT_OF_RANGE = {"out_of_range", "too_small", "too_large", "too_long", "too_short", "too_precise", "too_deep"}


def test_long_values_are_cut_in_messages() -> None:
    """A refusal shows the beginning of a long value, not all of it."""
    with pytest.raises(InvalidValue) as caught:
        Integer().check("x" * 1_000_000)
    assert len(caught.value.reason) < 120


@given(st.decimals(allow_nan=False, allow_infinity=False), st.integers(0, 6))
def test_decimals_are_kept_or_refused_never_rounded(number: PythonDecimal, places: int) -> None:
    """A decimal comes back equal, or is refused."""
    try:
        assert Decimal(places).check(number) == number
    except ValueOutOfRange:
        assert number != round(number, places) or abs(number) >= 10 ** (18 - places)


KEYS: dict[str, Callable[[], tuple[DataType, DataType, bool]]] = {
    "limits": lambda: (Text(max_length=3), Text(), True),
    "places": lambda: (Decimal(2), Decimal(3), False),
    "digits": lambda: (Decimal(2, 5), Decimal(2, 9), True),
    "items": lambda: (Array(Integer()), Array(Text()), False),
    "items that may be null": lambda: (Array(Text()), Array(Text(), nullable_items=True), False),
    "enums of one name": lambda: (Enumeration(another_shade()), Enumeration(another_shade()), False),
}


def another_shade() -> type[Enum]:
    """An enum like the one above, but another one."""

    class Shade(StrEnum):
        red = "red"

    return Shade


@pytest.mark.parametrize("name", KEYS)
def test_keys(name: str) -> None:
    """Types have the same key where statements of the same shape may share a plan, and only there."""
    one, two, same = KEYS[name]()
    assert (one.key == two.key) is same
    assert one.bare.key == one.key
