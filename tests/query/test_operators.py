"""Tests of what conditions and orders mean: the rows that a database gives are those of a model in plain Python."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabor import Column, Database, Expr, Order, Table, column
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Thing(Table):
    """A row with a column of each kind that conditions treat differently."""

    id: Column[int] = column(primary_key=True)
    number: Column[int | None]
    other: Column[int]
    text: Column[str | None]
    flag: Column[bool]
    price: Column[Decimal | None] = column(max_digits=8, decimal_places=2)
    tags: Column[list[str]] = column(default_factory=list)


@pytest.fixture(scope="module")
async def db(shared_database_url: str) -> AsyncIterator[Database]:
    """A database shared by all examples, each of which empties it."""
    async with opened(shared_database_url, Thing) as database:
        yield database


letters = st.text(st.sampled_from("abBé%_\\*?[]^-🎪 "), max_size=4)
numbers = st.integers(-3, 3)
prices = st.decimals(-3, 3, places=2)
words = st.lists(st.sampled_from(["a", "B", "é"]), max_size=2)


@st.composite
def things(draw: st.DrawFn) -> Thing:
    """A random row."""
    return Thing(
        number=draw(st.none() | numbers),
        other=draw(numbers),
        text=draw(st.none() | letters),
        flag=draw(st.booleans()),
        price=draw(st.none() | prices),
        tags=draw(words),
    )


Holds = Callable[[Thing], bool | None]
"""The model of a condition: what it says of one row, true, false, or neither where a null is in it."""


@dataclass(frozen=True)
class Case:
    """A condition with its model."""

    shown: str
    condition: Expr[bool]
    holds: Holds

    def __repr__(self) -> str:
        return self.shown


def of_number(test: Callable[[int], bool]) -> Holds:
    """SQL's rule for most operators: null where the operand is null."""
    return lambda thing: None if thing.number is None else test(thing.number)


def of_text(test: Callable[[str], bool]) -> Holds:
    """The same for text."""
    return lambda thing: None if thing.text is None else test(thing.text)


def of_price(test: Callable[[Decimal], bool]) -> Holds:
    """The same for decimals."""
    return lambda thing: None if thing.price is None else test(thing.price)


def of_both(test: Callable[[int, int], bool]) -> Holds:
    """The same for two columns, one of which is never null."""
    return lambda thing: None if thing.number is None else test(thing.number, thing.other)


def both(one: bool | None, two: bool | None) -> bool | None:
    """And, where null may be either."""
    if one is False or two is False:
        return False
    return None if one is None or two is None else True


def like(pattern: str, *, ignore_case: bool = False) -> Callable[[str], bool]:
    """The model of LIKE: a pattern as a regular expression."""
    parts: list[str] = []
    escaped = False
    for letter in pattern:
        if escaped or letter not in "%_\\":
            parts.append(re.escape(letter))
            escaped = False
        elif letter == "\\":
            escaped = True
        else:
            parts.append(".*" if letter == "%" else ".")
    parts += [re.escape("\\")] if escaped else []
    flags = re.DOTALL | (re.IGNORECASE | re.ASCII if ignore_case else 0)
    return lambda text: re.fullmatch("".join(parts), text, flags) is not None


@st.composite
def number_cases(draw: st.DrawFn) -> Case:
    """A condition on whole numbers."""
    value, low, high = draw(numbers), draw(numbers), draw(numbers)
    some = draw(st.lists(numbers, max_size=5))
    number, other = Thing.number, Thing.other
    within: Holds = of_number(lambda n: n in some) if some else lambda _: False
    outside: Holds = of_number(lambda n: n not in some) if some else lambda _: True
    cases = [
        Case(f"number == {value}", number == value, of_number(lambda n: n == value)),
        Case(f"number != {value}", number != value, of_number(lambda n: n != value)),
        Case(f"number < {value}", number < value, of_number(lambda n: n < value)),
        Case(f"number <= {value}", number <= value, of_number(lambda n: n <= value)),
        Case(f"number > {value}", number > value, of_number(lambda n: n > value)),
        Case(f"number >= {value}", number >= value, of_number(lambda n: n >= value)),
        Case(f"number.between({low}, {high})", number.between(low, high), of_number(lambda n: low <= n <= high)),
        Case(f"number.is_in({some})", number.is_in(some), within),
        Case(f"number.not_in({some})", number.not_in(some), outside),
        Case("number.is_null()", number.is_null(), lambda thing: thing.number is None),
        Case("number == None", number == None, lambda thing: thing.number is None),
        Case("number.is_not_null()", number.is_not_null(), lambda thing: thing.number is not None),
        Case("number != None", number != None, lambda thing: thing.number is not None),
        Case("number == other", number == other, of_both(lambda n, o: n == o)),
        Case(f"number * 2 - other < {value}", number * 2 - other < value, of_both(lambda n, o: n * 2 - o < value)),
        Case(f"number + other >= {value}", number + other >= value, of_both(lambda n, o: n + o >= value)),
    ]
    return draw(st.sampled_from(cases))


