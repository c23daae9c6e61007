"""Tests behind a pooler in transaction mode, which hands each transaction to another session of the server."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from tabor import Database, DatabaseUnavailable, PostgresOptions, StatementTimeout, TransactionExpired, UniqueViolation
from tests.engines.postgres.bouncer import PROGRAM, bounced
from tests.engines.postgres.transaction_pooler import Pooler, pooled
from tests.festival import TABLES, Gig, Person, Stage, ann

pytestmark = pytest.mark.anyio
SESSIONS = 3


@pytest.fixture
async def behind(postgres_url: str) -> AsyncIterator[tuple[Database, Pooler]]:
    """A database behind a pooler with fewer sessions than the database has connections."""
    async with (
        pooled(postgres_url, SESSIONS) as (url, pooler),
        Database(url, tables=TABLES, options=PostgresOptions(pooler="transaction")) as db,
    ):
        await db.create_tables()
        yield db, pooler


async def test_statements_meet_other_sessions(behind: tuple[Database, Pooler]) -> None:
    """Queries of all kinds work though each of them meets another session, and many tasks share a few of those."""
    db, pooler = behind
    await ann()
    pids = {pid for _ in range(6) for pid in await db.sql("select pg_backend_pid()").values()}
    assert len(pids) == SESSIONS

    async def work(number: int) -> None:
        await Gig.insert(Gig(title=f"gig {number}", booker=1, genres=["folk"]))
        gig = await Gig.select().where(Gig.title == f"gig {number}").one()
        gig.seats = number
        await gig.save()

    before = pooler.transactions
    await asyncio.gather(*[work(number) for number in range(1, 41)])
    assert pooler.transactions == before + 120
    assert await Gig.select(Gig.seats).order_by(Gig.seats).values() == list(range(1, 41))
    assert await Gig.select(Gig.genres.has("folk")).values() == [True] * 40


async def test_transactions_stay_in_one_session(behind: tuple[Database, Pooler]) -> None:
    """Savepoints, refusals and bulk inserts are as everywhere, for several transactions at a time."""
    db, _ = behind
    await ann()

    async def work(number: int) -> None:
        async with db.transaction():
            await Person.insert(Person(email=f"p{number}@example.org", name=f"P{number}"))
            with pytest.raises(UniqueViolation):
                await ann()
            await Stage.insert(*[Stage(name=f"stage {number}-{index}", owner=1) for index in range(60)])

    await asyncio.gather(*[db.transact(partial(work, number)) for number in range(8)])
    assert (await Person.select().count(), await Stage.select().count()) == (9, 480)


async def test_nothing_is_left_in_a_session(behind: tuple[Database, Pooler]) -> None:
    """Deadlines and deferred constraints of a transaction end with it; the next has the server's own settings."""
    db, _ = behind
    setting = "select current_setting('statement_timeout') || ' ' || current_setting('transaction_isolation')"
    outside = await db.sql(setting).values()
    async with db.transaction(isolation="serializable", statement_timeout=3, deferred_constraints=True):
        assert await db.sql(setting).values() == ["3s serializable"]
    assert [await db.sql(setting).values() for _ in range(2 * SESSIONS)] == [outside] * 2 * SESSIONS


async def test_deadlines_behind_a_pooler(behind: tuple[Database, Pooler]) -> None:
    """A statement is stopped at its deadline and a transaction at its own, and the sessions are fit for others."""
    db, _ = behind
    sleep = "select 1 from pg_sleep(20)"
    async with db.transaction(statement_timeout=0.05):
        with pytest.raises(StatementTimeout):
            await db.sql(sleep)
        await ann()

    async def slow() -> None:
        await db.sql(sleep)

    with pytest.raises(TransactionExpired):
        await db.transact(slow, timeout=0.05)
    counts = await asyncio.gather(*[Person.select().count().run(db) for _ in range(12)])
    assert counts == [1] * 12


async def test_cancellation_behind_a_pooler(behind: tuple[Database, Pooler]) -> None:
    """A cancelled statement is stopped at the session that ran it."""
    db, _ = behind
    task = asyncio.ensure_future(db.sql("select 1 from pg_sleep(20)").first())
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(5):
        await asyncio.gather(*[ann_or_count(db) for _ in range(2 * SESSIONS)])


async def ann_or_count(db: Database) -> None:
    """Something to do in a session."""
    async with db.transaction():
        await Person.select().count()


async def test_locks_behind_a_pooler(behind: tuple[Database, Pooler]) -> None:
    """A lock by name is kept by its own transaction, whatever sessions the work of its block meets."""
    db, _ = behind
    inside: list[int] = []

    async def work() -> None:
        async with db.lock("report"):
            inside.append(len(inside))
            now = len(inside)
            await Person.select().count()
            await asyncio.sleep(0.002)
            assert len(inside) == now

    await asyncio.gather(*[work() for _ in range(5)])
    assert inside == [0, 1, 2, 3, 4]


async def test_a_pooler_that_was_not_announced(postgres_url: str) -> None:
    """Without pooler="transaction" the settings of a session are refused at once, not lost later."""
    async with pooled(postgres_url, 1) as (url, _):
        with pytest.raises(DatabaseUnavailable, match="unsupported startup parameter"):
            await Database(url, tables=TABLES, options=PostgresOptions(retry_deadline=0.1)).open()


@asynccontextmanager
async def real_pooler(postgres_url: str, capsys: pytest.CaptureFixture[str]) -> AsyncGenerator[str]:
    """The address of an installed PgBouncer, or of the tests' own pooler, which is said."""
    if PROGRAM is not None:
        async with bounced(PROGRAM, postgres_url, SESSIONS) as url:
            yield url
        return
    with capsys.disabled():
        sys.stdout.write("\nno pgbouncer is installed; the tests' own pooler stands in for it ")
    async with pooled(postgres_url, SESSIONS) as (url, _):
        yield url


async def test_a_real_pooler(postgres_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """PgBouncer in transaction mode serves every kind of work, and no session keeps a prepared statement."""
    options = PostgresOptions(pooler="transaction", statement_timeout=0.5)
    async with real_pooler(postgres_url, capsys) as url, Database(url, tables=TABLES, options=options) as db:
        await db.create_tables()
        await ann()

        async def work(number: int) -> None:
            async with db.transaction():
                await Gig.insert(Gig(title=f"gig {number}", booker=1)).one()
                with pytest.raises(UniqueViolation):
                    await ann()
            gig = await Gig.select().where(Gig.title == f"gig {number}").one()
            gig.seats = number
            async with db.lock("seats"):
                await gig.save()

        await asyncio.gather(*[work(number) for number in range(1, 21)])
        await Gig.insert([Gig(title=f"more {number}", booker=1) for number in range(200)])
        assert len([gig.id async for gig in Gig.select().stream()]) == 220
        with pytest.raises(StatementTimeout):
            await db.sql("select 1 from pg_sleep(20)")
        task = asyncio.ensure_future(db.sql("select 1 from pg_sleep(20)").first())
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await asyncio.gather(*[Gig.select().count().run(db) for _ in range(12)]) == [220] * 12
        left = [await db.sql("select count(*) from pg_prepared_statements").values() for _ in range(2 * SESSIONS)]
        assert left == [[0]] * 2 * SESSIONS
