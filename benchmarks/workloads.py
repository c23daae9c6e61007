"""The workloads of the data path: what each asks of a contender, and whether the answer was right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TypeVar

from benchmarks.contenders.contender import Contender
from benchmarks.options import BULK_ROWS, LIST_ROWS
from benchmarks.planner_data import PlannerData
from benchmarks.series import Better

Answer = TypeVar("Answer")

Repeat = Callable[[Contender, PlannerData, int], Awaitable[tuple[float, bool]]]
"""Runs a workload so many times; gives the seconds that the contender took, and whether its answer was right."""


@dataclass(frozen=True, slots=True)
class Workload:
    """One row of the table; ``repeat`` is ``None`` for the workload that runs against the clock.

    One that is long by itself runs so many ``times`` in a turn; how often the others do is found out.
    """

    name: str
    unit: str
    better: Better
    repeat: Repeat | None
    times: int | None = None


async def _timed(work: Awaitable[Answer]) -> tuple[float, Answer]:
    start = perf_counter()
    answer = await work
    return perf_counter() - start, answer


async def _by_key(contender: Contender, data: PlannerData, times: int) -> tuple[float, bool]:
    keys = data.keys(times)
    seconds, title = await _timed(contender.read_by_key(keys))
    return seconds, title == data.events[keys[-1] - 1].title


async def _get(contender: Contender, data: PlannerData, times: int) -> tuple[float, bool]:
    keys = data.keys(times)
    seconds, title = await _timed(contender.get_by_key(keys))
    return seconds, title == data.events[keys[-1] - 1].title


async def _prepared(contender: Contender, data: PlannerData, times: int) -> tuple[float, bool]:
    keys = data.keys(times)
    seconds, title = await _timed(contender.read_prepared(keys))
    return seconds, title == data.events[keys[-1] - 1].title


async def _fetched(contender: Contender, data: PlannerData, times: int) -> tuple[float, bool]:
    seconds, count = await _timed(contender.fetch_rows(times))
    return seconds, count == LIST_ROWS


async def _rows(contender: Contender, data: PlannerData, times: int) -> tuple[float, bool]:
    seconds, count = await _timed(contender.read_rows(times))
    return seconds, count == LIST_ROWS


async def _join(contender: Contender, data: PlannerData, times: int) -> tuple[float, bool]:
    last = data.events[LIST_ROWS - 1]
    seconds, pair = await _timed(contender.join_rows(times))
    return seconds, pair == (last.title, data.users[last.creator - 1].email)


async def _insert(contender: Contender, data: PlannerData, times: int) -> tuple[float, bool]:
    before = await contender.count()
    seconds, _ = await _timed(contender.insert_one(data.new_events(times)))
    return seconds, await contender.count() == before + times


async def _bulk(contender: Contender, data: PlannerData, times: int) -> tuple[float, bool]:
    before, total = await contender.count(), 0.0
    for _ in range(times):
        seconds, _ = await _timed(contender.insert_many(data.new_events(BULK_ROWS)))
        total += seconds
    return total, await contender.count() == before + BULK_ROWS * times


def on_postgres(workload: str) -> str:
    """The name of a workload of SQLite's in PostgreSQL's table."""
    return f"PostgreSQL: {workload}"


BY_KEY = "read by key, built query"
GET = "read by key, get()"
PREPARED = "read by key, prepared"
FETCHED = f"{LIST_ROWS} rows fetched"
ROWS = f"{LIST_ROWS} rows as objects"
JOIN = f"join of {LIST_ROWS}"
INSERT = "insert one, durable"
WRITERS = "64 writers, durable"
BULK = f"bulk insert of {BULK_ROWS:,}"

WORKLOADS = (
    Workload(BY_KEY, "us", "lower", _by_key),
    Workload(GET, "us", "lower", _get),
    Workload(PREPARED, "us", "lower", _prepared),
    Workload(FETCHED, "us", "lower", _fetched),
    Workload(ROWS, "us", "lower", _rows),
    Workload(JOIN, "us", "lower", _join),
    Workload(INSERT, "us", "lower", _insert),
    Workload(WRITERS, "/s", "higher", None),
    Workload(BULK, "ms", "lower", _bulk, times=1),
)
"""Those of SQLite."""
_COPIES = 4
"""How many bulk inserts are a turn on PostgreSQL, where one in four takes half as long again, whoever makes it."""
POSTGRES_WORKLOADS = tuple(
    [replace(work, name=on_postgres(work.name), times=work.times and _COPIES) for work in WORKLOADS]
)
"""The same on PostgreSQL, under names of their own."""
