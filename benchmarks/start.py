"""How long one waits before anything happens: for ``import tabor``, and for the demo's first answer."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.environment import child_environment
from benchmarks.options import ROOT, Plan
from benchmarks.progress import notice, say
from benchmarks.servers.client import free_port, wait_for
from benchmarks.servers.planner import FIRST_PAGE, start_planner
from benchmarks.servers.server import CannotStart

_TIMED_IMPORT = "from time import perf_counter as t; a = t(); import tabor; print(t() - a)"
_DEMO_SECONDS = 30.0
_IMPORT_LINE = re.compile(r"import time:\s+\d+ \|\s+(\d+) \| tabor$", re.MULTILINE)


@dataclass(slots=True)
class Start:
    """What the part measured: milliseconds for imports, seconds for the demo, every run of each."""

    import_milliseconds: list[float] = field(default_factory=list[float])
    importtime_milliseconds: list[float] = field(default_factory=list[float])
    demo_new_file_seconds: list[float] = field(default_factory=list[float])
    demo_old_file_seconds: list[float] = field(default_factory=list[float])
    notices: list[str] = field(default_factory=list[str])

    def as_json(self) -> dict[str, object]:
        """All runs and their medians."""
        runs = {
            "import_milliseconds": self.import_milliseconds,
            "importtime_milliseconds": self.importtime_milliseconds,
            "demo_new_file_seconds": self.demo_new_file_seconds,
            "demo_old_file_seconds": self.demo_old_file_seconds,
        }
        medians = {name: median(values) if values else None for name, values in runs.items()}
        return {"runs": runs, "medians": medians, "notices": self.notices}


def measure_start(plan: Plan, folder: Path) -> Start:
    """Import in fresh interpreters, then start the demo on a new file and again on the same file.

    Args:
        plan: how many runs of each.
        folder: where the demo's files go.
    """
    result = Start()
    say(f"start: import tabor, {plan.import_runs} times")
    _python("-c", "import tabor")  # writes the compiled modules, which every later start finds
    for _ in range(plan.import_runs):
        result.import_milliseconds.append(float(_python("-c", _TIMED_IMPORT).stdout) * 1e3)
    for _ in range(max(3, plan.import_runs // 4)):
        found = _IMPORT_LINE.search(_python("-X", "importtime", "-c", "import tabor").stderr)
        if found:
            result.importtime_milliseconds.append(int(found[1]) / 1e3)
    try:
        for number in range(plan.demo_runs):
            say(f"start: the demo, {number + 1} of {plan.demo_runs}")
            file = folder / f"demo-{number}.db"
            result.demo_new_file_seconds.append(_start_demo(file, folder))
            result.demo_old_file_seconds.append(_start_demo(file, folder))
    except CannotStart as reason:
        result.notices.append(notice(f"The demo is left out: {reason}."))
    return result


def _python(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=child_environment(), capture_output=True, text=True, check=True
    )


def _start_demo(file: Path, folder: Path) -> float:
    port = free_port()
    start = perf_counter()
    process = start_planner(file, port, folder / "demo.log")
    try:
        wait_for(port, FIRST_PAGE, _DEMO_SECONDS)
        return perf_counter() - start
    except TimeoutError as late:
        raise CannotStart(f"{late} {process.tail()}") from late
    finally:
        process.stop()
