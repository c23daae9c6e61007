"""aiosqlite on one shared connection, by its one-hop calls: the quickest way that it offers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import aiosqlite

from benchmarks.contenders.contender import Settings, Tally
from benchmarks.contenders.raw import (
    BY_KEY,
    EVENT_DDL,
    FIRST_ROWS,
    INDEX_DDL,
    INSERT,
    INSERT_USER,
    JOIN,
    PRAGMAS,
    USER_DDL,
)
from benchmarks.contenders.writers import write_concurrently
from benchmarks.planner_data import EventValues, PlannerData


class Aiosqlite:
    """The standard library's sqlite3 in a thread, rows as tuples."""

    name = "aiosqlite"
    _connection: aiosqlite.Connection

    async def setup(self, path: Path, data: PlannerData) -> None:
        """Create and fill the tables; every statement outside ``begin`` is a transaction of its own."""
        self._connection = await aiosqlite.connect(path, isolation_level=None)
        # The bundled SQLite of an older Python may not know STRICT tables; they would not change the figures.
        tables = [statement.replace("strict", "") for statement in (USER_DDL, EVENT_DDL)]
        for statement in (*PRAGMAS, *tables, INDEX_DDL):
            await self._connection.execute_fetchall(statement)
        await self._in_transaction(INSERT_USER, [(user.email, user.name) for user in data.users])
        await self._in_transaction(INSERT, [event.stored for event in data.events])

    async def teardown(self) -> None:
        """Close the connection and its thread."""
        await self._connection.close()

    async def settings(self) -> Settings:
        """Ask the one connection."""
        journal, synchronous, foreign_keys = [
            await self._value(f"pragma {name}") for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
        return Settings(str(journal), int(str(synchronous)), int(str(foreign_keys)))

    async def count(self) -> int:
        """Count the events."""
        return int(str(await self._value("select count(*) from event")))

    async def read_by_key(self, keys: Sequence[int]) -> str:
        """One hop to the thread for each key."""
        title = ""
        for key in keys:
            rows = await self._connection.execute_fetchall(BY_KEY, (key,))
            title = str(next(iter(rows))[1])
        return title

    async def get_by_key(self, keys: Sequence[int]) -> str:
        """The driver knows one way only."""
        return await self.read_by_key(keys)

    async def read_prepared(self, keys: Sequence[int]) -> str:
        """The driver keeps statements prepared by itself."""
        return await self.read_by_key(keys)

    async def fetch_rows(self, times: int) -> int:
        """Tuples, not objects."""
        count = 0
        for _ in range(times):
            count = len(list(await self._connection.execute_fetchall(FIRST_ROWS)))
        return count

    async def read_rows(self, times: int) -> int:
        """Tuples again: they have no names to read by."""
        return await self.fetch_rows(times)

    async def join_rows(self, times: int) -> tuple[str, str]:
        """Tuples of the join."""
        last = ("", "")
        for _ in range(times):
            title, email = list(await self._connection.execute_fetchall(JOIN))[-1]
            last = (str(title), str(email))
        return last

    async def insert_one(self, rows: Sequence[EventValues]) -> None:
        """One statement is one transaction."""
        for row in rows:
            await self._insert(row)

    async def write_together(self, rows: Sequence[EventValues], seconds: float) -> Tally:
        """All tasks share the connection, so that none ever waits for a lock."""
        return await write_concurrently(self._insert, rows, seconds)

    async def insert_many(self, rows: Sequence[EventValues]) -> None:
        """One statement for all rows in one transaction."""
        await self._in_transaction(INSERT, [row.stored for row in rows])

    async def _insert(self, row: EventValues) -> None:
        await self._connection.execute_insert(INSERT, row.stored)

    async def _in_transaction(self, statement: str, rows: list[tuple[object, ...]]) -> None:
        await self._connection.execute_fetchall("begin immediate")
        await self._connection.executemany(statement, rows)
        await self._connection.commit()

    async def _value(self, statement: str) -> object:
        return next(iter(await self._connection.execute_fetchall(statement)))[0]
