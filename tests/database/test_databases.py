"""Tests of which database a query goes to, and of opening, closing and preparing."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from tabor import (
    Column,
    ConfigurationError,
    Database,
    DatabaseClosed,
    InvalidValue,
    QueryError,
    Table,
    column,
    param,
)
from tests.festival import TABLES, Gig, Person, Stage, ann, bob, opened

pytestmark = pytest.mark.anyio


class Note(Table):
    """A table that no database claims by itself."""

    id: Column[int] = column(primary_key=True)
    text: Column[str]


def beside(path: Path, name: str) -> str:
    """The address of a database in a folder."""
    return f"sqlite:///{path}/{name}.db"


async def test_a_query_needs_an_open_database() -> None:
    """A query on a table that no open database holds says what to do."""
    with pytest.raises(DatabaseClosed) as caught:
        await Note.select()
    assert str(caught.value) == (
        "No open database holds the table 'note'. Open one that lists it first: `db = Database(url, tables=[...])` "
        "and `async with db:`, or run the query with `.run(db)`."
    )


async def test_databases_live_side_by_side(tmp_path: Path) -> None:
    """Queries go to the database that claimed their table last; when it closes, to the one before."""
    async with opened(beside(tmp_path, "one"), Person) as one:
        await ann()
        async with opened(beside(tmp_path, "two"), Person) as two:
            await bob()
            await bob_again(one)
            assert await Person.select(Person.name).values() == ["Bob"]
            assert await Person.select(Person.name).order_by(Person.id).values().run(one) == ["Ann", "Bob"]
            with one.use():
                assert await Person.select().count() == 2
                assert await Person.select().count().run(two) == 1
            assert await Person.select().count() == 1
        assert await Person.select().count() == 2
    with pytest.raises(DatabaseClosed):
        await Person.select()


async def bob_again(db: Database) -> None:
    """Store a person in a given database."""
    assert await Person.insert(Person(email="bob@example.org", name="Bob")).run(db) == 1


async def test_use_holds_for_its_block_and_task(tmp_path: Path) -> None:
    """use() holds for the block and for tasks that start in it, not for others."""
    async with opened(beside(tmp_path, "one"), Person) as one, opened(beside(tmp_path, "two"), Person):
        await bob()
        entered = asyncio.Event()

        async def inside() -> int:
            with one.use():
                entered.set()
                await asyncio.sleep(0)
                return await asyncio.create_task(count())

        async def count() -> int:
            return await Person.select().count()

        task = asyncio.create_task(inside())
        await entered.wait()
        assert (await count(), await task) == (1, 0)


async def test_tables_are_created_once(database_url: str) -> None:
    """create_tables() creates what is missing and leaves the rest as it is."""
    async with opened(database_url) as db:
        await ann()
        await db.create_tables()
        assert await Person.select().count() == 1
        assert db.schema_sql().count("CREATE TABLE") == 3


async def test_lifespan(tmp_path: Path) -> None:
    """Lifespan opens the database for an application and closes it at the end."""
    db = Database(beside(tmp_path, "one"), tables=[Person])
    async with db.lifespan(object()):
        await db.create_tables()
        assert (db.health().ok, await Person.select()) == (True, [])
    with pytest.raises(DatabaseClosed):
        await Person.select().run(db)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite://planner.db", "The URL 'sqlite://planner.db' has two slashes where three are needed"),
        ("sqlite:///a.db?cache=1", "The URL 'sqlite:///a.db?cache=1' has parameters; pass options as"),
        ("mysql://x:secret@y/z", "The database URL 'mysql://x:***@y/z' is not understood; it begins with sqlite:///"),
        ("planner.db", "The database URL 'planner.db' is not understood; it begins with sqlite:///"),
    ],
)
def test_addresses(url: str, message: str) -> None:
    """An address that is not understood is refused, without its password."""
    with pytest.raises(ConfigurationError) as caught:
        Database(url, tables=[])
    assert str(caught.value).startswith(message)
    assert caught.value.setting == "url"


async def test_prepared_queries(db: Database) -> None:
    """A prepared query takes a value for each param(), in the order they were written, and checks them."""
    person = await ann()
    await Gig.insert(*[Gig(title=f"gig {n}", seats=n, booker=person) for n in range(5)])
    query = Gig.select(Gig.title).where(Gig.booker.id == param(int), Gig.seats >= param(int), Gig.title != "gig 4")
    prepared = query.order_by(Gig.id).values().prepare()
    assert await prepared(person.id, 2) == ["gig 2", "gig 3"]
    assert await prepared(person.id, 3) == ["gig 3"]
    assert await prepared(person.id + 1, 0) == []
    with pytest.raises(QueryError, match=r"^This prepared query takes 2 values, got 1\.$"):
        prepared(1)
    with pytest.raises(InvalidValue, match=r"^Gig\.booker: expected a whole number, got 'x' \(str\)\.$"):
        await prepared("x", 1)


async def test_prepared_writes(db: Database) -> None:
    """Updates, deletes and first() can be prepared too."""
    person = await ann()
    rename = Person.update(Person.name.to(param(str))).where(Person.id == param(int)).prepare()
    first = Person.select().where(Person.name == param(str)).first().prepare()
    delete = Person.delete().where(Person.id == param(int)).returning(Person.name).prepare()
    assert await rename("Anna", person.id) == 1
    found = await first("Anna")
    assert found is not None
    assert (found.id, await first("Ann"), await delete(person.id)) == (person.id, None, [("Anna",)])


async def test_a_place_without_a_value(db: Database) -> None:
    """A query with param() that is not prepared cannot run."""
    with pytest.raises(QueryError, match=r"prepare\(\)"):
        await Person.select().where(Person.id == param(int))


def test_params_have_plain_types() -> None:
    """param() takes the plain types that columns hold."""
    with pytest.raises(QueryError, match=r"^param\(\) takes one of int, float, bool, str, bytes, "):
        param(complex)


def test_without_an_event_loop(tmp_path: Path) -> None:
    """Scripts and notebooks run queries with run_sync(), which opens the database at first use."""
    db = Database(beside(tmp_path, "script"), tables=TABLES)
    db.run_sync(db.create_tables)
    assert Person.insert(Person(email="ann@example.org", name="Ann")).run_sync() == 1
    person = Person.select().where(Person.name == "Ann").one().run_sync(db)
    assert (person.email, Stage.select().run_sync()) == ("ann@example.org", [])
    with db.use():
        assert Person.select().count().run_sync() == 1
    db.run_sync(db.close)


def test_a_table_of_no_database_without_an_event_loop() -> None:
    """run_sync() on a table that no database lists says what to do."""
    with pytest.raises(DatabaseClosed, match=r"^No open database holds the table 'note'\."):
        Note.select().run_sync()


async def test_run_sync_in_a_loop(db: Database) -> None:
    """Inside an event loop run_sync() would stop it, and says to use await; from another thread it waits."""
    with pytest.raises(QueryError, match=r"^run_sync\(\) is for code outside of an event loop; here, use await\.$"):
        Person.select().run_sync()
    found: list[list[Person]] = []
    thread = threading.Thread(target=lambda: found.append(Person.select().run_sync()))
    thread.start()
    await asyncio.to_thread(thread.join)
    assert found == [[]]


def test_run_sync_where_the_loop_stands_still(database_url: str) -> None:
    """At a console the loop of an open database stands still between two awaits; run_sync() works there."""
    db = Database(database_url, tables=[Note])
    loop = asyncio.new_event_loop()
    loop.run_until_complete(db.open())
    loop.run_until_complete(db.create_tables())
    assert Note.insert(Note(text="a")).run_sync(db) == 1
    assert Note.select(Note.text).values().run_sync(db) == ["a"]
    loop.run_until_complete(db.close())
    loop.close()
