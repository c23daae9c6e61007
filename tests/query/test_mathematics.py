"""Tests of powers, roots, logarithms and signs: every database gives what Python gives, or the same refusal."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tabor import Column, Database, Expr, InvalidValue, QueryError, Table, ValueOutOfRange, column
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Point(Table):
    """Numbers of each kind."""

    id: Column[int] = column(primary_key=True)
    x: Column[float] = column(default=0.0)
    y: Column[float | None] = column(default=None)
    n: Column[int] = column(default=0)
    price: Column[Decimal] = column(default=Decimal(0), decimal_places=2)
    long: Column[timedelta] = column(default=timedelta(0))


@pytest.fixture(scope="module")
async def db(shared_database_url: str) -> AsyncIterator[Database]:
    """A database shared by all tests, each of which empties it."""
    async with opened(shared_database_url, Point) as database:
        yield database


async def found(expression: Expr[Any], **values: Any) -> Any:
    """What an expression gives of a row with these values."""
    await Point.delete().everything()
    await Point.insert(Point(**values))
    return await Point.select(expression).values().one()


REALS = st.floats(-1e9, 1e9).map(lambda x: x + 0.0)
UNDEFINED = object()


def computed(of: Callable[[], float]) -> object:
    """What Python gives: a float, or that it is undefined."""
    try:
        return of()
    except (ValueError, ZeroDivisionError):
        return UNDEFINED


async def hold(expression: Expr[Any], expected: object, **values: Any) -> None:
    """Hold what an expression gives to a float, of which databases may differ in the last digit, or to a refusal."""
    if expected is UNDEFINED:
        with pytest.raises(ValueOutOfRange) as caught:
            await found(expression, **values)
        assert caught.value.code == "undefined"
    else:
        assert await found(expression, **values) == pytest.approx(expected, rel=1e-14, abs=0.0)


@given(x=REALS)
async def test_roots_and_logarithms(db: Database, x: float) -> None:
    """A root or logarithm is a float, or refused where there is none."""
    await hold(Point.x.sqrt(), computed(lambda: math.sqrt(x)), x=x)
    await hold(Point.x.ln(), computed(lambda: math.log(x)), x=x)
    assert await found(Point.x.sign(), x=x) == (x > 0) - (x < 0)


@given(x=st.floats(-700, 700))
async def test_exponentials(db: Database, x: float) -> None:
    """The number e to any power that a float holds."""
    await hold(Point.x.exp(), math.exp(x), x=x)


BASES = st.sampled_from([0.0, 1.0, -1.0, -8.0, 0.5, 1e10]) | st.floats(-100, 100).map(lambda x: x + 0.0)
POWERS = st.sampled_from([0.0, 1.0, -1.0, 2.0, 0.5, -0.5, 3.0]) | st.floats(-9, 9).map(lambda x: x + 0.0)


@given(x=BASES, y=POWERS)
async def test_powers(db: Database, x: float, y: float) -> None:
    """Powers are those of Python; of zero to a negative one, and of a root of a negative number, there is none."""

    def of() -> float:
        made: float | complex = x**y
        if isinstance(made, complex):
            raise ValueError  # where Python leaves the real numbers
        return made

    try:
        expected = computed(of)
    except OverflowError:
        assume(False)
    assume(not (expected == 0.0 and x) and x * 0 == 0)
    await hold(Point.x**y, expected, x=x)
    await hold(x**Point.x, expected, x=y)
    await hold(Point.x**Point.y, expected, x=x, y=y)  # type: ignore[arg-type, operator, unused-ignore]  # both forms


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (Point.n**2, 49.0),
        (2**Point.n, 128.0),
        (Point.n**0.5, math.sqrt(7)),
        (Point.price**2, 6.25),
        (Point.price ** Decimal("0.5"), math.sqrt(2.5)),
        (Decimal("2.5") ** Point.n, 2.5**7),
        (Point.n**Point.price, 7**2.5),
        ((Point.n * 7).sqrt(), 7.0),
        ((Point.price * 10).sqrt(), 5.0),
        ((Point.n - 7).exp(), 1.0),
        ((Point.n - 6).ln(), 0.0),
        (Point.price.sign(), 1),
        ((-Point.price).sign(), -1),
        ((Point.n - 7).sign(), 0),
        ((Point.price * 0).sign(), 0),
        (Point.y.sqrt(), None),
        (Point.y.exp(), None),
        (Point.y.ln(), None),
        (Point.y.sign(), None),
        (Point.y**2, None),
        (2**Point.y, None),
        (Point.y**Point.y, None),
        (Point.n**Point.y, None),
    ],
)
async def test_kinds_of_numbers(db: Database, expression: Expr[Any], expected: object) -> None:
    """Whole numbers and decimals become floats, of which there is a power; null stays null."""
    value = await found(expression, n=7, price=Decimal("2.5"))
    assert (type(value), value) == (type(expected), expected)


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        (Point.n.exp(), "out_of_range"),
        ((-Point.n).exp(), "out_of_range"),
        (Point.n**1000, "out_of_range"),
        (Point.n**-1000, "out_of_range"),
        ((Point.n - 1000) ** -1, "undefined"),
        ((-Point.n) ** 0.5, "undefined"),
        ((Point.n - 1000).ln(), "undefined"),
        ((-Point.price).sqrt(), "undefined"),
        (10**Point.n, "out_of_range"),
    ],
)
async def test_what_is_undefined_or_does_not_fit_is_refused(db: Database, expression: Expr[Any], code: str) -> None:
    """No database gives an infinity, a zero or a null in place of a result that it does not have."""
    with pytest.raises(ValueOutOfRange) as caught:
        await found(expression, n=1000, price=Decimal(1))
    assert caught.value.code == code


async def test_in_conditions(db: Database) -> None:
    """The length of a vector, in a condition and an order."""
    await Point.delete().everything()
    await Point.insert(Point(x=3.0, y=4.0), Point(x=1.0, y=1.0), Point(x=9.0))
    length = (Point.x**2 + Point.y**2).sqrt()
    assert await Point.select(Point.x, length).where(length > 2).order_by(length) == [(3.0, 5.0)]


async def test_what_is_no_number_is_refused(db: Database) -> None:
    """Durations have no powers, and values that are no numbers are refused by what they are."""
    long: Any = Point.long
    makers: list[Callable[[], object]] = [lambda: long.sqrt(), lambda: long**2, lambda: long.sign(), lambda: 2**long]
    for made in makers:
        with pytest.raises(QueryError, match="needs numbers, and this expression gives a duration"):
            made()
    text: Any = "2"
    with pytest.raises(InvalidValue):
        await found(Point.x**text)
