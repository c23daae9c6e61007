"""The tables for people: plain text for a terminal, or the same as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.processes import Processes
from benchmarks.results import Results
from benchmarks.series import Series
from benchmarks.start import Start
from benchmarks.targets import judge


@dataclass(frozen=True, slots=True)
class Grid:
    """One table: a heading, the names of its columns, its rows."""

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def as_text(self) -> str:
        """Columns padded to one width, the first to the left, figures to the right."""
        lines = [self.columns, *self.rows]
        widths = [max(len(line[place]) for line in lines) for place in range(len(self.columns))]
        shown = [self._pad(line, widths) for line in lines]
        rule = "-" * len(shown[0])
        return "\n".join((self.heading, "", shown[0], rule, *shown[1:]))

    def as_markdown(self) -> str:
        """A Markdown table below a heading."""
        marks = ["---", *("---:" for _ in self.columns[1:])]
        lines = [f"| {' | '.join(line)} |" for line in (self.columns, marks, *self.rows)]
        return "\n".join((f"### {self.heading}", "", *lines))

    @staticmethod
    def _pad(line: Sequence[str], widths: Sequence[int]) -> str:
        first, *others = (
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        return "   ".join((first, *others))


def tables(results: Results, *, markdown: bool) -> str:
    """All tables of a run, then errors and notices, then where and when it ran."""
    grids: list[Grid] = []
    if results.data and results.data.series:
        grids.append(
            _compare("Data path on SQLite (synchronous=FULL, WAL); in brackets: against apsw", results.data.series)
        )
    if results.postgres and results.postgres.series:
        heading = "Data path on PostgreSQL (its own defaults, pools of 10); in brackets: against asyncpg's pool"
        grids.append(_compare(heading, results.postgres.series))
    if results.http and results.http.series:
        heading = "HTTP, answered requests per second over 64 connections; in brackets: against PocketBase"
        grids.append(_compare(heading, results.http.series))
    if results.processes and results.processes.runs:
        grids.append(_processes(results.processes))
    if results.start and results.start.import_milliseconds:
        grids.append(_start(results.start))
    verdicts = judge(results)
    if verdicts:
        rows = [(one.text, one.wanted, one.measured, "yes" if one.reached else "NO") for one in verdicts]
        grids.append(Grid("What it must reach", ("target", "wanted", "measured", "reached"), rows))
    blocks = [grid.as_markdown() if markdown else grid.as_text() for grid in grids]
    remarks = [*_errors(results.series()), *results.notices(), *_surroundings(results)]
    blocks.append("\n".join(f"- {text}" for text in remarks))
    return "\n\n".join(blocks)


def _compare(heading: str, series: Sequence[Series]) -> Grid:
    names = list(dict.fromkeys(name for one in series for name in one.contenders()))
    rows = [(one.workload, *(_cell(one, name) for name in names)) for one in series]
    return Grid(heading, ("median", *names), rows)


def _cell(series: Series, name: str) -> str:
    value = series.median(name)
    mark = " (!)" if series.errors(name) else ""
    if value is None:
        return "-" + mark
    ratio = series.ratio(name, series.baseline)
    relation = "" if ratio is None or name == series.baseline else f" ({_relation(ratio)})"
    return f"{_short(value)} {series.unit}{relation}{mark}".replace(" /s", "/s")


def _relation(ratio: float) -> str:
    """``2.7x`` from one upwards, ``57%`` below."""
    if ratio >= 1:
        return f"{_short(ratio)}x"
    return f"{ratio:.0%}" if ratio >= 0.1 else f"{ratio:.1%}"


def _short(value: float) -> str:
    """One place behind the point below 20, none from there on: ``3.4``, ``82``, ``15,094``."""
    return f"{value:,.0f}" if value >= 20 else f"{value:.1f}"


def _processes(part: Processes) -> Grid:
    rows = [
        (
            f"{run.processes} processes, {run.tasks_each} tasks each",
            f"{run.acknowledged:,} of {run.wanted:,}",
            f"{run.failed:,}",
            f"{run.acknowledged / run.seconds:,.0f}/s" if run.seconds else "-",
            f"{run.p50:.2f} ms",
            f"{run.p99:.2f} ms",
            f"{run.longest:.1f} ms",
        )
        for run in part.runs
    ]
    columns = ("Tabor", "acknowledged", "failed", "writes", "p50", "p99", "max")
    return Grid("Several processes writing to one SQLite file, one durable transaction each", columns, rows)


def _start(part: Start) -> Grid:
    measured = [
        ("import tabor", part.import_milliseconds, "{:.0f} ms"),
        ("import tabor, by -X importtime", part.importtime_milliseconds, "{:.0f} ms"),
        ("demo to its first answer, new file", part.demo_new_file_seconds, "{:.2f} s"),
        ("demo to its first answer, file kept", part.demo_old_file_seconds, "{:.2f} s"),
    ]
    rows = [
        (text, form.format(median(values)), form.format(max(values)), str(len(values)))
        for text, values, form in measured
        if values
    ]
    return Grid("Start", ("", "median", "longest", "runs"), rows)


def _errors(series: Sequence[Series]) -> list[str]:
    """One line for each contender and workload that met errors: everything marked (!)."""
    return [
        f"(!) {name}, {one.workload}: " + ", ".join(f"{count:,} x {text}" for text, count in errors.items())
        for one in series
        for name in one.contenders()
        if (errors := one.errors(name))
    ]


def _surroundings(results: Results) -> list[str]:
    about = results.environment
    load = about["load_average"]
    first = f"{load[0]:.2f}" if isinstance(load, list) and load and isinstance(load[0], float) else "unknown"
    machine = f"{about['date']}, {about['cores']} cores ({about['processor']}), load {first} at the start"
    versions = f"Python {about['python']}, SQLite {about['sqlite_of_apsw']} under apsw, commit {about['commit']}"
    lines = [f"{machine}, {versions}."]
    if results.plan.quick:
        lines.append("A quick run, to see that everything works; its figures are rough.")
    if results.http and results.http.series:
        lines.append("PocketBase uses all cores and SQLite at synchronous=NORMAL; the others one process and FULL.")
    return lines
