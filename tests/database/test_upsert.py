"""Tests of rows that are found or made, and updated or made."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tabor import Column, Database, ForeignKey, QueryError, Table, column, excluded, key
from tests.festival import Gig, Person, Stage, ann, opened

pytestmark = pytest.mark.anyio


class Tag(Table):
    """A word, with how often it was used."""

    name: Column[str] = column(primary_key=True, init=True)
    uses: Column[int] = column(default=1)


class Shelf(Table):
    """A place, which may have no number."""

    id: Column[int] = column(primary_key=True, init=True)
    number: Column[int | None] = column(default=None, unique=True)
    room: Column[str] = column(default="")


async def test_get_or_create(db: Database) -> None:
    """A row that is there comes back as it is; one that is not is inserted."""
    row, created = await Person.get_or_create(Person(email="ann@example.org", name="Ann"), Person.email)
    assert (row.id, row.name, created) == (1, "Ann", True)
    again, created = await Person.get_or_create(Person(email="ann@example.org", name="Anna"), Person.email)
    assert (again.id, again.name, created) == (1, "Ann", False)
    again.name = "Anna"
    await again.save()
    assert await Person.select(Person.name).values() == ["Anna"]


async def test_update_or_create(db: Database) -> None:
    """A row that is there takes over the new values, or what is asked for; one that is not is inserted."""
    query = Person.update_or_create(Person(email="ann@example.org", name="Ann", password="x"), Person.email)
    row, created = await query
    assert (row.id, row.name, created) == (1, "Ann", True)
    row, created = await query
    assert (row.id, row.name, created) == (1, "Ann", False)
    row, created = await Person.update_or_create(Person(email="ann@example.org", name="Anna"), Person.email)
    assert (row.id, row.name, row.password, created) == (1, "Anna", "", False)
    longer = Person.name.to(Person.name + excluded(Person.name))
    row, created = await Person.update_or_create(
        Person(email="ann@example.org", name="bel", password="y"), Person.email, update=[longer]
    )
    assert (row.name, row.password, created) == ("Annabel", "", False)


async def test_keys_that_the_database_does_not_number(database_url: str) -> None:
    """Whether a row was inserted is told for any key, after other inserts too, and for several rows in turn."""
    async with opened(database_url, Tag, Shelf):
        counted = Tag.uses.to(Tag.uses + 1)
        told: list[tuple[str, int, bool]] = []
        for name in ("folk", "folk", "jazz", "folk", "jazz"):
            await Shelf.insert(Shelf(id=len(told) - 2))
            tag, created = await Tag.update_or_create(Tag(name=name), Tag.name, update=[counted])
            told.append((tag.name, tag.uses, created))
        assert told == [
            ("folk", 1, True),
            ("folk", 2, False),
            ("jazz", 1, True),
            ("folk", 3, False),
            ("jazz", 2, False),
        ]
        for number in (0, -1, 7):
            assert (await Shelf.update_or_create(Shelf(id=number, room="a"), Shelf.id))[1] is (number == 7)


class Seat(Table):
    """A place of a gig that somebody has."""

    gig: ForeignKey[Gig] = key(primary_key=True)
    person: ForeignKey[Person] = key(primary_key=True)
    number: Column[int] = column(default=1)


async def test_rows_are_told_by_their_keys(database_url: str) -> None:
    """Foreign keys that are unique together, or the primary key, tell a row as columns do."""
    async with opened(database_url, Person, Stage, Gig, Seat):
        person = await ann()
        gig = await Gig.insert(Gig(title="x", booker=person)).one()
        told = [await Seat.get_or_create(Seat(gig=gig, person=person), Seat.gig.id, Seat.person.id) for _ in "ab"]
        assert [created for _, created in told] == [True, False]
        row, created = await Seat.update_or_create(Seat(gig=gig, person=person, number=7), Seat.gig.id, Seat.person.id)
        assert (row.number, created) == (7, False)


async def test_in_a_transaction(db: Database) -> None:
    """A row made earlier in the same transaction is found, and goes with it."""
    with pytest.raises(ZeroDivisionError):  # noqa: PT012  # the block is the transaction that is rolled back
        async with db.transaction():
            person = Person(email="ann@example.org", name="Ann")
            assert (await Person.get_or_create(person, Person.email))[1] is True
            assert (await Person.get_or_create(person, Person.email))[1] is False
            assert (await Person.update_or_create(person, Person.email))[1] is False
            raise ZeroDivisionError
    assert await Person.select().count() == 0


WAYS: dict[str, Callable[[int], Awaitable[tuple[Person, bool]]]] = {
    "get_or_create": lambda n: Person.get_or_create(Person(email="ann@example.org", name=f"{n}"), Person.email),
    "update_or_create": lambda n: _awaited(
        Person.update_or_create(Person(email="ann@example.org", name=f"{n}"), Person.email)
    ),
}


async def _awaited(query: Awaitable[tuple[Person, bool]]) -> tuple[Person, bool]:
    return await query


@pytest.mark.parametrize("way", WAYS)
async def test_many_tasks_make_one_row(db: Database, way: str) -> None:
    """Of tasks that do the same at once exactly one makes the row, and all get it."""
    answers = await asyncio.gather(*[WAYS[way](number) for number in range(24)])
    assert [created for _, created in answers].count(True) == 1
    assert {row.id for row, _ in answers} == set(await Person.select(Person.id).values())


async def test_a_task_that_was_quicker(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that another task makes between the look and the insert is given as that task made it."""
    run, looks = Database.run, [1]

    async def slower(self: Database, question: Any, /) -> Any:
        found = await run(self, question)
        if looks:
            looks.pop()
            await Person.insert(Person(email="ann@example.org", name="Quick"))
        return found

    monkeypatch.setattr(Database, "run", slower)
    row, created = await Person.get_or_create(Person(email="ann@example.org", name="Slow"), Person.email)
    assert (row.name, created) == ("Quick", False)


async def test_what_cannot_work(db: Database) -> None:
    """A row is told by columns of its own that have a value."""
    person = await ann()
    gig = Gig(title="x", booker=person)
    for by in ((), (Gig.id,), (Gig.booker.name,), (Gig.title, Person.name)):
        with pytest.raises(QueryError, match=r"^get_or_create\(\) needs the unique column or columns of gig by which"):
            await Gig.get_or_create(gig, *by)
        with pytest.raises(QueryError, match=r"^update_or_create\(\) needs the unique column or columns of gig by whi"):
            Gig.update_or_create(gig, *by)
    with pytest.raises(QueryError, match=r"^get_or_create\(\) finds no row by an empty gig\.note; give it a value\.$"):
        await Gig.get_or_create(gig, Gig.note)
    told = r"\(\) tells rows of gig by title, seats, and several may have the same there; declare it unique"
    with pytest.raises(QueryError, match="^get_or_create" + told):
        await Gig.get_or_create(gig, Gig.title, Gig.seats)
    with pytest.raises(QueryError, match="^update_or_create" + told):
        Gig.update_or_create(gig, Gig.title, Gig.seats)
    with pytest.raises(QueryError, match=r"^Gig\.insert\(\) takes rows made by Gig\(\.\.\.\), got Person"):
        await Gig.get_or_create(person, Gig.note)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the mistake