@st.composite
def text_cases(draw: st.DrawFn) -> Case:
    """A condition on text."""
    value, text = draw(letters), Thing.text
    lower = value.replace("B", "b")
    cases = [
        Case(f"text == {value!r}", text == value, of_text(lambda s: s == value)),
        Case(f"text < {value!r}", text < value, of_text(lambda s: s < value)),
        Case(f"text.like({value!r})", text.like(value), of_text(like(value))),
        Case(f"text.ilike({value!r})", text.ilike(value), of_text(like(value, ignore_case=True))),
        Case(f"text.contains({value!r})", text.contains(value), of_text(lambda s: value in s)),
        Case(f"text.icontains({value!r})", text.icontains(value), of_text(lambda s: lower in s.replace("B", "b"))),
        Case(f"text.starts_with({value!r})", text.starts_with(value), of_text(lambda s: s.startswith(value))),
        Case(f"text.ends_with({value!r})", text.ends_with(value), of_text(lambda s: s.endswith(value))),
    ]
    return draw(st.sampled_from(cases))


@st.composite
def other_cases(draw: st.DrawFn) -> Case:
    """A condition on something else."""
    price, tag = draw(prices), draw(st.sampled_from(["a", "B", "é", "c"]))
    cases = [
        Case("flag", Thing.flag == True, lambda thing: thing.flag),
        Case("~flag", ~Thing.flag, lambda thing: not thing.flag),
        Case(f"price < {price}", Thing.price < price, of_price(lambda p: p < price)),
        Case(f"price == {price}", Thing.price == price, of_price(lambda p: p == price)),
        Case(f"tags.has({tag!r})", Thing.tags.has(tag), lambda thing: tag in thing.tags),
    ]
    return draw(st.sampled_from(cases))


def negated(case: Case) -> Case:
    """The opposite, which is neither true nor false where the case is neither."""

    def holds(thing: Thing) -> bool | None:
        answer = case.holds(thing)
        return None if answer is None else not answer

    return Case(f"~({case})", ~case.condition, holds)


def joined(one: Case, two: Case) -> Case:
    """Both."""
    return Case(f"({one} & {two})", one.condition & two.condition, lambda t: both(one.holds(t), two.holds(t)))


def either(one: Case, two: Case) -> Case:
    """One or both; by De Morgan's law, which holds with nulls too."""
    model = negated(joined(negated(one), negated(two)))
    return Case(f"({one} | {two})", one.condition | two.condition, model.holds)


conditions = st.recursive(
    number_cases() | text_cases() | other_cases(),
    lambda inner: inner.map(negated) | st.builds(joined, inner, inner) | st.builds(either, inner, inner),
    max_leaves=6,
)


async def stored(rows: list[Thing]) -> list[Thing]:
    """The rows, alone in the table, in the order of their keys."""
    await Thing.delete().everything()
    return await Thing.insert(*rows).all()


@given(st.lists(things(), max_size=8), conditions)
async def test_conditions_mean_what_python_says(db: Database, rows: list[Thing], case: Case) -> None:
    """A condition keeps exactly the rows for which the same condition in Python is true, by SQL's rules for null."""
    kept = [row.id for row in await stored(rows) if case.holds(row)]
    query = Thing.select(Thing.id).where(case.condition)
    assert await query.order_by(Thing.id).values() == kept
    assert await query.count() == len(kept)
    assert await query.exists() is bool(kept)


@given(st.lists(things(), max_size=8), conditions)
async def test_delete_takes_what_select_shows(db: Database, rows: list[Thing], case: Case) -> None:
    """Deleting by a condition removes exactly the rows that selecting by it shows."""
    before = await stored(rows)
    gone = [row.id for row in before if case.holds(row)]
    assert await Thing.delete().where(case.condition) == len(gone)
    left = [row.id for row in before if row.id not in gone]
    assert await Thing.select(Thing.id).order_by(Thing.id).values() == left


