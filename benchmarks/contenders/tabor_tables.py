"""The planner's tables in Tabor, for the data path and for the writing processes."""

from __future__ import annotations

from datetime import datetime

from benchmarks.planner_data import EventValues
from tabor import Column, ForeignKey, Table, column, key


class User(Table):
    """People who create events."""

    id: Column[int] = column(primary_key=True)
    email: Column[str] = column(unique=True)
    name: Column[str]


class Event(Table):
    """What takes place."""

    id: Column[int] = column(primary_key=True)
    title: Column[str]
    image: Column[str | None] = column(default=None)
    description: Column[str]
    location: Column[str]
    tags: Column[list[str]] = column(default_factory=list[str])
    starts_at: Column[datetime]
    creator: ForeignKey[User] = key(on_delete="cascade")


def new_event(row: EventValues) -> Event:
    """A row as an object that can be inserted."""
    return Event(
        title=row.title,
        image=row.image,
        description=row.description,
        location=row.location,
        tags=row.tags,
        starts_at=row.starts_at,
        creator=row.creator,
    )
