"""Tests of lost connections: reads do not notice, writes are applied once or known not to be."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import cast

import pytest

from tabor.engines.interface import Statement
from tabor.engines.postgres.engine import PostgresEngine
from tabor.errors import DatabaseUnavailable
from tests.engines.postgres.conftest import OpenEngine, Raw, gig, titles, until
from tests.festival import Person, ann, bob, opened

pytestmark = pytest.mark.anyio

KILL = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
KILL_SLEEPER = f"{KILL} AND wait_event = 'PgSleep'"
HALF = "SELECT count(*) FROM gig WHERE seats IS NULL"


async def killing(raw: Raw, seconds: float) -> int:
    """End every other session of the database twenty times a second; how many were ended."""
    observer = await raw()
    ended = 0
    end = monotonic() + seconds
    while monotonic() < end:
        ended += len(await observer.fetch(KILL))
        await asyncio.sleep(0.05)
    return ended


async def alone(engine: PostgresEngine, title: str) -> None:
    """Write by one statement, which commits by itself."""
    await engine.write([gig(title, 1)])


def filled(title: str) -> Statement:
    """The second half of a write, without which no reader may see the first."""
    return Statement("UPDATE gig SET seats = 1 WHERE title = $1::text", (title,))


async def together(engine: PostgresEngine, title: str) -> None:
    """Write by a unit of two statements."""
    await engine.write([gig(title), filled(title)])


async def interactively(engine: PostgresEngine, title: str) -> None:
    """Write in a transaction of the caller's."""
    transaction = await engine.begin()
    try:
        await transaction.execute(gig(title))
        await transaction.execute(filled(title))
        await transaction.commit()
    finally:
        await transaction.rollback()


WRITES: tuple[Callable[[PostgresEngine, str], Awaitable[None]], ...] = (alone, together, interactively)


async def test_sessions_that_are_ended_under_load(open_engine: OpenEngine, raw: Raw, *, long_run: bool) -> None:
    """Reads see no error; a write that was answered is there once, one that was not applied is not there."""
    engine = await open_engine(retry_deadline=10)
    # A write that is repeated where it must not be is to be found, not refused.
    await engine.write([Statement("ALTER TABLE gig DROP CONSTRAINT gig_title_key")])
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
                await WRITES[number % len(WRITES)](engine, title)
                kept.add(title)
            except DatabaseUnavailable as error:
                (refused if error.not_applied else unknown).add(title)

    async def read() -> None:
        while not killer.done():
            assert await engine.read(HALF, ()) == [(0,)]

    await asyncio.gather(killer, *[write(worker) for worker in range(6)], *[read() for _ in range(4)])
    assert killer.result() > 0
    found = await titles(engine)
    assert len(found) == len(set(found))
    assert kept <= set(found) <= kept | unknown
    assert not refused & set(found)
    assert await engine.read(HALF, ()) == [(0,)]


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


async def test_work_that_lost_its_transaction_is_run_again(postgres_url: str, raw: Raw) -> None:
    """transact() runs its function again where the session went away before the commit, and nothing is there twice."""
    observer = await raw()
    runs: list[int] = []
    async with opened(postgres_url) as db:

        async def work() -> None:
            ((pid,),) = await db.sql("select pg_backend_pid()")
            runs.append(cast("int", pid))
            await ann()
            if len(runs) < 3:
                await observer.fetch("SELECT pg_terminate_backend($1, 5000)", pid)
            await bob()

        await db.transact(work)
        assert len(set(runs)) == 3
        assert await Person.select(Person.name).order_by(Person.name).values() == ["Ann", "Bob"]
