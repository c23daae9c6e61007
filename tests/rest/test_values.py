"""Tests of the way from JSON and from addresses to the values of columns."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal as PythonDecimal
from enum import IntEnum, StrEnum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabor.datatypes import (
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
from tabor.errors import InvalidValue
from tabor.rest.schemas import MARKUP
from tabor.rest.values import json_reader, steps_to, text_reader
from tabor.rows.json_text import jsonable

KEY = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


class Kind(StrEnum):
    """Named by text."""

    big = "BIG"


class Level(IntEnum):
    """Named by number."""

    low = 1


@pytest.mark.parametrize(
    ("datatype", "given", "expected"),
    [
        (Integer(), 5, 5),
        (Integer(), 5.0, 5),
        (Float(), 5, 5.0),
        (Float(), 0.5, 0.5),
        (Boolean(), True, True),
        (Text(), "é", "é"),
        (Bytes(), "AAE=", b"\x00\x01"),
        (Decimal(places=2), "-1.50", PythonDecimal("-1.50")),
        (Decimal(places=2), 3, PythonDecimal(3)),
        (Date(), "2026-02-28", date(2026, 2, 28)),
        (Time(), "18:30:00.25", time(18, 30, 0, 250_000)),
        (DateTime(), "2026-06-24T18:30:00Z", datetime(2026, 6, 24, 18, 30, tzinfo=UTC)),
        (DateTime(), "2026-06-24t18:30:00.5+02:00", datetime(2026, 6, 24, 16, 30, 0, 500_000, tzinfo=UTC)),
        (Duration(), "P1DT2H3M4.5S", timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
        (Duration(), "-PT90M", timedelta(minutes=-90)),
        (Duration(), "P2W", timedelta(weeks=2)),
        (Uuid(), str(KEY), KEY),
        (Uuid(), str(KEY).upper(), KEY),
        (Enumeration(Kind), "BIG", Kind.big),
        (Enumeration(Level, integers=True), 1, Level.low),
        (Json(), {"a": [1, None]}, {"a": [1, None]}),
        (Array(Date()), ["2026-01-01"], [date(2026, 1, 1)]),
        (Array(Integer(), nullable_items=True), [1, None], [1, None]),
    ],
)
def test_json_values(datatype: DataType, given: object, expected: object) -> None:
    """Each type takes its form in JSON."""
    value = json_reader(datatype)(given)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("datatype", "given", "code"),
    [
        (Integer(), "5", "wrong_type"),
        (Integer(), True, "wrong_type"),
        (Integer(), 2.0**53 + 2, "wrong_type"),
        (Integer(maximum=4), 5, "too_large"),
        (Float(), "0.5", "wrong_type"),
        (Boolean(), 1, "wrong_type"),
        (Text(), 5, "wrong_type"),
        (Text(max_length=1), "ab", "too_long"),
        (Text(max_length=1), "éé", "too_long"),
        (Bytes(), "AA=", "malformed"),
        (Bytes(), "A A=", "malformed"),
        (Decimal(), "1e3", "malformed"),
        (Decimal(), "\u0661", "malformed"),
        (Decimal(), 1.5, "wrong_type"),
        (Decimal(places=0, max_digits=3), "1000", "out_of_range"),
        (Date(), "2026-2-28", "malformed"),
        (Date(), "20260228", "malformed"),
        (Date(), "2026-02-29", "malformed"),
        (Time(), "18:30", "malformed"),
        (Time(), "24:00:00", "malformed"),
        (Time(), "18:30:00Z", "malformed"),
        (DateTime(), "2026-06-24T18:30:00", "malformed"),
        (DateTime(), "2026-06-24T18:30:00.1234567Z", "malformed"),
        (DateTime(), "2026-06-24T18:30:60Z", "malformed"),
        (DateTime(), 1_750_000_000, "wrong_type"),
        (Duration(), "P", "malformed"),
        (Duration(), "PT", "malformed"),
        (Duration(), "P1DT", "malformed"),
        (Duration(), "P1Y", "malformed"),
        (Duration(), 60, "wrong_type"),
        (Uuid(), KEY.hex, "malformed"),
        (Uuid(), f"{{{KEY}}}", "malformed"),
        (Enumeration(Kind), "big", "not_a_member"),
        (Enumeration(Kind), ["BIG"], "not_a_member"),
        (Enumeration(Level, integers=True), True, "not_a_member"),
        (Enumeration(Level, integers=True), "1", "not_a_member"),
        (Array(Text()), "ab", "wrong_type"),
        (Array(Text(), max_length=1), ["a", "b"], "too_long"),
    ],
)
def test_json_values_that_do_not_fit(datatype: DataType, given: object, code: str) -> None:
    """Nothing is converted from another form, rounded or cut."""
    with pytest.raises(InvalidValue) as caught:
        json_reader(datatype)(given)
    assert caught.value.code == code


def test_the_place_within_a_list_is_known() -> None:
    """An item of a list, of a list of lists too, is named by its positions."""
    with pytest.raises(InvalidValue) as caught:
        json_reader(Array(Array(Integer())))([[1], [2, "x"]])
    assert steps_to(caught.value) == (1, 1)
    assert steps_to(InvalidValue("no", code="x")) == ()


@pytest.mark.parametrize(
    ("datatype", "text", "expected"),
    [
        (Integer(), "-5", -5),
        (Float(), "1.5e3", 1500.0),
        (Boolean(), "true", True),
        (Boolean(), "false", False),
        (Text(), "true", "true"),
        (Decimal(), "0.5", PythonDecimal("0.5")),
        (DateTime(), "2026-06-24T18:30:00 02:00", datetime(2026, 6, 24, 16, 30, tzinfo=UTC)),
        (DateTime(), "2026-06-24 18:30:00Z", datetime(2026, 6, 24, 18, 30, tzinfo=UTC)),
        (Enumeration(Level, integers=True), "1", Level.low),
        (Enumeration(Kind), "BIG", Kind.big),
        (Bytes(), "AAE=", b"\x00\x01"),
    ],
)
def test_values_in_addresses(datatype: DataType, text: str, expected: object) -> None:
    """Each type takes its form in an address."""
    assert text_reader(datatype)(text) == expected


@pytest.mark.parametrize(
    ("datatype", "text"),
    [
        (Integer(), "5.0"),
        (Integer(), "+5"),
        (Integer(), ""),
        (Float(), "inf"),
        (Float(), "1_0"),
        (Boolean(), "1"),
        (Boolean(), "True"),
        (Enumeration(Level, integers=True), "2"),
        (Json(), "{}"),
        (Array(Text()), "[]"),
        (Float(), "1e999"),
    ],
)
def test_texts_in_addresses_that_do_not_fit(datatype: DataType, text: str) -> None:
    """What is no value of the type is refused."""
    with pytest.raises(InvalidValue):
        text_reader(datatype)(text)


VALUES: dict[DataType, st.SearchStrategy[object]] = {
    Integer(): st.integers(-(2**63), 2**63 - 1),
    Float(): st.floats(allow_nan=False, allow_infinity=False),
    Boolean(): st.booleans(),
    Bytes(): st.binary(),
    Decimal(places=3): st.decimals(-(10**14), 10**14, places=3),
    Date(): st.dates(),
    Time(): st.times(),
    DateTime(): st.datetimes(timezones=st.just(UTC)),
    Duration(): st.timedeltas(timedelta(days=-999_999), timedelta(days=999_999)),
    Uuid(): st.uuids(),
    Enumeration(Kind): st.just(Kind.big),
    Array(Integer()): st.lists(st.integers(-(2**63), 2**63 - 1)),
}


@given(st.data())
def test_what_an_answer_shows_is_what_a_body_takes(data: st.DataObject) -> None:
    """The JSON of any value, sent back, is that value."""
    datatype = data.draw(st.sampled_from(list(VALUES)))
    value = data.draw(VALUES[datatype])
    assert json_reader(datatype)(jsonable(value, datatype)) == value


@given(st.text())
def test_the_document_says_what_plain_text_is(text: str) -> None:
    """The pattern for markup in the OpenAPI document refuses exactly what the datatype refuses."""
    text = text.replace("\0", "")
    allowed = re.search(MARKUP, text) is None
    codes: list[str] = []
    try:
        Text(plain_text=True).check(text)
    except InvalidValue as error:
        codes.append(error.code)
    assert ("not_plain" not in codes) == allowed or codes == ["bad_character"]
