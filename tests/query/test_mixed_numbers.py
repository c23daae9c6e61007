"""Whole numbers and decimals of different places stand beside one another in every condition, compared exactly."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any

import pytest

from tabor import (
    Column,
    Database,
    Expr,
    Table,
    case,
    coalesce,
    column,
    greatest,
    lag,
    lead,
    least,
    nullif,
    param,
)

pytestmark = pytest.mark.anyio


class Offer(Table):
    """Something for sale, with numbers of each kind."""

    id: Column[int] = column(primary_key=True)
    pieces: Column[int]
    price: Column[Decimal] = column(decimal_places=2)
    rebate: Column[Decimal | None] = column(decimal_places=4)


@pytest.fixture
async def offers(database_url: str) -> AsyncIterator[Database]:
    """Three offers whose numbers are alike only where they are compared by what they are."""
    async with Database(database_url, tables=[Offer]) as db:
        await db.create_tables()
        await Offer.insert(
            Offer(pieces=10, price=Decimal("12.5"), rebate=Decimal("12.5")),
            Offer(pieces=300, price=Decimal("3"), rebate=Decimal("3.0001")),
            Offer(pieces=3, price=Decimal("3"), rebate=None),
        )
        yield db


OFFER: Any = Offer  # type checkers refuse numbers of different kinds beside one another here

MIXED: dict[str, tuple[Callable[[], Expr[bool]], list[int]]] = {
    "between whole and decimal": (lambda: OFFER.pieces.between(1, OFFER.price), [1, 3]),
    "between decimals": (lambda: OFFER.price.between(OFFER.rebate - Decimal("0.0001"), OFFER.rebate), [1, 2]),
    "between whole numbers": (lambda: OFFER.price.between(OFFER.id, OFFER.pieces), [2, 3]),
    "a whole number among decimals": (lambda: OFFER.pieces.is_in([OFFER.price, 10]), [1, 3]),
    "a whole number not among decimals": (lambda: OFFER.pieces.not_in([OFFER.price, 10]), [2]),
    "a decimal among finer ones": (lambda: OFFER.price.is_in([OFFER.rebate, OFFER.pieces, Decimal("9.999")]), [1, 3]),
    "a decimal not among finer ones": (lambda: OFFER.price.not_in([OFFER.rebate, Decimal("12.50")]), [2]),
    "a decimal among coarser ones": (lambda: OFFER.rebate.is_in([OFFER.price]), [1]),
}


@pytest.mark.parametrize("name", MIXED)
async def test_numbers_of_several_kinds(offers: Database, name: str) -> None:
    """A condition over numbers of different kinds is true where it is true of what they are."""
    condition, expected = MIXED[name]
    assert await Offer.select(Offer.id).where(condition()).order_by(Offer.id).values() == expected


GIVEN: dict[str, tuple[Expr[Any], object]] = {
    "a float times a whole number": (1.5 * Offer.pieces, 15.0),
    "a decimal times a whole number": (Decimal("2.5") * Offer.pieces, Decimal("25.0")),
    "a decimal plus a whole number": (Decimal("2.5") + Offer.pieces, Decimal("12.5")),
    "a decimal minus a whole number": (Decimal("2.5") - Offer.pieces, Decimal("-7.5")),
    "a whole number minus a decimal": (5 - Offer.price, Decimal("-7.50")),
    "columns of both": (Offer.pieces + Offer.price, Decimal("22.50")),
    "the other way round": (Offer.price - Offer.pieces, Decimal("2.50")),
    "a whole number and a float": (Offer.pieces + 0.5, 10.5),
    "a decimal by a float": (Offer.price / 0.5, 25.0),
    "a float by a decimal": (25.0 / Offer.price, 2.0),
    "the largest": (greatest(Offer.price, 13), Decimal("13.00")),
    "the largest of columns": (greatest(Offer.pieces, Offer.price), Decimal("12.50")),
    "the least": (least(Offer.price, 1, Decimal("1.125")), Decimal("1.000")),
    "the largest with a float": (greatest(Offer.pieces, 2.5), 10.0),
    "not equal": (nullif(Offer.price, 0), Decimal("12.50")),
    "equal": (nullif(Offer.rebate, Offer.price), None),
    "a whole number that is no decimal": (nullif(Offer.pieces, Decimal("1.5")), Decimal("10.0")),
    "the first of several": (coalesce(Offer.rebate, 0), Decimal("12.5000")),
    "the first after null": (coalesce(nullif(Offer.pieces, 10), Offer.price), Decimal("12.50")),
    "a branch": (case((Offer.pieces > 99, Offer.price), else_=0), Decimal("0.00")),
    "the other branch": (case((Offer.pieces > 99, 0), else_=Offer.price), Decimal("12.50")),
    "a branch of plain numbers": (case((Offer.pieces > 99, Decimal("0.5")), else_=3), Decimal("3.0")),
    "a branch of floats": (case((Offer.pieces > 99, 2), else_=2.5), 2.5),
    "before the first": (lag(Offer.price, default=0).over(order_by=Offer.id), Decimal("0.00")),
    "after the only one": (lead(Offer.price, 1, 7).over(order_by=Offer.id), Decimal("7.00")),
    "before the first, a float": (lag(Offer.pieces, default=0.5).over(order_by=Offer.id), 0.5),
}


@pytest.mark.parametrize("name", GIVEN)
async def test_what_numbers_of_several_kinds_give(offers: Database, name: str) -> None:
    """Whole numbers beside decimals give decimals with all places, beside floats floats: as type checkers say."""
    expression, expected = GIVEN[name]
    found = await Offer.select(expression).where(Offer.id == 1).values().one()
    assert (type(found), str(found)) == (type(expected), str(expected))


async def test_decimals_beside_plain_whole_numbers(offers: Database) -> None:
    """A decimal is compared with whole numbers, and set to one, as with a decimal."""
    price = Offer.price
    some = Offer.select(Offer.id).order_by(Offer.id).values()
    assert await some.where(price == 3) == await some.where(price < 4) == await some.where(price <= 3) == [2, 3]
    assert await some.where(price != 3) == await some.where(price > 3) == await some.where(price >= 12) == [1]
    assert await some.where(price.between(3, Decimal("12.4"))) == await some.where(price.is_in([3, 4])) == [2, 3]
    assert await some.where(price.not_in([3, Decimal("12.4")])) == await some.where(price.is_distinct_from(3)) == [1]
    assert await some.where(price == Offer.pieces, Offer.rebate.is_not_distinct_from(None)) == [3]
    assert await Offer.update(price.to(7), Offer.rebate.to(Offer.pieces)).where(Offer.id == 2) == 1
    assert await Offer.select(price, Offer.rebate).where(Offer.id == 2) == [(Decimal("7.00"), Decimal("300.0000"))]


async def test_a_bound_that_comes_later(offers: Database) -> None:
    """The other bound may come later."""
    fitting = Offer.select(Offer.id).where(OFFER.pieces.between(param(int), OFFER.price)).order_by(Offer.id).values()
    assert await fitting.prepare()(4) == [1]
