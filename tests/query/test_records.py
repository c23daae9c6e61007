"""Tests of into(): classes and functions are held against the columns when the query is built."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

import pytest
from pydantic import BaseModel, Field

from tabor import Database, QueryError, optional
from tests.festival import Gig, Mood, Person, ann, opened

pytestmark = pytest.mark.anyio


@dataclass
class Card:
    """A title and who booked it."""

    title: str
    email: str
    seats: int = 0


class Line(NamedTuple):
    """A title with its mood and its fee."""

    title: str
    mood: str
    fee: Decimal | float


class Shown(BaseModel):
    """A pydantic model, with a field that goes by another name."""

    title: str
    price: float = Field(alias="fee")
    note: str | None = None


class Plain:
    """A class with a constructor of its own."""

    def __init__(self, title: Annotated[str, "shown"], genres: Sequence[str], *more: object) -> None:
        self.kept = (title, list(genres), more)


@dataclass
class Whole:
    """A row beside its list."""

    person: Person
    gigs: list[Gig] | None = None


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """An open database with one gig."""
    async with opened(database_url) as database:
        await Gig.insert(Gig(title="Opening", fee=Decimal("1.5"), genres=["folk"], booker=await ann()))
        yield database


async def test_what_fits_is_made(db: Database) -> None:
    """Dataclasses, named tuples, plain classes, functions and pydantic models take the values in their order."""
    pair = Gig.select(Gig.title, Gig.booker.email)
    assert await pair.into(Card) == [Card("Opening", "ann@example.org")]
    assert await pair.also(Gig.seats).into(Card) == [Card("Opening", "ann@example.org", 0)]
    assert await Gig.select(Gig.title, Gig.mood, Gig.fee).into(Line) == [Line("Opening", Mood.loud, Decimal("1.50"))]
    assert [row.kept for row in await Gig.select(Gig.title, Gig.genres, Gig.id).into(Plain)] == [
        ("Opening", ["folk"], (1,))
    ]
    shown = await Gig.select(Gig.title, Gig.fee, Gig.note).into(Shown).one()
    assert shown == Shown(title="Opening", fee=1.5)
    assert [row.title for row in await Gig.select(Gig.title, Gig.fee).into(Shown)] == ["Opening"]
    whole = await Person.select(Person, Person.gigs).into(Whole).one()
    assert (whole.person.name, [gig.title for gig in whole.gigs or ()]) == ("Ann", ["Opening"])
    lists = await Person.select(Person.name, Person.gigs.select(Gig.title, Gig.fee).into(Shown)).one()
    assert lists == ("Ann", [Shown(title="Opening", fee=1.5)])
    sums = Gig.select(Gig.id, Gig.seats)
    assert await sums.into(lambda gig, seats: gig + seats + 1) == [2]
    assert await sums.into(lambda gig, seats: gig + seats + 2) == [3]


LATER = optional(Gig, "later")


def by_name(title: str, *, seats: int) -> str:
    """Takes a value that cannot be given by its place."""
    return f"{title}{seats}"


MISFITS: list[tuple[Any, Any, str]] = [
    (
        Gig.select(Gig.title, Gig.seats),
        by_name,
        "by_name takes seats by name alone, and into() gives values by their places.",
    ),
    (
        Gig.select(Gig.title),
        Card,
        "Card takes 3 values (title, email, seats), and the query gives 1: title.",
    ),
    (
        Gig.select(Gig.title, Gig.id),
        len,
        "len takes 1 values (obj), and the query gives 2: title, id.",
    ),
    (
        Gig.select(Gig.booker.email, Gig.title),
        Card,
        (
            "Card takes title as value 1, and the query gives it as value 2; select in the order of Card: title, "
            "email, seats."
        ),
    ),
    (
        Gig.select(Gig.title, Gig.note),
        Card,
        "Card takes str for email, and note may be None.",
    ),
    (
        Gig.select(Gig.title, Gig.seats + 1),
        Card,
        "Card takes str for email, and add_seats is int.",
    ),
    (
        Gig.select(Gig.title, Gig.mood, Gig.starts_at.date()),
        Line,
        "Line takes decimal.Decimal | float for fee, and date_of_starts_at may be None.",
    ),
    (
        Gig.select(Gig.title, Gig.mood, Gig.genres),
        Line,
        "Line takes decimal.Decimal | float for fee, and genres is list.",
    ),
    (
        Gig.select(Gig.seats, Gig.genres),
        Plain,
        "Plain takes str for title, and seats is int.",
    ),
    (
        Gig.select(Gig.stage(lambda stage: stage.name), Gig.fee),
        Shown,
        "Shown takes str for title, and stage.name may be None.",
    ),
    (
        Gig.select(Gig.seats, Gig.fee),
        Shown,
        "Shown takes str for title, and seats is int.",
    ),
    (
        Gig.select(Gig.fee, Gig.title),
        Shown,
        (
            "Shown takes title as value 1, and the query gives it as value 2; select in the order of Shown: title, "
            "fee, note."
        ),
    ),
    (
        Gig.select(Gig.title),
        Shown,
        "Shown takes 3 values (title, fee, note), and the query gives 1: title.",
    ),
    (
        Gig.select(Gig.booker, Gig.title),
        Whole,
        "Whole takes list[tests.festival.Gig] | None for gigs, and title is str.",
    ),
    (
        Gig.select(Gig.stage, Gig.id),
        Whole,
        "Whole takes Person for person, and stage may be None.",
    ),
    (
        Person.select(LATER(lambda gig: gig.mood), Person.email).left_join(LATER, on=LATER(lambda gig: gig.id > 0)),
        Card,
        "Card takes str for title, and later.mood may be None.",
    ),
]


@pytest.mark.parametrize(("query", "make", "message"), MISFITS)
def test_what_does_not_fit_is_refused(query: Any, make: Any, message: str) -> None:
    """Number, order, types and None are compared when the query is built, and both sides are named."""
    with pytest.raises(QueryError) as caught:
        query.into(make)
    assert str(caught.value) == message


def test_related_rows_are_held_against_theirs() -> None:
    """into() of related rows is checked in the same way."""
    gigs: Any = Person.gigs.select(Gig.title, Gig.note)
    with pytest.raises(QueryError, match=r"^Card takes str for email, and note may be None\.$"):
        gigs.into(Card)
