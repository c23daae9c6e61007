"""Tests of what columns can hold: every value comes back as it went in, is found by itself, and shows in JSON."""

from __future__ import annotations

import json
import operator
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabor import Column, Database, Expr, Table, column
from tabor.datatypes import INT64_MAX, INT64_MIN, JsonValue
from tabor.query.select import Query
from tabor.rows.json_text import iso_duration, json_builder
from tabor.schema.row_class import LOADED
from tabor.tree.nodes import JsonObject
from tabor.tree.statements import Select
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Shade(StrEnum):
    """Members by text."""

    red = "red"
    deep_blue = "deep 'blue'"


class Grade(IntEnum):
    """Members by number."""

    low = -1
    high = 7


class Shown(Table):
    """Columns that a database can turn into JSON by itself."""

    id: Column[int] = column(primary_key=True)
    whole: Column[int]
    truth: Column[bool]
    words: Column[str]
    money: Column[Decimal] = column(max_digits=18, decimal_places=2)
    count: Column[Decimal] = column(max_digits=18, decimal_places=0)
    day: Column[date]
    clock: Column[time]
    moment: Column[datetime]
    tag: Column[UUID]
    shade: Column[Shade]
    grade: Column[Grade]
    anything: Column[dict[str, JsonValue]]
    numbers: Column[list[int]]
    texts: Column[list[str]]
    maybe_texts: Column[list[str | None]]
    truths: Column[list[bool]]
    moneys: Column[list[Decimal]]
    days: Column[list[date]]
    clocks: Column[list[time]]
    moments: Column[list[datetime]]
    tags: Column[list[UUID]]
    shades: Column[list[Shade]]
    nested: Column[list[list[int]]]
    things: Column[list[dict[str, JsonValue]]]


class Hidden(Table):
    """Columns whose JSON is built in Python."""

    id: Column[int] = column(primary_key=True)
    number: Column[float]
    data: Column[bytes]
    length: Column[timedelta]
    numbers: Column[list[float]]
    lengths: Column[list[timedelta]]
    datas: Column[list[bytes]]


class Perhaps(Table):
    """Columns that may be null."""

    id: Column[int] = column(primary_key=True)
    whole: Column[int | None]
    truth: Column[bool | None]
    words: Column[str | None]
    money: Column[Decimal | None] = column(max_digits=18, decimal_places=2)
    day: Column[date | None]
    clock: Column[time | None]
    moment: Column[datetime | None]
    tag: Column[UUID | None]
    shade: Column[Shade | None]
    grade: Column[Grade | None]
    anything: Column[JsonValue]
    texts: Column[list[str] | None]


