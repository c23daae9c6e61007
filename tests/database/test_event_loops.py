"""Tests of databases in several event loops, one after the other and at the same time."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from threading import enumerate as enumerate_threads

import pytest

from tabor import Database, DatabaseError, DatabaseUnavailable
from tests.festival import TABLES, Person, ann, bob


def made(url: str) -> Database:
    """A database with its tables, closed."""
    db = Database(url, tables=TABLES)

    async def making() -> None:
        async with db:
            await db.create_tables()

    asyncio.run(making())
    return db


async def counted(db: Database) -> int:
    """How many people there are, by a database that is opened for it."""
    async with db:
        return await Person.select().count()


def left_open(db: Database) -> None:
    """Open a database in an event loop that ends without having closed it."""

    async def opening() -> None:
        await db.open()
        await ann()

    asyncio.run(opening())


def refused(work: Callable[[], Awaitable[object]]) -> str:
    """What a use in an event loop of its own is refused by."""

    async def working() -> None:
        await work()

    with pytest.raises(DatabaseError) as caught:
        asyncio.run(working())
    return str(caught.value)


def test_one_loop_after_the_other(database_url: str) -> None:
    """A database that is closed in time can be opened in the next loop."""
    db = made(database_url)
    assert [asyncio.run(counted(db)) for _ in range(2)] == [0, 0]


@pytest.mark.filterwarnings(
    # The loop that could have closed the driver's sockets is gone.
    "ignore:unclosed:ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)
def test_a_database_that_was_left_open(database_url: str) -> None:
    """Left open in a loop that has ended, it says so, and can be opened in another one."""
    db = made(database_url)
    left_open(db)
    assert refused(bob) == (
        "This database was opened in an event loop that has ended, and can be used there only. Open it in each loop "
        "that uses it, with `async with db:` within asyncio.run(), or call run_sync() from a thread without a loop."
    )

    async def in_transaction() -> None:
        async with db.transaction():
            await bob()

    assert refused(in_transaction).startswith("This database was opened in an event loop that has ended")
    assert asyncio.run(counted(db)) == 1
    left_open_too = made(database_url)

    async def opening() -> None:
        await left_open_too.open()

    asyncio.run(opening())
    assert Person.select().count().run_sync(left_open_too) == 1
    asyncio.run(left_open_too.close())
    gc.collect()


def test_another_loop_at_the_same_time(database_url: str) -> None:
    """Another thread's loop is refused, before anything is written."""
    db = made(database_url)
    found: list[str] = []

    async def working() -> int:
        async with db:
            found.append(await asyncio.to_thread(refused, bob))
            return await Person.select().count()

    assert asyncio.run(working()) == 0
    assert found[0].startswith("This database was opened in another event loop, and can be used there only.")


def test_opening_twice(database_url: str) -> None:
    """Of two tasks that open a database at once one is refused, and nothing of it stays open."""
    db = made(database_url)

    async def opening() -> tuple[BaseException | None, BaseException | None]:
        async def tried() -> None:
            await db.open()

        try:
            return await asyncio.gather(tried(), tried(), return_exceptions=True)
        finally:
            await db.close()

    first, second = asyncio.run(opening())
    assert first is None
    assert type(second) is DatabaseError
    assert " is open already. Open it once, around all that uses it" in str(second)


def test_opening_that_fails_leaves_no_thread() -> None:
    """A database that run_sync() cannot open is refused each time for the same reason."""
    db = Database("sqlite:////nowhere/at/all/planner.db", tables=TABLES)
    before = set(enumerate_threads())
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable, match="cannot be created"):
            Person.select().count().run_sync(db)
    assert set(enumerate_threads()) <= before
