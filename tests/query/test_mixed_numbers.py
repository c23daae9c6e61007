"""Whole numbers and decimals of different places stand beside one another in every condition, compared exactly."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any

import pytest

from tabor import Column, Database, Expr, Table, column, param

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


@pytest.mark.parametrize("case", MIXED)
async def test_numbers_of_several_kinds(offers: Database, case: str) -> None:
    """A condition over numbers of different kinds is true where it is true of what they are."""
    condition, expected = MIXED[case]
    assert await Offer.select(Offer.id).where(condition()).order_by(Offer.id).values() == expected


async def test_a_bound_that_comes_later(offers: Database) -> None:
    """The other bound may come later."""
    fitting = Offer.select(Offer.id).where(OFFER.pieces.between(param(int), OFFER.price)).order_by(Offer.id).values()
    assert await fitting.prepare()(4) == [1]
