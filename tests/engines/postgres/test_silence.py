"""Tests of servers that stay connected and answer no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import pytest

from tabor.engines.postgres import connecting, hosts, lease
from tabor.engines.postgres.engine import PostgresEngine
from tabor.errors import DatabaseUnavailable
from tests.engines.postgres.conftest import ONE_IDLE, gig, titles
from tests.engines.postgres.dead_wire import Wire, wire_to

pytestmark = pytest.mark.anyio

SLOW = "SELECT 1 FROM pg_sleep($1::float8)"


@pytest.fixture
async def wired(
    engine: PostgresEngine, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[PostgresEngine, Wire]]:
    """An engine behind a wire, which waits for half a second; its table exists."""
    await engine.close()
    monkeypatch.setattr(connecting, "DRIVER_LATER", 0.2)
    async with wire_to(postgres_url) as (url, wire):
        behind = PostgresEngine(url, statement_timeout=0.3, connect_deadline=0.5, retry_deadline=2)
        await behind.open()
        yield behind, wire
        await behind.close()


async def test_a_read_without_an_answer_is_asked_again(wired: tuple[PostgresEngine, Wire]) -> None:
    """A read on a dead wire is asked again on a new connection, and the dead one is never used again."""
    engine, wire = wired
    before = wire.connected
    wire.go_dead()
    assert await engine.read("SELECT 1", ()) == [(1,)]
    assert await engine.read("SELECT 2", ()) == [(2,)]
    assert wire.connected == before + 1
    assert engine.gauges() == ONE_IDLE


async def test_all_reads_on_dead_wires_are_asked_again(wired: tuple[PostgresEngine, Wire]) -> None:
    """Several reads that wait for silent connections are answered, each once."""
    engine, wire = wired
    await asyncio.gather(*[engine.read(SLOW, (0.05,)) for _ in range(4)])
    wire.go_dead()
    answers = await asyncio.gather(*[engine.read(f"SELECT {number}", ()) for number in range(8)])
    assert answers == [[(number,)] for number in range(8)]


async def test_a_write_without_an_answer_may_have_been_applied(wired: tuple[PostgresEngine, Wire]) -> None:
    """Nobody knows whether a write arrived on a dead wire: it is not repeated, and the error says so."""
    engine, wire = wired
    wire.go_dead()
    with pytest.raises(DatabaseUnavailable, match="did not answer a write in time") as caught:
        await engine.write([gig("a")])
    assert caught.value.not_applied is False


async def test_reads_that_take_turns_are_not_taken_for_one_that_waits(wired: tuple[PostgresEngine, Wire]) -> None:
    """A connection that is used all the time is not cut, however long that goes on."""
    engine, wire = wired
    before = wire.connected
    for _ in range(8):
        assert await engine.read(SLOW, (0.1,)) == [(1,)]
    transaction = await engine.begin()
    await asyncio.sleep(0.7)
    await transaction.commit()
    assert wire.connected == before


async def test_silence_to_the_end_is_told(wired: tuple[PostgresEngine, Wire]) -> None:
    """Where new connections get no answer either, the error says for how long nothing was heard."""
    engine, wire = wired
    wire.go_dead()
    wire.deaf = True
    with pytest.raises(DatabaseUnavailable, match="no answer") as caught:
        await engine.read("SELECT 1", ())
    assert caught.value.not_applied is True


@pytest.fixture
async def two_hosts(
    engine: PostgresEngine, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[PostgresEngine, Wire]]:
    """An engine with two hosts, of which the first is behind a wire; a statement may take ten seconds."""
    await engine.close()
    monkeypatch.setattr(hosts, "HEAD_START", 0.1)
    monkeypatch.setattr(lease, "_STEP", 0.1)
    async with wire_to(postgres_url) as (url, wire):
        netloc = f"{urlsplit(url).netloc},{urlsplit(postgres_url).netloc.rpartition('@')[2]}"
        both = PostgresEngine(urlunsplit(urlsplit(url)._replace(netloc=netloc)))
        await both.open()
        yield both, wire
        await both.close()


async def test_a_silent_host_is_found_out_before_the_deadline(two_hosts: tuple[PostgresEngine, Wire]) -> None:
    """Where the server gives no sign of life, what waits for it is cut off soon, and the next host is asked."""
    engine, wire = two_hosts
    writing = await engine.begin()
    wire.deaf = True
    wire.go_dead()
    async with asyncio.timeout(5):
        read = asyncio.create_task(engine.read("SELECT 1", ()))
        with pytest.raises(DatabaseUnavailable) as caught:
            await writing.execute(gig("a"))
        assert caught.value.not_applied
        assert await read == [(1,)]
        await engine.write([gig("b")])
    assert await titles(engine) == ["b"]
    assert engine.health().ok


async def test_a_slow_statement_of_a_server_that_answers_is_let_be(two_hosts: tuple[PostgresEngine, Wire]) -> None:
    """A statement that takes its time is not cut off while its server answers others."""
    engine, wire = two_hosts
    slow = asyncio.create_task(engine.read(SLOW, (0.8,)))
    await asyncio.sleep(0)
    assert await slow == [(1,)]
    assert wire.connected == 1
    assert wire.accepted > 2


async def test_a_host_that_never_answered_is_passed_over(two_hosts: tuple[PostgresEngine, Wire]) -> None:
    """A new connection is made to the next host where the first accepts it and says nothing."""
    engine, wire = two_hosts
    wire.deaf = True
    async with asyncio.timeout(5):
        answers = await asyncio.gather(*[engine.read(f"SELECT {number}", ()) for number in range(4)])
    assert answers == [[(number,)] for number in range(4)]
    assert engine.gauges().connections == 4
