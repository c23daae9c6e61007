"""Cancellations at random moments leave no connection in an unknown state and no transaction open."""

from __future__ import annotations

import pytest

from tests.engines.cancelling import Cancelling
from tests.engines.postgres.conftest import OpenEngine, gig, settled

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
