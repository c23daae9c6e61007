"""The tables of the playground: people with their events, and directors with their films."""

from __future__ import annotations

from datetime import datetime

from tabor.schema.column import Column, column
from tabor.schema.foreign_key import ForeignKey, key
from tabor.schema.many import Many, many
from tabor.schema.table import Table


class User(Table):
    """People who announce events."""

    id: Column[int] = column(primary_key=True)
    email: Column[str] = column(unique=True, email=True)
    name: Column[str] = column(min_length=1, max_length=100)
    events: Many[Event] = many(lambda: Event.creator)


class Event(Table):
    """Something that happens at a place and a time."""

    id: Column[int] = column(primary_key=True)
    title: Column[str] = column(min_length=1, max_length=200)
    description: Column[str] = column(max_length=5_000)
    location: Column[str] = column(min_length=1, max_length=200)
    tags: Column[list[str]] = column(default_factory=list, max_length=10)
    starts_at: Column[datetime] = column(index=True)
    creator: ForeignKey[User] = key()


class Director(Table):
    """People who directed at least one of the films."""

    id: Column[int] = column(primary_key=True)
    name: Column[str] = column(unique=True, min_length=1, max_length=100)
    films: Many[Film] = many(lambda: Film.director)


class Film(Table):
    """A shelf of films, with the year of their release and their length."""

    id: Column[int] = column(primary_key=True)
    title: Column[str] = column(min_length=1, max_length=200, index=True)
    year: Column[int] = column(minimum=1888)
    minutes: Column[int | None] = column(default=None, minimum=1)
    director: ForeignKey[Director | None] = key(default=None)


TABLES: tuple[type[Table], ...] = (User, Event, Director, Film)
