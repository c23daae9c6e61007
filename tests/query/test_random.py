"""Tests of an order by chance."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tabor import Column, Database, QueryError, SchemaError, Table, check, column, random
from tests.festival import opened

pytestmark = pytest.mark.anyio

NUMBERS = list(range(200))


class Card(Table):
    """A number."""

    id: Column[int] = column(primary_key=True)
    number: Column[int]
    drawn: Column[float] = column(default=0.0)


@pytest.fixture
async def cards(database_url: str) -> AsyncIterator[Database]:
    """Two hundred cards."""
    async with opened(database_url, Card) as db:
        await Card.insert([Card(number=number) for number in NUMBERS])
        yield db


async def test_an_order_by_chance(cards: Database) -> None:
    """All rows come, each once, in an order that is another one each time."""
    query = Card.select(Card.number).order_by(random()).values()
    one, two = await query, await query
    assert sorted(one) == sorted(two) == NUMBERS
    assert len({tuple(one), tuple(two), tuple(NUMBERS)}) == 3
    assert len(set(await query.limit(5))) == 5


async def test_numbers_lie_between_zero_and_one(cards: Database) -> None:
    """Each row has a number of its own, from 0.0 to below 1.0, that can be computed with and stored."""
    found = await Card.select(random()).values()
    assert all(0.0 <= number < 1.0 for number in found)
    assert len(set(found)) == 200
    await Card.update(Card.drawn.to(random() * 6 + 1)).everything()
    rolled = await Card.select(Card.drawn.floor()).values()
    assert set(rolled) == {1, 2, 3, 4, 5, 6}


async def test_a_sample_of_each_group(cards: Database) -> None:
    """An order by chance says which row stands for its group."""
    rest = Card.number % 10
    one = Card.select(rest, Card.number).distinct(on=[rest]).order_by(rest, random())
    first, second = await one, await one
    assert [key for key, _ in first] == [key for key, _ in second] == list(range(10))
    assert first != second


async def test_streams_are_refused(cards: Database) -> None:
    """A stream reads on from a row, which has no place of its own in such an order."""
    with pytest.raises(QueryError, match=r"an order by random\(\) is another one each time"):
        [number async for number in Card.select(Card.number).order_by(random()).values().stream(10)]


def test_a_constraint_cannot_depend_on_it() -> None:
    """A row fits a table or does not."""

    class Lot(Table):
        id: Column[int] = column(primary_key=True)
        chance: Column[float]

        @classmethod
        def constraints(cls) -> list[Any]:
            return [check(cls.chance > random(), name="luck")]

    with pytest.raises(SchemaError, match="a constraint cannot depend on chance"):
        Database("sqlite:///:memory:", tables=[Lot]).schema_sql()
