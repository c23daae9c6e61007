"""Tests of lists and JSON made of others, with more in them and with less, in selects and in updates."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from tabor import (
    CheckViolation,
    Column,
    Database,
    Expr,
    InvalidValue,
    Json,
    JsonValue,
    QueryError,
    Table,
    ValueOutOfRange,
    case,
    coalesce,
    column,
    excluded,
    value,
)
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Tone(StrEnum):
    """An item of a list."""

    warm = "warm"
    cold = "cold"


class Look(BaseModel):
    """How a page looks."""

    theme: str


class Page(Table):
    """A row with lists and JSON."""

    id: Column[int] = column(primary_key=True)
    title: Column[str] = column(default="", unique=True)
    seats: Column[int] = column(default=0)
    tags: Column[list[str]] = column(default_factory=list, max_length=4)
    more: Column[list[str] | None] = column(default=None)
    data: Column[dict[str, object]] = column(default_factory=dict)
    extra: Column[dict[str, object] | None] = column(default=None)
    free: Column[JsonValue] = column(default=None)
    look: Column[Json[Look] | None] = column(default=None)


class Listed(Table):
    """A list of each type of item."""

    id: Column[int] = column(primary_key=True)
    numbers: Column[list[int]] = column(default_factory=list)
    reals: Column[list[float]] = column(default_factory=list)
    flags: Column[list[bool]] = column(default_factory=list)
    prices: Column[list[Decimal]] = column(default_factory=list)
    days: Column[list[date]] = column(default_factory=list)
    moments: Column[list[datetime]] = column(default_factory=list)
    spans: Column[list[timedelta]] = column(default_factory=list)
    marks: Column[list[UUID]] = column(default_factory=list)
    blobs: Column[list[bytes]] = column(default_factory=list)
    tones: Column[list[Tone]] = column(default_factory=list)
    perhaps: Column[list[str | None]] = column(default_factory=list)
    rows: Column[list[list[int]]] = column(default_factory=list)


@pytest.fixture(scope="module")
async def db(shared_database_url: str) -> AsyncIterator[Database]:
    """An open database with empty tables."""
    async with opened(shared_database_url, Page, Listed) as database:
        yield database


async def gives(expression: Expr[Any], **values: Any) -> Any:
    """What an expression gives of a row with these values."""
    await Page.delete().everything()
    await Page.insert(Page(**values))
    return await Page.select(expression).values().one()


# --- lists ---


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (Page.tags.append("c"), ["a", "b", "a", "c"]),
        (Page.tags.append("c", "d"), ["a", "b", "a", "c", "d"]),
        (Page.tags.append(), ["a", "b", "a"]),
        (Page.tags + Page.tags, ["a", "b", "a", "a", "b", "a"]),
        (
            Page.tags.append("'; drop", '"x"', "\\", "🎪", "\x7f", ""),
            ["a", "b", "a", "'; drop", '"x"', "\\", "🎪", "\x7f", ""],
        ),
        (Page.tags.without("a"), ["b"]),
        (Page.tags.without("a").without("b"), []),
        (Page.tags.without("c"), ["a", "b", "a"]),
        (Page.tags.without("a").append("z"), ["b", "z"]),
        (Page.tags.append("z").length(), 4),
        (Page.tags.append("z")[-1], "z"),
        (Page.tags.append("z").has("z"), True),
        (Page.tags.without("b") == ["a", "a"], True),
        (Page.more.append("x"), None),
        (Page.tags + Page.more, None),
        (Page.more + Page.tags, None),
        (Page.more.without("x"), None),
        (coalesce(Page.more, []).append("x"), ["x"]),
        (case((Page.tags.has("b"), Page.tags), else_=Page.tags.append("b")), ["a", "b", "a"]),
        (case((Page.tags.has("c"), Page.tags), else_=Page.tags.append("c")), ["a", "b", "a", "c"]),
    ],
)
async def test_lists(db: Database, expression: Expr[Any], expected: object) -> None:
    """Lists are added to one another and lose items as in Python; null is no list, and nothing comes of it."""
    assert await gives(expression, tags=["a", "b", "a"]) == expected


DAY, MOMENT = date(2024, 2, 29), datetime(2024, 2, 29, 12, tzinfo=UTC)
ITEMS: dict[str, tuple[Any, Any, Any]] = {
    "numbers": (1, -(2**63), 3),
    "reals": (1.0, 2.5, 1e20),
    "flags": (True, False, True),
    "prices": (Decimal("1.50"), Decimal("-0.01"), Decimal("7.00")),
    "days": (DAY, date.min, date.max),
    "moments": (MOMENT, MOMENT + timedelta(microseconds=1), MOMENT),
    "spans": (timedelta(0), timedelta(days=-1), timedelta(microseconds=3)),
    "marks": (UUID(int=0), UUID(int=1), UUID(int=2)),
    "blobs": (b"", b"\x00\xff", b"a"),
    "tones": (Tone.warm, Tone.cold, Tone.warm),
    "perhaps": ("a", None, "b"),
    "rows": ([1], [], [2, 3]),
}


@pytest.mark.parametrize("name", ITEMS)
async def test_lists_of_every_type(db: Database, name: str) -> None:
    """Items of every type are added and taken out exactly."""
    one, two, three = ITEMS[name]
    column_of = cast("Column[Any]", getattr(Listed, name))
    await Listed.delete().everything()
    await Listed.insert(Listed(**{name: [one, two, one]}))
    query = Listed.select(
        column_of.append(three), column_of.without(one), column_of.without(two), column_of + column_of
    )
    kept = [[item for item in (one, two, one) if item != gone] for gone in (one, two)]
    assert await query == [([one, two, one, three], *kept, [one, two, one] * 2)]
    assert await Listed.update(column_of.to(column_of.without(one).append(three, two))).everything() == 1
    assert await Listed.select(column_of).values() == [[*kept[0], three, two]]
    assert await Listed.select().where(column_of == [*kept[0], three, two]).count() == 1


async def test_lists_in_writes(db: Database) -> None:
    """An update changes a list in one statement, an insert that meets a row takes both; the column keeps its limits."""
    await Page.delete().everything()
    page = await Page.insert(Page(title="a", tags=["x"])).one()
    assert await Page.update(Page.tags.to(Page.tags.append("y"))).where(Page.id == page.id).returning(Page.tags) == [
        (["x", "y"],)
    ]
    both = Page.insert(Page(title="a", tags=["z"])).on_conflict(Page.title)
    assert await both.update(Page.tags.to(Page.tags + excluded(Page.tags))).returning(Page.tags) == [(["x", "y", "z"],)]
    assert await Page.update(Page.more.to(coalesce(Page.more, []).append("new"))).everything() == 1
    assert await Page.select(Page.more).values() == [["new"]]
    with pytest.raises(CheckViolation):
        await Page.update(Page.tags.to(Page.tags.append("1", "2"))).everything()


# --- JSON ---

KEYS = [
    "theme",
    "",
    "a.b",
    "a'b",
    'a"b',
    "$",
    "$.x",
    "[0]",
    "0",
    "#-1",
    "é",
    "🎪",
    "a\\b",
    "\n",
    " ",
    "x" * 5_000,
    "null",
]


@pytest.mark.parametrize("name", KEYS)
async def test_keys(db: Database, name: str) -> None:
    """A key is only a key, whatever is in it."""
    start: dict[str, object] = {"b": [1], "a": {"b": 1}}
    made = Page.data.with_key(name, value="new")
    assert await gives(made, data=start) == {**start, name: "new"}
    assert await Page.update(Page.data.to(made)).everything() == 1
    assert await Page.select(Page.data[name].as_text()).values() == ["new"]
    assert await Page.select().where(Page.data == {**start, name: "new"}).count() == 1
    assert await Page.select(Page.data.with_key(name, name, value=None)).values() == [{**start, name: "new"}]
    assert await Page.select(Page.data.with_key("a", name, value=[2])).values() == [
        {**start, name: "new", "a": {"b": 1, name: [2]}}
    ]
    assert await Page.update(Page.data.to(Page.data.without_key(name))).everything() == 1
    assert await Page.select(Page.data).values() == [start]


START: dict[str, object] = {"a": {"b": {"c": 1}, "d": None}, "list": [{"a": 1}, 2], "none": None, "text": "x"}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (Page.data.with_key("a", "b", "c", value=2), {**START, "a": {"b": {"c": 2}, "d": None}}),
        (
            Page.data.with_key("a", "d", value={"e": [1.5, True]}),
            {**START, "a": {"b": {"c": 1}, "d": {"e": [1.5, True]}}},
        ),
        (Page.data.with_key("x", "y", "z", value=1e20), {**START, "x": {"y": {"z": 1e20}}}),
        (Page.data.with_key("a", value=None), {**START, "a": None}),
        (Page.data.with_key("none", "x", value=1), START),
        (Page.data.with_key("text", "x", value=1), START),
        (Page.data.with_key("list", "0", value=1), START),
        (Page.data.with_key("list", "0", "a", value=1), START),
        (Page.data.with_key("a", "d", "x", value=1), START),
        (Page.data.without_key("a"), {"list": START["list"], "none": None, "text": "x"}),
        (Page.data.without_key("a", "b", "c"), {**START, "a": {"b": {}, "d": None}}),
        (Page.data.without_key("a", "d"), {**START, "a": {"b": {"c": 1}}}),
        (Page.data.without_key("none"), {name: item for name, item in START.items() if name != "none"}),
        (Page.data.without_key("nowhere"), START),
        (Page.data.without_key("a", "nowhere", "c"), START),
        (Page.data.without_key("list", "0"), START),
        (Page.data.without_key("list", "0", "a"), START),
        (Page.data.without_key("text", "x"), START),
        (Page.data.with_key("x", value=1).with_key("y", value=2).without_key("x"), {**START, "y": 2}),
        (Page.data.with_key("x", value=Page.title), {**START, "x": "it's"}),
        (Page.data.with_key("x", value=Page.seats + 1), {**START, "x": 8}),
        (Page.data.with_key("x", value=Page.seats > 3), {**START, "x": True}),
        (Page.data.with_key("x", value=Page.data["a"]["b"]), {**START, "x": {"c": 1}}),
        (Page.data.with_key("x", value=Page.data["nowhere"]), {**START, "x": None}),
        (Page.data.with_key("x", value=coalesce(Page.data["x"].as_int(), 0) + 1), {**START, "x": 1}),
        (Page.data.with_key("x", value=value(Tone.warm)), {**START, "x": "warm"}),
        (Page.data.with_key("x", value=1)["x"].as_int(), 1),
        (Page.data.without_key("a").has_key("a"), False),
        (Page.extra.with_key("x", value=1), None),
        (Page.extra.without_key("x"), None),
        (coalesce(Page.extra, {}).with_key("x", value=1), {"x": 1}),
        (Page.free.with_key("x", value=1), [1]),
        (Page.free.without_key("0"), [1]),
    ],
)
async def test_paths(db: Database, expression: Expr[Any], expected: object) -> None:
    """Objects on the way are made where they are missing; anything else on the way is left as it is."""
    found = await gives(expression, data=deepcopy(START), title="it's", seats=7, free=[1])
    assert (found, str(found)) == (expected, str(found))


Inner = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "é", "a'b"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", 'b"', "é"]), inner, max_size=2),
    max_leaves=4,
)
STEPS = st.lists(st.sampled_from(["a", 'b"', "é", "0"]), min_size=1, max_size=3)
START_OF = st.dictionaries(st.sampled_from(["a", 'b"', "é"]), Inner, max_size=3)


def put(whole: Any, path: list[str], new: Any) -> Any:
    """The model of with_key()."""
    if not isinstance(whole, dict):
        return whole
    key, *rest = path
    fields = cast("dict[str, Any]", whole)
    return {**fields, key: put(fields.get(key, {}), rest, new) if rest else new}


def left_out(whole: Any, path: list[str]) -> None:
    """The model of without_key(), which changes what it is given."""
    if isinstance(whole, dict):
        fields = cast("dict[str, Any]", whole)
        key, *rest = path
        if rest:
            left_out(fields.get(key), rest)
        else:
            fields.pop(key, None)


@given(start=START_OF, path=STEPS, new=Inner, gone=STEPS)
async def test_any_path(db: Database, start: dict[str, object], path: list[str], new: Any, gone: list[str]) -> None:
    """What an update leaves is what a model in Python says, and equal to that in the database too."""
    await Page.delete().everything()
    page = await Page.insert(Page(data=start)).one()
    changed = Page.update(Page.data.to(Page.data.with_key(*path, value=new).without_key(*gone)))
    assert await changed.where(Page.id == page.id) == 1
    expected = deepcopy(put(start, path, new))
    left_out(expected, gone)
    assert await Page.select(Page.data).values() == [expected]
    assert await Page.select().where(Page.data == expected).count() == 1


async def test_keys_in_writes(db: Database) -> None:
    """Two changes of one object in one statement, and one that an insert makes where its row is there already."""
    await Page.delete().everything()
    await Page.insert(Page(title="a", data={"visits": 1}))
    visits = coalesce(Page.data["visits"].as_int(), 0) + 1
    change = Page.data.with_key("visits", value=visits).with_key("theme", value="dark")
    assert await Page.update(Page.data.to(change)).everything() == 1
    again = Page.insert(Page(title="a", data={"visits": 9})).on_conflict(Page.title)
    change = Page.data.with_key("visits", value=excluded(Page.data)["visits"])
    assert await again.update(Page.data.to(change)).returning(Page.data) == [({"visits": 9, "theme": "dark"},)]
    assert await Page.update(Page.extra.to(coalesce(Page.extra, {}).with_key("x", "y", value=[]))).everything() == 1
    assert await Page.select(Page.extra).values() == [{"x": {"y": []}}]


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "a part": (
        lambda: Page.data["a"].with_key("b", value=1),
        (
            "with_key() gives the whole of what it is called on, which is a part here; name all keys on the column: "
            "Event.details.with_key('address', 'city', value=...)."
        ),
    ),
    "a part without": (
        lambda: Page.data["a"].without_key("b"),
        "without_key() gives the whole of what it is called on",
    ),
    "no key": (lambda: Page.data.with_key(value=1), "with_key() needs a key, or several that lead to one"),
    "an index": (
        lambda: Page.data.with_key("list", cast("Any", 0), value=1),
        "with_key() takes keys of objects, which are texts, got 0.",
    ),
    "a model": (
        lambda: cast("Any", Page.look).with_key("theme", value="dark"),
        "with_key() does not know what fits the model Look; read the row, change the field, and save it.",
    ),
    "text": (lambda: Page.title.with_key("a", value=1), "with_key() needs JSON, and this expression gives text"),
    "a float": (
        lambda: Page.data.with_key("a", value=Page.seats / 2),
        "with_key() takes expressions of text, whole numbers, true and false, and JSON, not of a number",
    ),
    "no list": (
        lambda: cast("Any", Page.tags) + "x",
        "A list of a column takes items by append('late'), and another list by +, got",
    ),
    "a list of others": (
        lambda: cast("Any", Page.tags) + Listed.numbers,
        "A list is added to one with items of the same type, not to a list.",
    ),
    "taken out of no list": (lambda: cast("Any", Page.seats).without(3), "without() needs a column that holds a list"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name: str) -> None:
    """What cannot be changed so is refused as the query is built, with what to write."""
    build, message = REFUSED[name]
    with pytest.raises(QueryError) as caught:
        build()
    assert str(caught.value).startswith(message)


async def test_values_are_checked(db: Database) -> None:
    """What the column could not hold is refused by the types of its items, and JSON by what JSON can hold."""
    with pytest.raises(InvalidValue):
        await Page.select(Page.tags + cast("Any", [3]))
    with pytest.raises(InvalidValue):
        await Page.select(Page.tags.without(cast("Any", 3)))
    with pytest.raises(InvalidValue):
        Page.data.with_key("a", value=cast("Any", {"b": date.min}))
    with pytest.raises(InvalidValue):
        Page.data.with_key("a\0", value=1)
    deep: Any = 1
    for _ in range(63):
        deep = [deep]
    assert await gives(Page.data.with_key("a", value=deep)) == {"a": deep}
    with pytest.raises(ValueOutOfRange, match="64 levels deep"):
        Page.data.with_key("a", "b", value=deep)
    with pytest.raises(ValueOutOfRange, match="64 levels deep"):
        Page.data.without_key(*["a"] * 65)
