"""Tests of several servers: a standby that takes over, replicas that answer reads, and those that are missing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Unpack

import pytest

from tabor.engines.interface import Statement
from tabor.engines.postgres import connecting
from tabor.engines.postgres.engine import PostgresEngine
from tabor.engines.postgres.options import PostgresOptionChanges
from tabor.errors import DatabaseUnavailable
from tests.engines.postgres.conftest import TABLE, gig, titles, until
from tests.engines.postgres.dead_wire import wire_to
from tests.postgres_databases import Databases
from tests.postgres_server import Server

pytestmark = pytest.mark.anyio

PORT = "SELECT current_setting('port')"
BOOKED = "INSERT INTO gig (title) VALUES ($1::text) RETURNING current_setting('port')"
TAKEN_OVER = 5.0
"""Within how many seconds after a promotion a write is acknowledged again, as it is promised."""


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


@asynccontextmanager
async def opened(url: str, **changes: Unpack[PostgresOptionChanges]) -> AsyncGenerator[PostgresEngine]:
    """An engine that is open for the block."""
    engine = PostgresEngine(url, **changes)
    await engine.open()
    try:
        yield engine
    finally:
        await engine.close()


async def synchronous(primary: Server) -> None:
    """Make the table, and have the primary wait for its standby from now on."""
    async with opened(primary.url) as engine:
        await engine.write([Statement(TABLE)])
        primary.configure("synchronous_standby_names = '*'")
        following = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"
        await until(lambda: engine.read(following, ()))


class Load:
    """Writers that go on for as long as they are asked to, and readers that must see no error.

    ``kept`` are the titles that were acknowledged, each with the port of the server that did it.
    """

    def __init__(self, engine: PostgresEngine) -> None:
        self.kept: dict[str, str] = {}
        self._engine = engine
        self._going = True
        self._tasks = [asyncio.create_task(self._write(worker)) for worker in range(4)]
        self._tasks += [asyncio.create_task(self._read()) for _ in range(2)]

    async def acknowledged(self, server: Server, count: int) -> None:
        """Wait until a server has acknowledged so many writes."""

        async def enough() -> bool:
            return list(self.kept.values()).count(str(server.port)) >= count

        await until(enough)

    async def end(self) -> None:
        """Stop, and raise what a writer or reader has met."""
        self._going = False
        await asyncio.gather(*self._tasks)

    async def _write(self, worker: int) -> None:
        number = 0
        while self._going:
            number += 1
            title = f"{worker}-{number}"
            statements = [Statement(BOOKED, (title,)), gig(f"{title} too")][: 1 + number % 2]
            try:
                answers = await self._engine.write(statements)
            except DatabaseUnavailable:
                continue
            ((port,),) = answers[0].rows
            self.kept[title] = str(port)

    async def _read(self) -> None:
        while self._going:
            await self._engine.read("SELECT count(*) FROM gig", ())


@pytest.mark.parametrize("ending", ["lost", "shut down", "standing still"])
async def test_a_promoted_standby_takes_over(primary: Server, standby: Server, ending: str) -> None:
    """When the primary is gone and its synchronous standby promoted, writes go on and none acknowledged is lost."""
    await synchronous(primary)
    ports = (standby.port, primary.port) if ending == "shut down" else (primary.port, standby.port)
    hosts = ",".join([f"127.0.0.1:{port}" for port in ports])
    url = f"postgresql://postgres@{hosts}/postgres?synchronous_commit=on"
    async with opened(url, retry_deadline=10) as engine:
        load = Load(engine)
        await load.acknowledged(primary, 20)
        end = {"lost": primary.crash, "shut down": primary.shut_down, "standing still": primary.freeze}[ending]
        await asyncio.to_thread(end)
        promoted = monotonic()
        await asyncio.to_thread(standby.promote)
        await load.acknowledged(standby, 1)
        assert monotonic() - promoted < TAKEN_OVER
        await load.acknowledged(standby, 20)
        await load.end()
        found = await titles(engine)
        assert set(load.kept) <= set(found)
        assert len(found) == len(set(found))


@pytest.mark.parametrize("count", [1, 2], ids=["one statement", "a unit of two"])
async def test_a_write_that_its_standby_does_not_confirm(
    primary: Server, standby: Server, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """A commit that waits for a lost synchronous standby past the deadline may have been kept, and is said so."""
    monkeypatch.setattr(connecting, "DRIVER_LATER", 0.1)
    await synchronous(primary)
    async with opened(f"{primary.url}?synchronous_commit=on", statement_timeout=0.2) as engine:
        await engine.read(PORT, ())
        await asyncio.to_thread(standby.crash)
        with pytest.raises(DatabaseUnavailable, match="did not answer a write in time") as caught:
            await engine.write([gig("a"), gig("b")][:count])
        assert caught.value.not_applied is False
        # The primary keeps it as soon as it hears that nobody waits, and the standby may never learn of it.
        await until(lambda: titles(engine))
        assert await titles(engine) == ["a", "b"][:count]


async def test_replicas_answer_tasks_that_have_not_written(primary: Server, standby: Server) -> None:
    """Reads go to the replica until a task writes; from then on it, and the tasks it starts, read from the primary."""
    async with opened(primary.url) as engine:
        await engine.write([Statement(TABLE), gig("first")])
    async with opened(primary.url, replicas=(standby.url,)) as engine:
        assert await engine.read(PORT, ()) == [(str(standby.port),)]
        await until(lambda: engine.read("SELECT 1 FROM pg_tables WHERE tablename = 'gig'", ()))
        await until(lambda: titles(engine))
        async with opened(standby.url) as replica:
            await replica.read("SELECT pg_wal_replay_pause()", ())
            # From here on it knows of nothing new.
            paused = "SELECT 1 WHERE pg_get_wal_replay_pause_state() = 'paused'"
            await until(lambda: replica.read(paused, ()))

        async def writer() -> tuple[list[str], list[str]]:
            await engine.write([gig("second")])
            return await titles(engine), await asyncio.create_task(titles(engine))

        async def transaction() -> list[str]:
            transaction = await engine.begin()
            await transaction.execute(gig("third"))
            await transaction.commit()
            return await titles(engine)

        assert await asyncio.create_task(writer()) == (["first", "second"], ["first", "second"])
        assert await asyncio.create_task(transaction()) == ["first", "second", "third"]
        assert await titles(engine) == ["first"]
        standby.crash()
        assert await titles(engine) == ["first", "second", "third"]


async def test_a_replica_that_is_silent_is_left_alone(primary: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read that a silent replica does not answer is answered by the primary, and the next ones do not ask it."""
    monkeypatch.setattr(connecting, "DRIVER_LATER", 0.2)
    async with (
        wire_to(primary.url) as (url, wire),
        opened(primary.url, replicas=(url,), statement_timeout=0.3) as engine,
    ):
        assert await engine.read(PORT, ()) == [(str(primary.port),)]
        wire.deaf = True
        wire.go_dead()
        assert await engine.read(PORT, ()) == [(str(primary.port),)]
        connected = wire.connected
        for _ in range(5):
            assert await engine.read(PORT, ()) == [(str(primary.port),)]
        assert wire.connected == connected


async def test_a_replica_that_is_missing_is_no_reason_to_fail(primary: Server) -> None:
    """Where no replica answers, the primary does."""
    async with opened(primary.url, replicas=("postgresql://postgres@127.0.0.1:1/postgres",)) as engine:
        assert await engine.read("SELECT 1", ()) == [(1,)]
