"""The planner's tables in SQLAlchemy, and an engine on SQLite with the settings that every contender has."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ARRAY, JSON, CheckConstraint, DateTime, ForeignKey, Text, TypeDecorator, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from benchmarks.contenders.raw import PRAGMAS
from benchmarks.planner_data import EventValues, PlannerData


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC: SQLite has no time zones, and SQLAlchemy gives back naive values."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> datetime | None:
        """Strip the zone on the way in."""
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: object) -> datetime | None:
        """Give the zone back on the way out."""
        return value.replace(tzinfo=UTC) if value else None


class Base(DeclarativeBase):
    """The registry of this file's tables."""


class User(Base):
    """People who create events."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class Event(Base):
    """What takes place."""

    __tablename__ = "event"
    __table_args__ = (CheckConstraint("json_valid(tags)").ddl_if(dialect="sqlite"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    image: Mapped[str | None]
    description: Mapped[str]
    location: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(JSON().with_variant(ARRAY(Text), "postgresql"))
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True).with_variant(UtcDateTime, "sqlite"))
    creator_id: Mapped[int] = mapped_column("creator", ForeignKey("user.id", ondelete="CASCADE"), index=True)
    creator: Mapped[User] = relationship()


def make_engine(path: Path) -> AsyncEngine:
    """An engine on ``path`` with its usual pool, each connection set up as every contender's is."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")

    @event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    return engine


def event_parameters(row: EventValues) -> dict[str, Any]:
    """A row as the parameters of ``insert(Event)``."""
    return {
        "title": row.title,
        "image": row.image,
        "description": row.description,
        "location": row.location,
        "tags": row.tags,
        "starts_at": row.starts_at,
        "creator_id": row.creator,
    }


def new_event(row: EventValues) -> Event:
    """A row as an object that a session can add."""
    return Event(
        title=row.title,
        image=row.image,
        description=row.description,
        location=row.location,
        tags=row.tags,
        starts_at=row.starts_at,
        creator_id=row.creator,
    )


async def fill(engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession], data: PlannerData) -> None:
    """Create the tables and store the data."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with sessions.begin() as session:
        session.add_all([User(email=user.email, name=user.name) for user in data.users])
        await session.flush()
        session.add_all([new_event(row) for row in data.events])
