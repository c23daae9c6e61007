"""Tables of a small festival, declared in every way that type checkers must understand; good.py and bad.py use them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel

from tabor import (
    Column,
    Constraint,
    Email,
    ForeignKey,
    Json,
    Many,
    ManyToMany,
    PlainText,
    SearchIndex,
    Table,
    Url,
    check,
    column,
    index,
    key,
    many,
    now,
    search_index,
    unique,
)


class Person(Table):
    """Somebody who books or plays."""

    id: Column[int] = column(primary_key=True)
    email: Column[str] = column(unique=True, email=True)
    name: Column[str]
    gigs: Many[Gig] = many(lambda: Gig.booker)


class Troupe(Table):
    """People and posters that belong together."""

    id: Column[int] = column(primary_key=True)
    people: ManyToMany[Person] = many()
    posters: ManyToMany[Poster, UUID] = many(through=lambda: Print)
    allies: ManyToMany[Troupe] = many(lambda: Troupe.allies)
    chairs: ManyToMany[Chair, tuple[UUID, int]] = many()


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

    poster: ForeignKey[Poster, UUID] = key(default=UUID(int=1), on_delete="set default")
    copies: Column[int] = column(default=1)


class Chair(Table):
    """A table whose key has two columns, one of them a foreign key."""

    poster: ForeignKey[Poster, UUID] = key(primary_key=True)
    number: Column[int] = column(primary_key=True, init=True)
    code: Column[str] = column(default="")

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """Each kind, over columns, keys and expressions."""
        return [
            unique(cls.poster, cls.code),
            unique(cls.code.lower(), where=cls.number > 0, name="chair_code"),
            index(cls.number.desc(), cls.code, include=[cls.poster]),
            check((cls.number > 0) & (cls.code != "x"), name="number"),
        ]


class Opening(BaseModel):
    """A pydantic model that a column keeps."""

    hour: int


class Shop(Table):
    """Annotations that say more than a Python type."""

    id: Column[int] = column(primary_key=True)
    contact: Column[Email]
    page: Column[Url | None] = column(default=None)
    motto: Column[PlainText] = column(default="")
    opening: Column[Json[Opening]]
    former: Column[Json[Opening] | None] = column(default=None)
    others: Column[list[Json[Opening]]] = column(default_factory=list)
    words: Column[list[str] | None] = column(default=None)
    details: Column[dict[str, object]] = column(default_factory=dict)
    extra: Column[dict[str, object] | None] = column(default=None)


class Bill(Table):
    """Columns that the database fills, and one that it calls otherwise."""

    id: Column[int] = column(primary_key=True)
    count: Column[int] = column(default=1, name="numberOf")
    note: Column[str] = column(server_default="none")
    seen_at: Column[datetime] = column(server_default=now())
    double: Column[int] = column(computed=lambda: Bill.count * 2)
    version: Column[int] = column(version=True)
    created_at: Column[datetime] = column(stamp="created")
    deleted_at: Column[datetime | None] = column(stamp="deleted")


class Sitting(Table):
    """A table that refers to a key of two columns."""

    id: Column[int] = column(primary_key=True)
    poster: ForeignKey[Poster, UUID]
    number: Column[int]
    other: Column[int | None] = column(default=None)
    chair: ForeignKey[Chair, tuple[UUID, int]] = key(columns=lambda: (Sitting.poster, Sitting.number))
    spare: ForeignKey[Chair | None, tuple[UUID, int]] = key(columns=lambda: (Sitting.poster, Sitting.other))


class Talk(Table, schema="programme", name="talks"):
    """A table in a schema, under another name, that is searched by its words."""

    id: Column[int] = column(primary_key=True)
    title: Column[str]
    about: Column[str | None] = column(default=None)
    gig: ForeignKey[Gig | None] = key(default=None)
    found_by: SearchIndex = search_index(lambda: (Talk.title, Talk.about))
    titled: SearchIndex = search_index(lambda: Talk.title)
