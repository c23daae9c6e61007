"""Tests of SQL by hand within a query: values are bound, columns quoted, results typed; the same on every engine."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tabor import Database, QueryError, count, cte, param, raw
from tests.festival import Gig, Mood, Person, ann, bob

pytestmark = pytest.mark.anyio


@pytest.fixture
async def gigs(db: Database) -> None:
    """Three gigs of two people."""
    first, second = await ann(), await bob()
    await Gig.insert(
        Gig(title="A", seats=3, booker=first),
        Gig(title="B", seats=5, booker=first, note="x", mood=Mood.quiet),
        Gig(title="C", seats=10, booker=second),
    )


async def test_fragments_stand_where_expressions_do(gigs: None) -> None:
    """SQL by hand is selected, compared, sorted by, grouped by, and written."""
    rest = raw("{} % {}", Gig.seats, 4, kind=int)
    assert await Gig.select(Gig.title, rest + 1).where(rest > 0).order_by(rest.desc(), Gig.id) == [
        ("A", 4),
        ("C", 3),
        ("B", 2),
    ]
    assert await Gig.select(Gig.title).where(raw("{} > {}", Gig.seats, 4, kind=bool)).order_by(Gig.id).values() == [
        "B",
        "C",
    ]
    assert await Gig.select(Gig.title).order_by(raw("-{}", Gig.seats, kind=int)).values() == ["C", "B", "A"]
    even = raw("{} % {}", Gig.seats, 2, kind=int)
    assert await Gig.select(even, count()).group_by(even).order_by(even) == [(0, 1), (1, 2)]
    assert await Gig.update(Gig.seats.to(raw("{} * 2", Gig.seats, kind=int))).where(Gig.id == 1) == 1
    assert (await Gig.get(1)).seats == 6


async def test_fragments_reach_along_keys(gigs: None) -> None:
    """Columns behind keys are joined, tables by another name are named by it, and subqueries stand in it."""
    name = raw("upper({}) || {}", Gig.booker.name, "!", kind=str)
    assert await Gig.select(name).order_by(Gig.id).values() == ["ANN!", "ANN!", "BOB!"]
    most = Gig.select(Gig.seats.max()).where(Gig.booker.id == Person.id).scalar()
    assert await Person.select(raw("coalesce({}, 0) + 1", most, kind=int)).order_by(Person.id).values() == [6, 11]
    doubled = raw("{} + {}", Gig.seats, Gig.seats, kind=int)
    named = cte("named", Gig.select(Gig.id, doubled))
    assert await named.select(named[doubled]).where(named[doubled] > 6).order_by(named[Gig.id]).values() == [10, 20]


async def test_fragments_may_aggregate(gigs: None) -> None:
    """What is in it is not looked into: it may be an aggregate, and one may be computed of it."""
    total = raw("sum({})", Gig.seats, kind=int)
    assert await Gig.select(Gig.booker.name, total).group_by(Gig.booker.name).order_by(total) == [
        ("Ann", 8),
        ("Bob", 10),
    ]
    twice = raw("{} * 2", Gig.seats, kind=int)
    assert await Gig.select(twice.sum(), twice.max().filter(Gig.seats < 10)) == [(36, 10)]
    assert await Gig.select(twice.sum().over(order_by=Gig.id)).order_by(Gig.id).values() == [6, 16, 36]


async def test_results_have_their_type(gigs: None) -> None:
    """Values come back as the type that was said, or as None where they may be null."""
    start = datetime(2030, 5, 4, 18, 30, tzinfo=UTC)
    query = Gig.select(
        raw("{}", start, kind=datetime),
        raw("{} * 2", Gig.seats, kind=float),
        raw("{} = 3", Gig.seats, kind=bool),
        raw("lower({})", Gig.note, kind=str, nullable=True),
        raw("{}", Mood.loud, kind=str),
    ).order_by(Gig.id)
    rows = await query.limit(2)
    assert rows == [(start, 6.0, True, None, "loud"), (start, 10.0, False, "x", "loud")]
    assert [type(value) for value in rows[0]] == [datetime, float, bool, type(None), str]


async def test_fragments_are_prepared(gigs: None) -> None:
    """A place takes a parameter; fragments that differ in values are of one shape, in text of others."""
    found = Gig.select(Gig.title).where(raw("{} > {}", Gig.seats, param(int), kind=bool)).order_by(Gig.id).values()
    prepared = found.prepare()
    assert (await prepared(4), await prepared(9)) == (["B", "C"], ["C"])
    assert raw("{}", 1, kind=int).node.key == raw("{}", 2, kind=int).node.key
    different = [raw("{}", 1, kind=int), raw("-{}", 1, kind=int), raw("{}", 1, kind=float), raw("{}", "1", kind=int)]
    assert len({fragment.node.key for fragment in different}) == 4


async def test_conditions_move_along_keys(gigs: None) -> None:
    """A fragment on a table is one on the related rows too."""
    gigs_of = Person.gigs.where(raw("{} > 4", Gig.seats, kind=bool)).select(Gig.title).values()
    assert await Person.select(Person.name, gigs_of).order_by(Person.id) == [("Ann", ["B"]), ("Bob", ["C"])]


INJECTIONS = ["' or 1=1 --", "'); drop table gig; --", "{}", "{{}}", "?1", "$1", "%s", "\\'", '"', "\n--", "\u2019"]


@pytest.mark.parametrize("text", INJECTIONS)
async def test_values_are_bound(gigs: None, text: str) -> None:
    """A value stays a value, whatever it looks like."""
    assert await Gig.select(raw("{} || {}", Gig.title, text, kind=str)).where(Gig.id == 1).values() == [f"A{text}"]
    assert await Gig.select().where(raw("{} = {}", Gig.title, text, kind=bool)).count() == 0
    assert await Gig.select().count() == 3


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=30)
async def test_any_text_is_a_value(gigs: None, text: str) -> None:
    """Any text goes through SQL by hand as it is."""
    query = Gig.select(raw("{}", text, kind=str)).where(Gig.id == 1)
    assert await query.values() == [text]
    assert text == "" or text not in str(Gig.select(raw("{}", text, kind=str)).statement.key)


async def test_braces(gigs: None) -> None:
    """Doubled braces stand for themselves."""
    assert await Gig.select(raw("'{{' || {} || '}}'", Gig.title, kind=str)).where(Gig.id == 1).values() == ["{A}"]


async def test_fragments_that_mean_nothing(db: Database) -> None:
    """Places and operands are as many, kinds are plain, operands can be bound and belong to the query."""
    with pytest.raises(QueryError, match=r"^Places \{\} in the SQL text: 2, values given: 1; they must be as many"):
        raw("{} + {}", 1, kind=int)
    with pytest.raises(QueryError, match=r"^A single \{ in the SQL text"):
        raw("{", kind=int)
    with pytest.raises(
        QueryError, match=r"^raw\(\) gives one of int, float, bool, str, .*got <class 'decimal.Decimal'>"
    ):
        raw("1.5", kind=Decimal)
    with pytest.raises(QueryError, match=r"^raw\(\) binds no Decimal such as 1\.5"):
        raw("{} > {}", Gig.fee, Decimal("1.5"), kind=bool)
    strange: Any = object()
    with pytest.raises(QueryError, match="cannot be bound"):
        raw("{}", strange, kind=int)
    with pytest.raises(QueryError, match=r"person\.name is not part of a query on gig"):
        await Gig.select(raw("{}", Person.name, kind=str))
    with pytest.raises(QueryError, match=r"^A condition was expected"):
        Gig.select().where(raw("1", kind=int))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the mistake under test
