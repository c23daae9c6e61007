"""Tests of rows whose writing was undone: they know again what is stored, so that saving them again writes it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import pytest

from tabor import (
    Column,
    Database,
    ForeignKey,
    ForeignKeyViolation,
    Table,
    TransactionConflict,
    UniqueViolation,
    column,
    key,
)
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Order(Table):
    """A row with everything that the database fills."""

    id: Column[int] = column(primary_key=True)
    item: Column[str] = column(unique=True)
    count: Column[int] = column(default=1)
    note: Column[str] = column(server_default="none")
    version: Column[int] = column(version=True)
    made_at: Column[datetime] = column(stamp="created")


class Payment(Table):
    """A row that refers to another one, checked at the commit where a transaction asks for that."""

    id: Column[int] = column(primary_key=True)
    order: ForeignKey[Order] = key(deferrable=True)


class Refused(Exception):
    """What a block is left by."""


@asynccontextmanager
async def undone(db: Database) -> AsyncGenerator[None]:
    """A transaction, or a savepoint within one, that is undone at the end of its block."""
    with suppress(Refused):
        async with db.transaction():
            yield
            raise Refused


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """An open database with empty tables."""
    async with opened(database_url, Order, Payment) as database:
        yield database


async def stored() -> list[tuple[str, int, str, int]]:
    """What the table holds."""
    return await Order.select(Order.item, Order.count, Order.note, Order.version).order_by(Order.item)


async def test_an_undone_insert_is_saved_again(db: Database) -> None:
    """A row whose insert was rolled back is a new one again, with what was set since."""
    order = Order(item="hook")
    async with undone(db):
        await order.save()
        order.count = 2
        await order.save()
        assert (order.version, order.note) == (2, "none")
    order.count = 3
    assert not any(hasattr(order, name) for name in ("id", "note", "version", "made_at"))
    assert await stored() == []
    await order.save()
    assert await stored() == [("hook", 3, "none", 1)]


async def test_an_undone_change_is_saved_again(db: Database) -> None:
    """What was written and rolled back is a change again, at the version that is stored."""
    order = await Order.insert(Order(item="hook")).one()
    async with undone(db):
        order.count, order.note = 7, "urgent"
        await order.save()
    assert (order.count, order.note, order.version) == (7, "urgent", 1)
    await order.save()
    assert await stored() == [("hook", 7, "urgent", 2)]


async def test_a_savepoint_undoes_its_own_rows(db: Database) -> None:
    """A row that was saved before the inner block stays saved; one that was saved in it can be saved again."""
    before, within = Order(item="bolt"), Order(item="hook")
    async with db.transaction():
        await before.save()
        async with undone(db):
            await within.save()
        assert (before.version, hasattr(within, "id")) == (1, False)
        await within.save()
    assert [item for item, *_ in await stored()] == ["bolt", "hook"]


async def test_undone_updates_of_many_rows_are_written_again(db: Database) -> None:
    """What update_many wrote in vain is written by the next one, at the versions that are stored."""
    orders = await Order.insert(Order(item="bolt"), Order(item="hook")).all()
    for order in orders:
        order.count = 5
    async with undone(db):
        await Order.update_many(orders)
    assert [order.version for order in orders] == [1, 1]
    await Order.update_many(orders, Order.count)
    assert await stored() == [("bolt", 5, "none", 2), ("hook", 5, "none", 2)]


async def test_an_undone_removal_can_be_done_again(db: Database) -> None:
    """A row whose removal was rolled back is stored, and can be changed and removed."""
    order = await Order.insert(Order(item="hook")).one()
    async with undone(db):
        await order.remove()
    order.count = 2
    await order.save()
    assert await stored() == [("hook", 2, "none", 2)]
    await order.remove()
    assert await stored() == []


async def test_work_that_is_run_again_saves_its_rows_again(db: Database) -> None:
    """A row that was made outside of what transact() runs again is saved by each run."""
    order, runs = Order(item="hook"), 0

    async def work() -> None:
        nonlocal runs
        runs += 1
        await order.save()
        if runs < 3:
            raise TransactionConflict("Somebody else was quicker.")

    await db.transact(work)
    assert (runs, await stored()) == (3, [("hook", 1, "none", 1)])


async def test_a_refused_commit_undoes_its_rows(db: Database) -> None:
    """Where the commit is refused, rows that were saved before it are new again."""
    order, payment = Order(item="hook"), Payment(order=99)

    async def both_saved() -> None:
        async with db.transaction(deferred_constraints=True):
            await order.save()
            await payment.save()

    with pytest.raises(ForeignKeyViolation):
        await both_saved()
    await order.save()
    payment.order = order
    await payment.save()
    assert await Payment.select(Payment.order.item).values() == ["hook"]


async def test_a_refused_save_changes_nothing(db: Database) -> None:
    """A row that was refused within a block stays new, and can be saved in the same block."""
    await Order.insert(Order(item="hook"))
    order = Order(item="hook")
    async with db.transaction():
        with pytest.raises(UniqueViolation):
            await order.save()
        order.item = "bolt"
        await order.save()
    assert [item for item, *_ in await stored()] == ["bolt", "hook"]
