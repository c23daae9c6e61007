"""Tests of a row's values as a dict, and of reading some of its columns again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tabor import Column, Database, ForeignKey, NotFound, QueryError, StaleRow, Table, column, key
from tabor.schema.facts import facts_of
from tests.festival import Gig, Mood, Person, ann, bob, opened

pytestmark = pytest.mark.anyio


class Seat(Table):
    """A row with a version, a key of two columns, and a name of its own in the database."""

    hall: Column[int] = column(primary_key=True, init=True)
    number: Column[int] = column(primary_key=True, init=True)
    kind: Column[str] = column(default="plain", name="Kind")
    price: Column[Decimal] = column(default=Decimal(1), decimal_places=2)
    facts: Column[dict[str, object]] = column(default_factory=dict)
    version: Column[int] = column(version=True)


class Booking(Table):
    """Refers to a seat."""

    id: Column[int] = column(primary_key=True)
    hall: Column[int]
    number: Column[int]
    seat: ForeignKey[Seat, tuple[int, int]] = key(columns=lambda: (Booking.hall, Booking.number))


async def test_a_row_as_a_dict(db: Database) -> None:
    """It is what dicts() gives for the row: keys as keys, secrets left out unless they are named."""
    person = await ann()
    assert person.to_dict() == {"id": 1, "email": "ann@example.org", "name": "Ann"}
    assert person.to_dict(Person.name, Person.password) == {"name": "Ann", "password": "hash"}
    gig = await Gig.insert(Gig(title="x", booker=person, genres=["folk"], mood=Mood.quiet)).one()
    assert [gig.to_dict()] == await Gig.select().dicts()
    assert gig.to_dict(Gig.booker.id) == {"booker": 1}
    assert gig.to_dict(Gig.id, Gig.sound(lambda sound: sound.id)) == {"id": 1, "sound": None}


def test_a_new_row_as_a_dict() -> None:
    """What the database has yet to fill is not there, and what is in the dict is the dict's own."""
    gig = Gig(title="x", booker=3, genres=["folk"])
    values = gig.to_dict()
    assert list(values) == [name for name in facts_of(Gig).columns if name != "id"]
    given: Any = values["genres"]
    given.append("jazz")
    assert gig.genres == ["folk"]
    assert Booking(hall=1, number=7).to_dict() == {"hall": 1, "number": 7}
    with pytest.raises(QueryError, match=r"^to_dict\(\) takes columns of gig itself, got <Column Person\.name>"):
        gig.to_dict(Person.name)
    with pytest.raises(QueryError, match=r"^to_dict\(\) takes columns of gig itself, got "):
        gig.to_dict(Gig.booker.name)


async def test_some_columns_are_read_again(db: Database) -> None:
    """The named columns hold what is stored, the others what they held, unsaved changes too, which are still saved."""
    first, second = await ann(), await bob()
    gig = await Gig.insert(Gig(title="x", booker=first, seats=1, genres=["folk"])).one()
    changes = (Gig.title.to("stored"), Gig.seats.to(5), Gig.booker.id.to(second.id), Gig.genres.to(["jazz"]))
    await Gig.update(*changes).where(Gig.id == gig.id)
    gig.title, gig.note = "mine", "mine too"
    await gig.refresh(Gig.seats, Gig.booker.id, Gig.genres)
    assert (gig.title, gig.note, gig.seats, gig.booker.id, gig.genres) == ("mine", "mine too", 5, 2, ["jazz"])
    await gig.save()
    stored = await Gig.get(gig.id)
    assert (stored.title, stored.note, stored.seats, stored.booker.id, stored.genres) == (
        "mine",
        "mine too",
        5,
        2,
        ["jazz"],
    )
    await gig.refresh()
    assert gig.to_dict() == stored.to_dict()


async def test_a_change_is_dropped_where_its_column_is_read_again(db: Database) -> None:
    """A refreshed column counts as unchanged, so that saving writes nothing of it."""
    gig = await Gig.insert(Gig(title="x", booker=await ann(), genres=["folk"])).one()
    gig.title = "mine"
    gig.genres.append("jazz")
    await gig.refresh(Gig.title, Gig.genres)
    await Gig.update(Gig.title.to("theirs"), Gig.genres.to([])).where(Gig.id == gig.id)
    await gig.save()
    stored = await Gig.get(gig.id)
    assert (gig.title, gig.genres, stored.title, stored.genres) == ("x", ["folk"], "theirs", [])


async def test_the_version_is_a_column(database_url: str) -> None:
    """A row whose other columns were read again is as old as before, unless its version is read again too."""
    async with opened(database_url, Seat, Booking):
        seat = await Seat.insert(Seat(hall=1, number=2)).one()
        await Seat.update(Seat.kind.to("box"), Seat.facts.to({"a": 1})).where(Seat.hall == 1)
        await seat.refresh(Seat.kind, Seat.facts)
        assert (seat.kind, seat.facts, seat.version) == ("box", {"a": 1}, 1)
        seat.price = Decimal(3)
        with pytest.raises(StaleRow):
            await seat.save()
        await seat.refresh(Seat.version)
        await seat.save()
        assert (seat.price, seat.version) == (Decimal("3.00"), 3)
        assert (await Seat.get((1, 2))).to_dict() == seat.to_dict()


async def test_refusals(db: Database) -> None:
    """Columns of other tables, rows that are gone and rows that were never stored are refused."""
    gig = await Gig.insert(Gig(title="x", booker=await ann())).one()
    with pytest.raises(QueryError, match=r"^refresh\(\) takes columns of gig itself, got <Column Person\.name>"):
        await gig.refresh(Person.name)
    with pytest.raises(QueryError, match=r"^This Gig was never saved; save\(\) or insert\(\) it first\.$"):
        await Gig(title="x", booker=1).refresh(Gig.title)
    await Gig.delete().where(Gig.id == gig.id)
    with pytest.raises(NotFound):
        await gig.refresh(Gig.title)
