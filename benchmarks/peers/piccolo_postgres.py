"""Piccolo on PostgreSQL, with its connection pool."""

from __future__ import annotations

from collections.abc import Sequence

from piccolo.engine.postgres import PostgresEngine

from benchmarks.options import CONNECTIONS
from benchmarks.peers.piccolo_contender import PiccoloTables
from benchmarks.peers.piccolo_models import BULK_SLICE, Event, User, new_event, use
from benchmarks.planner_data import EventValues, PlannerData


class PiccoloOnPostgres(PiccoloTables):
    """Piccolo on a server, with a pool of the same size as everybody's."""

    _engine: PostgresEngine

    async def setup(self, url: str, data: PlannerData) -> None:
        """Create and fill the tables."""
        self._engine = PostgresEngine(config={"dsn": url}, extensions=())
        use(self._engine)
        await self._engine.start_connection_pool(min_size=CONNECTIONS, max_size=CONNECTIONS)
        await User.create_table()
        await Event.create_table()
        await User.insert(*[User(email=user.email, name=user.name) for user in data.users])
        await self.insert_many(data.events)

    async def teardown(self) -> None:
        """Close the pool."""
        await self._engine.close_connection_pool()

    async def insert_many(self, rows: Sequence[EventValues]) -> None:
        """One transaction, as few statements as the protocol's limit on parameters allows."""
        events = [new_event(row) for row in rows]
        async with self._engine.transaction():
            for first in range(0, len(events), BULK_SLICE):
                await Event.insert(*events[first : first + BULK_SLICE])
