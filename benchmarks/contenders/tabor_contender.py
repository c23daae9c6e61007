"""Tabor on both databases, by the calls that its documentation teaches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.contenders.contender import Settings, Tally
from benchmarks.contenders.tabor_tables import Event, User, new_event
from benchmarks.contenders.writers import write_concurrently
from benchmarks.options import LIST_ROWS
from benchmarks.planner_data import EventValues, PlannerData
from tabor import Database, param

_PREPARED = Event.select().where(Event.id == param(int)).prepare()


class _Tabor:
    """Tabor's tables and queries with its default settings."""

    name = "Tabor"
    _database: Database

    async def _fill(self, data: PlannerData) -> None:
        await self._database.create_tables()
        await User.insert(*[User(email=user.email, name=user.name) for user in data.users])
        await Event.insert(*[new_event(row) for row in data.events])

    async def teardown(self) -> None:
        """Let what is under way end, and close the database."""
        await self._database.close()

    async def count(self) -> int:
        """Count the events."""
        return await Event.select().count()

    async def read_by_key(self, keys: Sequence[int]) -> str:
        """A built query for each key."""
        title = ""
        for key in keys:
            event = await Event.select().where(Event.id == key).first()
            title = event.title if event else ""
        return title

    async def get_by_key(self, keys: Sequence[int]) -> str:
        """``Event.get``."""
        title = ""
        for key in keys:
            title = (await Event.get(key)).title
        return title

    async def read_prepared(self, keys: Sequence[int]) -> str:
        """A query with a parameter, prepared once."""
        title = ""
        for key in keys:
            title = (await _PREPARED(key))[0].title
        return title

    async def fetch_rows(self, times: int) -> int:
        """Objects."""
        count = 0
        for _ in range(times):
            count = len(await Event.select().order_by(Event.id).limit(LIST_ROWS))
        return count

    async def read_rows(self, times: int) -> int:
        """Objects, every column read."""
        count = 0
        for _ in range(times):
            events = await Event.select().order_by(Event.id).limit(LIST_ROWS)
            read = [
                (e.id, e.title, e.image, e.description, e.location, e.tags, e.starts_at, e.creator.id) for e in events
            ]
            count = len(read)
        return count

    async def join_rows(self, times: int) -> tuple[str, str]:
        """Tuples of the join."""
        last = ("", "")
        for _ in range(times):
            rows = await Event.select(Event.title, Event.creator.email).order_by(Event.id).limit(LIST_ROWS)
            last = rows[-1]
        return last

    async def insert_one(self, rows: Sequence[EventValues]) -> None:
        """One statement is one durable transaction."""
        for row in rows:
            await self._insert(row)

    async def write_together(self, rows: Sequence[EventValues], seconds: float) -> Tally:
        """All tasks share the database."""
        return await write_concurrently(self._insert, rows, seconds)

    async def insert_many(self, rows: Sequence[EventValues]) -> None:
        """One statement for all rows in one transaction."""
        await Event.insert(*[new_event(row) for row in rows])

    async def _insert(self, row: EventValues) -> None:
        await Event.insert(new_event(row))


class TaborOnSqlite(_Tabor):
    """Tabor on a file."""

    async def setup(self, path: Path, data: PlannerData) -> None:
        """Create and fill the tables."""
        await self.open(path)
        await self._fill(data)

    async def open(self, path: Path) -> None:
        """Open a file, new or not."""
        self._database = Database(f"sqlite:///{path}", tables=[User, Event])
        await self._database.open()

    async def settings(self) -> Settings:
        """Ask the connection that writes, which is the one that an interactive transaction holds."""
        async with self._database.transaction():
            journal, synchronous, foreign_keys = [
                (await self._database.sql(f"select * from pragma_{name}").values())[0]
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
        return Settings(str(journal), int(str(synchronous)), int(str(foreign_keys)))


class TaborOnPostgres(_Tabor):
    """Tabor on a server."""

    async def setup(self, url: str, data: PlannerData) -> None:
        """Create and fill the tables."""
        self._database = Database(url, tables=[User, Event])
        await self._database.open()
        await self._fill(data)
