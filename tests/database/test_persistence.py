"""Tests of saving, removing and refreshing single rows."""

from __future__ import annotations

import pytest

from tabor import (
    Column,
    Database,
    InvalidValue,
    NotFound,
    QueryError,
    Table,
    ValueOutOfRange,
    column,
)
from tests.festival import Gig, Person, ann, bob, opened

pytestmark = pytest.mark.anyio


class Line(Table):
    """A table without a key."""

    text: Column[str]


class Mark(Table):
    """A table with nothing but a key that the database makes."""

    id: Column[int] = column(primary_key=True)


class Playlist(Table):
    """A list with a limit."""

    id: Column[int] = column(primary_key=True)
    songs: Column[list[str]] = column(default_factory=list, max_length=2)


async def test_save_inserts_a_new_row(db: Database) -> None:
    """Saving a new row stores it and gives it its key."""
    person = Person(email="ann@example.org", name="Ann")
    await person.save()
    assert (person.id, await Person.select(Person.id, Person.name)) == (1, [(1, "Ann")])


async def test_save_writes_changed_columns_only(db: Database) -> None:
    """Saving a stored row leaves columns alone that it did not change."""
    gig = await Gig.insert(Gig(title="x", booker=await ann(), note="old")).one()
    await Gig.update(Gig.note.to("new")).where(Gig.id == gig.id)
    gig.title = "y"
    await gig.save()
    assert (gig.title, gig.note) == ("y", "new")
    assert await Gig.select(Gig.title, Gig.note) == [("y", "new")]


async def test_save_without_changes_writes_nothing(db: Database) -> None:
    """Saving an unchanged row is no statement at all, so even a row that is gone does not mind."""
    person = await ann()
    await Person.delete().everything()
    await person.save()
    assert await Person.select().count() == 0


async def test_changes_in_place_are_seen(db: Database) -> None:
    """A list that was changed in place is written, and checked again."""
    gig = await Gig.insert(Gig(title="x", booker=await ann(), genres=["folk"])).one()
    gig.genres.append("loud")
    await gig.save()
    assert (await Gig.get(gig.id)).genres == ["folk", "loud"]
    gig.genres.append(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the mistake
    with pytest.raises(InvalidValue, match=r"^Gig\.genres: expected text, got 5 \(int\)\.$"):
        await gig.save()


async def test_limits_of_lists_hold_after_changes(database_url: str) -> None:
    """A list that grew past its limit is refused when it is saved, and when it is inserted."""
    async with opened(database_url, Playlist):
        playlist = Playlist(songs=["a"])
        await playlist.save()
        playlist.songs.extend(["b", "c"])
        fresh = Playlist()
        fresh.songs.extend(["a", "b", "c"])
        for write in (playlist.save(), fresh.save()):
            with pytest.raises(ValueOutOfRange, match=r"^Playlist\.songs: at most 2 items are allowed, got 3\.$"):
                await write
        with pytest.raises(ValueOutOfRange, match=r"^Playlist\.songs: at most 2 items are allowed, got 3\.$"):
            Playlist.insert(fresh)


async def test_save_changes_a_key(db: Database) -> None:
    """A reference can be changed and emptied by saving."""
    first, second = await ann(), await bob()
    gig = await Gig.insert(Gig(title="x", booker=first, sound=first)).one()
    gig.booker = second
    gig.sound = None
    await gig.save()
    stored = await Gig.get(gig.id)
    assert (stored.booker.id, stored.sound) == (second.id, None)


async def test_gone_rows(db: Database) -> None:
    """A row that is gone cannot be written, removed or refreshed; the error names its key."""
    person = await ann()
    await person.remove()
    person.name = "Anna"
    for write in (person.save(), person.remove(), person.refresh()):
        with pytest.raises(NotFound, match=r"^There is no person with the key 1\.$"):
            await write


async def test_new_rows_are_nothing_to_remove(db: Database) -> None:
    """A row that was never stored cannot be removed or refreshed."""
    person = Person(email="ann@example.org", name="Ann")
    for write in (person.remove(), person.refresh()):
        with pytest.raises(QueryError, match=r"^This Person was never saved; save\(\) or insert\(\) it first\.$"):
            await write


async def test_refresh(db: Database) -> None:
    """Refreshing reads every column again and drops what was not saved."""
    person = await ann()
    await Person.update(Person.name.to("Anna")).where(Person.id == person.id)
    person.email = "other@example.org"
    await person.refresh()
    assert (person.name, person.email) == ("Anna", "ann@example.org")


async def test_tables_without_a_key(database_url: str) -> None:
    """A row without a key can be stored; after that it cannot be told from others."""
    async with opened(database_url, Line):
        line = Line(text="x")
        await line.save()
        line.text = "y"
        for write in (line.save(), line.remove(), line.refresh()):
            with pytest.raises(QueryError, match=r"^Line has no primary key, so one row cannot be told from another"):
                await write
        with pytest.raises(QueryError, match=r"^Line has no primary key; read it by a condition"):
            await Line.get(1)
        assert await Line.select(Line.text).values() == ["x"]


async def test_tables_with_nothing_to_insert(database_url: str) -> None:
    """A row of nothing but a key that the database makes can be inserted, one or many."""
    async with opened(database_url, Mark):
        mark = Mark()
        await mark.save()
        assert await Mark.insert(Mark(), Mark()) == 2
        assert [row.id for row in await Mark.insert(Mark(), Mark()).all()] == [4, 5]
        await mark.save()
        assert mark.id == 1
