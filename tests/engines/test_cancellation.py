"""Ten thousand cancellations at random moments leave nothing hanging and no transaction open."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from tabor.engines.interface import Characteristics, Statement
from tabor.engines.sqlite.engine import SqliteEngine
from tabor.errors import Overloaded, TaborError
from tests.engines.conftest import OpenEngine, gig

pytestmark = pytest.mark.anyio
CANCELLATIONS = 10_000
AT_ONCE = 100


async def _write(engine: SqliteEngine, name: str, kept: set[str]) -> None:
    await engine.write([gig(name)])
    kept.add(name)


async def _read(engine: SqliteEngine, name: str, kept: set[str]) -> None:
    await engine.read("SELECT count(*) FROM gig WHERE title > ?1", (name,))


async def _transaction(engine: SqliteEngine, name: str, kept: set[str]) -> None:
    transaction = await engine.begin()
    try:
        await transaction.execute(gig(name))
        await transaction.savepoint("inner")
        await transaction.execute(gig(f"{name} inner"))
        await transaction.release("inner")
        await transaction.commit()
        kept.update((name, f"{name} inner"))
    finally:
        await transaction.rollback()


async def _snapshot(engine: SqliteEngine, name: str, kept: set[str]) -> None:
    transaction = await engine.begin(Characteristics(read_only=True))
    try:
        await transaction.execute(Statement("SELECT count(*) FROM gig"))
    finally:
        await transaction.rollback()


@pytest.mark.parametrize("reads", ["inline", "threads"])
async def test_random_cancellations_leave_nothing_behind(open_engine: OpenEngine, reads: str) -> None:
    """Cancelled at any await, writes, reads and transactions end; what was confirmed is there; the engine is well."""
    engine = await open_engine(reads="threads" if reads == "threads" else "inline", synchronous="NORMAL")
    random = Random(7)
    kept: set[str] = set()
    kinds = [_write, _write, _read, _transaction, _snapshot]
    for start in range(0, CANCELLATIONS // 2, AT_ONCE):
        tasks = [
            asyncio.ensure_future(random.choice(kinds)(engine, f"n{start + index}", kept)) for index in range(AT_ONCE)
        ]
        order = random.sample(tasks, AT_ONCE)
        for task in order:
            if random.random() < 0.2:
                await asyncio.sleep(random.choice((0, 0, 0, 0.0005)))
            task.cancel()
            if random.random() < 0.1:
                await asyncio.sleep(0)
                task.cancel()
        for answer in await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 30):
            assert answer is None or isinstance(answer, (asyncio.CancelledError, Overloaded)), repr(answer)
    stored = {str(row[0]) for row in await engine.read("SELECT title FROM gig", ())}
    assert kept <= stored
    halves = {name.removesuffix(" inner") for name in stored if name.endswith(" inner")}
    assert halves <= stored
    transaction = await asyncio.wait_for(engine.begin(), 0.9)
    await transaction.rollback()
    await engine.write([gig("last")])
    assert engine.health().ok


async def test_a_cancelled_owner_need_not_roll_back(open_engine: OpenEngine) -> None:
    """Owners that are cancelled and forget their transactions hold the writer no longer than the idle limit."""
    engine = await open_engine(transaction_idle=0.01)
    forgotten = [await engine.begin()]
    task = asyncio.ensure_future(forgotten[0].execute(gig("lost")))
    await asyncio.sleep(0)
    task.cancel()
    await engine.write([gig("kept")])
    with pytest.raises(TaborError):
        await forgotten[0].commit()
    assert await engine.read("SELECT title FROM gig", ()) == [("kept",)]
