"""Tests of what a table promises as a whole: unique, index and check over several columns and over expressions."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import pytest

from tabor import (
    CheckViolation,
    Column,
    Constraint,
    Database,
    ForeignKey,
    IntegrityViolation,
    SchemaError,
    Table,
    UniqueViolation,
    check,
    column,
    index,
    key,
    now,
    today,
    unique,
)
from tabor.compile.postgres.compiler import PostgresCompiler
from tabor.compile.sqlite.compiler import SqliteCompiler
from tabor.schema.catalog import definition
from tabor.schema.facts import facts_of
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Hall(Table):
    """A house with seats."""

    id: Column[int] = column(primary_key=True)


class Priced(Table):
    """A part that brings a check of its own."""

    price: Column[Decimal] = column(default=Decimal(5), max_digits=6, decimal_places=2)

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """What holds for every table with a price."""
        return [check(cls.price > Decimal("0.5"), name="price_above")]


class Place(Priced):
    """Somewhere to sit."""

    id: Column[int] = column(primary_key=True)
    hall: ForeignKey[Hall | None] = key(default=None)
    code: Column[str]
    opens: Column[int] = column(default=1)
    closes: Column[int] = column(default=2)
    removed_at: Column[datetime | None] = column(default=None)

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """What holds for places."""
        return [
            unique(cls.hall, cls.opens),
            unique(cls.code.lower(), where=cls.removed_at.is_null(), name="place_code"),
            index(cls.removed_at.desc(), cls.code),
            index(cls.opens, where=cls.removed_at.is_not_null()),
            check(cls.closes > cls.opens, name="order"),
            check(cls.code.starts_with("A") | (cls.code == "it's"), name="code"),
        ]


def test_definitions() -> None:
    """Constraints stand in the table, indexes after it, with the words of each database."""
    table = definition(facts_of(Place))
    lite, post = SqliteCompiler().create_table(table), PostgresCompiler().create_table(table)
    assert lite[0].splitlines()[-6:] == [
        '    CONSTRAINT "place_hall_opens_key" UNIQUE ("hall", "opens"),',
        '    CONSTRAINT "place_hall_fkey" FOREIGN KEY ("hall") REFERENCES "hall" ("id") ON DELETE NO ACTION,',
        '    CONSTRAINT "place_price_above_check" CHECK ("price" > 50),',
        '    CONSTRAINT "place_order_check" CHECK ("closes" > "opens"),',
        "    CONSTRAINT \"place_code_check\" CHECK ((\"code\" GLOB 'A*') OR (\"code\" = 'it''s'))",
        ") STRICT",
    ]
    assert lite[2:] == [
        'CREATE UNIQUE INDEX IF NOT EXISTS "place_code" ON "place" ((lower("code"))) WHERE ("removed_at" IS NULL)',
        'CREATE INDEX IF NOT EXISTS "place_removed_at_code_idx" ON "place" ("removed_at" DESC, "code")',
        'CREATE INDEX IF NOT EXISTS "place_opens_idx" ON "place" ("opens") WHERE ("removed_at" IS NOT NULL)',
    ]
    assert post[0].splitlines()[-4:] == [
        '    CONSTRAINT "place_price_above_check" CHECK (("price" > 0.5)),',
        '    CONSTRAINT "place_order_check" CHECK (("closes" > "opens")),',
        "    CONSTRAINT \"place_code_check\" CHECK (((\"code\" LIKE 'A%') OR (\"code\" = 'it''s')))",
        ")",
    ]
    assert post[2:] == [
        'CREATE UNIQUE INDEX IF NOT EXISTS "place_code" ON "place" ((lower("code"))) WHERE ("removed_at" IS NULL)',
        'CREATE INDEX IF NOT EXISTS "place_removed_at_code_idx" ON "place" ("removed_at" DESC NULLS LAST, "code")',
        'CREATE INDEX IF NOT EXISTS "place_opens_idx" ON "place" ("opens") WHERE ("removed_at" IS NOT NULL)',
    ]


@pytest.mark.parametrize(
    ("place", "kind", "columns"),
    [
        ({"code": "A", "opens": 5, "closes": 6}, UniqueViolation, ("code",)),
        ({"code": "A9", "hall": 1}, UniqueViolation, ("hall", "opens")),
        ({"code": "A9", "opens": 3, "closes": 3}, CheckViolation, ("closes", "opens")),
        ({"code": "B", "opens": 3, "closes": 4}, CheckViolation, ("code",)),
        ({"code": "A9", "price": Decimal("0.5")}, CheckViolation, ("price",)),
    ],
)
async def test_refusals(
    database_url: str, place: dict[str, object], kind: type[IntegrityViolation], columns: tuple[str, ...]
) -> None:
    """A row that breaks a constraint raises the same typed error on every database, naming table and columns."""
    async with opened(database_url, Hall, Place):
        await Hall.insert(Hall())
        await Place.insert(Place(code="A", hall=1), Place(code="it's", hall=1, opens=0))
        with pytest.raises(kind) as caught:
            await Place(**place).save()  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # values by name
        assert (caught.value.table, caught.value.columns) == ("place", columns)


async def test_partial_uniqueness(database_url: str) -> None:
    """Rows outside of the condition may repeat; nulls differ from each other."""
    async with opened(database_url, Hall, Place):
        gone = datetime(2026, 1, 1, tzinfo=UTC)
        await Place.insert(Place(code="A", removed_at=gone), Place(code="A", removed_at=gone), Place(code="A"))
        assert await Place.select().count() == 3


class Mood(StrEnum):
    """How it is."""

    loud = "loud"


class Everything(Table):
    """Checks against a literal of each type."""

    id: Column[int] = column(primary_key=True)
    whole: Column[int] = column(default=1)
    number: Column[float] = column(default=1.5)
    yes: Column[bool] = column(default=True)
    exact: Column[Decimal] = column(default=Decimal(2), decimal_places=3)
    day: Column[date] = column(default=date(2026, 1, 2))
    clock: Column[time] = column(default=time(12))
    moment: Column[datetime] = column(default=datetime(2026, 1, 2, tzinfo=UTC))
    length: Column[timedelta] = column(default=timedelta(hours=2))
    token: Column[UUID] = column(default=UUID(int=5))
    data: Column[bytes] = column(default=b"x")
    mood: Column[Mood] = column(default=Mood.loud)

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """One for each type."""
        return [
            check(cls.whole.between(-1, 5), name="whole"),
            check(cls.number < 1e20, name="number"),
            check(cls.yes == True, name="yes"),
            check(cls.exact.is_in([Decimal(2), Decimal("2.125")]), name="exact"),
            check(cls.day > date(2026, 1, 1), name="day"),
            check(cls.clock >= time(12), name="clock"),
            check(cls.moment >= datetime(2026, 1, 2, tzinfo=UTC), name="moment"),
            check(cls.length > timedelta(minutes=-5), name="length"),
            check(cls.token == UUID(int=5), name="token"),
            check(cls.data == b"x", name="data"),
            check(cls.mood == Mood.loud, name="mood"),
        ]


BROKEN: dict[str, object] = {
    "whole": 6,
    "number": 1e21,
    "yes": False,
    "exact": Decimal("2.1"),
    "day": date(2026, 1, 1),
    "clock": time(11, 59),
    "moment": datetime(2026, 1, 1, tzinfo=UTC),
    "length": timedelta(minutes=-6),
    "token": UUID(int=6),
    "data": b"y",
}


async def test_literals(database_url: str) -> None:
    """A check compares with a value of any simple type as a query would."""
    async with opened(database_url, Everything):
        await Everything().save()
        for name, value in BROKEN.items():
            with pytest.raises(CheckViolation) as caught:
                await Everything(**{name: value}).save()  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # values by name
            assert (caught.value.constraint, caught.value.columns) == (f"everything_{name}_check", (name,))


def test_what_no_constraint_can_be() -> None:
    """A constraint that cannot be is refused as soon as a database is made with the table."""

    class Clock(Table):
        id: Column[int] = column(primary_key=True)
        at: Column[datetime]

        @classmethod
        def constraints(cls) -> list[Constraint]:
            return [check(cls.at > now(), name="future")]

    class Calendar(Table):
        id: Column[int] = column(primary_key=True)
        at: Column[datetime]

        @classmethod
        def constraints(cls) -> list[Constraint]:
            return [check(cls.at.date() > today(), name="future")]

    class Zoned(Table):
        id: Column[int] = column(primary_key=True)
        at: Column[datetime]

        @classmethod
        def constraints(cls) -> list[Constraint]:
            return [index(cls.at.trunc("day", zone="Europe/Berlin"))]

    class Across(Table):
        id: Column[int] = column(primary_key=True)
        hall: ForeignKey[Hall]

        @classmethod
        def constraints(cls) -> list[Constraint]:
            return [check(Place.opens > 3, name="across")]

    class Twice(Table):
        id: Column[int] = column(primary_key=True)
        code: Column[str]

        @classmethod
        def constraints(cls) -> list[Constraint]:
            return [unique(cls.code, where=cls.id > 3), unique(cls.code)]

    class Counting(Table):
        id: Column[int] = column(primary_key=True)

        @classmethod
        def constraints(cls) -> list[Constraint]:
            return [check(cls.id.count() > 3, name="many")]

    class Wrong(Table):
        id: Column[int] = column(primary_key=True)
        code: Column[str]

        @classmethod
        def constraints(cls) -> list[Constraint]:
            return [check(cls.code == "\0", name="nul")]

    class Empty(Table):
        id: Column[int] = column(primary_key=True)

        @classmethod
        def constraints(cls) -> list[Constraint]:
            return [index()]

    refusals: dict[type[Table], str] = {
        Clock: "Clock: a constraint cannot depend on the clock; a row that fits today would not tomorrow.",
        Calendar: "Calendar: a constraint cannot depend on the clock; a row that fits today would not tomorrow.",
        Zoned: "Zoned: a constraint cannot depend on a time zone; its rules change, and not every database knows them.",
        Across: "Across: a constraint is about columns of its own table, not place.opens.",
        Twice: "Twice: two constraints are called twice_code_key; give one of them name=... .",
        Counting: "Counting: a constraint is about one row; it cannot aggregate.",
        Wrong: "Wrong: a constraint compares with a wrong value: text may not contain NUL or lone surrogates.",
        Empty: "Empty: index() needs a column.",
    }
    for table, message in refusals.items():
        with pytest.raises(SchemaError) as caught:
            Database("sqlite:///:memory:", tables=[table, Hall])
        assert str(caught.value) == message


class Guest(Table):
    """What leaves one name to two indexes: the table's and the column's run into each other."""

    id: Column[int] = column(primary_key=True)
    list_mail: Column[str]

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """Whatever the case."""
        return [unique(cls.list_mail.lower())]


class GuestList(Table):
    """The other table with such a name."""

    id: Column[int] = column(primary_key=True)
    mail: Column[str]

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """Whatever the case."""
        return [unique(cls.mail.lower())]


def test_indexes_of_one_name() -> None:
    """Two tables whose indexes have one name are refused: the database would leave the second index out."""
    with pytest.raises(SchemaError) as caught:
        Database("sqlite:///:memory:", tables=[Guest, GuestList])
    assert str(caught.value) == (
        "guest and guest_list both have an index or unique constraint called guest_list_mail_lower_key, and a database "
        "has one of a name; give one of them another name=... ."
    )
