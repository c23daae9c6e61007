"""Tests of lost connections and servers: reads do not notice, writes are applied once or known not to be."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from time import monotonic

import pytest

from tabor.engines.interface import Statement
from tabor.engines.postgres.engine import PostgresEngine
from tabor.errors import DatabaseUnavailable
from tests.engines.postgres.conftest import TABLE, OpenEngine, Raw, gig, titles, until
from tests.postgres_databases import Databases
from tests.postgres_server import Server

pytestmark = pytest.mark.anyio

KILL = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
KILL_SLEEPER = f"{KILL} AND wait_event = 'PgSleep'"


async def killing(raw: Raw, seconds: float) -> None:
    """End every other session of the database twenty times a second."""
    observer = await raw()
    end = monotonic() + seconds
    while monotonic() < end:
        await observer.execute(KILL)
        await asyncio.sleep(0.05)


async def test_sessions_that_are_ended_under_load(open_engine: OpenEngine, raw: Raw, *, long_run: bool) -> None:
    """Reads see no error; a write that was answered is there once, one that was not applied is not there."""
    engine = await open_engine(retry_deadline=10)
    killer = asyncio.create_task(killing(raw, 30.0 if long_run else 3.0))
    kept: set[str] = set()
    refused: set[str] = set()
    unknown: set[str] = set()

    async def write(worker: int) -> None:
        number = 0
        while not killer.done():
            number += 1
            title = f"{worker}-{number}"
            try:
                await engine.write([gig(title), Statement("UPDATE gig SET seats = 1 WHERE title = $1::text", (title,))])
                kept.add(title)
            except DatabaseUnavailable as error:
                (refused if error.not_applied else unknown).add(title)

    async def read() -> None:
        while not killer.done():
            await engine.read("SELECT count(*) FROM gig WHERE seats IS NULL", ())

    await asyncio.gather(*[write(worker) for worker in range(4)], *[read() for _ in range(4)], killer)
    found = await titles(engine)
    assert len(found) == len(set(found))
    assert kept - set(found) == set()
    assert refused & set(found) == set()
    assert set(found) - kept <= unknown
    assert await engine.read("SELECT count(*) FROM gig WHERE seats IS NULL", ()) == [(0,)]


async def test_a_lone_write_that_was_cut_off_is_not_repeated(engine: PostgresEngine, raw: Raw) -> None:
    """A statement by itself commits by itself, so after a loss nobody knows; it is not run twice."""
    slow = Statement("INSERT INTO gig (title) SELECT 'a' FROM pg_sleep($1::float8)", (20.0,))
    task = asyncio.create_task(engine.write([slow]))
    observer = await raw()
    await until(lambda: observer.fetch(KILL_SLEEPER))
    with pytest.raises(DatabaseUnavailable, match="may or may not have been applied") as caught:
        await task
    assert caught.value.not_applied is False
    assert await titles(engine) == []


async def test_a_unit_that_was_cut_off_before_its_commit_is_repeated(engine: PostgresEngine, raw: Raw) -> None:
    """Several statements are one transaction: before its commit nothing was applied, so it is run again."""
    await engine.write([Statement("CREATE SEQUENCE tries")])
    observer = await raw()
    once = Statement(
        "INSERT INTO gig (title) SELECT 'try ' || n "
        "FROM nextval('tries') AS n, LATERAL pg_sleep(CASE n WHEN 1 THEN 20 ELSE 0 END)"
    )
    task = asyncio.create_task(engine.write([gig("a"), once]))
    await until(lambda: observer.fetch(KILL_SLEEPER))
    await task
    assert await titles(engine) == ["a", "try 2"]


@pytest.fixture
def primary(postgres_databases: Databases) -> Iterator[Server]:
    """A server of the test's own."""
    server = postgres_databases.another_server()
    yield server
    server.stop()


@pytest.fixture
def standby(primary: Server) -> Iterator[Server]:
    """A standby of that server."""
    server = primary.standby()
    yield server
    server.stop()


async def test_a_promoted_standby_takes_over(primary: Server, standby: Server) -> None:
    """When the primary dies and its synchronous standby is promoted, writes go on and none acknowledged is lost."""
    sync = PostgresEngine(primary.url)
    await sync.open()
    await sync.write([Statement(TABLE)])
    await sync.close()
    url = f"postgresql://postgres@127.0.0.1:{primary.port},127.0.0.1:{standby.port}/postgres"
    engine = PostgresEngine(url, retry_deadline=10)
    await engine.open()
    await _made_synchronous(primary, engine)
    kept: list[str] = []
    stop = asyncio.Event()

    async def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                await engine.write([Statement("SET LOCAL synchronous_commit = 'on'"), gig(f"t{number}")])
                kept.append(f"t{number}")
            except DatabaseUnavailable:
                continue

    task = asyncio.create_task(write())
    await until(lambda: _has(kept, 20))
    await asyncio.to_thread(primary.crash)
    before = len(kept)
    await asyncio.to_thread(standby.promote)
    await until(lambda: _has(kept, before + 20))
    stop.set()
    await task
    assert set(kept) <= set(await titles(engine))
    await engine.close()


async def _has(kept: list[str], number: int) -> bool:
    return len(kept) >= number


async def _made_synchronous(primary: Server, engine: PostgresEngine) -> None:
    """Have the primary wait for its standby from now on."""
    primary.configure("synchronous_standby_names = '*'")

    async def synchronous() -> bool:
        return await engine.read("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'", ()) == [(1,)]

    await until(synchronous)


async def test_replicas_answer_tasks_that_have_not_written(primary: Server, standby: Server) -> None:
    """Reads go to the replica until a task writes; from then on that task, and it alone, reads from the primary."""
    engine = PostgresEngine(primary.url, replicas=(standby.url,))
    await engine.open()
    where = "SELECT current_setting('port')"
    assert await engine.read(where, ()) == [(str(standby.port),)]

    async def writer() -> list[str]:
        await engine.write([Statement(TABLE), gig("a")])
        return await titles(engine)

    assert await asyncio.create_task(writer()) == ["a"]
    assert await engine.read(where, ()) == [(str(standby.port),)]
    standby.crash()
    assert await engine.read(where, ()) == [(str(primary.port),)]
    await engine.close()


async def test_a_replica_that_is_missing_is_no_reason_to_fail(primary: Server) -> None:
    """Where no replica answers, the primary does."""
    engine = PostgresEngine(primary.url, replicas=("postgresql://postgres@127.0.0.1:1/postgres",))
    await engine.open()
    assert await engine.read("SELECT 1", ()) == [(1,)]
    await engine.close()
