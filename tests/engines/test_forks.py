"""After ``fork()`` the child neither uses nor closes what it inherited, and the parent notices nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHILD = """
import asyncio, os, sys
from tabor.engines.interface import Statement
from tabor.engines.sqlite.engine import SqliteEngine
from tabor.errors import ForkedProcess

path = sys.argv[1]
said = []

def expect(use):
    try:
        use()
    except ForkedProcess:
        said.append("refused")
    else:
        said.append("answered")

def run(coroutine):
    try:
        coroutine.send(None)
    except StopIteration:
        pass

async def main():
    engine = SqliteEngine(path)
    await engine.open()
    await engine.write([Statement("CREATE TABLE t (x ANY) STRICT")])
    transaction = await engine.begin()
    await transaction.execute(Statement("INSERT INTO t VALUES (1)"))
    child = os.fork()
    if child == 0:
        asyncio.events._set_running_loop(None)
        expect(lambda: engine.read_now("SELECT 1", ()))
        expect(lambda: run(engine.read("SELECT 1", ())))
        expect(lambda: run(engine.write([Statement("INSERT INTO t VALUES (2)")])))
        expect(lambda: run(engine.begin()))
        expect(lambda: run(transaction.execute(Statement("SELECT 1"))))
        expect(lambda: run(transaction.rollback()))
        expect(lambda: run(SqliteEngine(path).open()))
        said.append(str(engine.health().ok))
        elsewhere = SqliteEngine(path + ".child")
        asyncio.run(use(elsewhere))
        asyncio.run(engine.close())
        print(" ".join(said), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    await transaction.commit()
    await engine.write([Statement("INSERT INTO t VALUES (3)")])
    print([row[0] for row in await engine.read("SELECT x FROM t", ())], os.path.exists(path + "-wal"), flush=True)
    await engine.close()
    print(os.path.exists(path + "-wal"), flush=True)

async def use(engine):
    await engine.open()
    await engine.write([Statement("CREATE TABLE t (x ANY) STRICT")])
    said.append(str(await engine.read("SELECT count(*) FROM t", ())))
    await engine.close()

asyncio.run(main())
"""

ORPHAN = """
import asyncio, gc, os, signal, sys
import apsw
from tabor.engines.interface import Statement
from tabor.engines.sqlite.engine import SqliteEngine

async def main():
    engine = SqliteEngine(sys.argv[1])
    await engine.open()
    await engine.write([Statement("CREATE TABLE t (x ANY) STRICT")])
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.close(writing)
        os.read(reading, 1)
        asyncio.events._set_running_loop(None)
        inherited = len(apsw.connections())
        del engine
        gc.collect()
        print(inherited, len(apsw.connections()), flush=True)
        raise SystemExit(0)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def _run(program: str, path: Path) -> subprocess.CompletedProcess[str]:
    # Newer versions of Python warn of every fork beside threads; what happens then is what is tested here.
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", program, str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_child_is_refused_and_the_parent_goes_on(tmp_path: Path) -> None:
    """Every use in the child raises at once, another file works there, and the parent's transaction commits."""
    ran = _run(CHILD, tmp_path / "x.db")
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == [
        "refused refused refused refused refused refused refused False [(0,)]",
        "[1, 3] True",
        "False",
    ]


def test_the_child_closes_nothing_at_its_end(tmp_path: Path) -> None:
    """A child drops an engine and ends after its parent: no connection is closed, and the log is left alone."""
    ran = _run(ORPHAN, tmp_path / "x.db")
    assert ran.stderr == ""
    assert ran.stdout == "2 2\n"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["x.db", "x.db-shm", "x.db-wal"]
