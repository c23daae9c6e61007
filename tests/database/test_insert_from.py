"""Tests of inserts of what a query gives, on every engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from tabor import CheckViolation, Column, Database, QueryError, Table, column, cte
from tabor.compile.postgres.compiler import PostgresCompiler
from tabor.compile.sqlite.compiler import SqliteCompiler
from tests.festival import TABLES, Gig, Mood, Person, ann, opened

pytestmark = pytest.mark.anyio


class Kept(Table):
    """What is left of a gig."""

    id: Column[int] = column(primary_key=True)
    title: Column[str] = column(unique=True, max_length=20)
    fee: Column[Decimal] = column(default=Decimal("1.5"), max_digits=14, decimal_places=4)
    mood: Column[Mood] = column(default=Mood.quiet)
    genres: Column[list[str]] = column(default_factory=list)
    weight: Column[float] = column(default=0.5)
    note: Column[str] = column(server_default="none")
    made_at: Column[datetime] = column(stamp="created")
    changed: Column[int] = column(version=True)


class Token(Table):
    """Has a key that Python makes."""

    id: Column[UUID] = column(primary_key=True)
    name: Column[str]


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """An open database with three gigs and empty tables to fill."""
    async with opened(database_url, *TABLES, Kept, Token) as database:
        person = await ann()
        await Gig.insert(*[Gig(title=f"gig {n}", seats=n, fee=Decimal(n), booker=person) for n in (1, 2, 3)])
        yield database


async def test_rows_come_with_every_default(db: Database) -> None:
    """Columns that are not named get their defaults: those of Python, of the database, the version and the stamps."""
    rows = await Kept.insert_from(Gig.select(Gig.title).where(Gig.seats < 3).order_by(Gig.id), Kept.title).all()
    assert [(row.title, row.fee, row.mood, row.genres, row.weight, row.note, row.changed) for row in rows] == [
        ("gig 1", Decimal("1.5000"), Mood.quiet, [], 0.5, "none", 1),
        ("gig 2", Decimal("1.5000"), Mood.quiet, [], 0.5, "none", 1),
    ]
    assert all(abs((row.made_at - datetime.now(UTC)).total_seconds()) < 60 for row in rows)


async def test_the_number_of_rows_is_given(db: Database) -> None:
    """Awaited it gives the number of rows inserted, none where the query gives none."""
    assert await Kept.insert_from(Gig.select(Gig.title), Kept.title) == 3
    assert await Kept.insert_from(Gig.select(Gig.title).where(Gig.seats > 9), Kept.title) == 0


async def test_numbers_fit_their_columns(db: Database) -> None:
    """Decimals get the places of their column, and whole numbers become decimals and floats."""
    query = Gig.select(Gig.title, Gig.fee, Gig.seats).where(Gig.seats == 2)
    assert await Kept.insert_from(query, Kept.title, Kept.fee, Kept.weight).returning(Kept.fee, Kept.weight) == [
        (Decimal("2.0000"), 2.0)
    ]
    more = Gig.select(Gig.title.upper(), Gig.seats, Gig.mood).where(Gig.seats == 3)
    insert = Kept.insert_from(more, Kept.title, Kept.fee, Kept.mood)  # type: ignore[misc]  # pyright: ignore[reportArgumentType]  # for a checker a whole number is no decimal
    assert await insert.returning(Kept.fee, Kept.mood) == [(Decimal("3.0000"), Mood.loud)]


async def test_conflicts_are_decided(db: Database) -> None:
    """on_conflict() takes over what the query gives, or leaves the stored row alone."""
    await Kept.insert(Kept(title="gig 2", weight=9.0))
    insert = Kept.insert_from(Gig.select(Gig.title, Gig.seats).order_by(Gig.id), Kept.title, Kept.weight)
    update = insert.on_conflict(Kept.title).update(Kept.weight)
    ignore = insert.on_conflict(Kept.title).ignore()
    assert await ignore.returning(Kept.title) == [("gig 1",), ("gig 3",)]
    assert await update == 3
    assert await Kept.select(Kept.weight, Kept.changed).order_by(Kept.title) == [(1.0, 2), (2.0, 2), (3.0, 2)]


async def test_any_query_of_columns_will_do(db: Database) -> None:
    """Grouped, combined and named queries give rows, and so does one on the table itself."""
    grouped = Gig.select(Gig.booker.name, Gig.seats.sum()).group_by(Gig.booker.name)
    assert await Kept.insert_from(Gig.select(Gig.booker.name).distinct(), Kept.title).returning(Kept.title) == [
        ("Ann",)
    ]
    named = cte("busy", grouped)
    again = named.select(named[Gig.booker.name] + "!")
    assert await Kept.insert_from(again, Kept.title).returning(Kept.title) == [("Ann!",)]
    both = Gig.select(Gig.title).union(Person.select(Person.email))
    assert await Kept.insert_from(both, Kept.title) == 4
    own = Kept.select(Kept.title.upper(), Kept.fee).where(Kept.title == "Ann")
    assert await Kept.insert_from(own, Kept.title, Kept.fee).returning(Kept.title, Kept.fee) == [
        ("ANN", Decimal("1.5000"))
    ]


async def test_keys_are_filled_by_their_column(db: Database) -> None:
    """A foreign key is named by the column of the row it leads to, a server default can be given too."""
    copy = Gig.select(Gig.title + " again", Gig.booker.id, Gig.starts_at).where(Gig.seats == 1)
    rows = await Gig.insert_from(copy, Gig.title, Gig.booker.id, Gig.starts_at).all()
    assert [(row.title, row.booker.id, row.seats) for row in rows] == [("gig 1 again", 1, 0)]
    noted = Gig.select(Gig.title, Gig.title.upper()).where(Gig.seats == 1)
    assert await Kept.insert_from(noted, Kept.title, Kept.note).returning(Kept.note) == [("GIG 1",)]


async def test_all_rows_or_none(db: Database) -> None:
    """A row that the table refuses keeps all others out."""
    with pytest.raises(CheckViolation):
        await Kept.insert_from(Gig.select(Gig.title + "x" * 16), Kept.title)
    mixed = Gig.select(Gig.title).union(Gig.select(Gig.title + "x" * 16))
    with pytest.raises(CheckViolation):
        await Kept.insert_from(mixed, Kept.title)
    assert await Kept.select().count() == 0


REFUSED: dict[str, Any] = {
    "Kept.insert_from() gives no value for title, which every row needs; select one, and name the column.": (
        lambda: Kept.insert_from(Gig.select(Gig.fee), Kept.fee)
    ),
    "Kept.insert_from() names each column once, one for each that the query selects: it selects title, seats, and the "
    "columns are title.": lambda: Kept.insert_from(Gig.select(Gig.title, Gig.seats), Kept.title),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # meant to be refused
    "Kept.insert_from() names each column once, one for each that the query selects: it selects title, title, and the "
    "columns are title, title.": lambda: Kept.insert_from(Gig.select(Gig.title, Gig.title), Kept.title, Kept.title),
    "kept.changed is set by the database, and Kept.insert_from() cannot fill it.": (
        lambda: Kept.insert_from(Gig.select(Gig.title, Gig.seats), Kept.title, Kept.changed)
    ),
    "Kept.insert_from() fills columns of kept itself, and gig.title is of another table.": (
        lambda: Kept.insert_from(Gig.select(Gig.title), Gig.title)
    ),
    "kept.title holds text, and what is given for it is a whole number; cast() it.": (
        lambda: Kept.insert_from(Gig.select(Gig.seats), Kept.title)  # type: ignore[misc]  # pyright: ignore[reportArgumentType]  # meant to be refused
    ),
    "Token.insert_from() gives no value for id, of which each row needs one of its own; select it, and name the "
    "column.": lambda: Token.insert_from(Gig.select(Gig.title), Token.name),
    "Kept.insert_from() takes a query of columns, such as Event.select(Event.title), without rows, related rows, "
    "into() or dicts().": lambda: Kept.insert_from(Gig.select(Gig), Kept.title),  # type: ignore[misc]  # pyright: ignore[reportArgumentType]  # meant to be refused
    "one() needs exactly one row to insert, and a query may give any number; use all().": (
        lambda: Kept.insert_from(Gig.select(Gig.title), Kept.title).one()
    ),
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_does_not_fit_is_refused(message: str) -> None:
    """Columns that are missing, foreign, double or of another type are refused before anything runs."""
    with pytest.raises(QueryError) as caught:
        REFUSED[message]()
    assert str(caught.value) == message


def test_the_text_has_places_for_values() -> None:
    """The text of both dialects: defaults are selected beside the query's columns, a condition stands before ON."""
    query = Gig.select(Gig.title, Gig.booker.email).where(Gig.seats > 7)
    statement = Person.insert_from(query, Person.name, Person.email).on_conflict(Person.email).ignore().statement
    select = (
        'INSERT INTO "person" ("name", "email", "password") SELECT * FROM (SELECT "gig"."title", '
        '"gig.booker"."email", {} FROM "gig" JOIN "person" AS "gig.booker" ON "gig"."booker" = "gig.booker"."id" '
        'WHERE ("gig"."seats" > {})) AS given WHERE (1 = 1) ON CONFLICT ("email") DO NOTHING'
    )
    sqlite, postgres = SqliteCompiler().compile(statement), PostgresCompiler().compile(statement)
    assert sqlite.sql == select.format("?1", "?2")
    assert postgres.sql == select.format("$1::text", "$2::bigint")
    assert statement.values == ("", 7)
    assert sqlite.secret == postgres.secret == {0, 1}
