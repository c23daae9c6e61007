"""The writer: its queue has an end, it outlives its loop, and its death keeps nobody waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
from threading import Thread
from threading import enumerate as all_threads
from typing import cast

import pytest

from tabor.engines.interface import Health, Statement
from tabor.engines.sqlite import driver
from tabor.engines.sqlite.driver import Connection
from tabor.engines.sqlite.engine import SqliteEngine
from tabor.engines.sqlite.execution import Runner
from tabor.engines.sqlite.writer import Writer
from tabor.errors import DatabaseClosed, DatabaseUnavailable, Overloaded
from tests.engines.conftest import OpenEngine, gig, titles

pytestmark = pytest.mark.anyio


def _files(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


def _threads() -> set[Thread]:
    """The threads of every open database, those of other tests too."""
    return {thread for thread in all_threads() if thread.name.startswith("tabor-sqlite")}


def _deadly(monkeypatch: pytest.MonkeyPatch) -> Sequence[Statement]:
    """A request that kills the writer when it comes to it, and not before."""
    deadly = (gig("deadly"), gig("deadly too"))
    under_savepoint = Runner._under_savepoint  # pyright: ignore[reportPrivateUsage]  # the place where the thread is to die

    def die(self: Runner, statements: Sequence[Statement]) -> object:
        if statements is deadly:
            raise SystemExit("injected")
        return under_savepoint(self, statements)

    monkeypatch.setattr(Runner, "_under_savepoint", die)
    return deadly


async def test_a_full_queue_overloads_and_takes_more_when_it_has_room(open_engine: OpenEngine) -> None:
    """The write past ``queue_size`` is refused at once with a time to try again; the accepted ones are kept."""
    engine = await open_engine(queue_size=4)
    transaction = await engine.begin()
    accepted = [asyncio.ensure_future(engine.write([gig(f"n{index}")])) for index in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded) as refused:
        await engine.write([gig("too many")])
    assert refused.value.retry_after == 1.0
    await transaction.rollback()
    await asyncio.gather(*accepted)
    await engine.write([gig("room again")])
    assert await titles(engine) == ["n0", "n1", "n2", "room again"]


async def test_queued_values_are_bounded_by_their_size(open_engine: OpenEngine) -> None:
    """Past ``queue_bytes`` a write is refused, a large one alone is taken, and the count goes back to nothing."""
    engine = await open_engine(queue_bytes=100_000)
    for _ in range(3):
        await engine.write([Statement("INSERT INTO gig (title) VALUES (hex(randomblob(8)) || ?1)", ("x" * 200_000,))])
    first = asyncio.ensure_future(engine.write([Statement("SELECT ?1", (), [("x" * 90_000,)])]))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await engine.write([Statement("SELECT ?1", ("x" * 20_000,))])
    await first


async def test_a_cancelled_waiter_is_dropped_if_its_write_has_not_started(engine: SqliteEngine) -> None:
    """A write that is cancelled in the queue never happens, and its neighbours do."""
    transaction = await engine.begin()
    dropped = asyncio.ensure_future(engine.write([gig("dropped")]))
    kept = asyncio.ensure_future(engine.write([gig("kept")]))
    await asyncio.sleep(0)
    dropped.cancel()
    await asyncio.sleep(0)
    await transaction.rollback()
    await kept
    assert await titles(engine) == ["kept"]


async def test_a_dead_writer_fails_every_waiter_at_once(engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the writer dies, each one in its batch and behind it gets an error of its own."""
    requests: list[Sequence[Statement]] = [[gig("a")], _deadly(monkeypatch), [gig("b")]]
    answers = await asyncio.gather(*map(engine.write, requests), engine.begin(), return_exceptions=True)
    assert [type(answer) for answer in answers] == [DatabaseUnavailable] * 4
    assert len({id(answer) for answer in answers}) == 4


async def test_after_its_death_the_writer_refuses_and_holds_nothing(
    engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch, path: Path
) -> None:
    """A dead writer refuses writes and transactions, reads go on, and another process may write."""
    with pytest.raises(DatabaseUnavailable) as death:
        await engine.write(_deadly(monkeypatch))
    assert isinstance(death.value.__cause__, SystemExit)
    assert death.value.reason == "its writer stopped with SystemExit: injected"
    with pytest.raises(DatabaseUnavailable):
        await engine.write([gig("late")])
    with pytest.raises(DatabaseUnavailable):
        await engine.begin()
    assert not engine.health().ok
    assert "SystemExit: injected" in engine.health().reason
    assert await titles(engine) == []
    other: Connection = driver.connect(str(path), 6, None, 0)
    other.set_busy_timeout(2_000)
    other.cursor().execute("INSERT INTO gig (title) VALUES ('other process')").fetchall()
    other.close()


