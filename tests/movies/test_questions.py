"""Promises of ``movies.questions``: each answer is what the file itself gives when counted by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from movies.loading import load
from movies.questions import Career, Decade, Margin, Rated, best_rated, busiest_directors, decades, largest_losses
from movies.tables import Film
from tabor import Database
from tests.movies.test_cleaning import VALUES

pytestmark = pytest.mark.anyio

Records = list[dict[str, object]]


async def test_busiest_directors(database: Database, records: Records) -> None:
    """The directors of the most films; equal numbers in the order of names."""
    await load(database, records)
    assert await busiest_directors() == [
        Career("Steven Spielberg", 23, "Schindler's List"),
        Career("Woody Allen", 16, "Annie Hall"),
        Career("Martin Scorsese", 15, "Goodfellas"),
        Career("Spike Lee", 15, "25th Hour"),
        Career("Ridley Scott", 14, "Alien"),
    ]


async def test_decades(database: Database, records: Records) -> None:
    """Every film is in one decade, and what they earned adds up to the sum of the file."""
    await load(database, records)
    found = await decades()
    assert [(each.start, each.films) for each in found] == [
        (1910, 3),
        (1920, 6),
        (1930, 15),
        (1940, 19),
        (1950, 38),
        (1960, 71),
        (1970, 100),
        (1980, 256),
        (1990, 769),
        (2000, 1829),
        (2010, 94),
    ]
    earned = [record["Worldwide Gross"] for record in records if record["Title"] is not None]
    assert sum(each.worldwide_gross for each in found) == sum(each for each in earned if isinstance(each, int))


async def test_decades_without_films_are_left_out(database: Database) -> None:
    """A decade between two films is not named, and without a film there is none."""
    assert await decades() == []
    await load(database, [VALUES, VALUES | {"Release Date": "Dec 31 1959", "Worldwide Gross": 7}])
    assert await decades() == [Decade(1950, 1, 7), Decade(1980, 1, 0)]


async def test_best_rated(database: Database, records: Records) -> None:
    """The best ratings of many people, exact to the tenth."""
    await load(database, records)
    assert await best_rated(3) == [
        Rated("The Shawshank Redemption", date(1994, 9, 23), "Frank Darabont", Decimal("9.2")),
        Rated("The Godfather", date(1972, 3, 15), "Francis Ford Coppola", Decimal("9.2")),
        Rated("Inception", date(2010, 7, 16), "Christopher Nolan", Decimal("9.1")),
    ]


async def test_largest_losses(database: Database, records: Records) -> None:
    """The films that earned least of their budget; one whose earnings are unknown is none of them."""
    await load(database, records)
    assert await largest_losses(2) == [
        Margin("Town & Country", date(2001, 4, 27), -94635231),
        Margin("The Adventures of Pluto Nash", date(2002, 8, 16), -92905005),
    ]
    unknown = await Film.select().where(Film.worldwide_gross.is_null()).count()
    assert len(await largest_losses(5000)) == 3200 - unknown - 1
