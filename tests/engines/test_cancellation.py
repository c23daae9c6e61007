"""Ten thousand cancellations at random moments leave nothing hanging and no transaction open."""

from __future__ import annotations

import asyncio

import pytest

from tabor.errors import TaborError
from tests.engines.cancelling import Cancelling
from tests.engines.conftest import OpenEngine, gig

pytestmark = pytest.mark.anyio
CANCELLATIONS = 10_000
LATER = "SELECT count(*) FROM gig WHERE title > ?1"


@pytest.mark.parametrize("reads", ["inline", "threads"])
async def test_random_cancellations_leave_nothing_behind(open_engine: OpenEngine, reads: str) -> None:
    """Cancelled at any await, work of every kind ends; what was confirmed is there; the engine is well."""
    engine = await open_engine(reads="threads" if reads == "threads" else "inline", synchronous="NORMAL")
    cancelling = Cancelling(engine, gig, LATER)
    await cancelling.run(CANCELLATIONS // 2, at_once=100, pauses=(0, 0, 0, 0.0005))
    await cancelling.check()


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
