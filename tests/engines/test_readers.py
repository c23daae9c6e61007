"""Reads on threads: with a deadline, without writing, and gone when nobody waits."""

from __future__ import annotations

import asyncio

import pytest

from tabor.engines.sqlite.engine import SqliteEngine
from tabor.engines.sqlite.execution import Runner
from tabor.errors import DatabaseUnavailable, Overloaded, StatementFailed, StatementTimeout
from tests.engines.conftest import INSERT, SLOW_COUNT, OpenEngine, gig, titles

pytestmark = pytest.mark.anyio


@pytest.fixture
async def threaded(open_engine: OpenEngine) -> SqliteEngine:
    """An engine that never reads on the loop, with one reader thread."""
    return await open_engine(reads="threads", reader_threads=1, read_deadline=0.05)


async def test_no_read_is_inline(threaded: SqliteEngine) -> None:
    """With ``reads="threads"`` ``read_now`` always declines and ``read`` answers."""
    assert threaded.read_now("SELECT 1", ()) is None
    assert await threaded.read("SELECT ?1, ?2", (1, "a")) == [(1, "a")]


async def test_a_read_past_its_deadline_is_stopped(threaded: SqliteEngine) -> None:
    """A long read raises ``StatementTimeout`` with the deadline and the statement, and the thread goes on."""
    with pytest.raises(StatementTimeout) as stopped:
        await threaded.read(SLOW_COUNT, (10**10,))
    assert stopped.value.seconds == 0.05
    assert stopped.value.sql == SLOW_COUNT
    assert await threaded.read("SELECT 1", ()) == [(1,)]


async def test_a_cancelled_read_is_stopped(open_engine: OpenEngine) -> None:
    """Cancelling a running read frees its thread long before the deadline."""
    engine = await open_engine(reads="threads", reader_threads=1, read_deadline=1_000)
    running = asyncio.ensure_future(engine.read(SLOW_COUNT, (10**10,)))
    await asyncio.sleep(0.02)
    running.cancel()
    assert await engine.read("SELECT 1", ()) == [(1,)]


async def test_a_cancelled_read_in_the_queue_is_dropped(threaded: SqliteEngine) -> None:
    """A read that is cancelled before its turn never runs."""
    running = asyncio.ensure_future(threaded.read(SLOW_COUNT, (10**10,)))
    queued = asyncio.ensure_future(threaded.read(SLOW_COUNT, (10**10,)))
    await asyncio.sleep(0)
    queued.cancel()
    running.cancel()
    assert await threaded.read("SELECT 1", ()) == [(1,)]


async def test_the_queue_of_reads_has_an_end(open_engine: OpenEngine) -> None:
    """Past ``read_queue`` a read raises ``Overloaded``."""
    engine = await open_engine(reads="threads", reader_threads=1, read_queue=2)
    running = [asyncio.ensure_future(engine.read(SLOW_COUNT, (10**10,))) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await engine.read("SELECT 1", ())
    for task in running:
        task.cancel()


async def test_readers_do_not_write(threaded: SqliteEngine) -> None:
    """A statement that writes is refused as such, and nothing of it is kept."""
    with pytest.raises(StatementFailed, match="only reading is possible"):
        await threaded.read(INSERT, ("a", None, None))
    with pytest.raises(StatementFailed, match="engine's own"):
        await threaded.read("PRAGMA query_only = 0", ())
    assert await titles(threaded) == []


async def test_reads_see_what_was_answered_as_written(threaded: SqliteEngine) -> None:
    """After ``write`` has returned, every read sees the row."""
    for index in range(50):
        await threaded.write([gig(f"n{index}")])
        assert await threaded.read("SELECT count(*) FROM gig", ()) == [(index + 1,)]


async def test_a_reader_that_fails_badly_is_replaced(threaded: SqliteEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception that no statement deserves fails the one read, and the next has a new connection."""

    def die(self: Runner, sql: str, parameters: object) -> object:
        raise SystemExit("injected")

    with monkeypatch.context() as patch:
        patch.setattr(Runner, "rows", die)
        with pytest.raises(DatabaseUnavailable, match="reader"):
            await threaded.read("SELECT 1", ())
    assert await threaded.read("SELECT 1", ()) == [(1,)]
