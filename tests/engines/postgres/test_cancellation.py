"""Cancellations at random moments leave no connection in an unknown state and no transaction open."""

from __future__ import annotations

import asyncio

import pytest

from tabor.engines.postgres.engine import PostgresEngine
from tests.engines.cancelling import Cancelling
from tests.engines.postgres.conftest import ONE_IDLE, OpenEngine, gig, settled

pytestmark = pytest.mark.anyio
LATER = "SELECT count(*) FROM gig WHERE title > $1::text"


async def test_random_cancellations_leave_nothing_behind(open_engine: OpenEngine, *, long_run: bool) -> None:
    """Cancelled at any await, everything ends; what was confirmed is there whole; every connection is clean again."""
    engine = await open_engine()
    cancelling = Cancelling(engine, gig, LATER)
    await cancelling.run(10_000 if long_run else 500, at_once=50, pauses=(0, 0, 0.0005, 0.002))
    await settled(engine)
    await cancelling.check()
    await settled(engine)
    assert await engine.read("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%'", ()) == [(0,)]
    assert await engine.read("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", ()) == [(0,)]


async def test_a_cancelled_read_leaves_no_lock_of_its_session(open_engine: OpenEngine) -> None:
    """A lock that a statement took for its session is given back where the statement was cancelled afterwards."""
    engine = await open_engine(pool_size=1)
    reading = asyncio.create_task(engine.read("SELECT pg_advisory_lock(77), pg_sleep(30)", ()))
    await asyncio.sleep(0.1)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert await engine.read("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", ()) == [(0,)]
    await settled(engine)
    assert engine.gauges() == ONE_IDLE


async def test_cancelled_statements_do_not_pile_up_on_the_server(open_engine: OpenEngine) -> None:
    """A connection on which a hundred statements were cancelled is replaced, and what they left goes with it."""
    engine = await open_engine(pool_size=1)
    session = "SELECT pg_backend_pid()"
    first = await engine.read(session, ())
    for number in range(99):
        await _cut_off(engine, number)
        assert await engine.read(session, ()) == first
    await _cut_off(engine, 99)
    assert await engine.read(session, ()) != first
    await settled(engine)
    assert engine.gauges() == ONE_IDLE


async def _cut_off(engine: PostgresEngine, number: int) -> None:
    reading = asyncio.create_task(engine.read(f"SELECT {number}", ()))
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
