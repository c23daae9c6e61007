"""Tests of transactions: what they keep, what they undo, and whom they belong to."""

from __future__ import annotations

import asyncio
from types import TracebackType

import pytest

from tabor import (
    Database,
    DatabaseClosed,
    TransactionConflict,
    TransactionMisuse,
    UniqueViolation,
)
from tests.festival import Person, ann, bob

pytestmark = pytest.mark.anyio


class Stop(Exception):
    """What a test raises to leave a block."""


class Stopped:
    """Expects that its block is left by ``Stop``."""

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if kind is None:
            pytest.fail("The block was to be left by Stop.")
        return kind is Stop


async def names() -> list[str]:
    """The names of all people, in order."""
    return await Person.select(Person.name).order_by(Person.name).values()


async def test_a_block_keeps_its_work(db: Database) -> None:
    """A block that ends well commits, and sees its own work before."""
    async with db.transaction():
        await ann()
        assert await names() == ["Ann"]
    assert await names() == ["Ann"]


async def test_a_block_that_raises_keeps_nothing(db: Database) -> None:
    """A block that raises rolls back and lets the error through."""
    async with Stopped(), db.transaction():
        await ann()
        raise Stop
    assert await names() == []


async def test_savepoints(db: Database) -> None:
    """A block within a block undoes only its own work, at any depth, and may follow another one."""
    async with db.transaction():
        await ann()
        async with Stopped(), db.transaction():
            await bob()
            async with db.transaction():
                await Person.insert(Person(email="eve@example.org", name="Eve"))
            assert await names() == ["Ann", "Bob", "Eve"]
            raise Stop
        assert await names() == ["Ann"]
        async with db.transaction():
            await Person.insert(Person(email="dan@example.org", name="Dan"))
    assert await names() == ["Ann", "Dan"]


async def test_a_refused_statement_leaves_the_block_usable(db: Database) -> None:
    """After a refusal the transaction goes on without the statement that was refused."""
    async with db.transaction():
        await ann()
        with pytest.raises(UniqueViolation):
            await ann()
        await bob()
    assert await names() == ["Ann", "Bob"]


async def test_rows_in_a_block(db: Database) -> None:
    """Saving, removing, refreshing, prepared queries, related rows and streams take part in the transaction."""
    count = Person.select().count().prepare()
    async with Stopped(), db.transaction():
        person = await ann()
        person.name = "Anna"
        await person.save()
        other = await bob()
        await other.remove()
        await person.refresh()
        assert (person.name, await count(), await person.gigs) == ("Anna", 1, [])
        assert [row.name async for row in Person.select().stream(1)] == ["Anna"]
        assert await db.sql("select name from person").values() == ["Anna"]
        raise Stop
    assert await count() == 0


async def test_a_reading_block_does_not_write(db: Database) -> None:
    """A block that only reads refuses to write."""
    await ann()
    async with db.transaction(read_only=True):
        assert await names() == ["Ann"]
        with pytest.raises(TransactionMisuse, match=r"^This transaction only reads, by read_only=True"):
            await bob()
    assert await names() == ["Ann"]


async def test_another_task_is_refused(db: Database) -> None:
    """A task that starts inside a block and uses the database is told both ways out, and changes nothing."""
    async with db.transaction():
        await ann()
        with pytest.raises(TransactionMisuse) as caught:
            await asyncio.create_task(bob())
        assert str(caught.value) == (
            "A transaction belongs to the task that began it, and this is another task. Await the work in the same "
            "task, or start the task where no transaction is open: `with db.outside():` around create_task()."
        )
        with pytest.raises(TransactionMisuse):
            await asyncio.gather(names(), names())
    assert await names() == ["Ann"]


async def test_a_task_that_outlives_the_block_is_refused(db: Database) -> None:
    """A task that starts inside a block and works after its end is told to start elsewhere."""
    go = asyncio.Event()

    async def later() -> None:
        await go.wait()
        await bob()

    async with db.transaction():
        task = asyncio.create_task(later())
        await ann()
    go.set()
    with pytest.raises(
        TransactionMisuse, match=r"^This task was started inside a transaction that has ended\. Start it"
    ):
        await task
    assert await names() == ["Ann"]


async def test_tasks_from_outside(db: Database) -> None:
    """A task that starts under outside() is no part of the block: it waits for it, and its work stays."""
    tasks: list[asyncio.Task[Person]] = []
    async with Stopped(), db.transaction():
        await ann()
        with db.outside():
            tasks.append(asyncio.create_task(bob()))
        await asyncio.sleep(0)
        raise Stop
    await asyncio.gather(*tasks)
    assert await names() == ["Bob"]


async def test_a_block_is_used_once(db: Database) -> None:
    """The same block cannot be entered again."""
    block = db.transaction()
    async with block:
        await ann()
    with pytest.raises(TransactionMisuse, match=r"^A transaction block is used once; write db\.transaction\(\) again"):
        async with block:
            await bob()
    assert await names() == ["Ann"]


async def test_transact_runs_again_after_a_conflict(db: Database) -> None:
    """transact() runs the work again, from the start, while it conflicts, and gives its result."""
    runs: list[int] = []

    async def work() -> str:
        runs.append(len(runs))
        await ann()
        if len(runs) < 3:
            raise TransactionConflict("Another transaction was first.")
        return "done"

    assert await db.transact(work) == "done"
    assert (runs, await names()) == ([0, 1, 2], ["Ann"])


async def test_transact_gives_up(db: Database) -> None:
    """transact() passes the conflict on after five runs, and any other error at once."""
    runs: list[type[Exception]] = []

    async def work(error: Exception) -> None:
        runs.append(type(error))
        raise error

    with pytest.raises(TransactionConflict):
        await db.transact(lambda: work(TransactionConflict("Another transaction was first.")))
    with pytest.raises(Stop):
        await db.transact(lambda: work(Stop()))
    assert runs == [TransactionConflict] * 5 + [Stop]


async def test_inner_transact_leaves_conflicts_to_the_outer(db: Database) -> None:
    """Inside a transaction a conflict cannot be solved by running a part again, so it is passed on at once."""
    runs: list[int] = []

    async def inner() -> None:
        runs.append(1)
        raise TransactionConflict("Another transaction was first.")

    with pytest.raises(TransactionConflict):
        async with db.transaction():
            await db.transact(inner)
    assert runs == [1]


async def test_a_closed_database_begins_nothing(database_url: str) -> None:
    """A transaction on a database that is not open says so."""
    db = Database(database_url, tables=[Person])
    with pytest.raises(DatabaseClosed, match=r" is not open; use `async with db:`\.$"):
        async with db.transaction():
            pass
