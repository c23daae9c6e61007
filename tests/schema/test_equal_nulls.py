"""Tests of unique constraints that take two nulls for the same value."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest

from tabor import (
    Column,
    Constraint,
    ForeignKey,
    ManyToMany,
    QueryError,
    Table,
    UniqueViolation,
    column,
    excluded,
    key,
    many,
    unique,
)
from tabor.compile.postgres.compiler import PostgresCompiler
from tabor.compile.sqlite.compiler import SqliteCompiler
from tabor.schema.definition import definition
from tabor.schema.facts import facts_of
from tabor.testing import factory
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Price(Table):
    """What something costs, by default or in a region."""

    id: Column[int] = column(primary_key=True)
    item: Column[str]
    region: Column[str | None] = column(default=None, name="Region")
    size: Column[int | None] = column(default=None)
    cents: Column[int] = column(default=0)
    code: Column[str | None] = column(default=None)

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """Over columns, one of them never null, and over expressions of some rows."""
        return [
            unique(cls.item, cls.region, cls.size, nulls_distinct=False),
            unique(cls.code.lower(), where=cls.cents > 10, name="price_code", nulls_distinct=False),
        ]


async def test_two_nulls_are_the_same(database_url: str) -> None:
    """A row whose nulls are where another has nulls breaks the constraint; one value more makes another row of it."""
    async with opened(database_url, Price):
        await Price.insert(
            Price(item="a"),
            Price(item="a", size=0),
            Price(item="a", region="0"),
            Price(item="a", region=""),
            Price(item="a", region="", size=0),
            Price(item="b"),
        )
        for wrong in (Price(item="a"), Price(item="a", size=0), Price(item="a", region="")):
            with pytest.raises(UniqueViolation) as caught:
                await wrong.save()
            assert (caught.value.table, caught.value.columns) == ("price", ("item", "region", "size"))
            assert caught.value.constraint == "price_item_Region_size_key"
            assert str(caught.value) == "Another row of price already has this item and region and size."


async def test_expressions_of_some_rows(database_url: str) -> None:
    """The same holds for a unique index over an expression, of the rows that it is about."""
    async with opened(database_url, Price):
        await Price.insert(Price(item="a"), Price(item="b"), Price(item="c", cents=11), Price(item="d", cents=5))
        await Price(item="e", cents=12, code="X").save()
        for wrong in (Price(item="f", cents=20), Price(item="f", cents=20, code="x")):
            with pytest.raises(UniqueViolation) as caught:
                await wrong.save()
            assert (caught.value.columns, caught.value.constraint) == (("code",), "price_code")
        more = Price.insert(Price(item="g", cents=20)).on_conflict(constraint="price_code")
        assert await more.update(Price.cents.to(excluded(Price.cents) + Price.cents)).returning(Price.item) == [("c",)]


async def test_conflicts(database_url: str) -> None:
    """An insert that meets such a row updates or ignores it, by the columns and by the name."""
    async with opened(database_url, Price):
        by = (Price.item, Price.region, Price.size)
        await Price.insert(Price(item="a", cents=1), Price(item="a", size=2, cents=2))
        again = [Price(item="a", cents=7), Price(item="a", size=2, cents=8), Price(item="a", region="x", cents=9)]
        assert await Price.insert(again).on_conflict(*by).update(Price.cents) == 3
        cents = Price.select(Price.cents).order_by(Price.id).values()
        assert await cents == [7, 8, 9]
        named = Price.insert(Price(item="a")).on_conflict(constraint="price_item_Region_size_key")
        assert await named.ignore() == 0
        found, created = await Price.update_or_create(Price(item="a", cents=5), *by)
        assert (found.id, found.cents, created) == (1, 5, False)
        found, created = await Price.get_or_create(Price(item="a", cents=6), Price.item, Price.region, Price.size)
        assert (found.id, found.cents, created) == (1, 5, False)
        assert (await Price.get_or_create(Price(item="b"), Price.item, Price.region, Price.size))[1]
        assert await cents == [5, 8, 9, 0]


class Usual(Table):
    """The same with nulls that differ, as they do where nothing is said."""

    id: Column[int] = column(primary_key=True)
    item: Column[str]
    region: Column[str | None] = column(default=None)

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """As usual."""
        return [unique(cls.item, cls.region)]


async def test_nulls_differ_as_usual(database_url: str) -> None:
    """Nothing is different for other constraints."""
    async with opened(database_url, Usual):
        assert await Usual.insert(Usual(item="a"), Usual(item="a")) == 2
        with pytest.raises(QueryError, match=r"^get_or_create\(\) finds no row by an empty usual\.region; give it a"):
            await Usual.get_or_create(Usual(item="a"), Usual.item, Usual.region)


class Mood(StrEnum):
    """A value of an enumeration."""

    loud = "loud"


class Everything(Table):
    """A column of every kind."""

    id: Column[int] = column(primary_key=True)
    a: Column[int | None] = column(default=None)
    b: Column[float | None] = column(default=None)
    c: Column[bool | None] = column(default=None)
    d: Column[str | None] = column(default=None)
    e: Column[bytes | None] = column(default=None)
    f: Column[Decimal | None] = column(default=None)
    g: Column[date | None] = column(default=None)
    h: Column[datetime | None] = column(default=None)
    i: Column[timedelta | None] = column(default=None)
    j: Column[UUID | None] = column(default=None)
    k: Column[Mood | None] = column(default=None)
    m: Column[list[int] | None] = column(default=None)

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """All at once."""
        columns = (cls.a, cls.b, cls.c, cls.d, cls.e, cls.f, cls.g, cls.h, cls.i, cls.j, cls.k, cls.m)
        return [unique(*columns, nulls_distinct=False)]


VALUES: dict[str, list[Any]] = {
    "a": [0, 1, -1],
    "b": [0.0, 1.0, 0.5],
    "c": [False, True],
    "d": ["", "0", "a"],
    "e": [b"", b"0", b"\0"],
    "f": [Decimal(0), Decimal("0.000001")],
    "g": [date(2030, 1, 1)],
    "h": [datetime(2030, 1, 1, tzinfo=UTC)],
    "i": [timedelta(0), timedelta(1)],
    "j": [UUID(int=0)],
    "k": [Mood.loud],
    "m": [[], [0]],
}


async def test_every_kind_of_value(database_url: str) -> None:
    """Null differs from every value, every value from another, and each is the same as itself."""
    async with opened(database_url, Everything):
        rows = [{}, *[{name: value} for name, values in VALUES.items() for value in values]]
        await Everything.insert([Everything(**row) for row in rows])
        for row in rows:
            with pytest.raises(UniqueViolation):
                await Everything(**row).save()
        assert await Everything.select().count() == len(rows)


class Person(Table):
    """Belongs to groups."""

    id: Column[int] = column(primary_key=True)
    groups: ManyToMany[Group] = many(through=lambda: Member)


class Group(Table):
    """Has members."""

    id: Column[int] = column(primary_key=True)


class Member(Table):
    """Which person is in which group, if in any."""

    id: Column[int] = column(primary_key=True)
    person: ForeignKey[Person]
    group: ForeignKey[Group | None] = key(default=None)

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """Nobody is twice in a group, or twice in none."""
        return [unique(cls.person, cls.group, nulls_distinct=False)]


async def test_links(database_url: str) -> None:
    """A table between may have such a constraint by which it tells what is linked."""
    async with opened(database_url, Person, Group, Member):
        person = await Person.insert(Person()).one()
        await Group.insert(Group(), Group())
        assert await person.groups.add(1, 2) == 2
        assert await person.groups.add(1) == 0
        await Member(person=person).save()
        with pytest.raises(UniqueViolation) as caught:
            await Member(person=person).save()
        assert caught.value.columns == ("person", "group")


class Setting(Table):
    """What holds for everybody, or for one."""

    id: Column[int] = column(primary_key=True)
    owner: Column[str | None] = column(default=None)

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """One for each, and one for all."""
        return [unique(cls.owner, nulls_distinct=False)]


async def test_made_rows(database_url: str) -> None:
    """Rows that a factory makes fulfil the constraint, by another value in each where that has to be."""
    async with opened(database_url, Price, Setting):
        assert len({price.item for price in await factory(Price).create_many(20)}) == 20
        assert len({setting.owner for setting in await factory(Setting).create_many(20)}) == 20


def test_definitions() -> None:
    """One database has words for it, the other an index that tells of each value whether it is null."""
    table = definition(facts_of(Price))
    created, index = PostgresCompiler().create_table(table)
    assert 'CONSTRAINT "price_item_Region_size_key" UNIQUE NULLS NOT DISTINCT ("item", "Region", "size")' in created
    assert index == (
        'CREATE UNIQUE INDEX IF NOT EXISTS "price_code" ON "price" ((lower("code")) NULLS FIRST) NULLS NOT DISTINCT '
        'WHERE ("cents" > 10)'
    )
    created, over_columns, over_expressions = SqliteCompiler().create_table(table)
    assert "UNIQUE" not in created
    assert over_columns == (
        'CREATE UNIQUE INDEX IF NOT EXISTS "price_item_Region_size_key" ON "price" ("item", (("Region" IS NULL)), '
        '(coalesce("Region", 0)), (("size" IS NULL)), (coalesce("size", 0)))'
    )
    assert over_expressions == (
        'CREATE UNIQUE INDEX IF NOT EXISTS "price_code" ON "price" (((lower("code") IS NULL)), '
        '(coalesce(lower("code"), 0))) WHERE ("cents" > 10)'
    )
