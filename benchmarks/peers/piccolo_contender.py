"""Piccolo, by the calls that its documentation teaches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.contenders.contender import NotOffered, Settings, Tally
from benchmarks.contenders.writers import write_concurrently
from benchmarks.options import LIST_ROWS
from benchmarks.peers.piccolo_models import Event, User, fill, insert_events, new_event
from benchmarks.planner_data import EventValues, PlannerData


class PiccoloTables:
    """Piccolo's tables and queries."""

    name = "Piccolo"

    async def count(self) -> int:
        """Count the events."""
        return int(await Event.count())

    async def read_by_key(self, keys: Sequence[int]) -> str:
        """A built query for each key."""
        title = ""
        for key in keys:
            event = await Event.objects().where(Event.id == key).first()
            title = event.title if event else ""
        return title

    async def get_by_key(self, keys: Sequence[int]) -> str:
        """``objects().get``."""
        title = ""
        for key in keys:
            event = await Event.objects().get(Event.id == key)
            title = event.title if event else ""
        return title

    async def read_prepared(self, keys: Sequence[int]) -> str:
        """Piccolo can freeze a query, but not one whose values change."""
        raise NotOffered

    async def fetch_rows(self, times: int) -> int:
        """Objects."""
        count = 0
        for _ in range(times):
            count = len(await Event.objects().order_by(Event.id).limit(LIST_ROWS))
        return count

    async def read_rows(self, times: int) -> int:
        """Objects, every column read."""
        count = 0
        for _ in range(times):
            events = await Event.objects().order_by(Event.id).limit(LIST_ROWS)
            read = [(e.id, e.title, e.image, e.description, e.location, e.tags, e.starts_at, e.creator) for e in events]
            count = len(read)
        return count

    async def join_rows(self, times: int) -> tuple[str, str]:
        """Dictionaries of the join, which is what Piccolo gives."""
        last = ("", "")
        for _ in range(times):
            query = Event.select(Event.title, Event.creator.email).order_by(Event.id).limit(LIST_ROWS)
            row = (await query)[-1]
            last = (row["title"], row["creator.email"])
        return last

    async def insert_one(self, rows: Sequence[EventValues]) -> None:
        """A commit for each row."""
        for row in rows:
            await self._insert(row)

    async def write_together(self, rows: Sequence[EventValues], seconds: float) -> Tally:
        """Connections are Piccolo's affair: a pool where it has one, else one for each insert."""
        return await write_concurrently(self._insert, rows, seconds)

    async def _insert(self, row: EventValues) -> None:
        await Event.insert(new_event(row))


class Piccolo(PiccoloTables):
    """Piccolo on a file."""

    async def setup(self, path: Path, data: PlannerData) -> None:
        """Create and fill the tables."""
        await fill(path, data)

    async def teardown(self) -> None:
        """Nothing is held open between queries."""

    async def settings(self) -> Settings:
        """Ask a connection as every query gets it."""
        journal, synchronous, foreign_keys = [
            next(iter((await User.raw(f"pragma {name}"))[0].values()))
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
        return Settings(str(journal), int(synchronous), int(foreign_keys))

    async def insert_many(self, rows: Sequence[EventValues]) -> None:
        """One transaction, as few statements as possible."""
        await insert_events([new_event(row) for row in rows])
