"""What Tabor set out to reach, and how far this run got; for reading, never a reason to fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from benchmarks.contenders.roster import BASELINE, HELD, PEERS, POOL, TABOR
from benchmarks.http_path import SQLALCHEMY
from benchmarks.results import Results
from benchmarks.series import Better
from benchmarks.servers.pocketbase import NAME as POCKETBASE
from benchmarks.servers.server import GET_ONE, LIST_30, LIST_100, POST_ONE
from benchmarks.workloads import BULK, BY_KEY, FETCHED, GET, PREPARED, ROWS, WRITERS, on_postgres


@dataclass(frozen=True, slots=True)
class Target:
    """A figure and its bound; ``form`` shows either, e.g. ``{:.1f}x``."""

    text: str
    bound: float
    better: Better
    form: str
    measure: Callable[[Results], float | None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target beside what was measured."""

    text: str
    wanted: str
    measured: str
    reached: bool


def _ratio(workload: str, other: str) -> Callable[[Results], float | None]:
    """Tabor's figure divided by another's."""

    def measure(results: Results) -> float | None:
        return next((one.ratio(TABOR, other) for one in results.series() if one.workload == workload), None)

    return measure


_LEADS = tuple([on_postgres(name) for name in (BY_KEY, GET, PREPARED, FETCHED, ROWS, WRITERS, BULK)])


def _slowest_lead(other: str) -> Callable[[Results], float | None]:
    """How many times faster than ``other`` Tabor is on PostgreSQL, where it leads by least."""

    def measure(results: Results) -> float | None:
        series = [one for one in results.series() if one.workload in _LEADS]
        leads = [lead for one in series if (lead := one.speed(TABOR, other)) is not None]
        return min(leads, default=None)

    return measure


def _errors(workload: str) -> Callable[[Results], float | None]:
    def measure(results: Results) -> float | None:
        series = next((one for one in results.series() if one.workload == workload), None)
        if series is None or TABOR not in series.contenders():
            return None
        return float(sum(series.errors(TABOR).values()))

    return measure


def _failed(processes: int) -> Callable[[Results], float | None]:
    def measure(results: Results) -> float | None:
        runs = results.processes.runs if results.processes else []
        return next((float(run.failed) for run in runs if run.processes == processes), None)

    return measure


def _import_time(results: Results) -> float | None:
    return median(results.start.import_milliseconds) if results.start and results.start.import_milliseconds else None


def _demo_time(results: Results) -> float | None:
    runs = results.start.demo_new_file_seconds if results.start else []
    return median(runs) if runs else None


_SQLALCHEMY_DATA = "SQLAlchemy"
_POSTGRES = (
    *[
        Target(f"{name}, against {text}", bound, "lower", "{:.2f}x", _ratio(name, other))
        for name in (on_postgres(BY_KEY), on_postgres(GET), on_postgres(PREPARED))
        for text, bound, other in (("asyncpg's pool", 0.8, POOL), ("a held connection", 1.25, HELD))
    ],
    *[
        Target(
            f"{on_postgres(rows)}, against asyncpg's records", 1.3, "lower", "{:.2f}x", _ratio(on_postgres(rows), HELD)
        )
        for rows in (FETCHED, ROWS)
    ],
    Target(
        f"{on_postgres(WRITERS)}, against asyncpg's pool", 0.95, "higher", "{:.2f}x", _ratio(on_postgres(WRITERS), POOL)
    ),
    Target(f"{on_postgres(BULK)}, against COPY", 1.3, "lower", "{:.2f}x", _ratio(on_postgres(BULK), POOL)),
    *[
        Target(
            f"PostgreSQL: reads, 64 writers and bulk, least lead on {peer}",
            1.5,
            "higher",
            "{:.1f}x",
            _slowest_lead(peer),
        )
        for peer in PEERS
    ],
)
TARGETS = (
    Target("read by key, built query, against apsw", 3.0, "lower", "{:.1f}x", _ratio(BY_KEY, BASELINE)),
    Target("Event.get(), against apsw", 2.0, "lower", "{:.1f}x", _ratio(GET, BASELINE)),
    Target("prepared query, against apsw", 2.0, "lower", "{:.1f}x", _ratio(PREPARED, BASELINE)),
    Target("100 rows as objects, against apsw's tuples", 2.0, "lower", "{:.1f}x", _ratio(ROWS, BASELINE)),
    Target("64 writers, share of apsw with 64 to a commit", 0.4, "higher", "{:.0%}", _ratio(WRITERS, BASELINE)),
    Target("64 writers, against aiosqlite", 4.0, "higher", "{:.1f}x", _ratio(WRITERS, "aiosqlite")),
    Target("64 writers, against SQLAlchemy", 30.0, "higher", "{:.0f}x", _ratio(WRITERS, _SQLALCHEMY_DATA)),
    Target("64 writers, errors", 0.0, "lower", "{:.0f}", _errors(WRITERS)),
    *_POSTGRES,
    Target("HTTP create, against PocketBase", 2.0, "higher", "{:.1f}x", _ratio(POST_ONE, POCKETBASE)),
    Target("HTTP read one, against PocketBase", 2.0, "higher", "{:.1f}x", _ratio(GET_ONE, POCKETBASE)),
    Target("HTTP list of 30, against PocketBase", 2.5, "higher", "{:.1f}x", _ratio(LIST_30, POCKETBASE)),
    Target("HTTP list of 100, against PocketBase", 4.0, "higher", "{:.1f}x", _ratio(LIST_100, POCKETBASE)),
    Target("HTTP create, against FastAPI + SQLAlchemy", 10.0, "higher", "{:.1f}x", _ratio(POST_ONE, SQLALCHEMY)),
    Target("HTTP read one, against FastAPI + SQLAlchemy", 10.0, "higher", "{:.1f}x", _ratio(GET_ONE, SQLALCHEMY)),
    Target("HTTP list of 30, against FastAPI + SQLAlchemy", 10.0, "higher", "{:.1f}x", _ratio(LIST_30, SQLALCHEMY)),
    Target("HTTP list of 100, against FastAPI + SQLAlchemy", 10.0, "higher", "{:.1f}x", _ratio(LIST_100, SQLALCHEMY)),
    Target("2 processes on one file, failed writes", 0.0, "lower", "{:.0f}", _failed(2)),
    Target("4 processes on one file, failed writes", 0.0, "lower", "{:.0f}", _failed(4)),
    Target("import tabor", 100.0, "lower", "{:.0f} ms", _import_time),
    Target("the demo's first answer, new file", 2.0, "lower", "{:.2f} s", _demo_time),
)


def judge(results: Results) -> list[Verdict]:
    """Every target that this run measured."""
    return [_verdict(target, value) for target in TARGETS if (value := target.measure(results)) is not None]


def _verdict(target: Target, value: float) -> Verdict:
    lower = target.better == "lower"
    reached = value <= target.bound if lower else value >= target.bound
    wanted = f"{'at most' if lower else 'at least'} {target.form.format(target.bound)}"
    return Verdict(target.text, "none" if target.bound == 0 else wanted, target.form.format(value), reached)
