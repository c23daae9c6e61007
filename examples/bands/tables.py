"""The five tables: managers, bands, venues, concerts and tickets."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, Field

from tabor import Column, Constraint, Email, ForeignKey, Json, Many, Table, check, column, key, many, unique


class Manager(Table):
    """People who look after bands."""

    id: Column[int] = column(primary_key=True)
    name: Column[str] = column(min_length=1, max_length=100)
    email: Column[Email] = column(unique=True)
    bands: Many[Band] = many(lambda: Band.manager)


class Band(Table):
    """Bands; one without a manager looks after itself."""

    id: Column[int] = column(primary_key=True)
    name: Column[str] = column(unique=True, min_length=1, max_length=100)
    founded: Column[int] = column(minimum=1900, help="Year")
    genres: Column[list[str]] = column(default_factory=list, max_length=5)
    followers: Column[int] = column(default=0, minimum=0)
    manager: ForeignKey[Manager | None] = key(default=None, on_delete="set null")
    headlining: Many[Concert] = many(lambda: Concert.headliner)
    supporting: Many[Concert] = many(lambda: Concert.support)


class Facilities(BaseModel):
    """What a venue has; kept as JSON, because every venue has something else."""

    stages: int = Field(ge=1)
    step_free: bool
    food: list[str] = []


class Venue(Table):
    """Where bands play."""

    id: Column[int] = column(primary_key=True)
    name: Column[str] = column(min_length=1, max_length=100)
    city: Column[str] = column(min_length=1, max_length=100, index=True)
    capacity: Column[int] = column(minimum=1, help="People")
    facilities: Column[Json[Facilities]]
    concerts: Many[Concert] = many(lambda: Concert.venue)

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """Cities share names of venues; within one each name is used once."""
        return [unique(cls.name, cls.city)]


class Concert(Table):
    """One evening; ``places`` counts down as tickets are sold and never falls below 0."""

    id: Column[int] = column(primary_key=True)
    venue: ForeignKey[Venue]
    headliner: ForeignKey[Band]
    support: ForeignKey[Band | None] = key(default=None)
    starts_at: Column[datetime] = column(index=True)
    duration: Column[timedelta] = column(default=timedelta(hours=2))
    price: Column[Decimal] = column(max_digits=8, decimal_places=2, minimum=0, help="Of a standing place")
    places: Column[int] = column(minimum=0, help="Places that are left")
    version: Column[int] = column(version=True)
    tickets: Many[Ticket] = many(lambda: Ticket.concert)

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """One concert at a time in a venue, and nobody plays support to themselves."""
        return [
            unique(cls.venue, cls.starts_at),
            check(cls.headliner.id != cls.support(lambda band: band.id), name="two_bands"),
        ]


class Kind(StrEnum):
    """Kinds of tickets."""

    standing = "standing"
    seated = "seated"
    reduced = "reduced"


class Ticket(Table):
    """A sold ticket; its key is made in the order of time and cannot be guessed."""

    id: Column[UUID] = column(primary_key=True)
    concert: ForeignKey[Concert] = key(on_delete="cascade")
    holder: Column[Email] = column(index=True)
    kind: Column[Kind] = column(default=Kind.standing)
    price: Column[Decimal] = column(max_digits=8, decimal_places=2, minimum=0)
    sold_at: Column[datetime] = column(stamp="created")


TABLES: tuple[type[Table], ...] = (Manager, Band, Venue, Concert, Ticket)
