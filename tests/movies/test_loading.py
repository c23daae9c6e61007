"""Promises of ``movies.loading``: counts that add up, one transaction, and a second run that changes nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from movies.cleaning import Refused
from movies.loading import Outcome, load
from movies.tables import Director, Film
from tabor import Database, IntegrityViolation
from tests.movies.test_cleaning import RECORDS, VALUES

pytestmark = pytest.mark.anyio

Records = list[dict[str, object]]
MISSING_TITLE = Refused(3054, "Title: a film needs a title, and this one has none")


def counts(outcome: Outcome) -> tuple[int, int, int, int, int]:
    """Records, loaded, present, refused, and new directors."""
    return outcome.records, outcome.loaded, outcome.present, len(outcome.refused), outcome.directors


async def test_the_real_file(database: Database, records: Records) -> None:
    """3,200 films and 550 directors are loaded, one record is refused, and the counts add up."""
    outcome = await load(database, records)
    assert counts(outcome) == (3201, 3200, 0, 1, 550)
    assert outcome.refused == (MISSING_TITLE,)
    assert outcome.loaded + len(outcome.refused) == 3201
    assert len(outcome.repairs) == 107
    assert await Film.select().count() == 3200
    assert await Director.select().count() == 550
    assert await Film.select().where(Film.director.is_null()).count() == 1330


async def test_films_have_their_directors(database: Database, records: Records) -> None:
    """Each director has as many films in the database as in the file."""
    await load(database, records)
    stored = await Film.select(Film.record, Film.director(lambda director: director.name))
    named = {record: name for record, name in stored if name is not None}
    expected = {n: r["Director"] for n, r in enumerate(records, start=1) if r["Director"] is not None and n != 118}
    assert named == expected | {118: 'Jeff "King Jeff" Hollins'}
    assert Counter(named.values()).most_common(1) == [("Steven Spielberg", 23)]


async def test_a_second_run_changes_nothing(database: Database, records: Records) -> None:
    """Loading the same file again finds every film there."""
    await load(database, records)
    before = await Film.select().order_by(Film.id).json()
    outcome = await load(database, records)
    assert counts(outcome) == (3201, 0, 3200, 1, 0)
    assert await Film.select().order_by(Film.id).json() == before


async def test_a_second_run_loads_what_is_missing(database: Database, records: Records) -> None:
    """Films that are not there any more come back, to the directors that still are."""
    await load(database, records)
    await Film.delete().where(Film.title == "Minority Report")
    assert counts(await load(database, records)) == (3201, 1, 3199, 1, 0)
    film = await Film.select(Film.title, Film.director(lambda director: director.name)).where(Film.record == 2348).one()
    assert film == ("Minority Report", "Steven Spielberg")


async def test_another_film_under_a_number_is_reported(database: Database) -> None:
    """A record whose number another film has is refused, not lost and not written over it."""
    await load(database, [VALUES])
    outcome = await load(database, [VALUES | {"Title": "Brazil"}, None, VALUES | {"Title": "Tron"}])
    assert counts(outcome) == (3, 1, 0, 2, 0)
    assert outcome.refused == (
        Refused(1, 'the database holds another film by this number, "Dune" of 1984-12-14'),
        Refused(2, "a record is an object, and this is null"),
    )
    assert await Film.select(Film.title, Film.record).order_by(Film.record) == [("Dune", 1), ("Tron", 3)]


async def test_all_or_none(database: Database, records: Records) -> None:
    """Where the database refuses a film, no film and no director stay behind."""
    await database.sql("create unique index no_twin on film (title)")
    tron = VALUES | {"Title": "Tron", "Director": "Steven Lisberger"}
    with pytest.raises(IntegrityViolation):
        await load(database, [*records[:50], tron, tron])
    assert await Film.select().count() == 0
    assert await Director.select().count() == 0


async def test_nothing_to_load(database: Database) -> None:
    """An empty list loads nothing and is no error."""
    assert counts(await load(database, [])) == (0, 0, 0, 0, 0)


async def test_the_given_database_is_used(database: Database) -> None:
    """The films go to the database that was given, also where another one with the same tables was opened later."""
    async with Database("sqlite:///:memory:", tables=[Director, Film]) as other:
        await other.create_tables()
        await load(database, [VALUES])
        assert await Film.select().run(other) == []
        assert await Film.select(Film.release_date).values().run(database) == [date(1984, 12, 14)]


@given(records=st.lists(RECORDS, max_size=8))
def test_any_records_are_loaded_or_refused(records: list[object]) -> None:
    """Whatever the file holds, each record is a row or a reason, and none is both."""

    async def loaded() -> tuple[Outcome, list[int]]:
        async with Database("sqlite:///:memory:", tables=[Director, Film]) as db:
            await db.create_tables()
            return await load(db, records), await Film.select(Film.record).values()

    outcome, stored = asyncio.run(loaded())
    assert outcome.loaded + len(outcome.refused) == outcome.records == len(records)
    assert sorted([*stored, *[each.number for each in outcome.refused]]) == list(range(1, len(records) + 1))
