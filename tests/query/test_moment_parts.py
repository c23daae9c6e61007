"""Tests of the parts of days and moments that calendars name: every database gives exactly what Python gives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tabor import Column, Database, QueryError, Table, column
from tests.festival import opened

pytestmark = pytest.mark.anyio

BERLIN = ZoneInfo("Europe/Berlin")
FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Deadline(Table):
    """A day and a moment."""

    id: Column[int] = column(primary_key=True)
    day: Column[date]
    moment: Column[datetime]
    later: Column[datetime | None] = column(default=None)


@pytest.fixture(scope="module")
async def db(shared_database_url: str) -> AsyncIterator[Database]:
    """A database shared by all tests, each of which empties it."""
    async with opened(shared_database_url, Deadline) as database:
        yield database


def parts(day: date) -> list[int]:
    """The quarter, the day of the year, the week and its year, as Python has them."""
    iso = day.isocalendar()
    return [(day.month + 2) // 3, day.timetuple().tm_yday, iso.week, iso.year]


@given(moment=st.datetimes(timezones=st.just(UTC)))
@example(moment=FIRST)
@example(moment=LAST)
@example(moment=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
@example(moment=datetime(2027, 1, 1, tzinfo=UTC))
@example(moment=datetime(2024, 12, 30, tzinfo=UTC))
async def test_parts(db: Database, moment: datetime) -> None:
    """Quarters, days of the year, ISO weeks with their years and times of day, from the first day to the last."""
    await Deadline.delete().everything()
    await Deadline.insert(Deadline(day=moment.date(), moment=moment))
    d, m = Deadline.day, Deadline.moment
    row = await Deadline.select(
        d.quarter(), d.day_of_year(), d.week(), d.iso_year(), m.quarter(), m.day_of_year()
    ).one()
    assert list(row) == [*parts(moment.date()), *parts(moment.date())[:2]]
    assert await Deadline.select(m.week(), m.iso_year(), m.time()).one() == (
        *parts(moment.date())[2:],
        moment.timetz().replace(tzinfo=None),
    )


@given(moment=st.datetimes(datetime(1901, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001  # the zone is given beside
@example(moment=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
async def test_parts_in_a_zone(db: Database, moment: datetime) -> None:
    """By the clocks of a zone the day may be another one, and so its quarter, week and year."""
    await Deadline.delete().everything()
    await Deadline.insert(Deadline(day=moment.date(), moment=moment))
    there = moment.astimezone(BERLIN)
    m, zone = Deadline.moment, "Europe/Berlin"
    found = await Deadline.select(
        m.quarter(zone=zone), m.day_of_year(zone=zone), m.week(zone=zone), m.iso_year(zone=zone), m.time(zone=zone)
    ).one()
    assert list(found) == [*parts(there.date()), there.time()]


async def test_of_no_moment_there_are_no_parts(db: Database) -> None:
    """Null has null for a quarter, a week and a time of day."""
    await Deadline.delete().everything()
    await Deadline.insert(Deadline(day=date.min, moment=FIRST))
    n = Deadline.later
    row = await Deadline.select(n.quarter(), n.day_of_year(), n.week(), n.iso_year(), n.time()).one()
    assert row == (None, None, None, None, None)


async def test_a_time_of_day_is_compared_and_taken_apart(db: Database) -> None:
    """What ``time()`` gives is a time of day like any other."""
    await Deadline.delete().everything()
    await Deadline.insert(
        *[Deadline(day=date.min, moment=datetime(2030, 7, 1, hour, 30, tzinfo=UTC)) for hour in (7, 21)]
    )
    clock = Deadline.moment.time(zone="Europe/Berlin")
    assert await Deadline.select(clock).where(clock > time(9, 30)).values() == [time(23, 30)]
    assert await Deadline.select(clock.hour()).order_by(clock.desc()).values() == [23, 9]
    assert await Deadline.select().where(clock.between(time(9), time(9, 30))).count() == 1


def test_a_day_has_no_time() -> None:
    """Parts are asked of what has them."""
    day: Any = Deadline.day
    with pytest.raises(
        QueryError, match=r"time\(\) needs a date and time with a zone, and this expression gives a date"
    ):
        day.time()
    with pytest.raises(
        QueryError,
        match=r"week\(\) needs a date or a date and time with a zone, and this expression gives a whole number",
    ):
        day.day().week()
