"""Questions to the database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from tabor import alias, case, coalesce
from weather.tables import City, Reading

WET = Decimal(1)
"""Millimetres from which on a day is a wet one."""


class Extreme(NamedTuple):
    """The warmest or coldest day of a city."""

    city: str
    day: date
    degrees: Decimal


class Month(NamedTuple):
    """A month of a city: the mean of the highest temperatures, the rain in millimetres, and the wet days."""

    number: int
    high: float
    rain: Decimal
    wet_days: int


class Spell(NamedTuple):
    """Days one after the other without a wet one."""

    first: date
    last: date
    days: int


async def warmest_days() -> list[Extreme]:
    """The warmest day of each city, the first one where there are several."""
    return await (
        Reading.select(Reading.city.name, Reading.day, Reading.high)
        .distinct(on=[Reading.city.id])
        .order_by(Reading.high.desc(), Reading.day)
        .into(Extreme)
    )


async def months(city: str) -> list[Month]:
    """Each month of a city; rain that was not measured counts as none."""
    number = Reading.day.month()
    wet = case((Reading.rain >= WET, 1), else_=0)
    return await (
        Reading.select(
            number, coalesce(Reading.high.avg(), 0.0), coalesce(Reading.rain.sum(), Decimal(0)), coalesce(wet.sum(), 0)
        )
        .where(Reading.city.name == city)
        .group_by(number)
        .order_by(number)
        .into(Month)
    )


async def longest_dry_spell(city: str) -> Spell | None:
    """The most days in a row without a wet one, the first where there are several; reads them one by one.

    A day without a reading, or without a measurement, ends a spell.
    """
    best: Spell | None = None
    first = last = None
    days = Reading.select(Reading.day, Reading.rain).where(Reading.city.name == city).order_by(Reading.day)
    async for day, rain in days.stream():
        if rain is None or rain >= WET:
            first = last = None
            continue
        if first is None or last is None or (day - last).days != 1:
            first = day
        last = day
        length = (last - first).days + 1
        if best is None or length > best.days:
            best = Spell(first, last, length)
    return best


async def warmer_days(city: str, other: str) -> int:
    """On how many days it was warmer in one city than in another."""
    there = alias(Reading, "there")
    return await (
        Reading.select(Reading.day)
        .join(there, on=(there.day == Reading.day) & (there.high < Reading.high))
        .where(Reading.city.name == city, there.city.name == other)
        .count()
    )


async def unmeasured() -> list[tuple[str, int]]:
    """For each city on how many days nobody measured the rain, the most first; not those with none."""
    days = City.readings.where(Reading.rain.is_null()).count()
    return await City.select(City.name, days).where(days > 0).order_by(days.desc(), City.name)
