"""Tests of window functions and of aggregates over windows: exact rows, the same on every engine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tabor import (
    Database,
    Order,
    Query,
    QueryError,
    count,
    cte,
    cume_dist,
    dense_rank,
    first_value,
    lag,
    last_value,
    lead,
    list_agg,
    nth_value,
    ntile,
    percent_rank,
    rank,
    row_number,
    string_agg,
)
from tests.festival import Gig, Mood, Person, ann, bob

pytestmark = pytest.mark.anyio

MILLENNIUM = datetime(2000, 1, 1, tzinfo=UTC)
BY_SEATS = [Gig.seats, Gig.id]


@pytest.fixture
async def gigs(db: Database) -> None:
    """Five gigs, two of them with as many seats, in two moods, two without a note."""
    first, second = await ann(), await bob()
    loud, quiet = Mood.loud, Mood.quiet
    await Gig.insert(
        Gig(title="A", seats=3, fee=Decimal("1.50"), mood=quiet, booker=first),
        Gig(title="B", seats=5, fee=Decimal("2.25"), mood=loud, booker=first, note="x"),
        Gig(title="C", seats=5, fee=Decimal("0.25"), mood=loud, booker=second, note="y"),
        Gig(title="D", seats=9, fee=Decimal("2.00"), mood=quiet, booker=second),
        Gig(title="E", seats=1, fee=Decimal("7.00"), mood=loud, booker=second, note="z"),
    )


async def test_places(gigs: None) -> None:
    """Places are counted in the order of the window, equals sharing one or not."""
    numbers = Gig.select(
        Gig.title,
        row_number().over(order_by=BY_SEATS),
        rank().over(order_by=Gig.seats),
        dense_rank().over(order_by=Gig.seats),
        percent_rank().over(order_by=Gig.seats),
        cume_dist().over(order_by=Gig.seats),
    )
    assert await numbers.also(ntile(2).over(order_by=BY_SEATS)).order_by(Gig.id) == [
        ("A", 2, 2, 2, 0.25, 0.4, 1),
        ("B", 3, 3, 3, 0.5, 0.8, 1),
        ("C", 4, 3, 3, 0.5, 0.8, 2),
        ("D", 5, 5, 4, 1.0, 1.0, 2),
        ("E", 1, 1, 1, 0.0, 0.2, 1),
    ]


async def test_places_in_each_partition(gigs: None) -> None:
    """A partition starts anew for each value, or for each pair of values."""
    by_mood = row_number().over(partition_by=Gig.mood, order_by=Gig.seats.desc())
    by_both = row_number().over(partition_by=[Gig.mood, Gig.booker.name], order_by=[Gig.seats.desc(), Gig.id])
    assert await Gig.select(Gig.title, by_mood, by_both).where(Gig.title != "C").order_by(Gig.id) == [
        ("A", 2, 1),
        ("B", 1, 1),
        ("D", 1, 1),
        ("E", 2, 1),
    ]


async def test_neighbours(gigs: None) -> None:
    """The neighbours of a row: lag and lead give what stands in rows before and after, or a default, or null."""
    query = Gig.select(
        Gig.title,
        lag(Gig.note).over(order_by=BY_SEATS),
        lag(Gig.seats, 2, 0).over(order_by=BY_SEATS),
        lead(Gig.title, default="-").over(order_by=BY_SEATS),
        lead(Gig.fee, default=Gig.fee * 10).over(order_by=BY_SEATS),
        lag(Gig.id, 0).over(order_by=BY_SEATS),
    )
    assert await query.order_by(Gig.id) == [
        ("A", "z", 0, "B", Decimal("2.25"), 1),
        ("B", None, 1, "C", Decimal("0.25"), 2),
        ("C", "x", 3, "D", Decimal("2.00"), 3),
        ("D", "y", 5, "-", Decimal("20.00"), 4),
        ("E", None, 0, "A", Decimal("1.50"), 5),
    ]


async def test_values_of_the_frame(gigs: None) -> None:
    """The first, last and nth value look at the frame, which ends with the current row unless told."""
    whole = (None, None)
    query = Gig.select(
        first_value(Gig.title).over(partition_by=Gig.mood, order_by=BY_SEATS),
        last_value(Gig.title).over(order_by=Gig.id),
        last_value(Gig.title).over(order_by=Gig.id, rows=whole),
        nth_value(Gig.title, 2).over(order_by=Gig.id),
        first_value(Gig.note).over(order_by=Gig.id, rows=(1, 2)),
        last_value(Gig.id).over(order_by=Gig.seats, range_=(None, -1)),
    )
    assert await query.order_by(Gig.id) == [
        ("A", "A", "E", None, "x", 5),
        ("E", "B", "E", "B", "y", 1),
        ("E", "C", "E", "B", None, 1),
        ("A", "D", "E", "B", "z", 3),
        ("E", "E", "E", "B", None, None),
    ]


async def test_aggregates_beside_rows(gigs: None) -> None:
    """An aggregate over a window stands beside each row: of its partition, or up to it where there is an order."""
    query = Gig.select(
        Gig.title,
        count().over(),
        Gig.seats.sum().over(partition_by=Gig.mood),
        Gig.seats.sum().over(order_by=Gig.seats),
        Gig.fee.max().over(partition_by=Gig.mood, order_by=Gig.id),
        Gig.fee.avg().over(),
    )
    assert await query.also(Gig.note.count().over(order_by=Gig.id.desc())).order_by(Gig.id) == [
        ("A", 5, 12, 4, Decimal("1.50"), 2.6, 3),
        ("B", 5, 11, 14, Decimal("2.25"), 2.6, 3),
        ("C", 5, 11, 14, Decimal("2.25"), 2.6, 2),
        ("D", 5, 12, 23, Decimal("2.00"), 2.6, 1),
        ("E", 5, 11, 1, Decimal("7.00"), 2.6, 1),
    ]


async def test_frames_of_rows(gigs: None) -> None:
    """A frame of rows counts them from the current one, to both sides; one without rows gives null, and counts none."""
    query = Gig.select(
        Gig.seats.sum().over(order_by=Gig.id, rows=(-1, 1)),
        Gig.seats.sum().over(order_by=Gig.id, rows=(None, 0)),
        Gig.seats.sum().over(order_by=Gig.id, rows=(0, None)),
        Gig.seats.sum().over(order_by=Gig.id, rows=(None, None)),
        Gig.seats.min().over(order_by=Gig.id, rows=(1, 2)),
        count().over(order_by=Gig.id, rows=(-9, -2)),
    )
    assert await query.also(Gig.fee.avg().over(order_by=Gig.id, rows=(0, 0))).order_by(Gig.id) == [
        (8, 3, 23, 23, 5, 0, 1.5),
        (13, 8, 20, 23, 5, 0, 2.25),
        (19, 13, 15, 23, 1, 1, 0.25),
        (15, 22, 10, 23, 1, 2, 2.0),
        (10, 23, 1, 23, None, 3, 7.0),
    ]


async def test_frames_of_a_range(gigs: None) -> None:
    """A frame of a range measures the values of the order: numbers, decimals, durations, upwards and downwards."""
    since = Gig.starts_at - MILLENNIUM
    for number in (1, 2, 3, 4):
        await Gig.update(Gig.starts_at.to(MILLENNIUM + timedelta(hours=number))).where(Gig.id == number)
    query = Gig.select(
        Gig.title,
        count().over(order_by=Gig.seats, range_=(-2, 0)),
        Gig.fee.sum().over(order_by=Gig.fee, range_=(Decimal("-0.75"), Decimal("0.25"))),
        Gig.seats.sum().over(order_by=Gig.fee.desc(), range_=(-1, 0)),
        Gig.seats.sum().over(order_by=since, range_=(timedelta(hours=-1), timedelta(minutes=90))),
        Gig.seats.sum().over(order_by=Gig.seats / 2, range_=(0.5, 1.5)),
    )
    same = list_agg(Gig.id).over(order_by=[Gig.mood, Gig.seats], range_=(0, 0))
    assert await query.also(same).order_by(Gig.id) == [
        ("A", 2, Decimal("1.50"), 17, 8, 10, [1]),
        ("B", 3, Decimal("5.75"), 5, 13, None, [2, 3]),
        ("C", 3, Decimal("0.25"), 5, 19, None, [2, 3]),
        ("D", 1, Decimal("5.75"), 14, 14, None, [4]),
        ("E", 1, Decimal("7.00"), 1, 1, 3, [5]),
    ]


async def test_a_filter_and_a_window(gigs: None) -> None:
    """Rows that a filter leaves out stay in the result and count nothing."""
    quiet = count().filter(Gig.mood == Mood.quiet, Gig.seats > 2).over(order_by=Gig.id)
    cheap = Gig.seats.sum().filter(Gig.fee < Decimal(2)).over(partition_by=Gig.mood)
    assert await Gig.select(quiet, cheap).order_by(Gig.id) == [(1, 3), (1, 5), (1, 5), (2, 3), (2, 5)]


async def test_lists_over_windows(gigs: None) -> None:
    """Lists and texts grow in the order of the window."""
    query = Gig.select(
        list_agg(Gig.note).over(order_by=Gig.id),
        string_agg(Gig.title, ", ").over(order_by=Gig.id.desc()),
        string_agg(Gig.note, "").over(order_by=Gig.id, rows=(-1, 0)),
        list_agg(Gig.mood).filter(Gig.seats > 3).over(order_by=Gig.id, rows=(0, 1)),
    )
    loud, quiet = Mood.loud, Mood.quiet
    assert await query.order_by(Gig.id) == [
        ([], "E, D, C, B, A", None, [loud]),
        (["x"], "E, D, C, B", "x", [loud, loud]),
        (["x", "y"], "E, D, C", "xy", [loud, quiet]),
        (["x", "y"], "E, D", "y", [quiet]),
        (["x", "y", "z"], "E", "z", []),
    ]


async def test_texts_that_are_empty(gigs: None) -> None:
    """An empty text is one, and no text is null, in frames that rows come into and leave too."""
    await Gig.update(Gig.note.to("")).where(Gig.note == "x")
    query = Gig.select(
        string_agg(Gig.note, "-").over(order_by=Gig.id, rows=(0, 0)),
        string_agg(Gig.note, "-").filter(Gig.seats == 5).over(order_by=Gig.id, rows=(-1, 0)),
    )
    assert await query.order_by(Gig.id) == [(None, None), ("", ""), ("y", "-y"), (None, "y"), ("z", None)]


async def test_windows_over_groups(gigs: None) -> None:
    """Where rows are grouped, windows are over groups, and may be ordered by aggregates."""
    total = Gig.seats.sum()
    query = Gig.select(Gig.mood, total, rank().over(order_by=total.desc()), count())
    assert await query.group_by(Gig.mood).order_by(Gig.mood) == [(Mood.loud, 11, 2, 3), (Mood.quiet, 12, 1, 2)]


async def test_lists_of_groups(gigs: None) -> None:
    """Lists over groups leave out what is null in a group."""
    last = list_agg(Gig.note.max()).over(order_by=Gig.mood.desc())
    assert await Gig.select(Gig.mood, last).group_by(Gig.mood).order_by(Gig.mood) == [
        (Mood.loud, ["z"]),
        (Mood.quiet, []),
    ]


async def test_the_first_rows_of_each(gigs: None) -> None:
    """A condition on a window function goes round a named query that selects it."""
    place = row_number().over(partition_by=Gig.booker.id, order_by=[Gig.seats.desc(), Gig.id])
    placed = cte("placed", Gig.select(Gig.booker.name, Gig.title, place))
    best = placed.select(placed[Gig.booker.name], placed[Gig.title]).where(placed[place] <= 2)
    assert await best.order_by(placed[Gig.booker.name], placed[place]) == [
        ("Ann", "B"),
        ("Ann", "A"),
        ("Bob", "D"),
        ("Bob", "C"),
    ]


async def test_windows_sort_and_compute(gigs: None) -> None:
    """They stand in expressions, in the order of the query, and in every form of the result."""
    share = Gig.seats - Gig.seats.min().over(partition_by=Gig.mood)
    turn = row_number().over(order_by=BY_SEATS)
    assert await Gig.select(Gig.title, share).order_by(turn.desc()).limit(2) == [("D", 6), ("C", 4)]
    assert await Gig.select(turn * 10).order_by(Gig.id).values() == [20, 30, 40, 50, 10]
    assert await Gig.select(Gig.id, turn).where(Gig.seats > 4).count() == 3
    assert await Gig.select(turn).where(Gig.id == 1).json() == b'[{"row_number":1}]'


async def test_nulls_in_the_order(gigs: None) -> None:
    """Nulls are the smallest value in a window too, unless it says otherwise; equals of each other."""
    query = Gig.select(
        rank().over(order_by=Gig.note),
        rank().over(order_by=Gig.note.desc()),
        rank().over(order_by=Gig.note.asc(nulls_last=True)),
        count().over(partition_by=Gig.note),
    )
    assert await query.order_by(Gig.id) == [(1, 4, 4, 2), (3, 3, 1, 1), (4, 2, 2, 1), (1, 4, 4, 2), (5, 1, 3, 1)]


def test_windows_of_one_shape() -> None:
    """Windows that differ in bound values are compiled once; other frames, orders and partitions are other shapes."""

    def key(*terms: Order, **frame: Any) -> object:
        return Gig.seats.sum().over(order_by=list(terms), **frame).node.key

    by_id = Gig.id.asc()
    assert key(by_id, rows=(-1, 2)) == key(by_id, rows=(-5, 7))
    others = [
        key(by_id),
        key(Gig.id.desc()),
        key(Gig.id.asc(nulls_last=True)),
        key(by_id, rows=(-1, 2)),
        key(by_id, rows=(1, 2)),
        key(by_id, rows=(None, 2)),
        key(by_id, range_=(-1, 2)),
        key(by_id, partition_by=Gig.mood),
        key(by_id, Gig.seats.asc()),
    ]
    assert len(set(others)) == len(others)


PLACE = row_number().over(order_by=Gig.id)
EARLY: dict[str, Query[Any]] = {
    "where": Gig.select().where(PLACE == 1),
    "group_by": Gig.select(count()).group_by(PLACE),
    "having": Gig.select(count()).group_by(Gig.mood).having(PLACE > 1),
    "distinct": Gig.select(Gig.id).distinct(on=[PLACE]).order_by(Gig.id),
    "join": Gig.select(Gig.id).join(Person, on=Person.id == PLACE),
}


@pytest.mark.parametrize("name", EARLY)
async def test_windows_come_after_conditions(db: Database, name: str) -> None:
    """A window function in a condition, or in what is grouped by, is refused with the way round."""
    with pytest.raises(QueryError, match=r"^A window function such as row_number\(\) is computed after where\(\)"):
        await EARLY[name]


async def test_changes_have_no_windows(db: Database) -> None:
    """An update or delete computes over no windows."""
    for change in (
        Gig.update(Gig.seats.to(PLACE)).everything(),
        Gig.delete().where(PLACE > 1),
        Gig.insert(Gig(title="x", booker=1)).on_conflict(Gig.id).update(Gig.seats.to(PLACE)),
    ):
        with pytest.raises(QueryError, match="make that a table by cte"):
            await change


async def test_windows_in_the_wrong_place(db: Database) -> None:
    """A window in a window, in an aggregate, in a lock or a stream is refused."""
    with pytest.raises(QueryError, match="cannot stand in another one"):
        lag(PLACE).over(order_by=Gig.id)
    with pytest.raises(QueryError, match="An aggregate cannot be computed of another one or of a window function"):
        await Gig.select(PLACE.max())
    with pytest.raises(QueryError, match="cannot lock rows"):
        await Gig.select(PLACE).for_update()
    with pytest.raises(QueryError, match="a distinct, windowed, grouped or combined query"):
        Gig.select(Gig.id, PLACE).stream()


def test_frames_that_mean_nothing() -> None:
    """A frame starts before it ends, in an order that can be measured, and in whole rows."""
    total = Gig.seats.sum()
    with pytest.raises(QueryError, match=r"^A frame starts before it ends, got \(2, 1\)"):
        total.over(order_by=Gig.id, rows=(2, 1))
    with pytest.raises(QueryError, match=r"^A frame starts before it ends, got \(-1, -2\)"):
        total.over(order_by=Gig.id, rows=(-1, -2))
    with pytest.raises(QueryError, match=r"^A frame starts before it ends, got \(0, -2\)"):
        total.over(order_by=Gig.id, range_=(0, -2))
    with pytest.raises(QueryError, match="a frame of rows or one of a range, not both"):
        total.over(order_by=Gig.id, rows=(0, 1), range_=(0, 1))
    with pytest.raises(QueryError, match="give over\\(\\) an order_by"):
        total.over(rows=(0, 1))
    halves: Any = (0, 1.5)
    with pytest.raises(QueryError, match=r"takes whole numbers of rows or None, got 1\.5"):
        total.over(order_by=Gig.id, rows=halves)
    with pytest.raises(QueryError, match=r"measures the values of order_by: expected a whole number, got 1\.5"):
        total.over(order_by=Gig.id, range_=halves)
    for order in ([Gig.title], [Gig.id, Gig.seats], [Gig.starts_at]):
        with pytest.raises(QueryError, match="measures one order_by that gives numbers or durations"):
            total.over(order_by=order, range_=(-1, 0))


def test_functions_that_mean_nothing() -> None:
    """Window functions take whole numbers, defaults of their type, and an order."""
    with pytest.raises(QueryError, match=r"^ntile\(\) takes a whole number from 1 to 2147483647, got 0"):
        ntile(0)
    with pytest.raises(QueryError, match=r"^lag\(\) takes a whole number from 0"):
        lag(Gig.id, -1)
    with pytest.raises(QueryError, match=r"^nth_value\(\) takes a whole number from 1"):
        nth_value(Gig.id, 0)
    wrong: Any = "x"
    with pytest.raises(QueryError, match=r"^lead\(\) needs one type for all its values"):
        lead(Gig.id, default=wrong)
    with pytest.raises(QueryError, match=r"^rank\(\) looks at rows in an order"):
        rank().over(order_by=())
    with pytest.raises(QueryError, match="distinct=True cannot be computed over a window"):
        Gig.seats.count(distinct=True).over()
    with pytest.raises(QueryError, match="distinct=True cannot be computed over a window"):
        Gig.seats.sum(distinct=True).over()
    with pytest.raises(QueryError, match=r"^list_agg\(\) puts values in a row: give over\(\) an order_by"):
        list_agg(Gig.id).over(partition_by=Gig.mood)
    with pytest.raises(QueryError, match="say order_by in over\\(\\) alone"):
        string_agg(Gig.title, "", order_by=Gig.id).over(order_by=Gig.id)
    unfinished: Any = row_number()
    with pytest.raises(QueryError, match=r"row_number\(\) without over\(order_by=...\)"):
        Gig.select(unfinished)
