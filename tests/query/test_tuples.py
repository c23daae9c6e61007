"""Tests of several columns that are looked for together, in lists of tuples and in queries."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabor import (
    Column,
    Constraint,
    Database,
    InvalidValue,
    QueryError,
    SchemaError,
    Table,
    cast,
    check,
    column,
    tuple_,
)
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Seat(Table):
    """A seat by row and number."""

    id: Column[int] = column(primary_key=True)
    row: Column[str]
    number: Column[int]
    note: Column[str | None] = column(default=None)
    price: Column[Decimal] = column(default=Decimal(0), decimal_places=2)


class Booked(Table):
    """A seat that is taken."""

    id: Column[int] = column(primary_key=True)
    row: Column[str]
    number: Column[int | None] = column(default=None)
    fine: Column[Decimal] = column(default=Decimal(0), decimal_places=4)


SEATS = [("A", 1), ("A", 2), ("B", 1), ("é🎪", -7)]
PLACE = tuple_(Seat.row, Seat.number)


@pytest.fixture(scope="module")
async def db(shared_database_url: str) -> AsyncIterator[Database]:
    """A database shared by all tests, with four seats."""
    async with opened(shared_database_url, Seat, Booked) as database:
        await Seat.insert([Seat(row=row, number=number) for row, number in SEATS])
        yield database


FOUND = Seat.select(Seat.row, Seat.number).order_by(Seat.id)
ANY = st.tuples(st.sampled_from(["A", "B", "é🎪", "a", "' OR 1=1 --", ""]), st.sampled_from([1, 2, -7, 2**63 - 1]))


@given(wanted=st.lists(ANY, max_size=6))
async def test_lists_of_tuples(db: Database, wanted: list[tuple[str, int]]) -> None:
    """Rows whose columns are together one of the tuples, or none of them; an empty list matches none, or all."""
    assert await FOUND.where(PLACE.is_in(wanted)) == [seat for seat in SEATS if seat in wanted]
    assert await FOUND.where(PLACE.not_in(wanted)) == [seat for seat in SEATS if seat not in wanted]
    assert await FOUND.where(~PLACE.is_in(wanted)) == [seat for seat in SEATS if seat not in wanted]


async def test_queries(db: Database) -> None:
    """Rows of a query are looked through; those with a null in them are left out."""
    await Booked.delete().everything()
    await Booked.insert(Booked(row="A", number=2), Booked(row="B", number=None), Booked(row="A", number=9))
    booked = Booked.select(Booked.row, Booked.number)
    assert await FOUND.where(PLACE.is_in(booked)) == [("A", 2)]
    assert await FOUND.where(PLACE.not_in(booked)) == [("A", 1), ("B", 1), ("é🎪", -7)]
    assert await FOUND.where(PLACE.is_in(booked.where(Booked.row == Seat.row).limit(1))) == [("A", 2)]
    assert await FOUND.where(PLACE.not_in(booked.where(Booked.row == "Z"))) == SEATS


async def test_nulls(db: Database) -> None:
    """A column without a value is in no list and out of none, but where another column tells already."""
    noted = tuple_(Seat.note, Seat.number)
    one = Seat.select(Seat.number).order_by(Seat.id).values()
    assert await one.where(noted.is_in([("x", 1)])) == []
    assert await one.where(noted.not_in([("x", 1)])) == [2, -7]
    assert await one.where(noted.not_in([])) == [1, 2, 1, -7]
    assert await Seat.select(noted.is_in([("x", 1)])).order_by(Seat.id).values() == [None, False, None, False]


async def test_decimals(db: Database) -> None:
    """A decimal with more places than its column is in no row, and the rest of the list is looked through."""
    priced = tuple_(Seat.price, Seat.number)
    one = Seat.select(Seat.row).order_by(Seat.id).values()
    wanted = [(Decimal("0.001"), 1), (Decimal("0.0"), 2), (Decimal("0.00"), -7)]
    assert await one.where(priced.is_in(wanted)) == ["A", "é🎪"]
    assert await one.where(priced.not_in(wanted)) == ["A", "B"]
    assert await one.where(priced.is_in(wanted[:1])) == []


async def test_expressions_and_updates(db: Database) -> None:
    """Expressions stand in a tuple too, of three and of four, and in the conditions of writes."""
    three = tuple_(Seat.row.lower(), Seat.number % 2, Seat.price)
    assert await FOUND.where(three.is_in([("a", 1, Decimal(0)), ("a", 5, Decimal(0))])) == [("A", 1)]
    four = tuple_(Seat.row, Seat.number, cast(Seat.number, str), Seat.price)
    assert await FOUND.where(four.is_in([("A", 2, "2", Decimal(0))])) == [("A", 2)]
    await Booked.delete().everything()
    await Booked.insert([Booked(row=row, number=number) for row, number in SEATS])
    place = tuple_(Booked.row, Booked.number)
    assert await Booked.update(Booked.fine.to(1)).where(place.is_in([("A", 1), ("B", 1)])) == 2
    assert await Booked.delete().where(place.not_in([("A", 1)])) == 3
    assert await Booked.select(Booked.row, Booked.fine) == [("A", Decimal("1.0000"))]


async def test_long_lists(db: Database) -> None:
    """Some thousand tuples are one statement; more than it has places for are refused by their number."""
    wanted = [("A", number) for number in range(10_000)]
    assert await FOUND.where(PLACE.is_in(wanted)) == [("A", 1), ("A", 2)]
    with pytest.raises(QueryError, match="15001 tuples are more than the 15000 that one list may have"):
        PLACE.is_in([("A", number) for number in range(15_001)])


WRONG: list[tuple[Any, str]] = [
    ([("A",)], "tuples of 2 values, got one of 1"),
    ([("A", 1, 2)], "tuples of 2 values"),
    (["A1"], "tuples of 2 values, got str"),
    ("A1", "take a list of tuples, or a query, got 'A1'"),
    (5, "take a list of tuples, or a query, got 5"),
    (Seat.row, "take a list of tuples, or a query"),
    ([("A", None)], "None in is_in or not_in never matches"),
    ([("A", Seat.number)], "tuples of values, not of expressions"),
    (Booked.select(Booked.row), "need a query of 2 columns"),
    (Booked.select(), "need a query of columns"),
    (Booked.select(Booked.row, Booked.number).into(lambda a, b: (a, b)), "need a query of columns"),
]


@pytest.mark.parametrize(("values", "message"), WRONG)
def test_wrong_lists_are_refused(values: Any, message: str) -> None:
    """What is no list of tuples of the right length is refused while the query is built."""
    with pytest.raises(QueryError, match=message):
        PLACE.is_in(values)


async def test_values_of_other_types_are_refused(db: Database) -> None:
    """A value that a column cannot hold, and a query of other types, are refused alike on both databases."""
    place: Any = PLACE
    with pytest.raises(InvalidValue):
        await FOUND.where(place.is_in([(1, "A")]))
    with pytest.raises(QueryError, match="text cannot be compared with a whole number"):
        await FOUND.where(place.is_in(Booked.select(Booked.number, Booked.row)))
    with pytest.raises(QueryError, match="Decimals with different decimal_places"):
        tuple_(Seat.row, Seat.price).is_in(Booked.select(Booked.row, Booked.fine))


def test_a_constraint_cannot_look_through_a_list_of_tuples() -> None:
    """Not every database could keep it; the refusal says what to write."""

    class Locked(Table):
        id: Column[int] = column(primary_key=True)
        row: Column[str]
        number: Column[int]

        @classmethod
        def constraints(cls) -> list[Constraint]:
            return [check(tuple_(cls.row, cls.number).not_in([("A", 1)]), name="free")]

    with pytest.raises(SchemaError, match="cannot depend on a list of tuples; combine =="):
        Database("sqlite:///:memory:", tables=[Locked])


def test_what_is_put_together() -> None:
    """Two to four columns or expressions."""
    wrong: Any = tuple_
    with pytest.raises(QueryError, match="two to four columns, got 1"):
        wrong(Seat.row)
    with pytest.raises(QueryError, match="A column or an expression was expected"):
        wrong(Seat.row, "x")
