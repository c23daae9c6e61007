"""What a program typically does with Tabor, as pyright, mypy and ty must accept it; nothing here runs.

ty does not infer the result of a lambda and keeps literal types where a value gives an expression its type, so that
those constructs stand in good.py, which pyright and mypy check.  What is here, all three know.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_type

from tabor import (
    Column,
    Database,
    Explanation,
    ForeignKey,
    Many,
    Query,
    Ref,
    Table,
    alias,
    column,
    exists,
    key,
    many,
    now,
    optional,
    param,
)
from tabor.testing import factory


class User(Table):
    """People who can sign in."""

    id: Column[int] = column(primary_key=True)
    email: Column[str] = column(unique=True, email=True)
    name: Column[str] = column(max_length=200)
    events: Many[Event] = many(lambda: Event.creator)


class Status(StrEnum):
    """How far an event is."""

    draft = "draft"
    published = "published"


class Event(Table):
    """Something that takes place."""

    id: Column[int] = column(primary_key=True)
    title: Column[str] = column(max_length=200, plain_text=True)
    image: Column[str | None] = column(default=None)
    starts_at: Column[datetime]
    status: Column[Status] = column(default=Status.draft)
    capacity: Column[int] = column(default=0, minimum=0)
    tags: Column[list[str]] = column(default_factory=list)
    creator: ForeignKey[User] = key(on_delete="cascade")
    reviewer: ForeignKey[User | None] = key(default=None)


@dataclass
class Card:
    """An event as a page shows it."""

    title: str
    email: str


db = Database("sqlite:///planner.db", tables=[User, Event])


def columns(event: Event) -> None:
    """On the class there are columns, on a row there are values."""
    assert_type(Event.title, Column[str])
    assert_type(Event.image, Column[str | None])
    assert_type(Event.creator, type[User])
    assert_type(Event.creator.email, Column[str])
    assert_type(event.title, str)
    assert_type(event.image, str | None)
    assert_type(event.status, Status)
    assert_type(event.creator, Ref[User, int])
    assert_type(event.creator.id, int)
    assert_type(event.reviewer, Ref[User, int] | None)


async def reading() -> None:
    """Queries know what they give."""
    coming = Event.select().where(Event.starts_at > now(), (Event.capacity >= 10) | Event.title.contains("stage"))
    assert_type(coming, Query[Event])
    assert_type(await coming.order_by(Event.starts_at.desc(), Event.id).limit(20), list[Event])
    assert_type(await coming.first(), Event | None)
    assert_type(await coming.one(), Event)
    assert_type(await coming.count(), int)
    assert_type(await coming.exists(), bool)
    assert_type(await coming.json(), bytes)
    assert_type(await Event.get(5), Event)
    assert_type(await Event.select(Event.title, Event.creator.email), list[tuple[str, str]])
    assert_type(await Event.select(Event.title, Event.image), list[tuple[str, str | None]])
    assert_type(await Event.select(Event.title).values(), list[str])
    assert_type(await Event.select(Event.title, Event.creator.email).into(Card), list[Card])
    assert_type(await Event.select(Event, Event.creator), list[tuple[Event, User]])
    assert_type(await User.select(User, User.events.where(Event.capacity > 3)), list[tuple[User, list[Event]]])
    async for event in coming.stream():
        assert_type(event, Event)
    per_status = Event.select(Event.status, Event.id.count(), Event.capacity.avg()).group_by(Event.status)
    assert_type(await per_status.having(Event.id.count() > 3), list[tuple[Status, int, float | None]])
    other = alias(Event, "other")
    assert_type(
        await Event.select(Event.title, other.title).join(other, on=other.creator.id == Event.creator.id),
        list[tuple[str, str]],
    )
    later = optional(Event, "later")
    assert_type(await User.select(User.email, later).left_join(later, on=User.events), list[tuple[str, Event | None]])
    busy = User.select(User.id).where(exists(Event.select().where(Event.creator.id == User.id)))
    assert_type(await Event.select().where(Event.creator.id.is_in(busy)).explain(), Explanation)
    assert_type(await Event.select(Event.title, Event.reviewer), list[tuple[str, User | None]])
    latest = Event.select().where(Event.creator.id == param(int)).limit(10).prepare()
    assert_type(await latest(7), list[Event])


async def writing(starts_at: datetime) -> None:
    """So do writes."""
    ann = await User.insert(User(email="ann@example.org", name="Ann")).one()
    assert_type(ann, User)
    event = Event(title="Open stage", starts_at=starts_at, creator=ann, tags=["music"])
    async with db.transaction():
        stored = await Event.insert(event).one()
        assert_type(stored, Event)
        stored.title = "Open stage, moved"
        await stored.save()
    assert_type(await Event.update(Event.capacity.to(Event.capacity - 1)).where(Event.id == 5), int)
    assert_type(await Event.delete().where(Event.status == Status.draft), int)
    made = User.get_or_create(User(email="ben@example.org", name="Ben"), User.email)
    assert_type(await made, tuple[User, bool])
    kept = User.insert(User(email="ben@example.org", name="Ben")).on_conflict(User.email).update(User.name)
    assert_type(await kept.one(), User)
    assert_type(await db.transact(lambda: Event.select(), isolation="serializable"), list[Event])
    assert_type(await factory(Event).create(title="Open stage"), Event)
    assert_type(await ann.events.where(Event.capacity > 3), list[Event])
    assert_type(await event.creator, User)
