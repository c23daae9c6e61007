"""Tests of lists that are longer than a statement may have values: they travel as one value."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

import pytest

from tabor import Column, Expr, ForeignKey, InvalidValue, Table, column, key
from tests.festival import opened

pytestmark = pytest.mark.anyio
MANY = 40_000
T = TypeVar("T")


class Size(StrEnum):
    """What a box holds."""

    large = "large"
    small = "small"


class Shelf(Table):
    """Where boxes stand, under a key that is no number."""

    id: Column[UUID] = column(primary_key=True)


class Box(Table):
    """A column of each type that a long list may be of."""

    id: Column[int] = column(primary_key=True)
    label: Column[str] = column(default="", max_length=10)
    size: Column[Size] = column(default=Size.large)
    day: Column[date] = column(default=date(2020, 1, 1))
    packed_at: Column[datetime] = column(default=datetime(2020, 1, 1, tzinfo=UTC))
    shelf: ForeignKey[Shelf | None, UUID] = key(default=None)


def both(
    expression: Expr[T], values: list[T], inside: list[int], outside: list[int]
) -> tuple[Expr[bool], Expr[bool], list[int], list[int]]:
    """That a value is in a list, that it is not, and the boxes of which each is true."""
    return expression.is_in(values), expression.not_in(values), inside, outside


START = datetime(2021, 1, 1, tzinfo=UTC)
CASES = {
    "numbers": lambda: both(Box.id, [*range(2, MANY)], [2, 3], [1]),
    "sums": lambda: both(Box.id + 1, [*range(3, MANY)], [2, 3], [1]),
    "texts": lambda: both(Box.label, ["ü'\"\\", *map(str, range(MANY))], [1, 2], [3]),
    "members": lambda: both(Box.size, [Size.small] * MANY, [2], [1, 3]),
    "days": lambda: both(Box.day, [date(2020, 1, 1) + timedelta(days=n) for n in range(MANY)], [1, 2, 3], []),
    "moments": lambda: both(Box.packed_at, [START + timedelta(seconds=n) for n in range(MANY)], [], [1, 2, 3]),
}


@pytest.mark.parametrize("case", CASES)
async def test_long_lists(database_url: str, case: str) -> None:
    """A list of any length finds the rows that have one of its values, and leaves out the others."""
    is_in, not_in, inside, outside = CASES[case]()
    async with opened(database_url, Shelf, Box):
        await Box.insert(Box(label="ü'\"\\"), Box(label="7", size=Size.small), Box())
        query = Box.select(Box.id).order_by(Box.id).values()
        assert await query.where(is_in) == inside
        assert await query.where(not_in) == outside
        assert await Box.delete().where(is_in) == len(inside)


async def test_long_lists_of_keys(database_url: str) -> None:
    """A key is looked for like any other value; an empty one is neither in a list nor not in it."""
    keys = [UUID(int=n) for n in range(MANY)]
    async with opened(database_url, Shelf, Box):
        shelf = await Shelf.insert(Shelf()).one()
        await Box.insert(Box(shelf=shelf), Box())
        count = Box.select().count()
        beside = Box.shelf(lambda shelf: shelf.id)
        assert await Box.select().where(beside.is_in([*keys, shelf.id])).count() == 1
        assert await Box.select().where(beside.not_in(keys)).count() == 1
        assert await count == 2


async def test_values_of_long_lists_are_checked(database_url: str) -> None:
    """A value that does not fit is refused by the name of the column, as in a short list."""
    async with opened(database_url, Shelf, Box):
        with pytest.raises(InvalidValue, match=r"^Box\.id: 9223372036854775808 does not fit into 64 bits\.$"):
            await Box.select().where(Box.id.is_in([*range(MANY), 2**63]))
