"""The data path on SQLite: every contender takes its turn in every round, on a file of its own.

Several SQLite libraries live in this process at once; that is safe only because no file is reached by two of them.
"""

from __future__ import annotations

import gc
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from benchmarks.contenders.contender import WANTED, Contender, NotOffered
from benchmarks.contenders.roster import BASELINE, installed_contenders
from benchmarks.contenders.writers import describe_error
from benchmarks.options import BULK_ROWS, LIST_ROWS, Plan
from benchmarks.planner_data import PlannerData, make_planner
from benchmarks.progress import notice, say
from benchmarks.series import Better, Reading, Series

_MOST_REPEATS = 20_000
_WRONG = "wrong answer"

Answer = TypeVar("Answer")

Repeat = Callable[[Contender, PlannerData, int], Awaitable[tuple[float, bool]]]
"""Runs a workload so many times; gives the seconds that the contender took, and whether its answer was right."""


@dataclass(frozen=True, slots=True)
class Workload:
    """One row of the table; ``repeat`` is ``None`` for the workload that runs against the clock."""

    name: str
    unit: str
    better: Better
    repeat: Repeat | None


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
    rows = data.new_events(BULK_ROWS)
    before = await contender.count()
    seconds, _ = await _timed(contender.insert_many(rows))
    return seconds, await contender.count() == before + len(rows) * times


BY_KEY = "read by key, built query"
GET = "read by key, get()"
PREPARED = "read by key, prepared"
ROWS = f"{LIST_ROWS} rows as objects"
JOIN = f"join of {LIST_ROWS}"
INSERT = "insert one, durable"
WRITERS = "64 writers, durable"
BULK = f"bulk insert of {BULK_ROWS:,}"

WORKLOADS = (
    Workload(BY_KEY, "us", "lower", _by_key),
    Workload(GET, "us", "lower", _get),
    Workload(PREPARED, "us", "lower", _prepared),
    Workload(ROWS, "us", "lower", _rows),
    Workload(JOIN, "us", "lower", _join),
    Workload(INSERT, "us", "lower", _insert),
    Workload(WRITERS, "/s", "higher", None),
    Workload(BULK, "ms", "lower", _bulk),
)


@dataclass(slots=True)
class DataPath:
    """What the part measured."""

    series: list[Series]
    notices: list[str]


async def measure_data_path(plan: Plan, folder: Path) -> DataPath:
    """Set every contender up, run all rounds, close everything.

    Args:
        plan: rounds and seconds.
        folder: where the database files go; it must be on a real disk, or a durable write costs nothing.
    """
    data = make_planner()
    contenders, notices = installed_contenders()
    ready: list[Contender] = []
    try:
        for contender in contenders:
            say(f"data path: setting up {contender.name}")
            await contender.setup(folder / f"{contender.name.lower()}.db", data)
            ready.append(contender)
            notices += await _check_settings(contender)
        gc.collect()
        gc.freeze()  # nobody pays for looking through the others' modules
        series = await _run_rounds(ready, data, plan)
    finally:
        gc.unfreeze()
        for contender in ready:
            await contender.teardown()
    return DataPath(series, notices)


async def _check_settings(contender: Contender) -> list[str]:
    settings = await contender.settings()
    if settings == WANTED:
        return []
    return [notice(f"{contender.name} runs with {settings} instead of {WANTED}: its figures do not compare.")]


async def _run_rounds(contenders: Sequence[Contender], data: PlannerData, plan: Plan) -> list[Series]:
    series = [Series(work.name, work.unit, work.better, BASELINE) for work in WORKLOADS]
    repeats: dict[tuple[str, str], int] = {}
    for number in range(plan.rounds):
        say(f"data path: round {number + 1} of {plan.rounds}")
        turn = number % len(contenders)
        for work, result in zip(WORKLOADS, series, strict=True):
            readings = {}
            for contender in (*contenders[turn:], *contenders[:turn]):  # nobody always comes after the same one
                where = (work.name, contender.name)
                if work.repeat is not None and where not in repeats:
                    repeats[where] = await _calibrate(work, work.repeat, contender, data, plan)
                readings[contender.name] = await _read(work, contender, data, plan, repeats.get(where, 1))
            result.rounds.append({contender.name: readings[contender.name] for contender in contenders})
    return series


async def _calibrate(work: Workload, repeat: Repeat, contender: Contender, data: PlannerData, plan: Plan) -> int:
    """How many repeats fill a cell's time; warms caches up on the way."""
    if work.name == BULK:
        return 1
    times = 1
    while times < _MOST_REPEATS:
        try:
            spent, _ = await repeat(contender, data, times)
        except Exception:  # the measured turn meets it again and counts it
            return 1
        if spent > plan.cell_seconds / 8:
            return max(1, min(_MOST_REPEATS, int(times * plan.cell_seconds / spent)))
        times *= 4
    return _MOST_REPEATS


async def _read(work: Workload, contender: Contender, data: PlannerData, plan: Plan, times: int) -> Reading:
    gc.collect()
    try:
        if work.repeat is None:
            return await _read_writers(contender, data, plan)
        return await _read_repeats(work, work.repeat, contender, data, times)
    except NotOffered:
        return Reading(None)
    except Exception as error:  # whatever a contender raises is part of its result
        say(f"  error: {contender.name}, {work.name}: {describe_error(error)}")
        return Reading(None, {describe_error(error): 1})


async def _read_repeats(work: Workload, repeat: Repeat, contender: Contender, data: PlannerData, times: int) -> Reading:
    seconds, right = await repeat(contender, data, times)
    return Reading(seconds / times * (1e3 if work.unit == "ms" else 1e6), {} if right else {_WRONG: 1})


async def _read_writers(contender: Contender, data: PlannerData, plan: Plan) -> Reading:
    before = await contender.count()
    tally = await contender.write_together(data.new_events(64), plan.writer_seconds)
    missing = tally.writes - (await contender.count() - before)
    errors = dict(tally.errors)
    if missing > 0:
        errors["acknowledged, but not stored"] = missing
    return Reading(tally.writes / tally.seconds, errors)
