"""After ``fork()`` the child neither uses nor closes what it inherited, and the parent notices nothing."""

from __future__ import annotations

import subprocess
import sys

CHILD = """
import asyncio, gc, os, sys
from tabor.engines.interface import Statement
from tabor.engines.postgres.engine import PostgresEngine
from tabor.errors import ForkedProcess

url = sys.argv[1]
said = []

def run(coroutine):
    try:
        coroutine.send(None)
    except StopIteration:
        pass

def expect(use):
    try:
        use()
    except ForkedProcess:
        said.append("refused")
    else:
        said.append("answered")

async def main():
    engine = PostgresEngine(url)
    await engine.open()
    await engine.write([Statement("CREATE TABLE t (x bigint)")])
    transaction = await engine.begin()
    await transaction.execute(Statement("INSERT INTO t VALUES (1)"))
    lock = await engine.lock("report", 0)
    child = os.fork()
    if child == 0:
        asyncio.events._set_running_loop(None)
        expect(lambda: run(engine.read("SELECT 1", ())))
        expect(lambda: run(engine.write([Statement("INSERT INTO t VALUES (2)")])))
        expect(lambda: run(engine.begin()))
        expect(lambda: run(engine.lock("report", 0)))
        expect(lambda: run(lock.release()))
        expect(lambda: run(transaction.execute(Statement("SELECT 1"))))
        expect(lambda: run(transaction.commit()))
        run(transaction.rollback())
        said.append(str(engine.health().ok))
        del transaction, lock
        gc.collect()
        asyncio.run(engine.close())
        asyncio.run(again(engine))
        print(" ".join(said), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    await transaction.commit()
    await lock.release()
    await engine.write([Statement("INSERT INTO t VALUES (3)")])
    print([row[0] for row in await engine.read("SELECT x FROM t ORDER BY x", ())], engine.gauges().idle, flush=True)
    await engine.close()

async def again(engine):
    await engine.open()
    said.append(str(await engine.read("SELECT count(*) FROM t", ())))
    await engine.close()

asyncio.run(main())
"""


def test_the_child_is_refused_and_the_parent_goes_on(postgres_url: str) -> None:
    """Every use in the child raises at once, opened anew it works there, and the parent's transaction commits."""
    ran = subprocess.run(
        [sys.executable, "-c", CHILD, postgres_url], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == [
        "refused refused refused refused refused refused refused False [(0,)]",
        "[1, 3] 1",
    ]