@dataclass(frozen=True)
class Term:
    """One term of an order: the attribute, its direction, and where nulls go."""

    name: str
    descending: bool
    nulls_last: bool | None

    def order(self) -> Order:
        """The term for a query."""
        columns: dict[str, Expr[object]] = {
            "number": Thing.number,
            "text": Thing.text,
            "price": Thing.price,
            "other": Thing.other,
        }
        of = columns[self.name]
        return of.desc(nulls_last=self.nulls_last) if self.descending else of.asc(nulls_last=self.nulls_last)

    def compare(self, one: Thing, two: Thing) -> int:
        """The model: nulls are smaller than everything unless the term says where they go."""
        left: Any = getattr(one, self.name)
        right: Any = getattr(two, self.name)
        if left is None or right is None:
            last = self.descending if self.nulls_last is None else self.nulls_last
            return ((left is None) - (right is None)) * (1 if last else -1)
        found = int(left > right) - int(left < right)
        return -found if self.descending else found


terms = st.lists(
    st.builds(
        Term,
        st.sampled_from(["number", "text", "price", "other"]),
        st.booleans(),
        st.sampled_from([None, True, False]),
    ),
    max_size=3,
    unique_by=lambda term: term.name,
)


def sorted_by(rows: list[Thing], order: list[Term]) -> list[int]:
    """The keys of the rows in the order of the terms, by key where they are equal."""

    def compare(one: Thing, two: Thing) -> int:
        return next(filter(None, (term.compare(one, two) for term in order)), one.id - two.id)

    return [row.id for row in sorted(rows, key=cmp_to_key(compare))]


@given(st.lists(things(), max_size=8), terms, st.none() | st.integers(0, 9), st.none() | st.integers(0, 9))
async def test_order_limit_and_offset(
    db: Database, rows: list[Thing], order: list[Term], limit: int | None, offset: int | None
) -> None:
    """Rows come in the order asked for, nulls as the smallest value, and limit and offset cut a part out of it."""
    expected = sorted_by(await stored(rows), order)[offset or 0 :]
    query = Thing.select(Thing.id).order_by(*[term.order() for term in order], Thing.id)
    if limit is not None:
        query, expected = query.limit(limit), expected[:limit]
    if offset is not None:
        query = query.offset(offset)
    assert await query.values() == expected
    assert await query.count() == len(expected)
    assert await query.first() == ((expected[0],) if expected else None)


@given(st.lists(things(), max_size=8), terms, st.tuples(st.integers(1, 3), st.none() | st.integers(0, 9)), conditions)
async def test_streams_give_what_lists_give(
    db: Database, rows: list[Thing], order: list[Term], sizes: tuple[int, int | None], case: Case
) -> None:
    """A stream of any page size gives the rows of the list, in its order, each once."""
    size, limit = sizes
    kept = [row for row in await stored(rows) if case.holds(row)]
    query = Thing.select().where(case.condition).order_by(*[term.order() for term in order])
    query = query if limit is None else query.limit(limit)
    streamed = [row.id async for row in query.stream(size)]
    assert streamed == sorted_by(kept, order)[:limit]


@given(st.lists(things(), max_size=8))
async def test_distinct(db: Database, rows: list[Thing]) -> None:
    """distinct() gives each different row once, and counts it once."""
    pairs = {(row.number, row.flag) for row in await stored(rows)}
    query = Thing.select(Thing.number, Thing.flag).distinct()
    found = await query
    assert (len(found), set(found)) == (len(pairs), pairs)
    assert await query.count() == len(pairs)


@given(st.lists(things(), max_size=8))
async def test_aggregates(db: Database, rows: list[Thing]) -> None:
    """Aggregates leave nulls out and give null for no value at all."""
    stored_rows = await stored(rows)
    values = [row.number for row in stored_rows if row.number is not None]
    prices_there = [row.price for row in stored_rows if row.price is not None]
    found = await Thing.select(
        Thing.number.count(), Thing.number.min(), Thing.number.max(), Thing.number.sum(), Thing.price.sum()
    ).one()
    assert found == (
        len(values),
        min(values, default=None),
        max(values, default=None),
        sum(values) if values else None,
        sum(prices_there) if prices_there else None,
    )
