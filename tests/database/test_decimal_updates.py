"""Tests of decimal columns that are set to expressions: the same amount on every engine, whatever the places."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from tabor import Column, Database, QueryError, Table, case, cast, coalesce, column, excluded, param
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Fare(Table):
    """A price in cents and in thousandths, with a rate, a number and a weight."""

    id: Column[int] = column(primary_key=True)
    line: Column[str] = column(unique=True)
    price: Column[Decimal] = column(decimal_places=2, max_digits=8)
    exact: Column[Decimal] = column(decimal_places=3, max_digits=9, default=Decimal("1.5"))
    zone: Column[int] = column(default=3)
    weight: Column[float] = column(default=0.5)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """An open database with one fare of 12.50."""
    async with opened(database_url, Fare) as database:
        await Fare.insert(Fare(line="red", price=Decimal("12.50")))
        yield database


async def test_as_many_places_or_fewer(db: Database) -> None:
    """An expression with at most as many places as the column is kept as it is."""
    changes = (
        Fare.exact.to(Fare.price * 2),
        Fare.exact.to(Fare.price + Fare.exact),
        Fare.exact.to(coalesce(Fare.price, Decimal(1))),
        Fare.exact.to(case((Fare.price > Decimal(10), Fare.price), else_=Decimal("0.5"))),
        Fare.exact.to(Fare.price * Decimal("1.1")),
        Fare.exact.to(cast(Fare.zone, Decimal)),
        Fare.price.to(Fare.price - Decimal("0.25")),
    )
    seen: list[Decimal] = []
    for change in changes:
        await Fare.update(Fare.exact.to(Decimal("1.5")), Fare.price.to(Decimal("12.50"))).everything()
        row = await Fare.update(change).everything().returning(Fare.price, Fare.exact)
        seen.append(row[0][0] + row[0][1])
    assert [str(total) for total in seen] == ["37.500", "26.500", "25.000", "25.000", "26.250", "15.500", "13.750"]


async def test_more_places_are_rounded_by_hand(db: Database) -> None:
    """An expression with more places than the column is refused until it says how it is rounded."""
    with pytest.raises(QueryError) as caught:
        Fare.price.to(Fare.price * Decimal("1.05"))
    assert str(caught.value) == (
        "fare.price has 2 decimal places, and what it is set to may have 4; say round(2) after it."
    )
    raised = Fare.price.to((Fare.price * Decimal("1.05")).round(2))
    assert await Fare.update(raised).everything().returning(Fare.price) == [(Decimal("13.13"),)]
    with pytest.raises(QueryError, match=r"^fare\.price has 2 decimal places, and what it is set to may have 3; "):
        Fare.insert(Fare(line="red", price=Decimal(1))).on_conflict(Fare.line).update(Fare.price.to(Fare.exact))


async def test_row_that_could_not_be_inserted(db: Database) -> None:
    """On a conflict too a column is set to the amount, not to its digits."""
    again = Fare.insert(Fare(line="red", price=Decimal("0.25"))).on_conflict(Fare.line)
    more = again.update(Fare.exact.to(Fare.price + excluded(Fare.price)))
    assert await more.returning(Fare.exact) == [(Decimal("12.750"),)]


async def test_prepared(db: Database) -> None:
    """A value that comes later has the places of the column."""
    change = Fare.update(Fare.price.to(param(Decimal))).everything().prepare()
    assert await change(Decimal("3.5")) == 1
    assert await Fare.select(Fare.price).values() == [Decimal("3.50")]


async def test_other_numbers(db: Database) -> None:
    """A float does not become a decimal by itself."""
    with pytest.raises(QueryError) as caught:
        Fare.price.to(Fare.weight)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]  # the wrong type is the point
    assert str(caught.value) == "fare.price holds a decimal number and is set to a number; cast() it first."
