"""Tests of several databases at once: the same tables in a SQLite file and on PostgreSQL, side by side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from tabor import Database, NotFound, TransactionMisuse, param
from tests.festival import TABLES, Gig, Person, ann

pytestmark = pytest.mark.anyio

Pair = tuple[Database, Database]


@pytest.fixture
async def pair(tmp_path: Path, postgres_url: str) -> AsyncIterator[Pair]:
    """A SQLite file and a PostgreSQL database with the same tables; the second claimed them last."""
    async with (
        Database(f"sqlite:///{tmp_path}/local.db", tables=TABLES) as local,
        Database(postgres_url, tables=TABLES) as central,
    ):
        await local.create_tables()
        await central.create_tables()
        yield local, central


async def names(db: Database) -> list[str]:
    """The names of all people in a database."""
    return await Person.select(Person.name).order_by(Person.name).values().run(db)


def person(name: str) -> Person:
    """A new person."""
    return Person(email=f"{name}@example.org", name=name)


async def test_run_and_use_choose_the_database(pair: Pair) -> None:
    """Queries and writes go to the database of run(), else of use(), else to the one that was opened last."""
    local, central = pair
    await Person.insert(person("ann"))
    assert await Person.insert(person("bob")).run(local) == 1
    with local.use():
        await person("cid").save()
        assert await Person.insert(person("dan")).run(central) == 1
        with central.use():
            await person("eve").save()
        assert await Person.select().count() == 2
        assert (await Person.get(1)).name == "bob"
    assert (await Person.get(1)).name == "ann"
    assert [await names(local), await names(central)] == [["bob", "cid"], ["ann", "dan", "eve"]]


async def test_the_same_query_runs_on_each(pair: Pair) -> None:
    """One query value, prepared or not, with related rows and joins, gives the rows of the database that it runs on."""
    local, central = pair
    for db, title in ((local, "here"), (central, "there")):
        with db.use():
            await Gig.insert(Gig(title=title, fee=Decimal("1.25"), genres=["folk"], booker=await ann()))
    pairs = Gig.select(Gig.title, Gig.booker.name, Gig.fee, Gig.genres)
    lists = Person.select(Person.name, Person.gigs.select(Gig.title).values())
    titled = Gig.select(Gig.title).where(Gig.title == param(str)).values().prepare()
    for db, title in ((local, "here"), (central, "there"), (local, "here")):
        assert await pairs.run(db) == [(title, "Ann", Decimal("1.25"), ["folk"])]
        assert await lists.run(db) == [("Ann", [title])]
        with db.use():
            assert [await titled("here"), await titled("there")] == [[title], []][:: 1 if title == "here" else -1]
            assert [gig.title async for gig in Gig.select().stream()] == [title]
            assert await Gig.select(Gig.title).json() == f'[{{"title":"{title}"}}]'.encode()


async def test_rows_travel_from_one_to_the_other(pair: Pair) -> None:
    """Rows that were read from one database are inserted into the other one, and change there alone."""
    local, central = pair
    await Person.insert(*[person(f"p{n}") for n in range(20)]).run(local)
    people = await Person.select().order_by(Person.id).run(local)
    assert await Person.insert(people).run(central) == 20
    assert await names(local) == await names(central)
    with central.use():
        for row in people:
            row.name = f"{row.name} (moved)"
        assert await Person.update_many(people, Person.name) == 20
    assert [(await names(local))[0], (await names(central))[0]] == ["p0", "p0 (moved)"]


async def test_transactions_of_both_are_apart(pair: Pair) -> None:
    """A task may hold a transaction on each; one is rolled back, the other one kept."""
    local, central = pair

    async def fails() -> None:
        async with central.transaction():
            await Person.insert(person("lost"))
            with local.use():
                async with local.transaction():
                    await Person.insert(person("kept"))
                    await Person.insert(person("too")).run(central)
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await fails()
    assert [await names(local), await names(central)] == [["kept"], []]


async def test_a_transaction_takes_the_queries_of_its_block(pair: Pair) -> None:
    """Where two databases list a table, queries inside a transaction go to its database, and are undone with it."""
    local, central = pair

    async def fails() -> None:
        async with local.transaction():
            await Person.insert(person("lost"))
            await person("too").save()
            assert (await Person.get(1)).name == "lost"
            assert [row.name async for row in Person.select().order_by(Person.id).stream()] == ["lost", "too"]
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await fails()
    async with local.transaction():
        await Person.insert(person("kept"))
    await Person.insert(person("last"))
    assert [await names(local), await names(central)] == [["kept"], ["last"]]


async def test_transactions_of_two_databases_need_a_name(pair: Pair) -> None:
    """A query that could belong to either of two open transactions is refused and not guessed."""
    local, central = pair
    async with central.transaction(), local.transaction():
        with pytest.raises(TransactionMisuse, match=r"Several databases hold the table 'person', .* in 2 of them"):
            await Person.insert(person("ann"))
        await Person.insert(person("ann")).run(central)
    assert [await names(local), await names(central)] == [[], ["ann"]]


async def test_tasks_use_a_database_each(pair: Pair) -> None:
    """use() belongs to its task: tasks that run at once with different databases do not meet."""

    async def works(db: Database, name: str) -> str:
        with db.use():
            for n in range(10):
                await person(f"{name}{n}").save()
                await asyncio.sleep(0)
            row = await Person.select().where(Person.name == f"{name}3").one()
            await row.refresh()
            return row.name

    local, central = pair
    first, second = await asyncio.gather(works(local, "l"), works(central, "c"))
    assert (first, second) == ("l3", "c3")
    assert [await names(local), await names(central)] == [[f"l{n}" for n in range(10)], [f"c{n}" for n in range(10)]]


async def test_closing_gives_the_tables_back(tmp_path: Path, postgres_url: str) -> None:
    """When the database that was opened last is closed, queries go to the one before."""
    async with Database(f"sqlite:///{tmp_path}/local.db", tables=TABLES) as local:
        await local.create_tables()
        await Person.insert(person("ann"))
        async with Database(postgres_url, tables=TABLES) as central:
            await central.create_tables()
            with pytest.raises(NotFound):
                await Person.get(1)
        assert (await Person.get(1)).name == "ann"
