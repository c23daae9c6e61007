"""The driver itself, without asyncio: the figure that everybody else is set in relation to.

It gets rows already encoded and hands out tuples, so it is a floor, not a competitor.  Its tables are those that
Tabor makes, so that what differs is the way to SQLite and not SQLite's own work.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Protocol, cast

import apsw

from benchmarks.contenders.contender import Settings, Tally
from benchmarks.options import LIST_ROWS, TASKS
from benchmarks.planner_data import EventValues, PlannerData

USER_DDL = """
create table user (
    id integer primary key autoincrement,
    email text not null unique,
    name text not null
) strict
"""
EVENT_DDL = """
create table event (
    id integer primary key autoincrement,
    title text not null,
    image text,
    description text not null,
    location text not null,
    tags text not null check (json_valid(tags)),
    starts_at text not null,
    creator integer not null references user (id) on delete cascade
) strict
"""
INDEX_DDL = "create index event_creator on event (creator)"
"""What a table with a foreign key needs, and half the cost of an insert: everybody has it."""
PRAGMAS = (
    "pragma busy_timeout = 5000",
    "pragma journal_mode = wal",
    "pragma synchronous = full",
    "pragma foreign_keys = on",
)
COLUMNS = "id, title, image, description, location, tags, starts_at, creator"
BY_KEY = f"select {COLUMNS} from event where id = ?"
FIRST_ROWS = f"select {COLUMNS} from event order by id limit {LIST_ROWS}"
JOIN = f"select e.title, u.email from event e join user u on u.id = e.creator order by e.id limit {LIST_ROWS}"
INSERT = (
    "insert into event (title, image, description, location, tags, starts_at, creator) values (?, ?, ?, ?, ?, ?, ?)"
)
INSERT_USER = "insert into user (email, name) values (?, ?)"


class _Cursor(Protocol):
    """What is used of apsw's cursor; its own types name one that Python 3.11 does not have."""

    def fetchone(self) -> tuple[object, ...] | None: ...
    def fetchall(self) -> list[tuple[object, ...]]: ...


class _Connection(Protocol):
    """What is used of apsw's connection, for the same reason."""

    def execute(self, statement: str, values: tuple[object, ...] = ()) -> _Cursor: ...
    def executemany(self, statement: str, rows: Sequence[tuple[object, ...]]) -> _Cursor: ...
    def close(self) -> None: ...
    def __enter__(self) -> object: ...
    def __exit__(self, *error: object) -> object: ...


class RawApsw:
    """apsw on one connection, called straight from the benchmark's thread."""

    name = "apsw"
    _connection: _Connection

    async def setup(self, path: Path, data: PlannerData) -> None:
        """Create and fill the tables."""
        self._connection = cast("_Connection", apsw.Connection(str(path)))
        for statement in (*PRAGMAS, USER_DDL, EVENT_DDL, INDEX_DDL):
            self._connection.execute(statement).fetchall()
        with self._connection:
            self._connection.executemany(INSERT_USER, [(user.email, user.name) for user in data.users])
            self._connection.executemany(INSERT, [event.stored for event in data.events])

    async def teardown(self) -> None:
        """Close the connection."""
        self._connection.close()

    async def settings(self) -> Settings:
        """Ask the one connection."""
        journal, synchronous, foreign_keys = (
            self._connection.execute(f"pragma {name}").fetchall()[0][0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        )
        return Settings(str(journal), int(str(synchronous)), int(str(foreign_keys)))

    async def count(self) -> int:
        """Count the events."""
        return int(str(self._connection.execute("select count(*) from event").fetchall()[0][0]))

    async def read_by_key(self, keys: Sequence[int]) -> str:
        """One statement with one value for each key."""
        execute = self._connection.execute
        title: object = None
        for key in keys:
            row = execute(BY_KEY, (key,)).fetchone()
            title = row[1] if row else None
        return str(title)

    async def get_by_key(self, keys: Sequence[int]) -> str:
        """The driver knows one way only."""
        return await self.read_by_key(keys)

    async def read_prepared(self, keys: Sequence[int]) -> str:
        """The driver keeps every statement prepared."""
        return await self.read_by_key(keys)

    async def fetch_rows(self, times: int) -> int:
        """Tuples, not objects."""
        execute = self._connection.execute
        rows = 0
        for _ in range(times):
            rows = len(execute(FIRST_ROWS).fetchall())
        return rows

    async def read_rows(self, times: int) -> int:
        """Tuples again: they have no names to read by."""
        return await self.fetch_rows(times)

    async def join_rows(self, times: int) -> tuple[str, str]:
        """Tuples of the join."""
        execute = self._connection.execute
        pair: tuple[object, ...] = ("", "")
        for _ in range(times):
            pair = execute(JOIN).fetchall()[-1]
        return str(pair[0]), str(pair[1])

    async def insert_one(self, rows: Sequence[EventValues]) -> None:
        """One statement is one transaction."""
        execute = self._connection.execute
        for row in rows:
            execute(INSERT, row.stored).fetchall()

    async def write_together(self, rows: Sequence[EventValues], seconds: float) -> Tally:
        """Sixty-four inserts to one commit: what the file gives when nobody waits for anybody."""
        execute = self._connection.execute
        batch = [row.stored for row in rows[:TASKS]]
        tally = Tally()
        start = perf_counter()
        while perf_counter() - start < seconds:
            execute("begin immediate")
            for values in batch:
                execute(INSERT, values)
            execute("commit")
            tally.writes += len(batch)
        tally.seconds = perf_counter() - start
        return tally

    async def insert_many(self, rows: Sequence[EventValues]) -> None:
        """One statement for all rows in one transaction."""
        with self._connection:
            self._connection.executemany(INSERT, [row.stored for row in rows])
