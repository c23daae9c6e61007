"""Tests of functions and arithmetic: every database gives exactly what plain Python gives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabor import (
    Column,
    Database,
    DivisionByZero,
    Expr,
    InvalidValue,
    QueryError,
    Table,
    ValueOutOfRange,
    case,
    cast,
    coalesce,
    column,
    concat,
    count,
    greatest,
    least,
    list_agg,
    nullif,
    param,
    today,
)
from tests.festival import opened

pytestmark = pytest.mark.anyio

FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
DAY = timedelta(days=1)
LARGEST = 2**63 - 1


class Size(StrEnum):
    """How large something is."""

    small = "small"
    large = "large"


class Sample(Table):
    """A row with a column of each type that functions take."""

    id: Column[int] = column(primary_key=True)
    number: Column[int] = column(default=0)
    perhaps: Column[int | None] = column(default=None)
    real: Column[float] = column(default=0.0)
    fine_real: Column[float] = column(default=0.0)
    reals: Column[list[float]] = column(default_factory=list)
    price: Column[Decimal] = column(default=Decimal(0), decimal_places=2)
    fine: Column[Decimal] = column(default=Decimal(0), decimal_places=4)
    text: Column[str] = column(default="")
    note: Column[str | None] = column(default=None)
    flag: Column[bool] = column(default=False)
    size: Column[Size] = column(default=Size.small)
    moment: Column[datetime] = column(default=FIRST)
    later: Column[datetime | None] = column(default=None)
    day: Column[date] = column(default=date.min)
    hour: Column[time] = column(default=time(0))
    length: Column[timedelta] = column(default=timedelta(0))
    key: Column[UUID] = column(default=UUID(int=0))
    tags: Column[list[str]] = column(default_factory=list)
    maybe: Column[list[int] | None] = column(default=None)
    prices: Column[list[Decimal]] = column(default_factory=list)
    blobs: Column[list[bytes]] = column(default_factory=list)
    extra: Column[dict[str, object]] = column(default_factory=dict)
    more: Column[dict[str, object] | None] = column(default=None)


@pytest.fixture(scope="module")
async def db(shared_database_url: str) -> AsyncIterator[Database]:
    """A database shared by all tests, each of which empties it."""
    async with opened(shared_database_url, Sample) as database:
        yield database


async def value(expression: Expr[Any], **values: Any) -> Any:
    """What an expression gives of a row with these values."""
    await Sample.delete().everything()
    await Sample.insert(Sample(**values))
    return await Sample.select(expression).values().one()


async def same(expression: Expr[Any], expected: object, **values: Any) -> None:
    """Hold what an expression gives, and its type and all its digits, to what it should be."""
    found = await value(expression, **values)
    assert (found, type(found), str(found)) == (expected, type(expected), str(expected))


# --- texts ---


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (Sample.text.lower(), " aéÉz 🎪\t".replace("É", "É")),
        (Sample.text.upper(), " AéÉZ 🎪\t"),
        (Sample.text.strip(), "AéÉz 🎪"),
        (Sample.text.lstrip(), "AéÉz 🎪\t"),
        (Sample.text.rstrip(), " AéÉz 🎪"),
        (Sample.text.strip(" A\t🎪"), "éÉz"),
        (Sample.text.length(), 8),
        (Sample.text.replace("é", "e"), " AeÉz 🎪\t"),
        (Sample.text.replace("", "x"), " AéÉz 🎪\t"),
        (Sample.text.position("É"), 4),
        (Sample.text.position("nowhere"), 0),
        (Sample.text.substring(2, 3), "AéÉ"),
        (Sample.text.substring(7), "🎪\t"),
        (Sample.text.substring(-5, 2), " A"),
        (Sample.text.substring(3, 0), ""),
        (Sample.text.substring(Sample.text.position("É"), Sample.number - 1), ""),
        (Sample.text.substring(Sample.text.position("nowhere"), 2), " A"),
        (concat("<", Sample.text.strip(), ">"), "<AéÉz 🎪>"),
        (Sample.text + "!", " AéÉz 🎪\t!"),
        (Sample.note.lower(), None),
        (Sample.note.length(), None),
        (concat(Sample.text, Sample.note), None),
    ],
)
async def test_texts(db: Database, expression: Expr[Any], expected: object) -> None:
    """Functions of text count characters and change the case of the letters A to Z alone."""
    await same(expression, expected, text=" AéÉz 🎪\t")


# --- choices ---


async def test_choices(db: Database) -> None:
    """The first true branch, the first value that is there, the extremes, and null where there is none."""
    large = case((Sample.number > 10, "large"), (Sample.number > 5, Sample.text), else_="tiny")
    await same(large, "large", number=11)
    await same(large, "middle", number=6, text="middle")
    await same(large, "tiny", number=1)
    await same(case((Sample.number > 10, Sample.price)), None)
    await same(
        case((Sample.flag == True, Sample.price), else_=Sample.fine), Decimal("1.5000"), flag=True, price=Decimal("1.5")
    )
    await same(case((Sample.number == 0, 1), else_=2.5), 1.0)
    await same(coalesce(Sample.note, Sample.text, "none"), "", text="")
    await same(coalesce(Sample.perhaps, 7), 7)
    await same(nullif(Sample.number, 3), None, number=3)
    await same(greatest(Sample.number, 4, Sample.id * 0), 4)
    await same(least(Sample.price, Decimal("-0.125")), Decimal("-0.125"))
    await same(greatest(Sample.perhaps, coalesce(Sample.perhaps, 4)), None)


async def test_a_choice_is_a_condition_and_an_order(db: Database) -> None:
    """A choice between truth values filters; a choice between texts sorts by code points."""
    await Sample.delete().everything()
    await Sample.insert(*[Sample(number=n) for n in (1, 2, 3)])
    chosen = Sample.select(Sample.number).order_by(Sample.number).values()
    assert await chosen.where(case((Sample.number == 2, False), else_=True)) == [1, 3]
    order = case((Sample.number == 1, "b"), (Sample.number == 2, "B"), else_="a")
    assert await Sample.select(Sample.number).order_by(order).values() == [2, 3, 1]


def test_choices_of_different_types_are_refused() -> None:
    """Values without a common type have to be cast."""
    with pytest.raises(QueryError, match=r"case\(\) needs one type for all its values, got a whole number and text"):
        case((Sample.number == 1, 1), else_="one")  # type: ignore[misc, arg-type, unused-ignore]  # the mistake


# --- numbers ---

WHOLE = st.integers(-1000, 1000)


@given(a=WHOLE, b=WHOLE.filter(bool))
async def test_whole_numbers(db: Database, a: int, b: int) -> None:
    """Division and remainder are those of Python, negative numbers included."""
    n, p = Sample.number, coalesce(Sample.perhaps, 1)
    await Sample.delete().everything()
    await Sample.insert(Sample(number=a, perhaps=b))
    row = await Sample.select(n // p, n % p, n / p, -n, n.abs(), n * p - n).one()
    assert row == (a // b, a % b, a / b, -a, abs(a), a * b - a)


DECIMALS = st.decimals(-1000, 1000, places=2)
FINE = st.decimals(-1000, 1000, places=4)


async def test_decimals_are_not_multiplied_by_floats(db: Database) -> None:
    """A float beside a decimal is refused by what the column holds: it is seldom the number that was meant."""
    price: Any = Sample.price
    with pytest.raises(InvalidValue, match=r"expected a decimal number, got 1\.5 \(float\)"):
        await Sample.select(price * 1.5)


@given(a=DECIMALS, b=FINE, factor=st.integers(-9, 9))
async def test_decimals_are_exact(db: Database, a: Decimal, b: Decimal, factor: int) -> None:
    """Decimals with different numbers of places add and multiply exactly, and compare as numbers."""
    await Sample.delete().everything()
    await Sample.insert(Sample(price=a, fine=b))
    p, f = Sample.price, Sample.fine
    row = await Sample.select(p + f, f - p, p * f, p * factor, -p).one()
    assert [str(x) for x in row] == [str(x) for x in (a + b, b - a, a * b + 0, a * factor + 0, 0 - a)]
    found = Sample.select().where
    assert [await found(c).exists() for c in (p < f, p == f, p >= f)] == [a < b, a == b, a >= b]


@pytest.mark.parametrize("bound", ["1.5", "1.504", "1.505", "-1.501", "1.500"])
@pytest.mark.parametrize("price", ["1.5", "1.51", "-1.5", "-1.51"])
async def test_decimals_with_more_places_are_compared_exactly(db: Database, price: str, bound: str) -> None:
    """A value with more places than the column is neither rounded nor refused."""
    a, b = Decimal(price), Decimal(bound)
    await Sample.delete().everything()
    await Sample.insert(Sample(price=a))
    p, found = Sample.price, Sample.select().where
    conditions = [p < b, p <= b, p == b, p != b, p > b, p >= b, p.between(b, b + 1), p.is_in([b]), p.not_in([b, b + 9])]
    expected = [a < b, a <= b, a == b, a != b, a > b, a >= b, b <= a <= b + 1, a == b, a != b]
    assert [await found(c).exists() for c in conditions] == expected
    assert await found(p < param(Decimal)).exists().prepare()(Decimal("9.123456"))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (Sample.price.round(1), Decimal("-2.4")),
        (Sample.price.round(), Decimal(-2)),
        (Sample.price.floor(), -3),
        (Sample.price.ceil(), -2),
        (Sample.price / 2, -1.175),
        (Sample.real.round(), 3.0),
        (Sample.real.round(1), 2.5),
        (Sample.real.floor(), 2),
        (Sample.real.ceil(), 3),
        (-Sample.real * 2, -5.0),
        (Sample.real + Sample.number, 10.5),
        (Sample.price * Decimal("1.250"), Decimal("-2.9375")),
        (Sample.perhaps + 1, None),
        (Sample.length * 3, timedelta(seconds=-3, microseconds=3)),
        (Sample.length.total_seconds(), -0.999999),
        (Sample.length.abs(), timedelta(microseconds=999999)),
        (cast(Sample.real, int), 2),
        (cast(Sample.price, int), -2),
        (cast(Sample.price, float), -2.35),
        (cast(Sample.price, str), "-2.35"),
        (cast(Sample.number, float), 8.0),
        (cast(Sample.number, Decimal) + Sample.price, Decimal("5.65")),
        (cast(Sample.number, str), "8"),
        (cast(Sample.flag, int), 1),
        (cast(Sample.size, str), "large"),
        (cast(Sample.key, str), "00000000-0000-0000-0000-000000000007"),
        (cast(Sample.moment, str), "0001-01-01T00:00:00.000000Z"),
        (cast(Sample.day, datetime), FIRST),
        (cast(Sample.moment, date), date.min),
    ],
)
async def test_numbers_and_casts(db: Database, expression: Expr[Any], expected: object) -> None:
    """Rounding, fractions and casts give one result on every database."""
    row = {"number": 8, "real": 2.5, "price": Decimal("-2.35"), "flag": True, "size": Size.large, "key": UUID(int=7)}
    await same(expression, expected, length=timedelta(seconds=-1, microseconds=1), **row)


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        (Sample.number + 1, ValueOutOfRange),
        (-Sample.number * 2 - 5, ValueOutOfRange),
        (Sample.number * Sample.number, ValueOutOfRange),
        (Sample.number // (Sample.number - LARGEST), DivisionByZero),
        (Sample.number % (Sample.number - LARGEST), DivisionByZero),
        (Sample.real / (Sample.number - LARGEST), DivisionByZero),
        (Sample.real * 1e308, ValueOutOfRange),
        (Sample.real.floor(), ValueOutOfRange),
        (Sample.fine * Decimal("0.00000001") * 100_000, ValueOutOfRange),
        (Sample.moment + DAY, ValueOutOfRange),
        (Sample.day + DAY, ValueOutOfRange),
        (Sample.moment - 4_000_000 * DAY, ValueOutOfRange),
    ],
)
async def test_what_does_not_fit_is_refused(db: Database, expression: Expr[Any], error: type[Exception]) -> None:
    """Overflow and division by zero raise the same errors on every database."""
    largest = {"number": LARGEST, "real": 1e300, "fine": Decimal("99999999999999"), "moment": LAST, "day": date.max}
    with pytest.raises(error):
        await value(expression, **largest)


TINY = 5e-324
PERHAPS = Expr[int](Sample.perhaps.node)


@pytest.mark.parametrize(
    "expression",
    [
        Sample.real * 1e300 * 0.0,
        Sample.real * 1e300 - Sample.real * 1e300,
        Sample.real * Sample.real * Sample.perhaps,
        Sample.real / TINY,
        TINY / Sample.real,
        Sample.number / (Sample.real * 1e8) * 1e-308 + 1.0,
        Sample.real * 0.0 + TINY * Sample.fine_real * 0.25,
        Sample.fine_real + Sample.number * Sample.number,
        (Sample.real * 1e8).sum(),
        (Sample.real * 1e8).avg(),
        (Sample.real * 1e8).sum().over(),
    ],
)
async def test_floats_that_are_too_large_or_too_small_are_refused(db: Database, expression: Expr[Any]) -> None:
    """No database gives an infinity, a null or a zero for a float out of range, within a longer formula either."""
    await Sample.delete().everything()
    await Sample.insert(*[Sample(real=1e300, fine_real=0.5, number=LARGEST) for _ in range(3)])
    with pytest.raises(ValueOutOfRange):
        await Sample.select(expression).values()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (Sample.real * 0.0 * 1e-300, 0.0),
        (1e-300 * Sample.real * 1e-300, 1e-300),
        (Sample.real * Sample.perhaps, None),
        (0.0 / Sample.real, 0.0),
        (Sample.real * Sample.fine_real * 0.0 / Sample.real, 0.0),
        (TINY * Sample.fine_real, TINY),
        ((Sample.real * 1e-300 - 1.0) * 1e-300, 0.0),
        (Sample.perhaps / 0, None),
        (Sample.perhaps // 0, None),
        (Sample.perhaps % 0, None),
        (Sample.perhaps / (Sample.real * 0.0), None),
        (Sample.text.substring(PERHAPS), None),
        (Sample.text.substring(1, PERHAPS), None),
        (Sample.text.substring(-PERHAPS), None),
        (Sample.real.avg(), 1e300),
        ((Sample.real - 2e300).avg().over(), -1e300),
    ],
)
async def test_the_limits_of_numbers_and_nulls(db: Database, expression: Expr[Any], expected: object) -> None:
    """A zero by a factor of zero is no mistake, null divided by zero is null, and so is a text cut at a null."""
    await same(expression, expected, real=1e300, fine_real=1.0, text="abc")


async def test_the_mean_of_large_floats(db: Database) -> None:
    """Floats whose squares would not fit have a mean; one that would be too small is refused."""
    await Sample.delete().everything()
    await Sample.insert(*[Sample(real=real) for real in (1e300, -3e300, 5e300)])
    assert await Sample.select(Sample.real.avg()).values() == [1e300]
    await Sample.update(Sample.real.to(case((Sample.real < 0, TINY), else_=0.0))).everything()
    with pytest.raises(ValueOutOfRange):
        await Sample.select(Sample.real.avg()).values()


async def test_a_zero_that_is_computed_has_no_sign(db: Database) -> None:
    """Nor has a zero that is computed, in whatever way, within a list, and where it is kept."""
    await Sample.delete().everything()
    await Sample.insert(Sample(real=0.0, fine_real=-2.0, number=-3))
    zeros: list[Expr[float | None]] = [
        -Sample.real,
        Sample.real * -1,
        Sample.real * Sample.fine_real,
        Sample.real / Sample.number,
        0 / Sample.number,
    ]
    zeros += [-(Sample.real + Sample.real), (Sample.fine_real / 9).round(0), (Sample.real * -1).sum()]
    for zero in zeros:
        assert repr(await Sample.select(zero).values()) == "[0.0]"
    assert repr(await Sample.select(list_agg(-Sample.real), list_agg(Sample.real * -1))) == "[([0.0], [0.0])]"
    assert (await Sample.select(Sample.real * -1).json()).endswith(b":0.0}]")
    await Sample.update(Sample.real.to(Sample.real * -1)).everything()
    assert repr(await Sample.select(Sample.real).values()) == "[0.0]"


async def test_a_zero_is_kept_without_its_sign(db: Database) -> None:
    """A float that is zero comes back as 0.0, alone, in a list and in JSON, and -0.0 within text stays as it is."""
    await Sample.delete().everything()
    held = Sample(real=-0.0, reals=[-0.0, -0.05], extra={"-0.0": [-0.0, -0.05, 'a"-0.0', -0.5]})
    await Sample.insert(held)
    row = await Sample.select().where(Sample.reals == [0.0, -0.05], Sample.real == -0.0).one()
    assert repr((row.real, row.reals, row.extra)) == repr((0.0, [0.0, -0.05], {"-0.0": [0.0, -0.05, 'a"-0.0', -0.5]}))


def test_what_databases_do_differently_is_refused() -> None:
    """A cast of text to a number, and decimals with floats, raise while the query is built."""
    with pytest.raises(QueryError, match="text cannot be cast to int: databases differ"):
        cast(Sample.text, int)
    with pytest.raises(QueryError, match="cannot be compared exactly"):
        Sample.select().where(Sample.price == Expr[Any](Sample.real.node))


async def test_counts(db: Database) -> None:
    """Rows are counted with and without a value, and different values once; on no rows there are none."""
    await Sample.delete().everything()
    counts = Sample.select(count(), Sample.perhaps.count(), Sample.perhaps.count(distinct=True))
    assert await counts.one() == (0, 0, 0)
    await Sample.insert(*[Sample(perhaps=n) for n in (1, 1, 2, None)])
    assert await counts.one() == (4, 3, 2)
    assert await counts.group_by(Sample.flag).having(count() > 4) == []
    with pytest.raises(QueryError, match="An aggregate such as count"):
        await Sample.select().where(count() > 1)


async def test_a_shown_query_can_be_run_by_hand(db: Database) -> None:
    """The SQL that a query prints has its values as literals, and gives the same rows."""
    await Sample.delete().everything()
    await Sample.insert(Sample(price=Decimal("1.5"), moment=LAST, text="it's", day=date(2030, 5, 4)))
    query = Sample.select(Sample.id).where(
        Sample.price < Decimal("1.504"), Sample.moment > FIRST, Sample.text == "it's", Sample.day == date(2030, 5, 4)
    )
    text = str(query)
    assert "'it''s'" in text
    assert "2030-05-04" in text
    assert await db.sql(text.replace("{", "{{").replace("}", "}}")).values() == await query.values()


# --- moments ---

MOMENTS = st.datetimes(timezones=st.just(UTC)) | st.sampled_from([FIRST, LAST])


@given(one=MOMENTS, two=MOMENTS)
async def test_moments(db: Database, one: datetime, two: datetime) -> None:
    """Parts, differences and sums of moments are those of Python, to the microsecond, from the year 1 to 9999."""
    await Sample.delete().everything()
    await Sample.insert(Sample(moment=one, later=two, day=one.date(), hour=one.time()))
    m, day = Sample.moment, Sample.day
    parts = (m.year(), m.month(), m.day(), m.weekday(), m.hour(), m.minute(), m.second(), m.microsecond())
    found = Sample.select(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]).also(parts[6]).also(parts[7])
    assert await found.one() == (*one.timetuple()[:3], one.weekday(), *one.timetuple()[3:6], one.microsecond)
    hour = Sample.hour
    assert await Sample.select(day.year(), day.weekday(), hour.hour(), hour.microsecond()).one() == (
        one.year,
        one.weekday(),
        one.hour,
        one.microsecond,
    )
    difference = coalesce(Sample.later, m) - m
    assert await Sample.select(difference, m + difference, m.date()).one() == (
        two - one,
        two,
        one.date(),
    )


STARTS: dict[str, dict[str, Any]] = {
    "year": {"month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0, "microsecond": 0},
    "month": {"day": 1, "hour": 0, "minute": 0, "second": 0, "microsecond": 0},
    "day": {"hour": 0, "minute": 0, "second": 0, "microsecond": 0},
    "hour": {"minute": 0, "second": 0, "microsecond": 0},
    "minute": {"second": 0, "microsecond": 0},
    "second": {"microsecond": 0},
}


@given(moment=MOMENTS)
async def test_truncation(db: Database, moment: datetime) -> None:
    """A moment is cut down to the beginning of its unit; weeks begin on Monday."""
    await Sample.delete().everything()
    await Sample.insert(Sample(moment=moment, day=moment.date()))
    m, day = Sample.moment, Sample.day
    one = await Sample.select(
        m.trunc("year"), m.trunc("month"), m.trunc("day"), m.trunc("hour"), m.trunc("minute")
    ).one()
    assert list(one) == [moment.replace(**STARTS[u]) for u in ("year", "month", "day", "hour", "minute")]
    week = moment.replace(**STARTS["day"]) - moment.weekday() * DAY
    quarter = moment.replace(**STARTS["month"]).replace(month=(moment.month - 1) // 3 * 3 + 1)
    found = Sample.select(m.trunc("second"), m.trunc("week"), m.trunc("quarter"), day.trunc("week"), day.trunc("month"))
    assert await found.one() == (
        moment.replace(microsecond=0),
        week,
        quarter,
        week.date(),
        moment.date().replace(day=1),
    )


async def test_days(db: Database) -> None:
    """Days move by whole days and differ by them; today is that of UTC."""
    await same(Sample.day - date(2024, 2, 28), timedelta(days=2), day=date(2024, 3, 1))
    await same(Sample.day - timedelta(hours=25), date(2024, 2, 29), day=date(2024, 3, 1))
    await same(Sample.day + timedelta(hours=-25), date(2024, 2, 28), day=date(2024, 3, 1))
    before = datetime.now(UTC).date()
    assert before <= await value(today()) <= datetime.now(UTC).date()
    with pytest.raises(QueryError, match="takes one of year, quarter, month, week, day; got 'hour'"):
        Sample.day.trunc("hour")


# --- lists and JSON ---


async def test_lists(db: Database) -> None:
    """Lists are asked for some or all items, their length, and single items from either end."""
    row = {"tags": ["a", "b", "b"], "prices": [Decimal("1.5")], "blobs": [b"\0"], "maybe": None}
    for expression, expected in [
        (Sample.tags.has_any(["b", "x"]), True),
        (Sample.tags.has_any([]), False),
        (Sample.tags.has_all(["b", "a"]), True),
        (Sample.tags.has_all(["b", "x"]), False),
        (Sample.tags.has_all([]), True),
        (Sample.tags.length(), 3),
        (Sample.tags[0], "a"),
        (Sample.tags[-1], "b"),
        (Sample.tags[3], None),
        (Sample.tags[-4], None),
        (Sample.prices.has(Decimal("1.50")), True),
        (Sample.prices[0], Decimal("1.500000")),
        (Sample.blobs.has(b"\0"), True),
        (Sample.maybe.has_any([1]), None),
        (~Sample.maybe.has(1), None),
        (Sample.maybe.length(), None),
    ]:
        await same(expression, expected, **row)


EXTRA = {
    "address": {"city": "Pilton", "no": 7, 'q"': [1, {"x": None}]},
    "open": True,
    "size": 2.0,
    "tags": ["a", 1, None],
    "none": None,
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (Sample.extra["address"]["city"].as_text(), "Pilton"),
        (Sample.extra["address"]["no"].as_int(), 7),
        (Sample.extra["address"]["no"].as_float(), 7.0),
        (Sample.extra["address"]["no"].as_text(), None),
        (Sample.extra["address"]["city"].as_int(), None),
        (Sample.extra["size"].as_int(), None),
        (Sample.extra["size"].as_float(), 2.0),
        (Sample.extra["open"].as_bool(), True),
        (Sample.extra["none"].as_bool(), None),
        (Sample.extra["address"]['q"'][0].as_int(), 1),
        (Sample.extra["address"]['q"'][-1], {"x": None}),
        (Sample.extra["address"][0], None),
        (Sample.extra["size"][0], None),
        (Sample.extra["nowhere"]["x"], None),
        (Sample.extra["tags"][-3].as_text(), "a"),
        (Sample.extra["address"].has_key("city"), True),
        (Sample.extra["address"].has_key("street"), False),
        (Sample.extra.has_key("none"), True),
        (Sample.extra["tags"].has_key("a"), False),
        (Sample.extra["address"]["no"] == 7, True),
        (Sample.extra.contains_json({}), True),
        (Sample.extra.contains_json({"address": {"city": "Pilton"}, "open": True}), True),
        (Sample.extra.contains_json({"address": {"city": "Wells"}}), False),
        (Sample.extra.contains_json({"tags": [None, "a"], "none": None}), True),
        (Sample.extra.contains_json({"tags": ["1"]}), False),
        (Sample.extra.contains_json({"size": 2}), True),
        (Sample.extra.contains_json({"open": 1}), False),
    ],
)
async def test_json(db: Database, expression: Expr[Any], expected: object) -> None:
    """A path leads into JSON; what stands there is a plain value of one type, or null."""
    await same(expression, expected, extra=EXTRA)


@pytest.mark.parametrize(
    ("more", "expected"),
    [(None, None), ({}, False), ({"a": None}, True), ({"b": {"a": 1}}, False)],
)
async def test_a_key_of_json_that_may_be_null(db: Database, more: dict[str, object] | None, expected: object) -> None:
    """Null is asked for a key like for anything else: nobody knows, and the opposite is not true either."""
    await same(Sample.more.has_key("a"), expected, more=more)
    assert await Sample.select().where(~Sample.more.has_key("a")).count() == (expected is False)


GATES: dict[str, object] = {
    "gates": [{"name": "north", "open": True, "staff": [["Ann", 1], ["Ben", 2]]}, {"name": "a[0].b", "open": False}],
    "grid": [[1, 2], [3, [4, {"x": 5}]]],
    "a[0]": [{"b": 1}],
}


PARTS: list[tuple[Any, bool]] = [
    ({"gates": [{"name": "north"}]}, True),
    ({"gates": [{"open": False}, {"open": True, "name": "north"}]}, True),
    ({"gates": [{"name": "north", "open": False}]}, False),
    ({"gates": [{}]}, True),
    ({"gates": [[]]}, False),
    ({"gates": [{"name": "north", "staff": [[2, "Ben"]]}]}, True),
    ({"gates": [{"staff": [["Ann", 2]]}]}, False),
    ({"gates": [{"name": "a[0].b", "staff": []}]}, False),
    ({"grid": [[2], [1]]}, True),
    ({"grid": [[2, 3]]}, False),
    ({"grid": [[[4]]]}, True),
    ({"grid": [[[{"x": 5.0}]]]}, True),
    ({"grid": [[[{"x": 6}]]]}, False),
    ({"grid": [1]}, False),
    ({"a[0]": [{"b": 1}]}, True),
    ({"a": [{"b": 1}]}, False),
    ([{"b": 1}], False),
]


@pytest.mark.parametrize(("part", "expected"), PARTS)
async def test_json_with_lists_of_objects(db: Database, part: Any, expected: bool) -> None:
    """An object or a list in a list is there where one item has all of it."""
    await same(Sample.extra.contains_json(part), expected, extra=GATES)


async def test_a_list_of_json(db: Database) -> None:
    """What stands at a key may be a list, and so may the part of it that is looked for."""
    await same(Sample.extra["gates"].contains_json([{"open": True}]), True, extra=GATES)
    await same(Sample.extra["gates"].contains_json(({"open": None},)), False, extra=GATES)
    await same(Sample.extra["nowhere"].contains_json([]), None, extra=GATES)


def test_a_part_is_kept_as_it_was(db: Database) -> None:
    """A query does not change with the part that it was made of."""
    part = {"gates": [{"name": "north"}]}
    query = Sample.select().where(Sample.extra.contains_json(part))
    before = str(query)
    part["gates"][0]["name"] = "south"
    assert str(query) == before


def test_a_very_deep_part_of_json() -> None:
    """What nests deeper than any JSON value may is refused as such a value is."""
    part: dict[str, object] = {}
    for _ in range(50_000):
        part = {"a": part}
    with pytest.raises(ValueOutOfRange, match="JSON may nest 64 levels deep at most"):
        Sample.extra.contains_json(part)


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ("north", "contains_json() takes a dict or a list, got 'north'."),
        ({"a": [[[[[[[[[[1]]]]]]]]]]}, "contains_json() compares lists up to 8 deep in one another, got 9."),
    ],
)
def test_parts_of_json_that_are_refused(part: Any, reason: str) -> None:
    """What is no structure, or one of very many lists in one another, is refused as the query is built."""
    with pytest.raises(QueryError) as caught:
        Sample.extra.contains_json(part)
    assert str(caught.value) == reason


# --- a plain value on the left ---


@given(a=WHOLE, b=WHOLE.filter(bool))
async def test_a_value_may_stand_on_the_left(db: Database, a: int, b: int) -> None:
    """Arithmetic with a plain value before the column is that of Python, to the last digit."""
    n, p, x = Sample.number, Sample.price, Sample.fine
    await Sample.delete().everything()
    await Sample.insert(Sample(number=b, price=Decimal(b), fine=Decimal(b)))
    assert await Sample.select(a + n, a - n, a * n, a / n, a // n, a % n).one() == (
        a + b, a - b, a * b, a / b, a // b, a % b,
    )  # fmt: skip
    row = await Sample.select(Decimal(a) - p, a * p, Decimal("0.125") - x, Decimal("0.5") * p).one()
    expected = (a - Decimal(f"{b}.00"), a * Decimal(f"{b}.00"), Decimal("0.1250") - b, Decimal("0.500") * b)
    assert [str(found) for found in row] == [str(want) for want in expected]


async def test_texts_moments_and_nulls_on_the_right(db: Database) -> None:
    """A text goes before a column, a moment is counted back to, and null stays null."""
    moment = datetime(2030, 5, 4, 18, 30, tzinfo=UTC)
    await same("<" + Sample.text, "<x", text="x")
    await same(moment - Sample.moment, timedelta(hours=18, minutes=30), moment=datetime(2030, 5, 4, tzinfo=UTC))
    await same(date(2030, 5, 4) - Sample.day, DAY, day=date(2030, 5, 3))
    await same(DAY + Sample.moment, moment, moment=moment - DAY)
    await same(DAY - Sample.length, DAY / 2, length=DAY / 2)
    await same(moment - Sample.later, None)
    await same(1 - Sample.perhaps, None)
    with pytest.raises(DivisionByZero):
        await value(1 / Sample.number)


def test_a_value_on_the_left_has_to_fit() -> None:
    """What the column cannot be taken from is refused while the query is built."""
    wrong: Any = "x"
    with pytest.raises(QueryError, match=r"^subtract\(\) needs numbers, and this expression gives text\.$"):
        _ = wrong - Sample.text