@pytest.fixture(scope="module")
async def db(shared_database_url: str) -> AsyncIterator[Database]:
    """A database shared by all examples."""
    async with opened(shared_database_url, Shown, Hidden, Perhaps) as database:
        yield database


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
wholes = st.integers(INT64_MIN, INT64_MAX)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 30), timezones=zones | st.just(UTC))  # noqa: DTZ001 - zones are drawn beside
moneys = st.integers(-(10**18) + 1, 10**18 - 1).map(lambda cents: Decimal(cents).scaleb(-2))
counts = st.integers(-(10**18) + 1, 10**18 - 1).map(Decimal)
small_moneys = st.integers(-(10**12) + 1, 10**12 - 1).map(lambda units: Decimal(units).scaleb(-6))
finite = st.floats(allow_nan=False, allow_infinity=False)
lengths = st.timedeltas(timedelta(days=-100_000_000), timedelta(days=100_000_000))
values = st.recursive(
    st.none() | st.booleans() | wholes | finite | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
objects = st.dictionaries(texts, values, max_size=3)

shown = st.fixed_dictionaries(
    {
        "whole": wholes,
        "truth": st.booleans(),
        "words": texts,
        "money": moneys,
        "count": counts,
        "day": st.dates(),
        "clock": st.times(),
        "moment": moments,
        "tag": st.uuids(),
        "shade": st.sampled_from(Shade),
        "grade": st.sampled_from(Grade),
        "anything": objects,
        "numbers": st.lists(wholes, max_size=3),
        "texts": st.lists(texts, max_size=3),
        "maybe_texts": st.lists(st.none() | texts, max_size=3),
        "truths": st.lists(st.booleans(), max_size=3),
        "moneys": st.lists(small_moneys, max_size=3),
        "days": st.lists(st.dates(), max_size=3),
        "clocks": st.lists(st.times(), max_size=3),
        "moments": st.lists(moments, max_size=3),
        "tags": st.lists(st.uuids(), max_size=3),
        "shades": st.lists(st.sampled_from(Shade), max_size=3),
        "nested": st.lists(st.lists(wholes, max_size=2), max_size=2),
        "things": st.lists(objects, max_size=2),
    }
)
hidden = st.fixed_dictionaries(
    {
        "number": finite,
        "data": st.binary(max_size=12),
        "length": lengths,
        "numbers": st.lists(finite, max_size=3),
        "lengths": st.lists(lengths, max_size=3),
        "datas": st.lists(st.binary(max_size=3), max_size=3),
    }
)
perhaps = st.fixed_dictionaries(
    {
        name: st.none() | strategy
        for name, strategy in {
            "whole": wholes,
            "truth": st.booleans(),
            "words": texts,
            "money": moneys,
            "day": st.dates(),
            "clock": st.times(),
            "moment": moments,
            "tag": st.uuids(),
            "shade": st.sampled_from(Shade),
            "grade": st.sampled_from(Grade),
            "anything": values,
            "texts": st.lists(texts, max_size=3),
        }.items()
    }
)
Row = dict[str, object]


def made(table: type[Table], row: Row) -> Any:
    """A new row of these values; Any, because the test looks at attributes by name."""
    return table(**row)


def held(row: Table, names: Row) -> Row:
    """The values of a row by name."""
    return {name: getattr(row, name) for name in names}


def in_json(value: object) -> object:
    """What stands for a value in JSON: the model that both builders are held to."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list):
        return [in_json(item) for item in cast("list[object]", value)]
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")
    if isinstance(value, time):
        return value.strftime("%H:%M:%S.%f")
    if isinstance(value, timedelta):
        return iso_duration(value)
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    if isinstance(value, (date, UUID)):
        return str(value)
    return value


def decimals(row: Row, places: dict[str, int]) -> Row:
    """Decimals as text with all their places."""
    fixed: Row = {}
    for name, value in row.items():
        if isinstance(value, Decimal):
            fixed[name] = f"{value:.{places[name]}f}"
        elif name == "moneys":
            fixed[name] = [f"{item:.6f}" for item in cast("list[Decimal]", value)]
        else:
            fixed[name] = in_json(value)
    return fixed


async def check_round_trip(table: type[Table], row: Row) -> None:
    """Insert a row and find it again whole, by its key, as tuples, by dicts, and by each of its values."""
    stored = await table.insert(made(table, row)).one()
    key = cast("int", held(stored, {"id": None})["id"])
    assert held(stored, row) == row
    again = await table.get(key)
    assert held(again, row) == row
    columns: Any = table
    for name, value in row.items():
        found = await table.select(cast("Expr[int]", columns.id)).where(getattr(columns, name) == value).values()
        assert (name, key in found) == (name, True)
    assert (await table.select().where(columns.id == key).dicts())[0] == {"id": key, **row}
    prepared = table.select().where(columns.id == key)
    await again.save()
    assert held(await prepared.one(), row) == row


@given(shown)
async def test_every_type_comes_back(db: Database, row: Row) -> None:
    """A value of every type comes back equal, on a row, in a dict, and by a condition on it."""
    await check_round_trip(Shown, row)


@given(hidden)
async def test_every_other_type_comes_back(db: Database, row: Row) -> None:
    """So do the types that a database cannot show in JSON."""
    await check_round_trip(Hidden, row)


@given(perhaps)
async def test_every_type_comes_back_or_null(db: Database, row: Row) -> None:
    """Where a column may be null, None comes back as None and everything else as before."""
    await check_round_trip(Perhaps, row)


def by_python(db: Database, query: Query[Any], rows: list[Any]) -> bytes:
    """The JSON that Python builds of rows that were read."""
    statement = query.json().statement
    assert isinstance(statement, Select)
    (node,) = statement.columns
    assert isinstance(node, JsonObject)
    return b"[" + b",".join(json_builder(node, db.engine.codecs)([getattr(row, LOADED) for row in rows])) + b"]"


async def json_of(db: Database, table: type[Table], row: Row) -> object:
    """The JSON of a stored row, after a look that both builders give the same bytes."""
    stored = await table.insert(made(table, row)).one()
    key = held(stored, {"id": None})["id"]
    columns: Any = table
    query = table.select().where(columns.id == key)
    text = await query.json()
    assert text == by_python(db, query, [stored])
    (parsed,) = json.loads(text)
    assert parsed.pop("id") == key
    return parsed


PLACES = {"money": 2, "count": 0}


@given(shown)
async def test_json_by_the_database(db: Database, row: Row) -> None:
    """JSON built by the database has the bytes that Python builds, and says what the values are."""
    assert await json_of(db, Shown, row) == decimals(row, PLACES)


@given(hidden)
async def test_json_by_python(db: Database, row: Row) -> None:
    """JSON built in Python says what the values are."""
    assert await json_of(db, Hidden, row) == decimals(row, PLACES)


@given(perhaps)
async def test_json_of_nulls(db: Database, row: Row) -> None:
    """Null is null in JSON, by both builders."""
    assert await json_of(db, Perhaps, row) == decimals(row, PLACES)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (timedelta(0), "PT0S"),
        (timedelta(days=1, hours=2), "P1DT2H"),
        (timedelta(minutes=-90), "-PT1H30M"),
        (timedelta(microseconds=1), "PT0.000001S"),
        (timedelta(days=3), "P3D"),
        (timedelta(seconds=61, microseconds=500_000), "PT1M1.5S"),
    ],
)
def test_durations_are_iso_8601(value: timedelta, text: str) -> None:
    """A duration is days, hours, minutes and seconds as ISO 8601 has them."""
    assert iso_duration(value) == text


@given(shown, shown)
async def test_order_of_types(db: Database, one: Row, two: Row) -> None:
    """Values compare in the database as they do in Python."""
    await Shown.delete().everything()
    await Shown.insert(made(Shown, one), made(Shown, two))
    comparisons: dict[str, Callable[[Any, Any], Any]] = {"<": operator.lt, ">=": operator.ge}
    names = ["whole", "truth", "words", "money", "count", "day", "clock", "moment"]
    for name in names:
        for sign, compare in comparisons.items():
            found = await Shown.select().where(compare(getattr(Shown, name), one[name])).count()
            expected = int(compare(one[name], one[name])) + int(compare(two[name], one[name]))
            assert (name, sign, found) == (name, sign, expected)
