"""Tests of prepared queries and the values that they are called with, on every engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

import pytest

from tabor import (
    Column,
    Database,
    ForeignKeyViolation,
    InvalidValue,
    QueryError,
    Table,
    ValueOutOfRange,
    column,
    now,
    param,
)
from tests.festival import TABLES, Gig, Mood, Person, ann, opened

pytestmark = pytest.mark.anyio


class Ticket(Table):
    """Has a key and a code that Python makes."""

    id: Column[UUID] = column(primary_key=True)
    code: Column[str] = column(default_factory=lambda: "made", max_length=8)
    owner: Column[str] = column(plain_text=True)
    sold_at: Column[datetime | None] = column(default=None)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """An open database with five gigs."""
    async with opened(database_url, *TABLES, Ticket) as database:
        person = await ann()
        gigs = [Gig(title=f"gig {n}", seats=n, fee=Decimal(n) / 2, booker=person) for n in range(5)]
        await Gig.insert(*gigs, Gig(title="late", note="n", seats=9, mood=Mood.quiet, booker=person))
        yield database


async def test_values_come_in_the_order_that_prepare_names(db: Database) -> None:
    """prepare(a, b) takes the value of a first, wherever the places stand."""
    least, title = param(int), param(Gig.title)
    found = Gig.select(Gig.seats).where(Gig.title > title, Gig.seats >= least).order_by(Gig.id).values()
    assert await found.prepare(least, title)(3, "gig") == [3, 4, 9]
    assert await found.prepare(title, least)("gig 3", 3) == [4, 9]
    assert await found.prepare()("gig 3", 3) == [4, 9]


async def test_one_param_is_one_value_however_often_it_is_used(db: Database) -> None:
    """The same param() in several places takes one value."""
    number = param(int)
    found = Gig.select(Gig.title).where((Gig.seats == number) | (Gig.seats == number + 1)).order_by(Gig.id).values()
    assert await found.prepare()(1) == ["gig 1", "gig 2"]
    assert await found.prepare(number)(3) == ["gig 3", "gig 4"]


async def test_limit_and_offset_come_later(db: Database) -> None:
    """limit() and offset() take a param(int), alone and together with first()."""
    some, skipped = param(int), param(int)
    page = Gig.select(Gig.title).order_by(Gig.id).limit(some).offset(skipped).values()
    prepared = page.prepare(skipped, some)
    assert await prepared(1, 2) == ["gig 1", "gig 2"]
    assert await prepared(5, 2) == ["late"]
    assert await prepared(0, 0) == []
    assert await page.first().prepare()(3, 2) == "gig 2"
    assert await page.count().prepare()(3, 2) == 3
    with pytest.raises(ValueOutOfRange, match=r"^Value 2: -1 is less than 0\.$") as caught:
        await prepared(0, -1)
    assert (caught.value.argument, caught.value.column) == (2, None)


async def test_lists_come_later(db: Database) -> None:
    """is_in and not_in take param() among their values, and param(list[...]) for a list of any length."""
    three = Gig.select(Gig.title).where(Gig.seats.is_in([param(int), 2, param(int)])).order_by(Gig.id).values()
    assert await three.prepare()(4, 0) == ["gig 0", "gig 2", "gig 4"]
    many = Gig.select(Gig.title).where(Gig.seats.is_in(param(list[int]))).order_by(Gig.id).values().prepare()
    assert [await many([1, 3]), await many([]), await many(list(range(1_000)))] == [
        ["gig 1", "gig 3"],
        [],
        ["gig 0", "gig 1", "gig 2", "gig 3", "gig 4", "late"],
    ]
    others = Gig.select(Gig.title).where(Gig.title.not_in(param(list[str]))).order_by(Gig.id).values().prepare()
    assert await others(["gig 1", "gig 2", "gig 3", "gig 4", "a'b"]) == ["gig 0", "late"]
    assert len(await others([])) == 6
    moods = Gig.select(Gig.title).where(Gig.mood.is_in(param(list[Mood])), Gig.note.is_in(param(list[str]))).values()
    assert await moods.prepare()([Mood.quiet], ["n", "m"]) == ["late"]
    fees = Gig.select(Gig.title).where(Gig.fee.is_in([param(Decimal), param(Gig.fee)])).order_by(Gig.id).values()
    assert await fees.prepare()(Decimal("0.5"), Decimal("1.50")) == ["gig 1", "gig 3"]


async def test_values_of_updates_are_checked_by_their_columns(db: Database) -> None:
    """A new value that comes later is checked as the column checks one: type, limits, and whether it may be None."""
    title, note, seats = param(str), param(Gig.note), param(int)
    change = Gig.update(Gig.title.to(title), Gig.note.to(note), Gig.fee.to(param(Decimal)))
    prepared = change.where(Gig.seats == seats).prepare()
    assert await prepared("new", None, Decimal("7.25"), 1) == 1
    assert await prepared("newer", "x", Decimal(8), 1) == 1
    assert await Gig.select(Gig.title, Gig.note, Gig.fee).where(Gig.seats == 1) == [("newer", "x", Decimal("8.00"))]
    with pytest.raises(ValueOutOfRange, match=r"^Gig\.title: at most 40 characters are allowed, got 41\.$") as caught:
        await prepared("x" * 41, None, Decimal(1), 1)
    assert caught.value.argument == 1
    with pytest.raises(InvalidValue, match=r"^Gig\.title: a value is needed here, not None\.$"):
        await prepared(None, None, Decimal(1), 1)
    with pytest.raises(ValueOutOfRange, match=r"^Gig\.fee: "):
        await prepared("x", None, Decimal("1.125"), 1)


async def test_inserts_can_be_prepared(db: Database) -> None:
    """A row whose columns are set by param() is inserted again and again; the other columns get their defaults."""
    person = (await Person.select().one()).id
    title, booker = param(Gig.title), param(int)
    insert = Gig.insert(Gig.title.to(title), Gig.booker.id.to(booker), Gig.starts_at.to(now()), Gig.fee.to(Decimal(3)))
    prepared = insert.prepare(booker, title)
    assert [await prepared(person, "a"), await prepared(person, "b")] == [1, 1]
    row = await insert.one().prepare(title, booker)("c", person)
    assert (row.title, row.booker.id, row.mood, row.genres, row.fee) == ("c", person, Mood.loud, [], Decimal("3.00"))
    assert row.starts_at is not None
    assert abs((row.starts_at - datetime.now(UTC)).total_seconds()) < 60
    assert await insert.returning(Gig.title, Gig.seats).prepare()("d", person) == [("d", 0)]
    assert await Gig.select(Gig.title).where(Gig.starts_at.is_not_null()).order_by(Gig.id).values() == list("abcd")
    with pytest.raises(InvalidValue, match=r"^Gig\.booker: expected a whole number, got 'x' \(str\)\.$"):
        await prepared("x", "a")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # meant to be refused
    with pytest.raises(ForeignKeyViolation) as caught:
        await prepared(person + 1, "e")
    assert (caught.value.columns, caught.value.references) == (("booker",), "person")
    with pytest.raises(ForeignKeyViolation) as caught:
        await Gig.update(Gig.booker.id.to(param(int))).where(Gig.title == "a").prepare()(person + 1)
    assert (caught.value.columns, caught.value.references) == (("booker",), "person")


async def test_inserts_on_conflict_can_be_prepared(db: Database) -> None:
    """What an insert does with a row that is there already takes values that come later too."""
    email, name = param(Person.email), param(str)
    insert = Person.insert(Person.email.to(email), Person.name.to(name))
    upsert = insert.on_conflict(Person.email).update(Person.name.to(name + param(str)))
    assert await upsert.prepare()("ann@example.org", "Anna", " II") == 1
    assert await upsert.prepare()("bea@example.org", "Bea", "!") == 1
    assert await Person.select(Person.email, Person.name).order_by(Person.id) == [
        ("ann@example.org", "Anna II"),
        ("bea@example.org", "Bea"),
    ]
    with pytest.raises(InvalidValue, match=r"^Person\.email: "):
        await upsert.prepare()("nobody", "x", "y")


async def test_rows_of_settings_need_no_param(db: Database) -> None:
    """insert(column.to(...)) inserts one row at once too, values made by Python among them."""
    row = await Ticket.insert(Ticket.owner.to("ann"), Ticket.sold_at.to(now())).one()
    assert (row.code, row.owner, isinstance(row.id, UUID), row.sold_at is None) == ("made", "ann", True, False)
    sold = Ticket.insert(Ticket.id.to(param(UUID)), Ticket.code.to(param(str)), Ticket.owner.to(param(str)))
    assert await sold.prepare()(UUID(int=7), "c", "bob") == 1
    assert await Ticket.select(Ticket.code, Ticket.owner).where(Ticket.id == UUID(int=7)) == [("c", "bob")]
    with pytest.raises(InvalidValue, match=r"^Ticket\.owner: "):
        await sold.prepare()(UUID(int=8), "c", "<b>bob</b>")


async def test_wrong_values_are_refused_at_the_edge(db: Database) -> None:
    """A value of the wrong type, or None, is refused by its column, or by its number where it stands beside none."""
    prepared = Gig.select(Gig.id).where(Gig.mood == param(Mood), Gig.seats + 1 > param(int)).prepare()
    assert len(await prepared(Mood.quiet, 3)) == 1
    refused: list[tuple[tuple[Any, ...], str]] = [
        (("quiet", 3), "Gig.mood: expected a member of Mood, got 'quiet', which is only its value; write Mood.quiet."),
        ((None, 3), "Gig.mood: a value is needed here, not None."),
        ((Mood.loud, "3"), "Value 2: expected a whole number, got '3' (str)."),
        ((Mood.loud, True), "Value 2: expected a whole number, got True (bool)."),
        ((Mood.loud, None), "Value 2: a value is needed here, not None."),
        ((Mood.loud, 2**63), "Value 2: 9223372036854775808 does not fit into 64 bits."),
    ]
    for values, message in refused:
        with pytest.raises(InvalidValue) as caught:
            await prepared(*values)
        assert str(caught.value) == message
    for values in [(), (Mood.loud,), (Mood.loud, 1, 2)]:
        with pytest.raises(QueryError, match=rf"^This prepared query takes 2 values, got {len(values)}\.$"):
            prepared(*values)


class Other(StrEnum):
    """Nothing that a gig can be."""

    other = "other"


SEATS, NAMES = param(int), param(list[str])
MISUSES: dict[str, Any] = {
    "prepare() takes each param() of the query once; 2 of what it got is": (
        lambda: Gig.select().where(Gig.seats == SEATS).prepare(SEATS, SEATS)
    ),
    "prepare() takes each param() of the query once; 1 of what it got is": (
        lambda: Gig.select().where(Gig.seats == SEATS).prepare(Gig.seats)
    ),
    "The query has 2 values to come, and prepare() names 1 of them.": (
        lambda: Gig.select().where(Gig.seats == SEATS, Gig.title == param(str)).prepare(SEATS)
    ),
    "param() takes one of int, float, bool, str, bytes, Decimal, date, time, datetime, timedelta, UUID, an "
    "enumeration, a list of one of them, or a column, got <class 'complex'>.": lambda: param(complex),
    "limit() takes a whole number of rows from 0 up or param(int), not another expression.": (
        lambda: Gig.select().limit(Gig.seats)
    ),
    "offset() takes a whole number of rows from 0 up or param(int), not another expression.": (
        lambda: Gig.select().offset(param(str))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # meant to be refused
    ),
    "scalar() takes the first row; a limit() that comes later cannot stand before it.": (
        lambda: Gig.select(Gig.id).limit(SEATS).scalar()
    ),
    "is_in and not_in take a list of values, a query, or param(list[...]); a list in a column has has().": (
        lambda: Gig.title.is_in(Gig.genres)
    ),
    "A value that is one of loud, quiet cannot be looked for in a param() of values that are one of other; give "
    "is_in and not_in a param() for each of them.": (
        lambda: Gig.mood.is_in(param(list[Other]))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # meant to be refused
    ),
    "param() cannot stand among the conditions of related rows; read them by a query of their own.": (
        lambda: Person.select(Person, Person.gigs.where(Gig.seats > SEATS)).prepare()
    ),
    "A prepared insert would give each row the same id, made by a default_factory; name it in insert(), with a "
    "param() of its own.": lambda: Ticket.insert(Ticket.code.to("x"), Ticket.owner.to(param(str))).prepare(),
    "Ticket.insert() gives no value for owner, which every row needs; set it.": (
        lambda: Ticket.insert(Ticket.code.to("x"))
    ),
    "Ticket.insert() sets code twice.": lambda: Ticket.insert(Ticket.code.to("x"), Ticket.code.to("y")),
    "Ticket.insert() sets owner from a column, and there is no row yet that has one.": (
        lambda: Ticket.insert(Ticket.owner.to(Ticket.code + "x"))
    ),
    "Gig.insert() fills columns of gig itself, and ticket.code is of another table.": (
        lambda: Gig.insert(Ticket.code.to("x"))
    ),
    "Ticket.insert() takes rows alone, or settings such as Event.title.to('x'); got Ticket(": lambda: Ticket.insert(
        Ticket.code.to("x"), cast("Any", Ticket(owner="x"))
    ),
}


@pytest.mark.parametrize("message", MISUSES)
def test_misuses(message: str) -> None:
    """What cannot be prepared is refused when the query is built, by a sentence that says why."""
    with pytest.raises(QueryError) as caught:
        MISUSES[message]()
    assert str(caught.value).startswith(message)


async def test_a_stream_needs_its_limit(db: Database) -> None:
    """stream() reads page by page and cannot wait for its limit."""
    with pytest.raises(QueryError, match=r"^stream\(\) needs a query with all its values"):
        await anext(Gig.select().limit(SEATS).stream())


async def test_unprepared_queries_name_prepare(db: Database) -> None:
    """A param() anywhere in a query that is run as it is says what to do."""
    queries = [
        Gig.select().limit(SEATS),
        Gig.select().where(Gig.title.is_in(NAMES)),
        Gig.update(Gig.seats.to(SEATS)).everything(),
        Ticket.insert(Ticket.owner.to(param(str))),
    ]
    for query in queries:
        with pytest.raises(QueryError, match=r"^This query has param\(\) in it: prepare\(\) it"):
            await query
