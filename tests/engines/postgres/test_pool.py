"""Tests of the pool: what a lease costs, who waits for one, and what becomes of a connection left in some state."""

from __future__ import annotations

import asyncio

import pytest

from tabor.engines.interface import Statement
from tabor.engines.postgres.engine import PostgresEngine
from tabor.errors import DatabaseClosed, PoolExhausted, StatementTimeout
from tests.engines.postgres.conftest import ONE_IDLE, OpenEngine, Raw, busy, gig, settled, titles

pytestmark = pytest.mark.anyio

SLEEP = "SELECT pg_sleep($1::float8)"
MINE = "SELECT pg_backend_pid()"


async def test_a_lease_costs_no_statement(open_engine: OpenEngine, raw: Raw) -> None:
    """Between two reads the server sees nothing else: no reset, no question whether the connection lives."""
    engine = await open_engine(pool_size=1)
    observer = await raw()
    ((pid,),) = await engine.read(MINE, ())
    await settled(engine)
    await engine.read("SELECT id FROM gig", ())
    last = await observer.fetch("SELECT query, state FROM pg_stat_activity WHERE pid = $1", pid)
    assert [tuple(row) for row in last] == [("SELECT id FROM gig", "idle")]


async def test_waiting_has_a_deadline_and_names_the_holders(open_engine: OpenEngine) -> None:
    """Who waits too long is told which task holds each connection, with what statement, for how long."""
    engine = await open_engine(pool_size=1, pool_deadline=0.05)
    holder = asyncio.create_task(engine.read(SLEEP, (0.3,)), name="slow-report")
    await asyncio.sleep(0)
    with pytest.raises(PoolExhausted, match="slow-report has run 'SELECT pg_sleep") as caught:
        await engine.read("SELECT 1", ())
    ((task, statement, age),) = caught.value.holders
    assert (task, statement) == ("slow-report", SLEEP)
    assert age > 0
    await holder


async def test_waiters_are_served_in_turn(open_engine: OpenEngine) -> None:
    """A connection given back goes to who has waited longest."""
    engine = await open_engine(pool_size=1)
    order: list[int] = []

    async def work(number: int) -> None:
        await engine.read("SELECT 1", ())
        order.append(number)

    await asyncio.gather(*[work(number) for number in range(20)])
    assert order == list(range(20))
    assert engine.gauges() == ONE_IDLE


async def test_a_cancelled_wait_leaves_no_trace(open_engine: OpenEngine) -> None:
    """Tasks cancelled while they wait, even in the moment of their turn, neither lose a connection nor keep one."""
    engine = await open_engine(pool_size=2)

    async def one(delay: float) -> None:
        task = asyncio.create_task(engine.read(SLEEP, (0.001,)))
        await asyncio.sleep(delay)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    await asyncio.gather(*[one(number / 5_000) for number in range(200)])
    await settled(engine)
    assert engine.gauges().waiting == 0
    assert engine.gauges().connections <= 2
    assert await engine.read("SELECT 1", ()) == [(1,)]


async def test_a_cancelled_statement_is_ended_before_its_connection_serves_again(
    open_engine: OpenEngine, raw: Raw
) -> None:
    """A cancelled write is not applied behind the back of the next user of its connection."""
    engine = await open_engine(pool_size=1)
    slow = Statement("INSERT INTO gig (title) SELECT 'late' FROM pg_sleep($1::float8)", (20.0,))
    task = asyncio.create_task(engine.write([slow]))
    await busy(raw, "INSERT INTO gig%")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await engine.write([gig("after")])
    assert await titles(engine) == ["after"]
    assert engine.gauges().connections == 1


async def test_a_statement_has_a_deadline(open_engine: OpenEngine) -> None:
    """A statement past its deadline is stopped by the server, and the connection serves on."""
    engine = await open_engine(statement_timeout=0.05, pool_size=1)
    with pytest.raises(StatementTimeout) as caught:
        await engine.read(SLEEP, (5.0,))
    assert caught.value.seconds == 0.05
    assert await engine.read("SELECT 1", ()) == [(1,)]


@pytest.mark.parametrize(
    ("dirt", "trace"),
    [
        ("SET statement_timeout = 1234", "SELECT current_setting('statement_timeout') = '1234ms'"),
        ("SELECT set_config('search_path', 'nowhere', false)", "SELECT current_setting('search_path') = 'nowhere'"),
        ("SELECT pg_advisory_lock(5)", "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory'"),
        ("CREATE TEMP TABLE scratch (x int)", "SELECT to_regclass('pg_temp.scratch') IS NOT NULL"),
        ("LISTEN news", "SELECT count(*) > 0 FROM pg_listening_channels()"),
        ("SET ROLE pg_monitor", "SELECT current_user = 'pg_monitor'"),
    ],
)
async def test_what_a_lease_left_changed_is_reset(open_engine: OpenEngine, dirt: str, trace: str) -> None:
    """A statement by hand that changes the session changes it for nobody else."""
    engine = await open_engine(pool_size=1)
    before = await engine.read(MINE, ())
    await engine.read(dirt, ())
    assert await engine.read(trace, ()) == [(False,)]
    assert await engine.read(MINE, ()) == before


async def test_expired_connections_serve_nothing_new(engine: PostgresEngine, raw: Raw) -> None:
    """After one connection is lost to a shutdown, the others of that time are not trusted either."""
    await asyncio.gather(*[engine.read(SLEEP, (0.01,)) for _ in range(3)])
    before = {pid for (pid,) in await asyncio.gather(*[pid_of(engine) for _ in range(3)])}
    observer = await raw()
    await observer.execute("SELECT pg_terminate_backend($1)", min(before))
    after = {pid for (pid,) in await asyncio.gather(*[pid_of(engine) for _ in range(3)])}
    assert min(before) not in after


async def pid_of(engine: PostgresEngine) -> tuple[int]:
    """The process of the session that answers."""
    ((pid, _),) = await engine.read("SELECT pg_backend_pid(), pg_sleep(0.01)", ())
    assert isinstance(pid, int)
    return (pid,)


async def test_closing_refuses_those_who_wait_and_lets_those_at_work_finish(open_engine: OpenEngine) -> None:
    """close() answers waiters at once, and work under way is answered before the connection goes."""
    engine = await open_engine(pool_size=1)
    working = asyncio.create_task(engine.read(f"{SLEEP}, 7", (0.05,)))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(engine.read("SELECT 1", ()))
    await asyncio.sleep(0)
    await engine.close()
    assert [row[1] for row in await working] == [7]
    with pytest.raises(DatabaseClosed):
        await waiting
