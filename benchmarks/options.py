"""What one run measures and for how long: the command's options as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The repository."""
TASKS = 64
"""Concurrent writers of the data path, and connections that wrk holds open."""
CONNECTIONS = 10
"""Connections that everybody's pool on PostgreSQL has, which is Tabor's and asyncpg's own default."""
LIST_ROWS = 100
"""Rows of one list and of one join on the data path."""
BULK_ROWS = 10_000
"""Rows of one bulk insert."""


class Part(StrEnum):
    """A part of the benchmark that runs by itself."""

    data = "data"
    postgres = "postgres"
    http = "http"
    processes = "processes"
    start = "start"


@dataclass(frozen=True, slots=True)
class Pace:
    """How often every contender of a data path takes its turn, and for how many seconds at one workload."""

    rounds: int
    cell_seconds: float
    writer_seconds: float


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything one run takes.

    Durations are seconds; ``http_rounds`` says how often every contender takes its turn.
    """

    quick: bool
    data: Pace
    postgres: Pace
    http_rounds: int
    http_seconds: int
    process_writes: int
    import_runs: int
    demo_runs: int


FULL = Plan(
    quick=False,
    data=Pace(rounds=7, cell_seconds=0.5, writer_seconds=2.0),
    # Two processes take turns for each single read, and the machine moves between speeds: many short turns.
    postgres=Pace(rounds=15, cell_seconds=0.15, writer_seconds=0.6),
    http_rounds=3,
    http_seconds=5,
    process_writes=100_000,
    import_runs=20,
    demo_runs=5,
)
QUICK = Plan(
    quick=True,
    data=Pace(rounds=3, cell_seconds=0.1, writer_seconds=0.5),
    postgres=Pace(rounds=3, cell_seconds=0.1, writer_seconds=0.3),
    http_rounds=3,
    http_seconds=1,
    process_writes=4_000,
    import_runs=5,
    demo_runs=1,
)
