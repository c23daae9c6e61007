"""Tests of inserts that meet rows that are there already."""

from __future__ import annotations

import asyncio

import pytest

from tabor import (
    Column,
    Database,
    InvalidValue,
    MissingConstraint,
    NotFound,
    QueryError,
    Table,
    UniqueViolation,
    column,
    excluded,
)
from tests.festival import Person, ann, bob, opened

pytestmark = pytest.mark.anyio


class Stock(Table):
    """How much of a thing there is."""

    item: Column[str] = column(primary_key=True, init=True)
    shelf: Column[int | None] = column(default=None, unique=True)
    count: Column[int] = column(default=0, minimum=0)
    note: Column[str | None] = column(default=None)


async def stock() -> list[tuple[str, int, str | None]]:
    """What is stored."""
    return await Stock.select(Stock.item, Stock.count, Stock.note).order_by(Stock.item)


async def test_expressions_see_both_rows(database_url: str) -> None:
    """A change may use the stored row, the row that was not inserted, and values."""
    async with opened(database_url, Stock):
        rows = [Stock(item="nail", count=5), Stock(item="bolt", count=2), Stock(item="nail", count=1)]
        adding = Stock.insert(*rows).on_conflict(Stock.item)
        added = Stock.count.to(Stock.count + excluded(Stock.count))
        assert await adding.update(added, Stock.note.to("again")) == 3
        assert await stock() == [("bolt", 2, None), ("nail", 6, "again")]


async def test_a_condition_leaves_rows_alone(database_url: str) -> None:
    """A stored row for which the condition is not true is neither changed, nor counted, nor given back."""
    async with opened(database_url, Stock):
        await Stock.insert(Stock(item="nail", count=5), Stock(item="bolt", count=2))
        offers = Stock.insert(Stock(item="nail", count=4), Stock(item="bolt", count=9), Stock(item="cork", count=1))
        higher = offers.on_conflict(Stock.item).update(Stock.count, where=excluded(Stock.count) > Stock.count)
        assert await higher.returning(Stock.item, Stock.count) == [("bolt", 9), ("cork", 1)]
        assert await higher == 0
        assert await stock() == [("bolt", 9, None), ("cork", 1, None), ("nail", 5, None)]


async def test_values_of_conditions_are_checked(database_url: str) -> None:
    """Values in a condition or a change are checked as everywhere."""
    async with opened(database_url, Stock):
        conflict = Stock.insert(Stock(item="nail")).on_conflict(Stock.item)
        with pytest.raises(InvalidValue, match=r"^Stock\.count: expected a whole number, got 'many' \(str\)\.$"):
            await conflict.update(Stock.note, where=Stock.count == "many")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the mistake


async def test_updated_rows_are_given_back(db: Database) -> None:
    """one() and all() give the stored row, whether it was inserted or updated."""
    stored = await ann()
    query = Person.insert(Person(email="ann@example.org", name="Anna")).on_conflict(Person.email).update(Person.name)
    row = await query.one()
    assert (row.id, row.name, row.password) == (stored.id, "Anna", "hash")
    await row.refresh()
    again = [Person(email="bob@example.org", name="Bob"), Person(email="ann@example.org", name="Ann")]
    rows = await Person.insert(*again).on_conflict(Person.email).update(Person.name).all()
    assert [(row.name, row.password) for row in rows] == [("Bob", ""), ("Ann", "hash")]


async def test_ignored_rows_are_not_given_back(db: Database) -> None:
    """With ignore() only inserted rows come back; first() says None where none was."""
    await ann()
    again = [Person(email="ann@example.org", name="Anna"), Person(email="bob@example.org", name="Bob")]
    ignoring = Person.insert(*again).on_conflict(Person.email).ignore()
    assert [person.name for person in await ignoring.all()] == ["Bob"]
    assert await ignoring == 0
    single = Person.insert(again[0]).on_conflict(Person.email).ignore()
    assert await single.first() is None
    assert await single.returning(Person.id) == []
    with pytest.raises(NotFound):
        await single.one()
    with pytest.raises(QueryError, match=r"^first\(\) needs exactly one row to insert, got 2; use all\(\)\.$"):
        ignoring.first()
    assert [person.name for person in await Person.select().order_by(Person.name)] == ["Ann", "Bob"]


async def test_any_constraint_ignores(database_url: str) -> None:
    """Without columns every unique constraint counts; with them, only theirs."""
    async with opened(database_url, Stock):
        await Stock.insert(Stock(item="nail", shelf=1))
        rows = [Stock(item="nail", shelf=2), Stock(item="bolt", shelf=1), Stock(item="cork", shelf=3)]
        with pytest.raises(UniqueViolation, match="shelf"):
            await Stock.insert(*rows).on_conflict(Stock.item).ignore()
        assert await Stock.insert(*rows).on_conflict().ignore().returning(Stock.item) == [("cork",)]


async def test_columns_without_a_constraint(db: Database) -> None:
    """Columns that no constraint covers are refused by the database."""
    await bob()
    with pytest.raises(Exception, match=r"ON CONFLICT"):
        await Person.insert(Person(email="x@example.org", name="x")).on_conflict(Person.name).ignore()


async def test_many_tasks_count_right(database_url: str) -> None:
    """Tasks that add to the same row at once lose nothing."""
    async with opened(database_url, Stock):

        async def add() -> None:
            conflict = Stock.insert(Stock(item="nail", count=1)).on_conflict(Stock.item)
            await conflict.update(Stock.count.to(Stock.count + excluded(Stock.count)))

        await asyncio.gather(*[add() for _ in range(20)])
        assert await stock() == [("nail", 20, None)]


async def test_columns_that_are_not_unique_are_refused_with_what_to_declare(database_url: str) -> None:
    """A conflict can only be one with a unique constraint, and it has to be over just the columns that are named."""
    async with opened(database_url, Stock):
        nail = Stock.insert(Stock(item="nail", shelf=1))
        for conflict in (nail.on_conflict(Stock.note), nail.on_conflict(Stock.item, Stock.shelf)):
            for query in (conflict.ignore(), conflict.update(Stock.count)):
                with pytest.raises(
                    MissingConstraint, match=r"declare it, by column\(unique=True\) or unique"
                ) as caught:
                    await query
                assert caught.value.sql.startswith("INSERT INTO")
        assert await stock() == []
