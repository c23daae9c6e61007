"""What the planner keeps: people and events."""

from __future__ import annotations

from datetime import datetime

from tabor import Column, ForeignKey, Many, Table, column, key, many
from tabor.auth.accounts import Account


class User(Account):
    """People who can sign in; address, password and the rest of an account are inherited."""

    id: Column[int] = column(primary_key=True)
    name: Column[str] = column(min_length=1, max_length=100)
    events: Many[Event] = many(lambda: Event.creator)


class Event(Table):
    """Something that happens at a place and a time."""

    id: Column[int] = column(primary_key=True)
    title: Column[str] = column(min_length=1, max_length=200, help="What it is, in a few words")
    image: Column[str | None] = column(default=None, max_length=500, help="The address of a picture")
    description: Column[str] = column(max_length=5_000, help="What awaits people")
    location: Column[str] = column(min_length=1, max_length=200, help="Where it is")
    tags: Column[list[str]] = column(default_factory=list, max_length=10, help="Words to find it by")
    starts_at: Column[datetime] = column(index=True, help="When it begins, with its offset from UTC")
    creator: ForeignKey[User] = key(help="Who announced it")
