"""Tests of transactions that run at the same time: what each level allows, and that retries come to a right end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial

import pytest

from tabor import Column, Database, Isolation, Table, TransactionConflict, TransactionMisuse, column
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Doctor(Table):
    """Somebody who may be on call, and how often that was."""

    id: Column[int] = column(primary_key=True)
    name: Column[str] = column(unique=True)
    on_call: Column[bool] = column(default=True)
    shifts: Column[int] = column(default=0)


class Meeting:
    """Where two tasks wait for each other, as long as both can come: where one holds the other up, nobody comes."""

    def __init__(self) -> None:
        self._there = 0
        self._both = asyncio.Event()

    async def __call__(self) -> None:
        self._there += 1
        if self._there >= 2:
            self._both.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await self._both.wait()


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """A database with two doctors on call."""
    async with opened(database_url, Doctor) as database:
        await Doctor.insert(Doctor(name="ann"), Doctor(name="bob"))
        yield database


async def one_more_shift(meet: Meeting) -> None:
    """Read a number, wait for the other to have read it too, and write it back raised by one."""
    ((shifts,),) = await Doctor.select(Doctor.shifts).where(Doctor.name == "ann")
    await meet()
    await Doctor.update(Doctor.shifts.to(shifts + 1)).where(Doctor.name == "ann")


async def go_home(name: str, meet: Meeting) -> None:
    """Go off call where another doctor stays, as both of them see it before either goes."""
    others = await Doctor.select().where(Doctor.on_call == True, Doctor.name != name).count()
    await meet()
    if others:
        await Doctor.update(Doctor.on_call.to(False)).where(Doctor.name == name)


async def shifts() -> list[int]:
    """The number of Ann's shifts, and Bob's."""
    return await Doctor.select(Doctor.shifts).order_by(Doctor.name).values()


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
async def test_no_update_is_lost(db: Database, level: Isolation) -> None:
    """Two tasks that read a number and write it back raised both count, from repeatable read on."""
    meet = Meeting()
    await asyncio.gather(*[db.transact(lambda: one_more_shift(meet), isolation=level) for _ in range(2)])
    assert await shifts() == [2, 0]


async def test_an_update_by_an_expression_is_never_lost(db: Database) -> None:
    """A number that the database itself raises is right at any level."""

    async def raised() -> None:
        await Doctor.update(Doctor.shifts.to(Doctor.shifts + 1)).where(Doctor.name == "ann")

    await asyncio.gather(*[db.transact(raised, isolation="read committed") for _ in range(20)])
    assert await shifts() == [20, 0]


async def test_no_write_skew(db: Database) -> None:
    """Of two doctors that may go while another stays one goes, at the level serializable."""
    meet = Meeting()
    await asyncio.gather(
        *[db.transact(partial(go_home, name, meet), isolation="serializable") for name in ("ann", "bob")]
    )
    assert await Doctor.select().where(Doctor.on_call == True).count() == 1


async def test_a_deadlock_is_retried(db: Database) -> None:
    """Two transactions that would wait for each other for ever both come to their end with transact()."""
    meet = Meeting()

    async def both(first: str, second: str) -> None:
        await Doctor.update(Doctor.shifts.to(Doctor.shifts + 1)).where(Doctor.name == first)
        await meet()
        await Doctor.update(Doctor.shifts.to(Doctor.shifts + 1)).where(Doctor.name == second)

    await asyncio.gather(db.transact(lambda: both("ann", "bob")), db.transact(lambda: both("bob", "ann")))
    assert await shifts() == [2, 2]


async def test_streams_belong_to_the_task_too(db: Database) -> None:
    """A stream read by a task that started inside a block is refused as any query is."""

    async def read() -> list[str]:
        return [doctor.name async for doctor in Doctor.select().order_by(Doctor.name).stream(1)]

    async with db.transaction():
        assert await read() == ["ann", "bob"]
        with pytest.raises(TransactionMisuse, match=r"`with db\.outside\(\):` around create_task\(\)\.$"):
            await asyncio.create_task(read())
        answers = await asyncio.gather(read(), read(), return_exceptions=True)
        assert [type(answer) for answer in answers] == [TransactionMisuse, TransactionMisuse]


async def test_weaker_levels_of_postgresql(postgres_url: str) -> None:
    """What the documentation says is lost at the weaker levels is lost, and what conflicts says so."""
    async with opened(postgres_url, Doctor) as db:
        await Doctor.insert(Doctor(name="ann"), Doctor(name="bob"))
        meet = Meeting()
        await asyncio.gather(*[db.transact(lambda: one_more_shift(meet)) for _ in range(2)])
        assert await shifts() == [1, 0]
        skew = Meeting()
        await asyncio.gather(
            *[db.transact(partial(go_home, name, skew), isolation="repeatable read") for name in ("ann", "bob")]
        )
        assert await Doctor.select().where(Doctor.on_call == True).count() == 0

        async def once(meeting: Meeting) -> None:
            async with db.transaction(isolation="repeatable read"):
                await one_more_shift(meeting)

        again = Meeting()
        answers = await asyncio.gather(once(again), once(again), return_exceptions=True)
        assert [type(answer) for answer in answers if answer is not None] == [TransactionConflict]
        assert await shifts() == [2, 0]
