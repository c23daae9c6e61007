"""SQLAlchemy's async ORM on PostgreSQL over asyncpg."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from benchmarks.options import CONNECTIONS
from benchmarks.peers.sqlalchemy_contender import SqlAlchemyOrm
from benchmarks.peers.sqlalchemy_models import fill
from benchmarks.planner_data import PlannerData


class SqlAlchemyOnPostgres(SqlAlchemyOrm):
    """The ORM on a server, with a pool of the same size as everybody's."""

    async def setup(self, url: str, data: PlannerData) -> None:
        """Create and fill the tables."""
        address = url.replace("postgresql:", "postgresql+asyncpg:", 1)
        self._engine = create_async_engine(address, pool_size=CONNECTIONS, max_overflow=0)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        await fill(self._engine, self._sessions, data)
