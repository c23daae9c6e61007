"""The data path on PostgreSQL: one server, a database for every contender, every contender's turn in every round."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

from benchmarks.contenders.contender import PostgresContender
from benchmarks.contenders.roster import POOL, installed_on_postgres
from benchmarks.cores import one_core
from benchmarks.data_path import DataPath
from benchmarks.options import Plan
from benchmarks.planner_data import PlannerData, make_planner
from benchmarks.progress import notice, say
from benchmarks.rounds import run_rounds
from benchmarks.series import Series
from benchmarks.servers.postgres import NotInstalled, running_postgres
from benchmarks.workloads import POSTGRES_WORKLOADS


async def measure_postgres_path(plan: Plan, folder: Path) -> DataPath:
    """Start a server, set every contender up, run all rounds, close everything.

    Args:
        plan: rounds and seconds.
        folder: where the server's files go; on a real disk, or a durable write costs nothing.
    """
    contenders, notices = installed_on_postgres()
    if importlib.util.find_spec("asyncpg") is None:  # nobody can take part then, and everybody has said so
        return DataPath([], notices)
    try:
        with one_core() as missing_core, running_postgres(folder) as url:
            series = await _measure(contenders, url, plan)
    except (NotInstalled, RuntimeError) as missing:
        return DataPath([], [*notices, notice(f"The data path on PostgreSQL is left out: {missing}.")])
    return DataPath(series, notices if missing_core is None else [*notices, missing_core])


async def _measure(contenders: list[PostgresContender], url: str, plan: Plan) -> list[Series]:
    data = make_planner()
    ready: list[PostgresContender] = []
    try:
        for number, contender in enumerate(contenders):
            say(f"data path on PostgreSQL: setting up {contender.name}")
            await _set_up(contender, url, f"bench{number}", data)
            ready.append(contender)
        return await run_rounds(ready, POSTGRES_WORKLOADS, POOL, data, plan.postgres)
    finally:
        for contender in ready:
            await contender.teardown()


async def _set_up(contender: PostgresContender, url: str, name: str, data: PlannerData) -> None:
    """Give a contender a database of its own, filled, and known to the server's planner."""
    await _execute(url, f"create database {name}")
    own = f"{url.rpartition('/')[0]}/{name}"
    await contender.setup(own, data)
    await _execute(own, "vacuum analyze")


async def _execute(url: str, statement: str) -> None:
    connection = await importlib.import_module("asyncpg").connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
