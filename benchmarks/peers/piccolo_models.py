"""The planner's tables in Piccolo, on an engine of SQLite whose file is set when a run begins.

Piccolo opens a connection for every query.  The journal mode stays with the file, FULL is SQLite's own default for
``synchronous``, and Piccolo switches foreign keys on itself, so every connection has the settings of the others.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from piccolo.columns import Array, ForeignKey, Serial, Text, Timestamptz, Varchar
from piccolo.columns.reference import LazyTableReference
from piccolo.engine.base import Engine
from piccolo.engine.sqlite import SQLiteEngine, TransactionType
from piccolo.table import Table

from benchmarks.planner_data import EventValues, PlannerData

ENGINE = SQLiteEngine(path="")
BULK_SLICE = 4_000
"""Rows in one statement: seven values each stay under SQLite's 32,766 parameters."""


class User(Table, db=ENGINE, tablename="person"):  # Piccolo warns of a table named "user"
    """People who create events."""

    id = Serial(primary_key=True)
    email = Varchar(length=320, unique=True)
    name = Varchar(length=200)


class Event(Table, db=ENGINE, tablename="event"):
    """What takes place."""

    id = Serial(primary_key=True)
    title = Varchar(length=200)
    image = Varchar(length=500, null=True, default=None)
    description = Text()
    location = Varchar(length=200)
    tags = Array(base_column=Varchar())
    starts_at = Timestamptz()
    creator = ForeignKey(references=LazyTableReference("User", module_path=__name__), null=False, index=True)


def new_event(row: EventValues) -> Event:
    """A row as an object that can be inserted."""
    values: dict[str, Any] = {
        "title": row.title,
        "image": row.image,
        "description": row.description,
        "location": row.location,
        "tags": row.tags,
        "starts_at": row.starts_at,
        "creator": row.creator,
    }
    return Event(**values)


async def insert_events(events: list[Event]) -> None:
    """Store all events in one transaction, in as few statements as SQLite's limit on parameters allows."""
    async with ENGINE.transaction(transaction_type=TransactionType.immediate):
        for first in range(0, len(events), BULK_SLICE):
            await Event.insert(*events[first : first + BULK_SLICE])


async def fill(path: Path, data: PlannerData) -> None:
    """Point the engine at ``path``, create the tables and store the data."""
    ENGINE.path = str(path)
    use(ENGINE)
    await User.raw("pragma journal_mode = wal")
    await User.create_table()
    await Event.create_table()
    await User.insert(*[User(email=user.email, name=user.name) for user in data.users])
    await insert_events([new_event(row) for row in data.events])


def use(engine: Engine) -> None:
    """Let the tables run their queries on ``engine``."""
    for table in (User, Event):
        table._meta.db = engine
