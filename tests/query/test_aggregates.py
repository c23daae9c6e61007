"""Tests of aggregates: filters, different values, lists and texts, all and any; the same on every engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabor import (
    Column,
    Database,
    QueryError,
    Table,
    alias,
    coalesce,
    column,
    count,
    every,
    list_agg,
    param,
    some,
    string_agg,
)
from tests.festival import Gig, Mood, Person, ann, bob, opened

pytestmark = pytest.mark.anyio


class Reading(Table):
    """A row with a value of each kind that can be listed."""

    id: Column[int] = column(primary_key=True)
    place: Column[int]
    whole: Column[int | None]
    part: Column[float | None]
    exact: Column[Decimal | None] = column(max_digits=12, decimal_places=2)
    text: Column[str | None]
    open: Column[bool | None]
    day: Column[date | None]
    hour: Column[time | None]
    moment: Column[datetime | None]
    length: Column[timedelta | None]
    token: Column[UUID | None]
    details: Column[dict[str, object]] = column(default_factory=dict)


@pytest.fixture
async def gigs(db: Database) -> None:
    """Five gigs in two moods, three of them with a note."""
    first, second = await ann(), await bob()
    loud, quiet = Mood.loud, Mood.quiet
    await Gig.insert(
        Gig(title="A, or %1", seats=3, fee=Decimal("1.50"), mood=quiet, booker=first),
        Gig(title="B", seats=5, fee=Decimal("2.25"), mood=loud, booker=first, note="x%,0"),
        Gig(title="C", seats=5, fee=Decimal("0.25"), mood=loud, booker=second, note="y"),
        Gig(title="B", seats=9, fee=Decimal("1.50"), mood=quiet, booker=second),
        Gig(title="A, or %1", seats=1, fee=Decimal("2.25"), mood=loud, booker=second, note="x%,0"),
    )


async def test_filters(gigs: None) -> None:
    """An aggregate with a filter computes of fewer rows than the one beside it; several conditions all hold."""
    counts = Gig.select(
        Gig.mood,
        count(),
        count().filter(Gig.seats > 3),
        count().filter(Gig.seats > 3, Gig.note == "y"),
        count().filter(Gig.seats > 3).filter(Gig.note == "y"),
        Gig.seats.sum().filter(Gig.note.is_null()),
    )
    query = counts.also(Gig.fee.avg().filter(Gig.seats < 5)).also(Gig.title.max().filter(Gig.booker.name == "Bob"))
    query = query.group_by(Gig.mood)
    assert await query.order_by(Gig.mood) == [
        (Mood.loud, 3, 2, 1, 1, None, 2.25, "C"),
        (Mood.quiet, 2, 1, 0, 0, 12, 1.5, "B"),
    ]
    full = query.having(count().filter(Gig.seats > 4) == 1)
    assert await full.order_by(Gig.seats.sum().filter(Gig.seats > 4)) == [(Mood.quiet, 2, 1, 0, 0, 12, 1.5, "B")]


async def test_filters_are_prepared(gigs: None) -> None:
    """A filter takes a parameter, and queries that differ in its values are of one shape."""
    counting = Gig.select(count().filter(Gig.seats > param(int)), count()).prepare()
    assert (await counting(4), await counting(8)) == ([(3, 5)], [(1, 5)])
    assert count().filter(Gig.seats > 4).node.key == count().filter(Gig.seats > 8).node.key
    assert count().filter(Gig.seats > 4).node.key != count().filter(Gig.seats < 4).node.key


async def test_different_values(gigs: None) -> None:
    """Equal values count once with distinct, in every aggregate that would differ."""
    numbers = Gig.select(
        Gig.title.count(distinct=True),
        Gig.seats.sum(distinct=True),
        Gig.seats.avg(distinct=True),
        Gig.fee.sum(distinct=True),
        Gig.fee.avg(distinct=True).filter(Gig.seats != 5),
    )
    values = Gig.select(
        list_agg(Gig.fee, distinct=True),
        list_agg(Gig.mood, distinct=True, order_by=Gig.mood.desc()),
        string_agg(Gig.title, "%1, ", distinct=True),
        string_agg(Gig.note, "", distinct=True, order_by=Gig.note.desc()),
        list_agg(Gig.seats % 2 == 0, distinct=True),
    )
    fees = [Decimal("0.25"), Decimal("1.50"), Decimal("2.25")]
    moods = [Mood.quiet, Mood.loud]
    assert await numbers == [(3, 18, 4.5, Decimal("4.00"), 1.875)]
    assert await values == [(fees, moods, "A, or %1%1, B%1, C", "yx%,0", [False])]
    titles = string_agg(Gig.title + "!", "", distinct=True, order_by=(Gig.title + "!").desc())
    assert await Gig.select(titles).where(Gig.title < "C").values() == ["B!A, or %1!"]


async def test_means_of_decimals(db: Database) -> None:
    """The mean of decimals is the nearest float, as if it were divided once."""
    booker = await ann()
    await Gig.insert([Gig(title=str(cents), fee=Decimal(cents) / 100, booker=booker) for cents in (0, 0, 1)])
    mean = Gig.fee.avg()
    assert await Gig.select(mean, mean.filter(Gig.fee > Decimal(1)), Gig.fee.avg(distinct=True)) == [
        (1 / 300, None, 0.005)
    ]
    assert await Gig.select(mean.over()).values() == [1 / 300] * 3


async def test_texts_and_lists(gigs: None) -> None:
    """Values stand in their own order or in another one, nulls left out."""
    query = Gig.select(
        Gig.mood,
        string_agg(Gig.title, "; ", order_by=[Gig.seats.desc(), Gig.id]),
        string_agg(Gig.note, "|"),
        list_agg(Gig.note),
        list_agg(Gig.id, order_by=Gig.seats).filter(Gig.seats > 2),
        list_agg(Gig.booker.name, order_by=Gig.id),
    ).group_by(Gig.mood)
    assert await query.also(list_agg(Gig.fee * 2)).order_by(Gig.mood) == [
        (
            Mood.loud,
            "B; C; A, or %1",
            "x%,0|x%,0|y",
            ["x%,0", "x%,0", "y"],
            [2, 3],
            ["Ann", "Bob", "Bob"],
            [Decimal("0.50"), Decimal("4.50"), Decimal("4.50")],
        ),
        (Mood.quiet, "B; A, or %1", None, [], [1, 4], ["Ann", "Bob"], [Decimal("3.00"), Decimal("3.00")]),
    ]


async def test_all_and_any(gigs: None) -> None:
    """All and any: every and some tell whether a condition holds; where it is unknown it counts for neither."""
    query = Gig.select(
        Gig.mood, every(Gig.seats > 2), some(Gig.seats > 5), every(Gig.note > "w"), some(Gig.note == "y")
    ).group_by(Gig.mood)
    assert await query.order_by(Gig.mood) == [
        (Mood.loud, False, False, True, True),
        (Mood.quiet, True, True, None, None),
    ]
    moods = Gig.select(Gig.mood).group_by(Gig.mood).values()
    assert await moods.having(every(Gig.seats > 2)) == [Mood.quiet]
    assert await moods.having(~some(Gig.seats > 5)) == [Mood.loud]
    assert await moods.having(every(Gig.note == "y")) == []
    assert await Gig.select(every(Gig.seats > 4).filter(Gig.note.is_not_null())).values() == [False]


async def test_no_rows(gigs: None) -> None:
    """Of no rows there is no number and no text, and an empty list."""
    numbers = Gig.select(
        count(), Gig.seats.sum(distinct=True), Gig.fee.avg(), every(Gig.seats > 2), some(Gig.seats > 2)
    )
    values = Gig.select(
        string_agg(Gig.title, ","),
        string_agg(Gig.title, ",", distinct=True),
        list_agg(Gig.title),
        list_agg(Gig.genres[0]),
    )
    assert await numbers.where(Gig.seats > 99) == [(0, None, None, None, None)]
    assert await values.where(Gig.seats > 99) == [(None, None, [], [])]
    assert await numbers.where(Gig.seats > 99).group_by(Gig.mood) == []
    many = Gig.seats > 99
    assert await Gig.select(Gig.seats.sum().filter(many), list_agg(Gig.fee).filter(many)) == [(None, [])]


async def test_conditions_move_along_keys(gigs: None) -> None:
    """A condition with an aggregate of a filter in a subquery holds for the row behind a key too."""
    other = alias(Gig, "other")
    cheap = other.select(count().filter(other.seats < Gig.seats)).where(other.booker.id == Gig.booker.id).scalar()
    assert await Gig.select(Gig.id).where(cheap > 0).order_by(Gig.id).values() == [2, 3, 4]
    titles = Person.gigs.where(cheap > 0).order_by(Gig.id).select(Gig.id).values()
    assert await Person.select(Person.name, titles).order_by(Person.id) == [("Ann", [2]), ("Bob", [3, 4])]
    assert await Person.select(Person.name).where(Person.gigs.any(cheap > 1)).values() == ["Bob"]


async def test_lists_are_values(gigs: None) -> None:
    """A list can be asked for its length and its items, and stands in JSON and in a subquery."""
    seats = list_agg(Gig.seats)
    assert await Gig.select(Gig.mood, seats.length(), seats[-1]).group_by(Gig.mood).order_by(Gig.mood) == [
        (Mood.loud, 3, 5),
        (Mood.quiet, 2, 9),
    ]
    assert await Gig.select(list_agg(Gig.seats)).json() == b'[{"list_agg_seats":[1,3,5,5,9]}]'
    assert await Gig.select(coalesce(string_agg(Gig.note, "").filter(Gig.seats > 99), "-")).values() == ["-"]


@pytest.fixture(scope="module")
async def readings(shared_database_url: str) -> AsyncIterator[Database]:
    """A database for rows of every kind."""
    async with opened(shared_database_url, Reading) as database:
        yield database


MOMENTS = st.datetimes(timezones=st.just(UTC))
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=4)
ROWS = st.fixed_dictionaries(
    {
        "place": st.integers(1, 3),
        "whole": st.none() | st.integers(-(2**53), 2**53),
        "part": st.none() | st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0),
        "exact": st.none() | st.decimals(-99_999, 99_999, places=2),
        "text": st.none() | TEXTS | st.sampled_from([",", "%1", "%0", "%", '"', "\\"]),
        "open": st.none() | st.booleans(),
        "day": st.none() | st.dates(),
        "hour": st.none() | st.times(),
        "moment": st.none() | MOMENTS,
        "length": st.none() | st.timedeltas(timedelta(days=-9_999), timedelta(days=9_999)),
        "token": st.none() | st.uuids(),
        "details": st.dictionaries(TEXTS, st.none() | st.integers(-9, 9) | TEXTS, max_size=2),
    }
)
LISTED: dict[str, Any] = {
    "whole": Reading.whole,
    "part": Reading.part,
    "exact": Reading.exact,
    "text": Reading.text,
    "open": Reading.open,
    "day": Reading.day,
    "hour": Reading.hour,
    "moment": Reading.moment,
    "length": Reading.length,
    "token": Reading.token,
}


@given(st.lists(ROWS, min_size=1, max_size=6))
async def test_lists_of_every_kind(readings: Database, rows: list[dict[str, Any]]) -> None:
    """Lists, texts and sums are those that Python makes of the same rows."""
    await Reading.delete().everything()
    await Reading.insert(*[Reading(**row) for row in rows])
    groups: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["place"]].append(row)
    query = Reading.select(
        list_agg(Reading.details, order_by=Reading.id),
        string_agg(Reading.text, "%,"),
        string_agg(Reading.text, "%,", distinct=True),
        Reading.whole.sum(distinct=True),
    )
    for place, group in groups.items():
        texts = sorted([row["text"] for row in group if row["text"] is not None])
        whole = {row["whole"] for row in group if row["whole"] is not None}
        assert await query.where(Reading.place == place) == [
            (
                [row["details"] for row in group],
                "%,".join(texts) if texts else None,
                "%,".join(sorted(set(texts))) if texts else None,
                sum(whole) if whole else None,
            )
        ]
        for name, listed in LISTED.items():
            values = sorted([row[name] for row in group if row[name] is not None])
            lists = Reading.select(list_agg(listed), list_agg(listed, distinct=True)).where(Reading.place == place)
            assert await lists == [(values, sorted(set(values)))]


async def test_aggregates_that_mean_nothing(db: Database) -> None:
    """What cannot be put in a row, an order that is lost, and a filter on aggregates are refused."""
    number: Any = Gig.id
    with pytest.raises(QueryError, match=r"^string_agg\(\) takes texts, and these are a whole number; cast\(\)"):
        string_agg(number, ",")
    with pytest.raises(QueryError, match=r"^list_agg\(\) takes plain values and JSON, and these are a list each"):
        list_agg(Gig.genres)
    with pytest.raises(QueryError, match=r"^list_agg\(\) of JSON needs an order_by"):
        list_agg(Reading.details)
    with pytest.raises(QueryError, match=r"^list_agg\(distinct=True\) has one row for each value"):
        list_agg(Gig.seats, distinct=True, order_by=Gig.id)
    with pytest.raises(QueryError, match="its condition is on columns alone"):
        count().filter(Gig.seats.sum() > 3)
    with pytest.raises(QueryError, match=r"^filter\(\) takes a condition"):
        count().filter()
    with pytest.raises(QueryError, match=r"^A condition was expected"):
        count().filter(number)
    with pytest.raises(QueryError, match="An aggregate cannot be computed of another one"):
        await Gig.select(Gig.seats.sum().max())
    with pytest.raises(QueryError, match="stands beside an aggregate: group by it"):
        await Gig.select(Gig.title, list_agg(Gig.id, order_by=Gig.seats))
