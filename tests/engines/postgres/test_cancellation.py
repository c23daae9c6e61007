"""Cancellations at random moments leave no connection in an unknown state and no transaction open."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from tabor.engines.interface import Characteristics, Statement
from tabor.engines.postgres.engine import PostgresEngine
from tabor.errors import Overloaded
from tests.engines.postgres.conftest import OpenEngine, gig, settled

pytestmark = pytest.mark.anyio
AT_ONCE = 50


async def _write(engine: PostgresEngine, name: str, kept: set[str]) -> None:
    await engine.write([gig(name), Statement("UPDATE gig SET seats = 1 WHERE title = $1::text", (name,))])
    kept.add(name)


async def _read(engine: PostgresEngine, name: str, kept: set[str]) -> None:
    await engine.read("SELECT count(*) FROM gig WHERE title > $1::text", (name,))


async def _transaction(engine: PostgresEngine, name: str, kept: set[str]) -> None:
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


async def _snapshot(engine: PostgresEngine, name: str, kept: set[str]) -> None:
    transaction = await engine.begin(Characteristics(read_only=True))
    try:
        await transaction.execute(Statement("SELECT count(*) FROM gig"))
    finally:
        await transaction.rollback()


async def _lock(engine: PostgresEngine, name: str, kept: set[str]) -> None:
    held = await engine.lock(f"lock {name[-1]}", None)
    await held.release()


async def test_random_cancellations_leave_nothing_behind(open_engine: OpenEngine, *, long_run: bool) -> None:
    """Cancelled at any await, everything ends; what was confirmed is there whole; every connection is clean again."""
    engine = await open_engine()
    random = Random(7)
    kept: set[str] = set()
    kinds = [_write, _write, _read, _transaction, _snapshot, _lock]
    for start in range(0, 10_000 if long_run else 500, AT_ONCE):
        tasks = [
            asyncio.ensure_future(random.choice(kinds)(engine, f"n{start + index}", kept)) for index in range(AT_ONCE)
        ]
        for task in random.sample(tasks, AT_ONCE):
            if random.random() < 0.3:
                await asyncio.sleep(random.choice((0, 0, 0.0005, 0.002)))
            task.cancel()
        for answer in await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 30):
            assert answer is None or isinstance(answer, (asyncio.CancelledError, Overloaded)), repr(answer)
    await settled(engine)
    rows = await engine.read("SELECT title, seats FROM gig", ())
    stored = {str(title) for title, _ in rows}
    assert kept <= stored
    assert {name.removesuffix(" inner") for name in stored if name.endswith(" inner")} <= stored
    assert await engine.read("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%'", ()) == [(0,)]
    assert await engine.read("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", ()) == [(0,)]
    assert engine.health().ok
