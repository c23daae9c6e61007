"""Tests of updates of many rows, each by its key with values of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tabor import (
    CheckViolation,
    Column,
    Database,
    InvalidValue,
    NotFound,
    QueryError,
    RowsNotFound,
    StaleRow,
    Table,
    ValueOutOfRange,
    column,
)
from tabor.compile.postgres.compiler import PostgresCompiler
from tabor.compile.sqlite.compiler import SqliteCompiler
from tabor.schema.facts import facts_of
from tabor.tree.nodes import ColumnNode
from tabor.tree.update_many import UpdateMany
from tests.festival import Gig, Mood, Person, ann, bob, opened

pytestmark = pytest.mark.anyio


class Seat(Table):
    """A place in a row of chairs."""

    line: Column[str] = column(primary_key=True, init=True)
    number: Column[int] = column(primary_key=True, init=True)
    price: Column[Decimal | None] = column(default=None, max_digits=6, decimal_places=2)
    taken: Column[bool] = column(default=False)


class Log(Table):
    """Has no key."""

    text: Column[str]


async def gigs(count: int) -> list[Gig]:
    """Stored gigs of one person."""
    person = await ann()
    return await Gig.insert(*[Gig(title=f"{n}", booker=person) for n in range(count)]).all()


def statement(count: int) -> UpdateMany:
    """The update of so many seats."""
    facts = facts_of(Seat)
    nodes: Sequence[ColumnNode] = list(facts.nodes.values())
    rows = [("a", n, None, True) for n in range(count)]
    return UpdateMany(facts.source, tuple(nodes[:2]), tuple(nodes[2:]), rows, (nodes[1],))


def test_the_text_on_sqlite() -> None:
    """All rows stand in one statement, with a place for each value."""
    assert SqliteCompiler().compile(statement(2)).sql == (
        'WITH "tabor_given" ("v0", "v1", "v2", "v3") AS (VALUES (?1, ?2, ?3, ?4), (?5, ?6, ?7, ?8)) '
        'UPDATE "seat" SET "price" = "tabor_given"."v2", "taken" = "tabor_given"."v3" FROM "tabor_given" '
        'WHERE "seat"."line" = "tabor_given"."v0" AND "seat"."number" = "tabor_given"."v1" RETURNING "seat"."number"'
    )
    assert statement(2).values == ("a", 0, None, True, "a", 1, None, True)


def test_the_text_on_postgres() -> None:
    """Every place carries its type."""
    assert PostgresCompiler().compile(statement(1)).sql == (
        'WITH "tabor_given" ("v0", "v1", "v2", "v3") AS (VALUES ($1::text, $2::bigint, $3::numeric, $4::boolean)) '
        'UPDATE "seat" SET "price" = "tabor_given"."v2", "taken" = "tabor_given"."v3" FROM "tabor_given" '
        'WHERE "seat"."line" = "tabor_given"."v0" AND "seat"."number" = "tabor_given"."v1" RETURNING "seat"."number"'
    )


async def test_each_row_gets_its_own_values(db: Database) -> None:
    """Every kind of value is written to the row that it belongs to, and only the columns that were named."""
    rows = await gigs(3)
    second = await bob()
    for number, gig in enumerate(rows):
        gig.title, gig.seats, gig.fee = "not written", number * 10, Decimal(number) / 4
        gig.genres.append(f"g{number}")
        gig.mood, gig.note, gig.sound = Mood.quiet, None if number else "late", second if number else None
        gig.starts_at = datetime(2030, 1, 1 + number, tzinfo=UTC)
    written = (Gig.seats, Gig.fee, Gig.genres, Gig.mood, Gig.note, Gig.sound.inner.id, Gig.starts_at)
    assert await Gig.update_many(rows, *written) == 3
    stored = await Gig.select().order_by(Gig.id)
    assert [(g.title, g.seats, g.fee, g.genres, g.mood, g.note, g.sound, g.starts_at) for g in stored] == [
        (f"{n}", g.seats, g.fee, [f"g{n}"], Mood.quiet, g.note, g.sound, g.starts_at) for n, g in enumerate(rows)
    ]


async def test_rows_know_what_is_stored(db: Database) -> None:
    """Afterwards a row has no unsaved change in the columns that were written, and keeps the others."""
    rows = await gigs(2)
    rows[0].seats, rows[0].title = 5, "new"
    await Gig.update_many(rows, Gig.seats)
    await Gig.update(Gig.seats.to(9)).everything()
    await rows[0].save()
    assert await Gig.select(Gig.title, Gig.seats).order_by(Gig.id) == [("new", 9), ("1", 9)]


async def test_all_columns(database_url: str) -> None:
    """With no column named, all but the key are written; a row that was not read needs its key only."""
    async with opened(database_url, Seat):
        await Seat.insert(*[Seat(line=line, number=number) for line in "ab" for number in (1, 2)])
        given = [Seat(line="b", number=1, price=Decimal(3)), Seat(line="a", number=2, taken=True)]
        assert await Seat.update_many(given) == 2
        assert await Seat.select(Seat.line, Seat.number, Seat.price, Seat.taken).order_by(Seat.line, Seat.number) == [
            ("a", 1, None, False),
            ("a", 2, None, True),
            ("b", 1, Decimal("3.00"), False),
            ("b", 2, None, False),
        ]


async def test_more_rows_than_one_statement_takes(db: Database) -> None:
    """Any number of rows is written, all of them or none."""
    rows = await gigs(2_500)
    for gig in rows:
        gig.seats = gig.id
    assert await Gig.update_many(rows, Gig.seats) == 2_500
    assert await Gig.select().where(Gig.seats == Gig.id).count() == 2_500
    await rows[-1].remove()
    for gig in rows:
        gig.seats = 0
    with pytest.raises(RowsNotFound) as caught:
        await Gig.update_many(rows, Gig.seats)
    assert (caught.value.table, caught.value.keys, caught.value.key) == ("gig", (rows[-1].id,), rows[-1].id)
    assert isinstance(caught.value, NotFound)
    assert await Gig.select().where(Gig.seats == Gig.id).count() == 2_499
    assert await Gig.update_many(rows, Gig.seats, missing="ignore") == 2_499
    assert await Gig.select().where(Gig.seats == 0).count() == 2_499


async def test_missing_rows(database_url: str) -> None:
    """Keys that no row has are named, and nothing is written; or they are left out of the number."""
    async with opened(database_url, Seat):
        await Seat.insert(Seat(line="a", number=1))
        given = [Seat(line="a", number=n, taken=True) for n in (0, 1, 2)]
        message = (
            r"^2 of 3 rows of seat are not stored, with the keys \('a', 0\), \('a', 2\); nothing was written\. Ins"
        )
        with pytest.raises(RowsNotFound, match=message):
            await Seat.update_many(given, Seat.taken)
        assert await Seat.select(Seat.taken).values() == [False]
        assert await Seat.update_many(given, Seat.taken, missing="ignore") == 1
        assert await Seat.select(Seat.taken).values() == [True]
        assert await Seat.update_many([], Seat.taken) == 0


async def test_in_a_transaction(db: Database) -> None:
    """A refused update of many rows leaves the transaction usable, and all of it goes with a rollback."""
    rows = await gigs(3)
    await rows[0].remove()
    with pytest.raises(ZeroDivisionError):  # noqa: PT012  # the block is the transaction that is rolled back
        async with db.transaction():
            rows[1].seats = 7
            with pytest.raises(RowsNotFound):
                await Gig.update_many(rows, Gig.seats)
            assert await Gig.update_many(rows[1:], Gig.seats) == 2
            assert await Gig.select(Gig.seats).order_by(Gig.id).values() == [7, 0]
            raise ZeroDivisionError
    assert await Gig.select(Gig.seats).order_by(Gig.id).values() == [0, 0]


async def test_refusals_of_the_database(database_url: str) -> None:
    """A constraint of the database refuses all rows, and says which it is."""

    class Jar(Table):
        """Holds what has a limit in the database only."""

        id: Column[int] = column(primary_key=True)
        kinds: Column[dict[str, object] | None] = column(default=None)
        level: Column[int] = column(default=0, maximum=9)

    async with opened(database_url, Jar):
        rows = await Jar.insert(Jar(), Jar()).all()
        rows[0].level = 5
        object.__setattr__(rows[1], "level", 50)
        with pytest.raises(CheckViolation) as caught:
            await Jar.update_many(rows, Jar.level)
        assert (caught.value.table, caught.value.columns) == ("jar", ("level",))
        assert await Jar.select(Jar.level).values() == [0, 0]


async def test_refusals_at_the_edge(db: Database) -> None:
    """What cannot be written is refused with the place of its row, before anything reaches the database."""
    rows = await gigs(3)
    wrong: Any = 3
    rows[2].genres.append(wrong)
    with pytest.raises(InvalidValue, match=r"^Row 2: Gig\.genres: .*expected text, got 3") as caught:
        await Gig.update_many(rows, Gig.genres)
    assert (caught.value.row, caught.value.column) == (2, "genres")
    with pytest.raises(QueryError, match=r"^Row 1 of update_many\(\) has the same key as a row before it: \(1,\)\.$"):
        await Gig.update_many([rows[0], rows[0]], Gig.seats)
    with pytest.raises(QueryError, match=r"^Row 1 of update_many\(\) has no key yet; insert\(\) it first\.$"):
        await Gig.update_many([rows[0], Gig(title="x", booker=1)], Gig.seats)
    with pytest.raises(QueryError, match=r"^Gig\.update_many\(\) takes rows made by Gig\(\.\.\.\); row 1 is Person\("):
        await Gig.update_many([rows[0], await bob()], Gig.seats)  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]  # the mistake
    with pytest.raises(QueryError, match=r"^update_many\(\) takes columns of gig itself, got <Column Person\.name>\.$"):
        await Gig.update_many(rows, Person.name)
    with pytest.raises(QueryError, match=r"^update_many\(\) finds rows by gig\.id, which it cannot write too\.$"):
        await Gig.update_many(rows, Gig.id)
    with pytest.raises(QueryError, match=r"^gig\.seats is given twice in one update_many\(\)\.$"):
        await Gig.update_many(rows, Gig.seats, Gig.seats)
    with pytest.raises(QueryError, match=r"^Log has no primary key, so update_many\(\) cannot tell its rows apart\.$"):
        await Log.update_many([], Log.text)
    with pytest.raises(ValueOutOfRange, match=r"^Gig\.seats: -1 is less than 0\.$"):
        rows[0].seats = -1


class Paper(Table):
    """Counts its changes."""

    id: Column[int] = column(primary_key=True)
    text: Column[str]
    version: Column[int] = column(version=True)


class Page(Table):
    """Counts its changes and has a key of two columns."""

    book: Column[str] = column(primary_key=True, init=True)
    number: Column[int] = column(primary_key=True, init=True)
    text: Column[str] = column(default="")
    version: Column[int] = column(version=True)


async def test_versions_go_on_together(database_url: str) -> None:
    """Rows as they were read are written, and know their new version; each may be saved again at once."""
    async with opened(database_url, Paper):
        papers = await Paper.insert(*[Paper(text=f"{n}") for n in range(5)]).all()
        for paper in papers:
            paper.text += "!"
        assert await Paper.update_many(papers, Paper.text) == 5
        assert [paper.version for paper in papers] == [2] * 5
        papers[0].text = "again"
        await papers[0].save()
        assert await Paper.update_many(papers) == 5
        stored = await Paper.select(Paper.text, Paper.version).order_by(Paper.id)
        assert stored == [("again", 4), ("1!", 3), ("2!", 3), ("3!", 3), ("4!", 3)]


@pytest.mark.parametrize("missing", ["raise", "ignore"])
async def test_stale_rows_are_not_overwritten(database_url: str, missing: Any) -> None:
    """Where somebody else changed a row since it was read, its key is told and no row at all is written."""
    async with opened(database_url, Paper, Page):
        papers = await Paper.insert(*[Paper(text="old") for _ in range(4)]).all()
        await Paper.update(Paper.text.to("theirs")).where(Paper.id.is_in([papers[1].id, papers[2].id]))
        for paper in papers:
            paper.text = "mine"
        with pytest.raises(StaleRow) as caught:
            await Paper.update_many(papers, Paper.text, missing=missing)
        stale = (papers[1].id, papers[2].id)
        assert (caught.value.table, caught.value.key, caught.value.keys) == ("paper", stale[0], stale)
        assert str(caught.value) == (
            f"2 rows of paper are no longer at the versions that they were read with, with the keys {stale[0]}, "
            f"{stale[1]}; nothing was written. Read them again."
        )
        assert await Paper.select(Paper.text).order_by(Paper.id).values() == ["old", "theirs", "theirs", "old"]
        assert [paper.version for paper in papers] == [1] * 4
        pages = await Page.insert(Page(book="a", number=1), Page(book="a", number=2)).all()
        await Page.update(Page.text.to("theirs")).where(Page.number == 2)
        with pytest.raises(StaleRow, match=r"^The page with the key \('a', 2\) is no longer at version 1: ") as caught:
            await Page.update_many(pages, missing=missing)
        assert (caught.value.keys, caught.value.expected) == ((("a", 2),), 1)


async def test_rows_that_are_gone_are_not_stale(database_url: str) -> None:
    """A deleted row is missing, whatever its version was; a row that was not read is written by its key."""
    async with opened(database_url, Page):
        pages = await Page.insert(*[Page(book="a", number=n) for n in range(3)]).all()
        await pages[1].remove()
        for page in pages:
            page.text = "new"
        with pytest.raises(RowsNotFound) as caught:
            await Page.update_many(pages)
        assert caught.value.keys == (("a", 1),)
        assert await Page.update_many([*pages, Page(book="a", number=3, text="x")], missing="ignore") == 2
        assert await Page.update_many([Page(book="a", number=0, text="by key"), pages[2]]) == 2
        assert await Page.select(Page.number, Page.text, Page.version).order_by(Page.number) == [
            (0, "by key", 3),
            (2, "new", 3),
        ]


async def test_one_of_two_writers_is_stale(database_url: str) -> None:
    """Of two tasks that read the same rows and write them back, one writes and the other one is told."""
    async with opened(database_url, Paper) as db:
        await Paper.insert(*[Paper(text="0") for _ in range(3)])
        read = asyncio.Barrier(2)

        async def writes(text: str) -> str:
            papers = await Paper.select()
            await read.wait()
            for paper in papers:
                paper.text = text
            try:
                await Paper.update_many(papers, Paper.text)
            except StaleRow:
                return "stale"
            return text

        results = await asyncio.gather(writes("a"), writes("b"))
        (written,) = [result for result in results if result != "stale"]
        assert sorted(results) == sorted([written, "stale"])
        assert await Paper.select(Paper.text).run(db) == [(written,)] * 3
