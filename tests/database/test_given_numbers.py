"""Tests of numbers that a program gives rows which the database would number."""

from __future__ import annotations

from typing import Any

import pytest

from tabor import (
    Column,
    Database,
    ForeignKey,
    InvalidValue,
    Many,
    Query,
    QueryError,
    Table,
    UniqueViolation,
    column,
    key,
    many,
    param,
)
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Band(Table):
    """Numbered by the database."""

    id: Column[int] = column(primary_key=True, name="bandId")
    name: Column[str]
    version: Column[int] = column(version=True)
    note: Column[str] = column(server_default="none")
    concerts: Many[Concert] = many(lambda: Concert.band)


class Concert(Table, schema="music"):
    """Numbered too."""

    id: Column[int] = column(primary_key=True)
    band: ForeignKey[Band]
    other: Column[int | None] = column(default=None)
    pair: ForeignKey[Spot | None, tuple[int, int]] = key(columns=lambda: (Concert.id, Concert.other))


class Spot(Table):
    """A key of two columns."""

    one: Column[int] = column(primary_key=True, init=True)
    two: Column[int] = column(primary_key=True, init=True)


TABLES = (Band, Concert, Spot)


def numbers() -> Query[int]:
    """The numbers of all bands."""
    return Band.select(Band.id).order_by(Band.id).values()


async def test_the_database_goes_on_behind_given_numbers(database_url: str) -> None:
    """A row with a number of its own is inserted by settings, and the next one that has none gets a higher one."""
    async with opened(database_url, *TABLES):
        await Band(name="a").save()
        five = await Band.insert(Band.id.to(5), Band.name.to("b")).one()
        assert (five.id, five.name, five.note) == (5, "b", "none")
        six = Band(name="c")
        await six.save()
        await Band.insert(Band.id.to(3), Band.name.to("d"))
        seven = await Band.insert(Band(name="e")).one()
        assert (six.id, seven.id, await numbers()) == (6, 7, [1, 3, 5, 6, 7])
        await Band.insert(Band.id.to(10**12), Band.name.to("far"))
        assert (await Band.insert(Band(name="f")).one()).id == 10**12 + 1
        with pytest.raises(UniqueViolation, match=r"^Another row of band already has this id\.$"):
            await Band.insert(Band.id.to(3), Band.name.to("d"))


async def test_numbers_that_were_given_out_stay_given(database_url: str) -> None:
    """A number below those that were given out already changes nothing, even where their rows are gone."""
    async with opened(database_url, *TABLES):
        await Band.insert([Band(name=f"{n}") for n in range(5)])
        await Band.delete().everything()
        await Band.insert(Band.id.to(2), Band.name.to("b"))
        assert (await Band.insert(Band(name="c")).one()).id == 6


async def test_in_transactions_and_prepared(database_url: str) -> None:
    """The same in a transaction and by a prepared insert; after a rollback the row is gone."""
    async with opened(database_url, *TABLES) as db:
        store = Band.insert(Band.id.to(param(int)), Band.name.to("x")).prepare()

        async def failing() -> None:
            async with db.transaction():
                await store(20)
                assert (await Band.insert(Band(name="y")).one()).id == 21
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await failing()
        async with db.transaction():
            await store(40)
        assert (await Band.insert(Band(name="z")).one()).id == 41
        assert await numbers() == [40, 41]


async def test_copies_keep_their_numbers(database_url: str) -> None:
    """insert_from() fills the numbered column as any other, in a schema too."""
    async with opened(database_url, *TABLES):
        await Band.insert(Band(name="a"), Band(name="b"))
        copied = Band.select(Band.id + 10, Band.id)
        assert await Concert.insert_from(copied, Concert.id, Concert.band.id) == 2
        assert (await Concert.insert(Concert(band=1)).one()).id == 13


async def test_a_conflict_by_a_given_number(database_url: str) -> None:
    """on_conflict() tells rows by it."""
    async with opened(database_url, *TABLES):
        insert = Band.insert(Band.id.to(4), Band.name.to("new"))
        assert await insert == 1
        assert await insert.on_conflict(Band.id).update(Band.name.to("changed")).returning(Band.name) == [("changed",)]
        assert (await Band.insert(Band(name="z")).one()).id > 4


def test_what_to_write() -> None:
    """A new row takes no number, and no other value that the database sets; the error says what to write."""
    written: dict[str, object] = {"id": 5, "version": 3, "note": "x", "concerts": [], "pair": (1, 2), "nmae": "y"}
    told = {
        "id": (
            "Band() takes no id: the database numbers new rows; leave it out, insert the row by "
            "Band.insert(Band.id.to(5), ...), or declare id with column(primary_key=True, init=True) to give every "
            "number yourself."
        ),
        "version": "Band() takes no version: it is set by the database and cannot be given.",
        "note": "Band() takes no note: the database fills it when the row is inserted; change it afterwards.",
        "concerts": "Band() takes no concerts: related rows are rows of their own; insert them after this one.",
        "nmae": "Band() takes no nmae: there is no such column; it takes name.",
        "pair": "Concert() takes no pair: a key over several columns is given by those, id and other.",
    }
    for name, message in told.items():
        given: dict[str, Any] = {name: written[name], **({"band": 1} if name == "pair" else {"name": "x"})}
        table: Any = Concert if name == "pair" else Band
        with pytest.raises(TypeError) as caught:
            table(**given)
        assert str(caught.value) == message


async def test_a_number_is_not_set_either(database_url: str) -> None:
    """A new row with a number would be stored with another one, so it is not inserted; a stored row may move."""
    async with opened(database_url, *TABLES):
        band = Band(name="a")
        band.id = 7
        told = r"Band\.id: the database numbers new rows; leave it out, insert the row"
        with pytest.raises(InvalidValue, match=f"^{told}"):
            await band.save()
        with pytest.raises(InvalidValue, match=f"^Row 1: {told}"):
            Band.insert(Band(name="b"), band)
        stored = await Band.insert(Band(name="a")).one()
        stored.id = 7
        await stored.save()
        assert await numbers() == [7]


async def test_a_row_with_its_number_need_not_be_read_to_be_written(database_url: str) -> None:
    """Rows that come from outside with their keys are written by them; what is stored is theirs afterwards."""
    async with opened(database_url, *TABLES):
        await Band.insert(Band(name="a"), Band(name="b"))
        one, two = [Band(name=name) for name in ("c", "d")]
        one.id, two.id = await numbers()
        with pytest.raises(QueryError, match=r"^Row 0 of update_many\(\) has no note, which the database fills"):
            await Band.update_many([one, two])
        assert await Band.update_many([one, two], Band.name) == 2
        assert await Band.select(Band.name).order_by(Band.id).values() == ["c", "d"]


async def test_a_sequence_moved_by_hand(postgres_url: str) -> None:
    """Rows that another program stored with numbers of its own leave the sequence behind; one statement moves it on."""
    async with Database(postgres_url, tables=TABLES) as db:
        await db.create_tables()
        await db.sql("""insert into band ("bandId", name, version) values (1, 'a', 1), (2, 'b', 1)""")
        with pytest.raises(UniqueViolation):
            await Band(name="c").save()
        await db.sql("""select setval(pg_get_serial_sequence('band', 'bandId'), (select max("bandId") from band))""")
        await Band(name="c").save()
        assert await numbers() == [1, 2, 3]
