"""Rounds of the data path: in each, every contender takes its turn at every workload."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence

from benchmarks.contenders.contender import Contender, NotOffered
from benchmarks.contenders.writers import describe_error
from benchmarks.options import Pace
from benchmarks.planner_data import PlannerData
from benchmarks.progress import say
from benchmarks.series import Reading, Series
from benchmarks.workloads import Repeat, Workload

_MOST_REPEATS = 20_000
_WRONG = "wrong answer"


async def run_rounds(
    contenders: Sequence[Contender], workloads: Sequence[Workload], baseline: str, data: PlannerData, pace: Pace
) -> list[Series]:
    """Measure every workload for every contender in every round.

    Args:
        contenders: all set up.
        workloads: the rows of the table.
        baseline: the contender that the others are set in relation to.
        data: what the contenders have stored.
        pace: rounds and seconds.
    """
    gc.collect()
    gc.freeze()  # nobody pays for looking through the others' modules
    try:
        return await _rounds(contenders, workloads, baseline, data, pace)
    finally:
        gc.unfreeze()


async def _rounds(
    contenders: Sequence[Contender], workloads: Sequence[Workload], baseline: str, data: PlannerData, pace: Pace
) -> list[Series]:
    series = [Series(work.name, work.unit, work.better, baseline) for work in workloads]
    repeats: dict[tuple[str, str], int] = {}
    for number in range(pace.rounds):
        say(f"data path: round {number + 1} of {pace.rounds}")
        turn = number % len(contenders)
        for work, result in zip(workloads, series, strict=True):
            readings = {}
            for contender in (*contenders[turn:], *contenders[:turn]):  # nobody always comes after the same one
                where = (work.name, contender.name)
                if work.repeat is not None and where not in repeats:
                    repeats[where] = await _calibrate(work, work.repeat, contender, data, pace)
                readings[contender.name] = await _read(work, contender, data, pace, repeats.get(where, 1))
            result.rounds.append({contender.name: readings[contender.name] for contender in contenders})
    return series


async def _calibrate(work: Workload, repeat: Repeat, contender: Contender, data: PlannerData, pace: Pace) -> int:
    """How many repeats fill a cell's time; warms caches up on the way."""
    if work.times is not None:
        return work.times
    times = 1
    while times < _MOST_REPEATS:
        try:
            spent, _ = await repeat(contender, data, times)
        except Exception:  # the measured turn meets it again and counts it
            return 1
        if spent > pace.cell_seconds / 8:
            return max(1, min(_MOST_REPEATS, int(times * pace.cell_seconds / spent)))
        times *= 4
    return _MOST_REPEATS


async def _read(work: Workload, contender: Contender, data: PlannerData, pace: Pace, times: int) -> Reading:
    gc.collect()
    os.sync()  # a durable write waits for its own bytes, not for those of whoever came before
    try:
        if work.repeat is None:
            return await _read_writers(contender, data, pace)
        return await _read_repeats(work, work.repeat, contender, data, times)
    except NotOffered:
        return Reading(None)
    except Exception as error:  # whatever a contender raises is part of its result
        say(f"  error: {contender.name}, {work.name}: {describe_error(error)}")
        return Reading(None, {describe_error(error): 1})


async def _read_repeats(work: Workload, repeat: Repeat, contender: Contender, data: PlannerData, times: int) -> Reading:
    seconds, right = await repeat(contender, data, times)
    return Reading(seconds / times * (1e3 if work.unit == "ms" else 1e6), {} if right else {_WRONG: 1})


async def _read_writers(contender: Contender, data: PlannerData, pace: Pace) -> Reading:
    before = await contender.count()
    tally = await contender.write_together(data.new_events(64), pace.writer_seconds)
    missing = tally.writes - (await contender.count() - before)
    errors = dict(tally.errors)
    if missing > 0:
        errors["acknowledged, but not stored"] = missing
    return Reading(tally.writes / tally.seconds, errors)
