"""SQLAlchemy's async ORM, on SQLite over aiosqlite: one session for each piece of work, as a request handler has it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import bindparam, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from benchmarks.contenders.contender import Settings, Tally
from benchmarks.contenders.writers import write_concurrently
from benchmarks.options import LIST_ROWS
from benchmarks.peers.sqlalchemy_models import Event, User, event_parameters, fill, make_engine, new_event
from benchmarks.planner_data import EventValues, PlannerData

_PREPARED = select(Event).where(Event.id == bindparam("key"))


class SqlAlchemyOrm:
    """The ORM as its documentation teaches it, objects not expired by a commit."""

    name = "SQLAlchemy"
    _engine: AsyncEngine
    _sessions: async_sessionmaker[AsyncSession]

    async def teardown(self) -> None:
        """Close the pool."""
        await self._engine.dispose()

    async def count(self) -> int:
        """Count the events."""
        async with self._sessions() as session:
            return (await session.execute(select(func.count()).select_from(Event))).scalar_one()

    async def read_by_key(self, keys: Sequence[int]) -> str:
        """A built select for each key."""
        title = ""
        for key in keys:
            async with self._sessions() as session:
                title = (await session.execute(select(Event).where(Event.id == key))).scalar_one().title
        return title

    async def get_by_key(self, keys: Sequence[int]) -> str:
        """``session.get``."""
        title = ""
        for key in keys:
            async with self._sessions() as session:
                title = (await session.get_one(Event, key)).title
        return title

    async def read_prepared(self, keys: Sequence[int]) -> str:
        """One select with a bound parameter, built once."""
        title = ""
        for key in keys:
            async with self._sessions() as session:
                title = (await session.execute(_PREPARED, {"key": key})).scalar_one().title
        return title

    async def fetch_rows(self, times: int) -> int:
        """Objects."""
        count = 0
        for _ in range(times):
            async with self._sessions() as session:
                events = (await session.execute(select(Event).order_by(Event.id).limit(LIST_ROWS))).scalars().all()
            count = len(events)
        return count

    async def read_rows(self, times: int) -> int:
        """Objects, every column read."""
        count = 0
        for _ in range(times):
            async with self._sessions() as session:
                events = (await session.execute(select(Event).order_by(Event.id).limit(LIST_ROWS))).scalars().all()
            read = [
                (e.id, e.title, e.image, e.description, e.location, e.tags, e.starts_at, e.creator_id) for e in events
            ]
            count = len(read)
        return count

    async def join_rows(self, times: int) -> tuple[str, str]:
        """Tuples of the join."""
        last = ("", "")
        for _ in range(times):
            query = select(Event.title, User.email).join(Event.creator).order_by(Event.id).limit(LIST_ROWS)
            async with self._sessions() as session:
                title, email = (await session.execute(query)).all()[-1]
            last = (title, email)
        return last

    async def insert_one(self, rows: Sequence[EventValues]) -> None:
        """A session and a commit for each row."""
        for row in rows:
            await self._insert(row)

    async def write_together(self, rows: Sequence[EventValues], seconds: float) -> Tally:
        """Each task takes its sessions from the pool."""
        return await write_concurrently(self._insert, rows, seconds)

    async def insert_many(self, rows: Sequence[EventValues]) -> None:
        """The ORM's bulk insert."""
        async with self._sessions.begin() as session:
            await session.execute(insert(Event), [event_parameters(row) for row in rows])

    async def _insert(self, row: EventValues) -> None:
        async with self._sessions() as session:
            session.add(new_event(row))
            await session.commit()


class SqlAlchemy(SqlAlchemyOrm):
    """The ORM on a file."""

    async def setup(self, path: Path, data: PlannerData) -> None:
        """Create and fill the tables."""
        self._engine = make_engine(path)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        await fill(self._engine, self._sessions, data)

    async def settings(self) -> Settings:
        """Ask a connection of the pool."""
        async with self._engine.connect() as connection:
            journal, synchronous, foreign_keys = [
                (await connection.execute(text(f"pragma {name}"))).scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
        return Settings(str(journal), int(synchronous), int(foreign_keys))
