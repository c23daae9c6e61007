"""The write-ahead log stays small: checkpoints by the writer, and a cut behind a gate where readers never pause."""

from __future__ import annotations

import asyncio
from pathlib import Path
from threading import Thread

import apsw
import pytest

from tabor.engines.interface import Characteristics, Statement
from tabor.engines.sqlite.gate import Gate
from tests.engines.conftest import OpenEngine, gig, titles
from tests.engines.faults import fail_with, faulty_disk

pytestmark = pytest.mark.anyio
PAGE = 4_096
BLOB = Statement("INSERT INTO gig (title) VALUES (hex(randomblob(8)) || printf('%.*c', 40000, 'x'))")


def _log(path: Path) -> int:
    return Path(f"{path}-wal").stat().st_size


async def test_the_log_does_not_grow_past_its_interval(open_engine: OpenEngine, path: Path) -> None:
    """With a checkpoint every 50 pages, a thousand pages of writes leave a log of about 50."""
    engine = await open_engine(checkpoint_pages=50)
    for _ in range(100):
        await engine.write([BLOB])
    assert _log(path) < 100 * PAGE


async def test_readers_that_never_pause_do_not_stop_the_cut(open_engine: OpenEngine, path: Path) -> None:
    """Overlapping reads keep the log from being reused; past the limit it is cut all the same and reads go on."""
    engine = await open_engine(reads="threads", checkpoint_pages=20, wal_limit=100 * PAGE)
    done = False
    count = 0

    async def read() -> None:
        nonlocal count
        while not done:
            await engine.read("SELECT count(*), sum(length(title)) FROM gig", ())
            count += 1

    reading = [asyncio.ensure_future(read()) for _ in range(4)]
    for _ in range(150):
        await engine.write([BLOB])
    done = True
    await asyncio.gather(*reading)
    assert count > 0
    await engine.write([BLOB])
    assert _log(path) < 1_000 * PAGE
    assert await engine.read("SELECT count(*) FROM gig", ()) == [(151,)]


async def test_the_log_is_cut_past_its_limit(open_engine: OpenEngine, path: Path) -> None:
    """A log that a reader's snapshot has let grow past the limit is cut to nothing once the reader is gone."""
    engine = await open_engine(checkpoint_pages=20, wal_limit=100 * PAGE)
    snapshot = await engine.begin(Characteristics(read_only=True))
    for _ in range(15):
        await engine.write([BLOB])
    assert _log(path) > 100 * PAGE
    await snapshot.rollback()
    await asyncio.sleep(0)
    for _ in range(30):
        await engine.write([BLOB])
    assert _log(path) < 200 * PAGE


async def test_a_checkpoint_that_fails_harms_nobody(monkeypatch: pytest.MonkeyPatch, open_engine: OpenEngine) -> None:
    """A disk that fails while the log is copied is not the writers' concern: theirs is in the log."""
    with faulty_disk(monkeypatch) as faults:
        engine = await open_engine(checkpoint_pages=1)
        faults.checkpoint = fail_with(apsw.IOError)
        await engine.write([gig("kept")])
        await engine.write([gig("kept too")])
        assert engine.health().ok
        faults.checkpoint = None
        await engine.write([gig("next")])
        assert await titles(engine) == ["kept", "kept too", "next"]
        await engine.close()


def test_the_gate_waits_for_those_inside_and_keeps_others_out() -> None:
    """A shut gate lets nobody in, and says whether everybody has left in time."""
    gate = Gate()
    passed: list[str] = []

    def enter() -> None:
        with gate:
            passed.append("in")

    with gate:
        assert not gate.shut(0.001)
        gate.open()
    with gate.alone(1.0) as alone:
        assert alone
        thread = Thread(target=enter)
        thread.start()
        thread.join(0.01)
        assert passed == []
    thread.join()
    assert passed == ["in"]
