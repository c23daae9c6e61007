"""Tests of locks by name: one holder at a time among tasks, databases and processes, and what a wait ends in."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from tabor import Database, InvalidValue, LockBusy, LockLost, TransactionMisuse
from tests.database.test_transaction import names
from tests.festival import ann, opened

pytestmark = pytest.mark.anyio

HOLDER = """
import asyncio, os, sys
from tabor import Database

async def main():
    async with Database(sys.argv[1], tables=[]) as db, db.lock("report"):
        if os.fork() == 0:
            # A child that outlives its parent has no part in the lock.
            sys.stdin.read()
            os._exit(0)
        print("held", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


class Inside:
    """How many are inside at the same time, and in which order they came."""

    def __init__(self) -> None:
        self.now = 0
        self.most = 0
        self.order: list[int] = []

    async def visit(self, db: Database, number: int) -> None:
        """Be inside for a moment, one at a time as the lock promises."""
        async with db.lock("report"):
            self.now += 1
            self.most = max(self.most, self.now)
            self.order.append(number)
            await asyncio.sleep(0.001)
            self.now -= 1


async def test_tasks_have_it_one_after_the_other(db: Database) -> None:
    """Many tasks wait in the order in which they came, and none of them keeps the others from the database."""
    inside = Inside()
    await asyncio.gather(*[inside.visit(db, number) for number in range(30)], ann())
    assert (inside.most, inside.order) == (1, list(range(30)))
    assert await names() == ["Ann"]


async def test_databases_have_it_one_after_the_other(db: Database) -> None:
    """Another connection to the same database is kept out as well, and has the lock afterwards."""
    inside = Inside()
    async with opened(db.url) as other:
        visits = [inside.visit(which, number) for number in range(10) for which in (db, other)]
        await asyncio.gather(*visits)
        async with db.lock("report"):
            with pytest.raises(LockBusy):
                await take(other, wait=0)
            async with other.lock("another report"):
                pass
    assert (inside.most, len(inside.order)) == (1, 20)


async def take(db: Database, *, wait: float | None = None) -> None:
    """Take the lock and give it back at once."""
    async with db.lock("report", wait=wait):
        pass


@pytest.mark.parametrize("wait", [0, 0.02])
async def test_a_wait_has_an_end(db: Database, wait: float) -> None:
    """Who waits too long is told the lock's name and the time; the lock is free again after its block."""
    async with opened(db.url) as other:
        async with db.lock("report"):
            for waiting in (db, other):
                with pytest.raises(LockBusy) as caught:
                    await asyncio.create_task(take(waiting, wait=wait))
                assert (caught.value.name, caught.value.seconds) == ("report", wait)
                assert str(caught.value) == f"The lock 'report' was not free within {wait:g} s; somebody else has it."
        await take(other, wait=0)
        await take(db, wait=0)


async def test_a_cancelled_wait_leaves_nothing_behind(db: Database) -> None:
    """Waiters that are cancelled, in this database or in another, keep nobody out."""
    async with opened(db.url) as other:
        async with db.lock("report"):
            tasks = [asyncio.create_task(take(which)) for which in (db, other, db)]
            await asyncio.sleep(0.02)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            assert [task.cancelled() for task in tasks] == [True, True, True]
        await take(other, wait=5)
        await take(db, wait=5)


async def test_an_error_in_the_block_gives_it_back(db: Database) -> None:
    """The error passes, and the lock is free."""

    async def work() -> None:
        async with db.lock("report"):
            raise LookupError

    with pytest.raises(LookupError):
        await work()
    await take(db, wait=0)


async def test_a_task_does_not_wait_for_itself(db: Database) -> None:
    """A task that has the lock is told so, and keeps it."""
    async with db.lock("report"):
        with pytest.raises(TransactionMisuse, match=r"^This task has the lock 'report' already"):
            await take(db)
        with pytest.raises(LockBusy):
            await asyncio.create_task(take(db, wait=0))


async def test_it_holds_up_no_transaction(db: Database) -> None:
    """The block may open transactions, and its lock goes its own way."""
    async with db.lock("report"), db.transaction():
        await ann()
    assert await names() == ["Ann"]


@pytest.mark.parametrize("name", ["", "x" * 201])
async def test_a_lock_has_a_name(db: Database, name: str) -> None:
    """A name is neither empty nor endless, and a wait is a time."""
    with pytest.raises(InvalidValue, match=r"^A lock needs a name of 1 to 200 characters\.$"):
        db.lock(name)
    with pytest.raises(InvalidValue, match=r"^Wait=-1 is no number of seconds\.$"):
        db.lock("report", wait=-1)


async def test_a_process_that_dies_gives_it_back(db: Database) -> None:
    """A process that is killed has no lock any more, even where a child that it forked lives on."""
    pipe = asyncio.subprocess.PIPE
    holder = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLDER, db.url, stdin=pipe, stdout=pipe)
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"held\n"
    with pytest.raises(LockBusy):
        await take(db, wait=0)
    holder.kill()
    await take(db, wait=10)
    holder.stdin.close()
    assert await holder.stdout.read() == b"", "the child has ended too, and nothing of the pipe is left open"
    await holder.wait()


def files(folder: Path) -> list[str]:
    """The names of the files in a folder."""
    return sorted(file.name for file in folder.iterdir())


async def test_files_beside_the_database_are_removed(tmp_path: Path) -> None:
    """A lock on a file leaves no file behind, and names that no file could have are names all the same."""
    async with opened(f"sqlite:///{tmp_path}/x.db") as db:
        before = files(tmp_path)
        async with db.lock("../etc/\0 \ud800"):
            assert len(files(tmp_path)) == len(before) + 1
        assert files(tmp_path) == before


async def test_a_lock_in_memory() -> None:
    """A database in memory belongs to one process, whose tasks take their turns."""
    async with opened("sqlite:///:memory:") as db:
        inside = Inside()
        await asyncio.gather(*[inside.visit(db, number) for number in range(5)])
        assert (inside.most, inside.order) == (1, [0, 1, 2, 3, 4])


async def test_a_lock_whose_connection_is_ended(postgres_url: str) -> None:
    """A block whose lock was lost meanwhile is told so at its end; the next one has it again."""
    async with opened(postgres_url) as db:
        pid = "select pid from pg_locks where locktype = 'advisory'"

        async def work() -> None:
            async with db.lock("report"):
                ((holder,),) = await db.sql(pid)
                await db.sql("select pg_terminate_backend({}::int)", holder)

        with pytest.raises(LockLost) as caught:
            await work()
        assert caught.value.name == "report"
        await take(db, wait=5)
