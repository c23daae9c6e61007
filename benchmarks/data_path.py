"""The data path on SQLite: every contender takes its turn in every round, on a file of its own.

Several SQLite libraries live in this process at once; that is safe only because no file is reached by two of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders.contender import WANTED, SqliteContender
from benchmarks.contenders.roster import BASELINE, installed_contenders
from benchmarks.options import Plan
from benchmarks.planner_data import make_planner
from benchmarks.progress import notice, say
from benchmarks.rounds import run_rounds
from benchmarks.series import Series
from benchmarks.workloads import WORKLOADS


@dataclass(slots=True)
class DataPath:
    """What the part measured; its twin on PostgreSQL gives the same."""

    series: list[Series]
    notices: list[str]

    def as_json(self) -> dict[str, object]:
        """For the results file."""
        return {"series": [one.as_json() for one in self.series], "notices": self.notices}


async def measure_data_path(plan: Plan, folder: Path) -> DataPath:
    """Set every contender up, run all rounds, close everything.

    Args:
        plan: rounds and seconds.
        folder: where the database files go; it must be on a real disk, or a durable write costs nothing.
    """
    data = make_planner()
    contenders, notices = installed_contenders()
    ready: list[SqliteContender] = []
    try:
        for contender in contenders:
            say(f"data path: setting up {contender.name}")
            await contender.setup(folder / f"{contender.name.lower()}.db", data)
            ready.append(contender)
            notices += await _check_settings(contender)
        series = await run_rounds(ready, WORKLOADS, BASELINE, data, plan.data)
    finally:
        for contender in ready:
            await contender.teardown()
    return DataPath(series, notices)


async def _check_settings(contender: SqliteContender) -> list[str]:
    settings = await contender.settings()
    if settings == WANTED:
        return []
    return [notice(f"{contender.name} runs with {settings} instead of {WANTED}: its figures do not compare.")]
