"""Tests of blocks that are not left as they were entered: generators that are not read to their end, cancellations."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from tabor import Database, TransactionMisuse
from tests.festival import Person, ann, bob

pytestmark = pytest.mark.anyio
LEFT = r"^A transaction was rolled back because a block of it was left in another task than it was entered in"


async def names() -> list[str]:
    """The names of all people, in order."""
    return await Person.select(Person.name).order_by(Person.name).values()


async def writing(db: Database) -> AsyncGenerator[int]:
    """A generator that holds a transaction open while its reader works."""
    async with db.transaction():
        await ann()
        yield 1
        yield 2


async def collected() -> None:
    """Wait until the event loop has closed the generators that nobody refers to."""
    gc.collect()
    for _ in range(20):
        await asyncio.sleep(0.001)


async def test_a_closed_generator_ends_its_transaction(db: Database) -> None:
    """A generator that its reader closes in time leaves nothing behind."""
    async with aclosing(writing(db)) as numbers:
        async for _ in numbers:
            break
    assert await names() == []
    await bob()
    assert await names() == ["Bob"]


async def test_an_abandoned_generator_is_told_of(db: Database) -> None:
    """What was done while an abandoned generator held a transaction open is undone, told once, and no lock stays."""

    async def reading() -> None:
        async for _ in writing(db):
            break
        await bob()
        await collected()
        with pytest.raises(TransactionMisuse, match=LEFT):
            await names()
        assert await names() == []
        await bob()

    await asyncio.create_task(reading())
    assert await names() == ["Bob"]
    assert db.gauges().in_use == 0


async def test_an_abandoned_savepoint_undoes_everything_loudly(db: Database) -> None:
    """A block in an abandoned generator cannot be undone alone, so the whole transaction is, and says so."""

    async def reading() -> None:
        async with db.transaction():
            async for _ in writing(db):
                break
            await collected()
            with pytest.raises(TransactionMisuse, match=LEFT):
                await bob()

    with pytest.raises(TransactionMisuse, match=LEFT):
        await asyncio.create_task(reading())
    assert await names() == []


async def test_a_generator_that_ends_in_another_task_keeps_nothing(db: Database) -> None:
    """A transaction is not committed by a task that did not begin it."""

    async def rest(numbers: AsyncGenerator[int]) -> None:
        async for _ in numbers:
            pass

    async def reading() -> None:
        numbers = writing(db)
        await anext(numbers)
        with pytest.raises(TransactionMisuse, match=LEFT):
            await asyncio.create_task(rest(numbers))

    await asyncio.create_task(reading())
    assert await names() == []


class Cancelled:
    """Cancels its block's task after so many turns of the loop, unless the block has ended; tells whether it did."""

    def __init__(self, turns: int) -> None:
        self.came = False
        self._turns = turns
        self._task = asyncio.current_task()
        self._ended = False

    def __enter__(self) -> Cancelled:
        self._turn()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: object) -> bool:
        self._ended = True
        return self.came and kind is asyncio.CancelledError

    def _turn(self) -> None:
        assert self._task is not None
        self._turns -= 1
        if self._ended:
            return
        if self._turns < 0:
            self.came = self._task.cancel()
        else:
            asyncio.get_running_loop().call_soon(self._turn)


async def test_a_cancelled_statement_is_undone(db: Database) -> None:
    """A statement in a transaction whose answer nobody waited for is not kept, whenever its task was cancelled."""
    async with db.transaction():
        for turns in range(40):
            with Cancelled(turns + 1) as cancelled:
                await bob()
            assert await names() == ([] if cancelled.came else ["Bob"])
            await Person.delete().everything()
        await ann()
    assert await names() == ["Ann"]


async def test_a_cancelled_commit_frees_the_database(db: Database) -> None:
    """A task that is cancelled while it commits leaves no transaction open, whether it was committed or not."""

    async def working() -> None:
        async with db.transaction(timeout=60):
            await bob()

    for turns in range(12):
        task = asyncio.create_task(working())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        async with db.transaction(timeout=0.9):
            await Person.delete().everything()
    assert await names() == []
