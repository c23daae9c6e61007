"""Several processes that write to one SQLite file through Tabor: failed writes, and how long a write takes."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib import import_module
from math import ceil
from pathlib import Path
from typing import Protocol, cast

from benchmarks.contenders.contender import SqliteContender
from benchmarks.environment import child_environment
from benchmarks.options import ROOT, Plan
from benchmarks.planner_data import make_planner
from benchmarks.progress import notice, say

PROCESSES = (2, 4)
TASKS_EACH = 16
"""Tasks in every process, each waiting for its write before the next."""


@dataclass(frozen=True, slots=True)
class ProcessRun:
    """One run; latencies are milliseconds of acknowledged writes."""

    processes: int
    tasks_each: int
    wanted: int
    acknowledged: int
    stored: int
    seconds: float
    p50: float
    p99: float
    longest: float
    errors: dict[str, int]

    @property
    def failed(self) -> int:
        """Writes that were not acknowledged, and acknowledged ones that are not in the file."""
        return self.wanted - self.acknowledged + max(0, self.acknowledged - self.stored)

    def as_json(self) -> dict[str, object]:
        """For the results file."""
        return {**asdict(self), "failed": self.failed}


class TaborFile(SqliteContender, Protocol):
    """Tabor's contender, which can also open a file that exists; loaded late, so that its absence is a notice."""

    async def open(self, path: Path) -> None:
        """Open the file."""
        ...


@dataclass(slots=True)
class Processes:
    """What the part measured."""

    runs: list[ProcessRun] = field(default_factory=list[ProcessRun])
    notices: list[str] = field(default_factory=list[str])


def percentile(ordered: Sequence[float], part: float) -> float:
    """The value that ``part`` of an ascending sequence does not exceed: ``percentile([1, 2, 3, 4], 0.5)`` is 2."""
    return ordered[max(0, ceil(part * len(ordered)) - 1)] if ordered else 0.0


def measure_processes(plan: Plan, folder: Path) -> Processes:
    """Run with two and with four processes, each time on a new file.

    Args:
        plan: how many writes in total.
        folder: where the files go, on a real disk.
    """
    result = Processes()
    for number in PROCESSES:
        say(f"processes: {plan.process_writes:,} writes by {number} processes")
        try:
            result.runs.append(_run(number, plan.process_writes, folder))
        except ImportError as missing:
            result.notices.append(notice(f"The writing processes are left out: {missing}."))
            break
    return result


def _run(number: int, writes: int, folder: Path) -> ProcessRun:
    file = folder / f"{number}.db"
    before = asyncio.run(_count(file, new=True))
    latency_files = [folder / f"{number}-{worker}.latencies" for worker in range(number)]
    answers = _run_workers(file, writes // number, latency_files)
    stored = asyncio.run(_count(file, new=False)) - before
    latencies: array[float] = array("d")
    for latency_file in latency_files:
        if latency_file.exists():
            latencies.frombytes(latency_file.read_bytes())
    ordered = sorted(latencies)
    errors: Counter[str] = Counter()
    for answer in answers:
        errors.update(answer.errors)
    return ProcessRun(
        processes=number,
        tasks_each=TASKS_EACH,
        wanted=writes // number * number,
        acknowledged=len(ordered),
        stored=stored,
        seconds=max(answer.seconds for answer in answers),
        p50=percentile(ordered, 0.5) * 1e3,
        p99=percentile(ordered, 0.99) * 1e3,
        longest=percentile(ordered, 1.0) * 1e3,
        errors=dict(errors),
    )


async def _count(file: Path, *, new: bool) -> int:
    """Count events through the contender, which also makes the tables and users of a new file."""
    module = import_module("benchmarks.contenders.tabor_contender")
    contender = cast("TaborFile", module.TaborOnSqlite())
    await (contender.setup(file, make_planner()) if new else contender.open(file))
    try:
        return await contender.count()
    finally:
        await contender.teardown()


@dataclass(frozen=True, slots=True)
class _Answer:
    seconds: float
    errors: dict[str, int]


def _run_workers(file: Path, writes_each: int, latency_files: Sequence[Path]) -> list[_Answer]:
    """Start all, let them go at once, collect their answers; a worker that dies is an error with its last words."""
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.process_worker", *map(str, (file, writes_each, TASKS_EACH, latencies))],
            cwd=ROOT,
            env=child_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for latencies in latency_files
    ]
    for worker in workers:
        if worker.stdout is not None:
            worker.stdout.readline()
    for worker in workers:
        if worker.stdin is not None and worker.poll() is None:
            worker.stdin.write("go\n")
            worker.stdin.flush()
    return [_collect(worker) for worker in workers]


def _collect(worker: subprocess.Popen[str]) -> _Answer:
    output, problems = worker.communicate()
    lines = output.strip().splitlines()
    if worker.returncode or not lines:
        return _Answer(0.0, {f"worker died: {(problems.strip().splitlines() or ['no word'])[-1]}": 1})
    said = json.loads(lines[-1])
    return _Answer(float(said["seconds"]), {str(text): int(count) for text, count in said["errors"].items()})
