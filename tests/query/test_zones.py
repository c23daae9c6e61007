"""Tests of moments by the clocks of a time zone: they mean the same in Python and on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabor import Column, Database, Expr, QueryError, StatementFailed, Table, column
from tests.festival import opened

pytestmark = pytest.mark.anyio

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
DAY = timedelta(days=1)
MIDNIGHT: dict[str, Any] = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}
STARTS: dict[str, dict[str, Any]] = {
    "year": {**MIDNIGHT, "month": 1, "day": 1},
    "month": {**MIDNIGHT, "day": 1},
    "day": MIDNIGHT,
    "hour": {"minute": 0, "second": 0, "microsecond": 0},
    "minute": {"second": 0, "microsecond": 0},
    "second": {"microsecond": 0},
}


class Sample(Table):
    """Something that has a moment."""

    id: Column[int] = column(primary_key=True)
    moment: Column[datetime] = column(default=FIRST)
    later: Column[datetime | None] = column(default=None)
    day: Column[date] = column(default=date.min)
    hour: Column[time] = column(default=time.min)


@pytest.fixture(scope="module")
async def db(shared_database_url: str) -> AsyncIterator[Database]:
    """A database shared by all tests, each of which empties it."""
    async with opened(shared_database_url, Sample) as database:
        yield database


async def same(expression: Expr[Any], expected: object, **values: Any) -> None:
    """Store one sample and have the expression computed over it."""
    await Sample.delete().everything()
    await Sample.insert(Sample(**values))
    assert await Sample.select(expression).values() == [expected]


ZONES = [
    "UTC",
    "Etc/GMT+9",
    "Europe/Berlin",
    "Europe/Dublin",  # its winter time is the one that is "saved"
    "America/New_York",
    "America/Sao_Paulo",  # skipped midnights
    "America/St_Johns",  # changed a minute after midnight, by half an hour off the hour
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # changes by half an hour
    "Pacific/Apia",  # skipped a day
]
CHANGES = [
    "2026-03-29T00:59:59.999999",
    "2026-03-29T01:00:00",
    "2026-10-25T00:30:00",
    "2026-10-25T01:30:00",
    "2018-11-04T02:30:00",
    "2018-11-04T03:30:00",
    "2011-12-30T09:59:00",
    "2011-12-30T10:30:00",
    "2006-10-29T02:31:30",
    "2006-10-29T02:30:30",
]
NEAR = st.sampled_from(CHANGES).map(lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SINCE_1970 = st.timedeltas(timedelta(0), 130 * 365 * DAY).map(lambda since: EPOCH + since)


@given(moment=NEAR | SINCE_1970, name=st.sampled_from(ZONES))
async def test_parts_and_beginnings_in_a_zone(db: Database, moment: datetime, name: str) -> None:
    """In a zone a moment has the parts that clocks there show, and units begin when they do there."""
    zone, m = ZoneInfo(name), Sample.moment
    there = moment.astimezone(zone).replace(tzinfo=None)

    def at(shown: datetime) -> datetime:
        offsets = [shown.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)]
        return shown.replace(tzinfo=UTC) - min(offset for offset in offsets if offset is not None)

    await Sample.delete().everything()
    await Sample.insert(Sample(moment=moment))
    parts = (m.year(zone=name), m.month(zone=name), m.day(zone=name), m.weekday(zone=name), m.hour(zone=name))
    assert await Sample.select(*parts).also(m.minute(zone=name)).also(m.date(zone=name)).one() == (
        there.year,
        there.month,
        there.day,
        there.weekday(),
        there.hour,
        there.minute,
        there.date(),
    )
    unit: Any
    for unit in ("year", "month", "day"):
        expected = at(there.replace(**STARTS[unit]))
        assert await Sample.select(m.trunc(unit, zone=name)).values() == [expected], unit
    week = there.replace(**STARTS["day"]) - there.weekday() * DAY
    assert await Sample.select(m.trunc("week", zone=name)).values() == [at(week)]
    for unit in ("hour", "minute", "second"):
        expected = moment - (there - there.replace(**STARTS[unit]))
        assert await Sample.select(m.trunc(unit, zone=name)).values() == [expected], unit


async def test_the_ends_of_the_calendar_in_a_zone(db: Database) -> None:
    """In the first and the last day of the calendar a zone is UTC, for there is no day before and after them."""
    m = Sample.moment
    for moment in (FIRST, LAST, datetime(1, 1, 1, 20, tzinfo=UTC), datetime(9999, 12, 31, 0, tzinfo=UTC)):
        for zone in ("Asia/Tokyo", "America/New_York"):
            await same(m.hour(zone=zone), moment.hour, moment=moment)
            await same(m.trunc("day", zone=zone), moment.replace(**STARTS["day"]), moment=moment)


async def test_groups_of_days_in_a_zone(db: Database) -> None:
    """What is grouped by the days of a zone is counted by those."""
    await Sample.delete().everything()
    await Sample.insert([Sample(moment=datetime(2026, 5, 1, hour, tzinfo=UTC)) for hour in (20, 21, 22, 23)])
    day = Sample.moment.trunc("day", zone="Europe/Berlin")
    assert await Sample.select(day, Sample.id.count()).group_by(day).order_by(day) == [
        (datetime(2026, 4, 30, 22, tzinfo=UTC), 2),
        (datetime(2026, 5, 1, 22, tzinfo=UTC), 2),
    ]
    assert await Sample.select().where(Sample.moment.date(zone="Europe/Berlin") == date(2026, 5, 2)).count() == 2


async def test_null_in_a_zone(db: Database) -> None:
    """A moment that is not there has no parts in any zone."""
    await same(Sample.later.hour(zone="Europe/Berlin"), None, later=None)
    await same(Sample.later.trunc("day", zone="Europe/Berlin"), None, later=None)
    await same(Sample.later.trunc("hour", zone="Europe/Berlin"), None, later=None)


NO_ZONES = ["Berlin", "CET", "UTC+2", "Foo/Bar+3", "europe/berlin", "Europe/Berlin'", "", None, 2]


@pytest.mark.parametrize("zone", NO_ZONES)
def test_what_is_no_name_of_a_zone(zone: Any) -> None:
    """A zone is refused as the query is built where it has not the form of a name that every database knows."""
    with pytest.raises(QueryError, match=r"^A time zone has a name such as 'Europe/Berlin', or is 'UTC'; got "):
        Sample.moment.hour(zone=zone)


async def test_a_zone_that_does_not_exist(db: Database) -> None:
    """A name that looks like one is refused by the database."""
    await Sample.insert(Sample(moment=EPOCH))
    with pytest.raises(StatementFailed, match='time zone "Europe/Atlantis" not recognized'):
        await Sample.select(Sample.moment.hour(zone="Europe/Atlantis"))


def test_only_moments_have_a_zone() -> None:
    """A day or a time of day is the same everywhere."""
    with pytest.raises(QueryError, match="Only a moment has a time zone, and this expression gives a date"):
        Sample.day.year(zone="Europe/Berlin")
    with pytest.raises(QueryError, match="Only a moment has a time zone"):
        Sample.hour.hour(zone="Europe/Berlin")