async def test_a_writer_that_dies_in_a_transaction_tells_its_owner(
    engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the writer dies over a statement of a transaction, its owner and those behind it are told at once."""

    def die(self: Runner, statement: Statement) -> object:
        raise SystemExit("injected")

    monkeypatch.setattr(Runner, "run_guarded", die)
    transaction = await engine.begin()
    answers = await asyncio.gather(
        transaction.execute(gig("a")), transaction.commit(), engine.write([gig("b")]), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [DatabaseUnavailable] * 3
    await transaction.rollback()
    assert not engine.health().ok


@pytest.mark.parametrize("load", [False, True])
async def test_statistics_are_refreshed_regularly(
    open_engine: OpenEngine, monkeypatch: pytest.MonkeyPatch, load: bool
) -> None:
    """The writer has SQLite refresh its statistics every ``optimize_interval``, idle or busy."""
    calls: list[int | None] = []
    keep_up = Writer._keep_up  # pyright: ignore[reportPrivateUsage]  # the upkeep itself shows nowhere

    def counted(self: Writer, runner: Runner, mask: int | None) -> None:
        calls.append(mask)
        keep_up(self, runner, mask)

    monkeypatch.setattr(Writer, "_keep_up", counted)
    engine = await open_engine(optimize_interval=0.001)
    while len(calls) < 4:
        await (engine.write([Statement("SELECT 1")]) if load else asyncio.sleep(0.001))
    assert calls[:2] == [0x10002, None]


async def test_close_finishes_what_is_queued(open_engine: OpenEngine, path: Path) -> None:
    """Writes accepted before ``close`` are kept and answered; later ones are refused; the log file is gone."""
    engine = await open_engine()
    accepted = [asyncio.ensure_future(engine.write([gig(f"n{index}")])) for index in range(300)]
    await asyncio.sleep(0)
    await engine.close()
    assert [answer[0].count for answer in await asyncio.gather(*accepted)] == [1] * 300
    with pytest.raises(DatabaseClosed):
        await engine.write([gig("late")])
    with pytest.raises(DatabaseClosed):
        engine.read_now("SELECT 1", ())
    with pytest.raises(DatabaseClosed):
        await engine.begin()
    assert engine.health() == Health(ok=False, reason="The database has been closed. Open it again to use it.")
    await engine.close()
    assert _files(path.parent) == [path.name]


async def test_close_leaves_no_thread(open_engine: OpenEngine) -> None:
    """After ``close`` the writer and the readers are gone, a cancelled ``close`` included."""
    before = _threads()
    engine = await open_engine(reads="threads")
    await asyncio.gather(*(engine.read("SELECT 1", ()) for _ in range(4)))
    closing = asyncio.ensure_future(engine.close())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.gather(closing, return_exceptions=True)
    await engine.close()
    assert _threads() - before == set()


async def test_an_engine_opens_again(open_engine: OpenEngine) -> None:
    """After ``close`` the same engine may be opened again, and finds what it wrote."""
    engine = await open_engine()
    await engine.write([gig("kept")])
    await engine.close()
    await engine.open()
    assert await titles(engine) == ["kept"]
    await engine.close()


def test_the_writer_outlives_its_loop(path: Path) -> None:
    """Writes whose loop was closed under them are kept all the same, and the engine can be closed from another loop."""
    engine = SqliteEngine(path)
    writing: list[Coroutine[object, None, object]] = []

    async def start_writing() -> None:
        await engine.open()
        await engine.write([Statement("CREATE TABLE t (x ANY) STRICT")])
        for index in range(100):
            writing.append(engine.write([Statement("INSERT INTO t VALUES (?1)", (index,))]))
            writing[-1].send(None)
        await asyncio.sleep(0)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(start_writing())
    loop.close()
    for coroutine in writing:
        coroutine.close()
    asyncio.run(engine.close())
    connection = driver.connect(str(path), 6, None, 0)
    stored = cast("int", connection.cursor().execute("SELECT count(*) FROM t").fetchall()[0][0])
    connection.close()
    assert stored == 100
