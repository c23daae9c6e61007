"""Tests of comparisons for which null is a value like any other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabor import Column, Database, Expr, QueryError, Table, case, column, param
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Place(Table):
    """Values that may be missing, of several types."""

    id: Column[int] = column(primary_key=True)
    name: Column[str | None] = column(default=None)
    former: Column[str | None] = column(default=None)
    town: Column[str] = column(default="")
    fee: Column[Decimal | None] = column(default=None, decimal_places=2)
    fine: Column[Decimal | None] = column(default=None, decimal_places=4)
    open: Column[bool | None] = column(default=None)
    tags: Column[list[str] | None] = column(default=None)
    extra: Column[dict[str, object] | None] = column(default=None)


@pytest.fixture(scope="module")
async def db(shared_database_url: str) -> AsyncIterator[Database]:
    """A database shared by all tests, each of which empties it."""
    async with opened(shared_database_url, Place) as database:
        yield database


async def hold(condition: Expr[bool], expected: bool, **values: Any) -> None:
    """Hold a condition on a row with these values to what it should be: in a filter, turned round, and selected."""
    await Place.delete().everything()
    await Place.insert(Place(**values))
    found = Place.select()
    assert await found.where(condition).exists() is expected
    assert await found.where(~condition).exists() is not expected
    assert await Place.select(condition).values() == [expected]


NAMES = st.none() | st.sampled_from(["", "a", "A", "é🎪", "' OR 1=1 --", "NULL"])


@given(one=NAMES, two=NAMES)
async def test_against_values_and_columns(db: Database, one: str | None, two: str | None) -> None:
    """Null is distinct from every value and not from null, beside a value, a column and a value that comes later."""
    name, former = Place.name, Place.former
    await hold(name.is_distinct_from(two), one != two, name=one)
    await hold(name.is_not_distinct_from(former), one == two, name=one, former=two)
    await hold(former.is_distinct_from(name), one != two, name=one, former=two)
    later = Place.select(name.is_distinct_from(param(Place.name))).values().prepare()
    assert await later(two) == [one != two]


@pytest.mark.parametrize("fee", [None, "1.50", "1.51"])
@pytest.mark.parametrize("other", [None, "1.5", "1.5000", "1.505", "0.0000000000000000000000001"])
async def test_decimals(db: Database, fee: str | None, other: str | None) -> None:
    """Decimals are compared as they are, with however many places."""
    one, two = [None if text is None else Decimal(text) for text in (fee, other)]
    await hold(Place.fee.is_distinct_from(two), one != two, fee=one)
    await hold(Place.fee.is_not_distinct_from(two), one == two, fee=one)
    fine = None if two is None else two.quantize(Decimal("0.0001"))
    await hold(Place.fee.is_distinct_from(Place.fine), one != fine, fee=one, fine=fine)


async def test_other_types(db: Database) -> None:
    """Truth values, lists, JSON, conditions and choices have their distinctions too."""
    await hold(Place.open.is_distinct_from(True), True)
    await hold(Place.open.is_not_distinct_from(False), True, open=False)
    await hold(Place.tags.is_not_distinct_from(["a"]), True, tags=["a"])
    await hold(Place.extra.is_distinct_from({"a": 1}), True)
    await hold(Place.extra.is_not_distinct_from({"b": 1, "a": 2}), True, extra={"a": 2, "b": 1})
    await hold(Place.extra.is_not_distinct_from(None), True)
    await hold((Place.name == "x").is_distinct_from(Place.former == "y"), True, name="x")
    await hold(Place.town.is_distinct_from(case((Place.id > 0, Place.name))), True, town="x")
    await hold(Place.town.is_not_distinct_from(Place.select(Place.name).scalar()), False, town="x")


async def test_in_an_update_of_what_has_changed(db: Database) -> None:
    """Only rows whose value is another one are written."""
    await Place.delete().everything()
    await Place.insert([Place(name=name, former=former) for name, former in (("a", None), (None, None), ("b", "b"))])
    changed = Place.name.is_distinct_from(Place.former)
    assert await Place.update(Place.former.to(Place.name)).where(changed) == 1
    assert await Place.update(Place.former.to(Place.name)).where(changed) == 0
    assert await Place.select(changed.count()).where(~changed).values() == [3]
    assert await Place.select(Place.name).order_by(Place.name.is_distinct_from("b"), Place.id).values() == [
        "b",
        "a",
        None,
    ]


async def test_values_of_other_types_are_refused(db: Database) -> None:
    """A text is not compared with a number, on no database."""
    name: Any = Place.name
    with pytest.raises(QueryError, match="text cannot be compared with a whole number"):
        await Place.select().where(name.is_distinct_from(Place.id))
