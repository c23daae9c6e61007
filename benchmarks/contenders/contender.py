"""What a contender of the data path can do: one method for each workload, on a file or database of its own.

A method loops by itself over the keys, rows or times that it is given, so that the harness adds nothing to what is
measured, and answers something that the harness can check.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from benchmarks.planner_data import EventValues, PlannerData


class NotOffered(Exception):
    """A contender has no such way of doing things; its cell stays empty."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What SQLite answers to the PRAGMAs that decide about durability and integrity."""

    journal_mode: str
    synchronous: int
    foreign_keys: int


WANTED = Settings(journal_mode="wal", synchronous=2, foreign_keys=1)
"""Write-ahead log, every commit synced (FULL), foreign keys held: the same for everybody."""


@dataclass(slots=True)
class Tally:
    """What concurrent writers got done: acknowledged writes, seconds from first to last, errors by their text."""

    writes: int = 0
    seconds: float = 0.0
    errors: dict[str, int] = field(default_factory=dict[str, int])


class Contender(Protocol):
    """One way of reaching a database from Python."""

    @property
    def name(self) -> str:
        """The name in the tables."""
        ...

    async def teardown(self) -> None:
        """Close everything."""
        ...

    async def count(self) -> int:
        """How many events are stored."""
        ...

    async def read_by_key(self, keys: Sequence[int]) -> str:
        """Build a query for the event of each key, run it, and answer the last one's title."""
        ...

    async def get_by_key(self, keys: Sequence[int]) -> str:
        """The same by the contender's own short way of reading one row."""
        ...

    async def read_prepared(self, keys: Sequence[int]) -> str:
        """The same by a query that was built once."""
        ...

    async def fetch_rows(self, times: int) -> int:
        """Get the first 100 events and look into none of them; answer how many rows came last."""
        ...

    async def read_rows(self, times: int) -> int:
        """Get the first 100 events and read every value of each by its name; answer how many rows came last."""
        ...

    async def join_rows(self, times: int) -> tuple[str, str]:
        """Read title and creator's e-mail of the first 100 events; answer the last pair."""
        ...

    async def insert_one(self, rows: Sequence[EventValues]) -> None:
        """Store each row in a durable transaction of its own, one after the other."""
        ...

    async def write_together(self, rows: Sequence[EventValues], seconds: float) -> Tally:
        """Let 64 tasks store rows, each in a durable transaction of its own, until the time is up."""
        ...

    async def insert_many(self, rows: Sequence[EventValues]) -> None:
        """Store all rows in one durable transaction."""
        ...


class SqliteContender(Contender, Protocol):
    """One way of reaching SQLite."""

    async def setup(self, path: Path, data: PlannerData) -> None:
        """Create tables in the new file ``path`` and store users and events, keys from 1 on."""
        ...

    async def settings(self) -> Settings:
        """Ask a connection that writes for its settings."""
        ...


class PostgresContender(Contender, Protocol):
    """One way of reaching PostgreSQL."""

    async def setup(self, url: str, data: PlannerData) -> None:
        """Create tables in the new database at ``url`` and store users and events, keys from 1 on."""
        ...
