"""Tables of a small festival, declared in every way that type checkers must understand; good.py and bad.py use them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from tabor import Column, ForeignKey, Many, Table, column, key, many


class Person(Table):
    """Somebody who books or plays."""

    id: Column[int] = column(primary_key=True)
    email: Column[str] = column(unique=True, email=True)
    name: Column[str]
    gigs: Many[Gig] = many(lambda: Gig.booker)


class Dated(Table):
    """A part that other tables take over."""

    created: Column[int] = column(default=0)


class Mood(StrEnum):
    """How a gig sounds."""

    loud = "loud"
    quiet = "quiet"


class Gig(Dated):
    """One act on one stage."""

    id: Column[int] = column(primary_key=True)
    title: Column[str]
    note: Column[str | None] = column(default=None)
    seats: Column[int] = column(default=0)
    fee: Column[Decimal] = column(default=Decimal(0), max_digits=12, decimal_places=2)
    mood: Column[Mood] = column(default=Mood.loud)
    genres: Column[list[str]] = column(default_factory=list)
    starts_at: Column[datetime | None] = column(default=None)
    booker: ForeignKey[Person] = key(on_delete="cascade")
    sound: ForeignKey[Person | None] = key(default=None)
    encore_of: ForeignKey[Gig | None] = key(default=None)


class Poster(Table):
    """A table whose key the database does not number."""

    id: Column[UUID] = column(primary_key=True)
    artist: ForeignKey[Person]


class Print(Table):
    """A table without a key of its own that refers to a UUID."""

    poster: ForeignKey[Poster, UUID]
    copies: Column[int] = column(default=1)
