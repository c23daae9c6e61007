"""Tests of the codecs: every value of every datatype comes back from the server as it was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal as PythonDecimal
from enum import IntEnum, StrEnum
from typing import cast
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabor.compile.postgres.types import value_type
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
    Pattern,
    Text,
    Time,
    Uuid,
)
from tabor.engines.postgres.codecs import PostgresCodecs
from tabor.engines.postgres.engine import PostgresEngine
from tabor.errors import InvalidValue
from tests.postgres_databases import Databases

pytestmark = pytest.mark.anyio

CODECS = PostgresCodecs()


class Mood(StrEnum):
    """Kept as text."""

    loud = "loud"
    quiet = "qui'et"


class Rank(IntEnum):
    """Kept as a number."""

    low = 1
    high = 2


@pytest.fixture(scope="module")
async def engine(postgres_databases: Databases) -> AsyncIterator[PostgresEngine]:
    """One engine for all examples; nothing is stored."""
    url = postgres_databases.create()
    engine = PostgresEngine(url, pool_size=1)
    await engine.open()
    yield engine
    await engine.close()
    postgres_databases.drop(url)


async def returned(engine: PostgresEngine, datatype: DataType, value: object) -> object:
    """The value as it comes back from the server."""
    encode, decode = CODECS.encoder(datatype), CODECS.decoder(datatype)
    sent = value if encode is None else encode(value)
    ((got,),) = await engine.read(f"SELECT $1::{value_type(datatype)}", (sent,))
    return got if decode is None else decode(got)


def kinds(value: object) -> object:
    """The value with the types of all its parts, so that 1, 1.0 and True are told apart."""
    if isinstance(value, list):
        return [kinds(item) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        return {name: kinds(item) for name, item in cast("dict[str, object]", value).items()}
    return type(value), value


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
integers = st.integers(INT64_MIN, INT64_MAX)
floats = st.floats(allow_nan=False, allow_infinity=False)
moments = st.datetimes(timezones=st.just(UTC))
durations = st.timedeltas(timedelta(microseconds=INT64_MIN), timedelta(microseconds=INT64_MAX))
json_values = st.recursive(
    st.none() | st.booleans() | integers | floats.map(lambda number: number + 0.0) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
KINDS: list[tuple[DataType, st.SearchStrategy[object]]] = [
    (Boolean(), st.booleans()),
    (Integer(), integers),
    (Float(), floats),
    (Decimal(6, 18), st.decimals(-(10**11), 10**11, places=6)),
    (Text(), texts),
    (Bytes(), st.binary(max_size=40)),
    (Date(), st.dates()),
    (Time(), st.times()),
    (DateTime(), moments),
    (Duration(), durations),
    (Uuid(), st.uuids()),
    (Enumeration(Mood), st.sampled_from(Mood)),
    (Enumeration(Rank, integers=True), st.sampled_from(Rank)),
    (Array(Text()), st.lists(texts, max_size=5)),
    (Array(Integer(), nullable_items=True), st.lists(st.none() | integers, max_size=5)),
    (Array(Uuid()), st.lists(st.uuids(), max_size=3)),
    (Array(Enumeration(Mood)), st.lists(st.sampled_from(Mood), max_size=3)),
    (Array(Duration()), st.lists(durations, max_size=3)),
    (Array(Decimal(2, 9)), st.lists(st.decimals(-1000, 1000, places=2), max_size=3)),
    (Array(Array(Integer())), st.lists(st.lists(integers, max_size=3), max_size=3)),
    (Array(Array(Float())), st.lists(st.lists(floats, max_size=3), max_size=3)),
    (Json(), json_values),
    (Array(Json()), st.lists(json_values, max_size=3)),
]


def paired(datatype: DataType, values: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[DataType, object]]:
    """Values with the datatype that they are of."""
    return values.map(lambda value: (datatype, value))


@settings(max_examples=1_000)
@given(st.one_of([paired(*kind) for kind in KINDS]))
async def test_values_come_back(engine: PostgresEngine, case: tuple[DataType, object]) -> None:
    """Whatever a column may hold is given back equal and of the same type."""
    datatype, value = case
    assert kinds(await returned(engine, datatype, value)) == kinds(value)


@pytest.mark.parametrize(
    ("datatype", "value"),
    [
        (Date(), date.min),
        (Date(), date.max),
        (Time(), time.max),
        (DateTime(), datetime.min.replace(tzinfo=UTC)),
        (DateTime(), datetime.max.replace(tzinfo=UTC)),
        (Duration(), timedelta(microseconds=INT64_MIN)),
        (Duration(), timedelta(days=31, hours=25, microseconds=-1)),
        (Float(), 5e-324),
        (Float(), -1.7976931348623157e308),
        (Json(), {"e+5": [1e16, 1e22, 1e300, -1e17, 5e-324, "1e+20"]}),
        (Json(), 'a "quoted" 1e+20 and \\ 1e+20'),
        (Uuid(), UUID(int=0)),
    ],
)
async def test_the_ends_of_the_ranges_come_back(engine: PostgresEngine, datatype: DataType, value: object) -> None:
    """The first and last of each kind, and what texts of numbers could lose."""
    assert kinds(await returned(engine, datatype, value)) == kinds(value)


async def test_a_moment_comes_back_in_utc(engine: PostgresEngine) -> None:
    """A moment given in another zone is the same moment in UTC."""
    there = datetime(2024, 7, 1, 12, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    got = await returned(engine, DateTime(), there)
    assert got == there
    assert isinstance(got, datetime)
    assert got.tzinfo is UTC


async def test_a_decimal_keeps_its_places(engine: PostgresEngine) -> None:
    """A decimal comes back with the digits it was sent with."""
    assert str(await returned(engine, Decimal(2), PythonDecimal("1.50"))) == "1.50"


def test_a_value_that_is_no_member() -> None:
    """A text in the database that is no member any more is refused by name."""
    decode = CODECS.decoder(Enumeration(Mood))
    assert decode is not None
    with pytest.raises(InvalidValue, match="one of loud, qui'et"):
        decode("silent")


@pytest.mark.parametrize(
    ("pattern", "sent"), [("a%", "a%"), ("a\\", "a\\\\"), ("a\\\\", "a\\\\"), ("\\%\\", "\\%\\\\")]
)
def test_a_backslash_at_the_end_of_a_pattern_stands_for_itself(pattern: str, sent: str) -> None:
    """The server refuses a pattern that ends with a lone backslash; it is doubled."""
    encode = CODECS.encoder(Pattern())
    assert encode is not None
    assert encode(pattern) == sent


def test_usual_moments_need_no_decoder() -> None:
    """A moment that the driver gives with its zone is taken as it is; the ends of the calendar are not."""
    test = PostgresCodecs().same(DateTime()).format("value")
    usual = datetime(2030, 5, 1, tzinfo=UTC)
    end = usual.replace(tzinfo=None)
    assert [eval(test, {"value": value}) for value in (usual, end)] == [True, False]
    assert PostgresCodecs().same(Text()) == ""
