"""Several processes on one file, and processes that are killed: nothing acknowledged is lost."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from tabor.engines.sqlite import driver

WRITE = """
import asyncio, sys
from tabor.engines.interface import Statement
from tabor.engines.sqlite.engine import SqliteEngine

path, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])

async def main():
    engine = SqliteEngine(path)
    await engine.open()
    await engine.write([Statement(
        "CREATE TABLE IF NOT EXISTS t (name TEXT, number INTEGER, UNIQUE (name, number)) STRICT"
    )])
    numbers = iter(range(count))

    async def work():
        for number in numbers:
            await engine.write([Statement("INSERT INTO t VALUES (?1, ?2)", (name, number))])
            print(number, flush=True)

    await asyncio.gather(*(work() for _ in range(16)))
    await engine.close()

asyncio.run(main())
"""


def _start(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITE, str(path), name, str(count)], stdout=subprocess.PIPE, text=True
    )


def _stored(path: Path, name: str) -> set[int]:
    connection = driver.connect(str(path), 6, None, 0)
    rows = connection.cursor().execute("SELECT number FROM t WHERE name = ?1", (name,)).fetchall()
    assert connection.cursor().execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    return {int(str(row[0])) for row in rows}


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    """Two processes that write to one new file as fast as they can lose no write and see no error."""
    path = tmp_path / "x.db"
    processes = [_start(path, name, 2_000) for name in ("a", "b")]
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert _stored(path, "a") == _stored(path, "b") == set(range(2_000))


def test_many_processes_open_a_new_file_at_once(tmp_path: Path) -> None:
    """Eight processes that create, open and close the same new database at the same time all succeed."""
    path = tmp_path / "x.db"
    processes = [_start(path, str(number), 5) for number in range(8)]
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0] * 8
    assert all(_stored(path, str(number)) == set(range(5)) for number in range(8))


def test_a_killed_process_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """After each of five SIGKILLs under load every write that was reported as kept is in the file."""
    path = tmp_path / "x.db"
    for kill in range(5):
        process = _start(path, f"run {kill}", 10**9)
        assert process.stdout is not None
        acknowledged = {int(process.stdout.readline()) for _ in range(50 + 37 * kill)}
        process.send_signal(signal.SIGKILL)
        acknowledged |= {int(line) for line in process.stdout if line.endswith("\n")}
        process.stdout.close()
        process.wait(60)
        assert acknowledged <= _stored(path, f"run {kill}")
