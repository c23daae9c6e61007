"""The tables that tests of the data half share: a festival with people, stages and gigs."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from tabor import Column, Database, ForeignKey, Many, Table, column, key, many


class Person(Table):
    """Somebody who books or plays."""

    id: Column[int] = column(primary_key=True)
    email: Column[str] = column(unique=True, email=True)
    name: Column[str] = column(max_length=50)
    password: Column[str] = column(secret=True, default="")
    gigs: Many[Gig] = many(lambda: Gig.booker)
    mixed: Many[Gig] = many(lambda: Gig.sound)


class Stage(Table):
    """Where gigs happen."""

    id: Column[int] = column(primary_key=True)
    name: Column[str] = column(min_length=2, max_length=20)
    owner: ForeignKey[Person] = key(on_delete="restrict")
    gigs: Many[Gig] = many(lambda: Gig.stage)


class Mood(StrEnum):
    """How a gig sounds."""

    loud = "loud"
    quiet = "quiet"


class Gig(Table):
    """One act on one stage."""

    id: Column[int] = column(primary_key=True)
    title: Column[str] = column(max_length=40)
    note: Column[str | None] = column(default=None)
    seats: Column[int] = column(default=0, minimum=0)
    fee: Column[Decimal] = column(default=Decimal(0), max_digits=12, decimal_places=2)
    mood: Column[Mood] = column(default=Mood.loud)
    genres: Column[list[str]] = column(default_factory=list)
    starts_at: Column[datetime | None] = column(default=None)
    booker: ForeignKey[Person] = key(on_delete="cascade")
    sound: ForeignKey[Person | None] = key(default=None, on_delete="set null")
    stage: ForeignKey[Stage | None] = key(default=None)
    encore_of: ForeignKey[Gig | None] = key(default=None)
    encores: Many[Gig] = many(lambda: Gig.encore_of)


TABLES = (Person, Stage, Gig)


@asynccontextmanager
async def opened(url: str | Path, *tables: type[Table]) -> AsyncGenerator[Database]:
    """A database with these tables, created; it is closed again after the block."""
    async with Database(url, tables=tables or TABLES) as db:
        await db.create_tables()
        yield db


async def ann() -> Person:
    """A stored person."""
    return await Person.insert(Person(email="ann@example.org", name="Ann", password="hash")).one()


async def bob() -> Person:
    """Another stored person."""
    return await Person.insert(Person(email="bob@example.org", name="Bob")).one()
