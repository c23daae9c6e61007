"""Loads the files of many stations at the same time, each in a task of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tabor import Database, TaborError, excluded
from weather.stations import StationError, Weather, city_of, read
from weather.tables import City, Reading

AT_ONCE = 8
"""How many files are open at a time."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of one file: the days that it has, and how many of them were new or different in the database."""

    city: str
    days: int
    changed: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A file of which nothing was stored, and the reason."""

    city: str
    reason: str


async def load(db: Database, files: Sequence[Path]) -> list[Loaded | Failed]:
    """Load these files, and say what became of each, in their order.

    A file is stored as a whole or not at all, and one that is refused keeps no other from being stored.  Loading it
    again writes what has changed in it.
    """
    places = asyncio.Semaphore(AT_ONCE)

    async def one(path: Path) -> Loaded | Failed:
        async with places:
            return await _load(db, path)

    with db.use():
        return await asyncio.gather(*[one(path) for path in files])


async def _load(db: Database, path: Path) -> Loaded | Failed:
    name = city_of(path)
    try:
        # Reading waits for the disk, so it happens beside the event loop.
        days = await asyncio.to_thread(read, path)
        async with db.transaction():
            changed = await _store(name, days)
    except (StationError, TaborError) as error:
        return Failed(name, str(error))
    return Loaded(name, len(days), changed)


async def _store(name: str, days: Sequence[Weather]) -> int:
    """Store the readings of a city; gives how many were new or different."""
    city, _ = await City.get_or_create(City(name=name), City.name)
    readings = [Reading(city=city, day=each.day, low=each.low, high=each.high, rain=each.rain) for each in days]
    if not readings:
        return 0
    return await (
        Reading.insert(readings)
        .on_conflict(Reading.city.id, Reading.day)
        .update(
            Reading.low,
            Reading.high,
            Reading.rain,
            where=(excluded(Reading.low) != Reading.low)
            | (excluded(Reading.high) != Reading.high)
            | (excluded(Reading.rain) != Reading.rain)
            | (excluded(Reading.rain).is_null() & Reading.rain.is_not_null())
            | (excluded(Reading.rain).is_not_null() & Reading.rain.is_null()),
        )
    )
