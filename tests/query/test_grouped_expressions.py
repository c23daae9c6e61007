"""Tests of grouping, and of telling rows apart, by expressions with values in them: the same one is the same one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tabor import Database, QueryError, alias, case, coalesce, count, cte, optional, param, rank
from tabor.compile.postgres.compiler import PostgresCompiler
from tabor.compile.sqlite.compiler import SqliteCompiler
from tests.festival import Gig, Person, ann, bob

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
async def gigs(db: Database) -> None:
    """Six gigs with different numbers of seats."""
    booker = await ann()
    await Gig.insert([Gig(title=f"gig {seats}", seats=seats, booker=booker) for seats in (3, 7, 12, 18, 19, 33)])


async def test_texts() -> None:
    """What is selected, grouped by and sorted by has the same places; another expression has its own."""
    tens = Gig.seats // 10
    statement = Gig.select(tens, count()).where(Gig.id > 0).group_by(tens, Gig.seats // 7).order_by(tens).statement
    for compiler in (SqliteCompiler(), PostgresCompiler()):
        compiled = compiler.compile(statement)
        texts = compiled.sql.split(" GROUP BY ")
        selected = texts[0].removeprefix("SELECT ").partition(", count(*)")[0]
        grouped, _, ordered = texts[1].partition(" ORDER BY ")
        assert grouped.startswith(f"{selected}, ")
        assert ordered.startswith(selected)
        values = [statement.values[pick] for pick in compiled.picks]
        assert values == [10, 0, 7]


async def test_group_by_an_expression() -> None:
    """Rows are grouped and sorted by an expression that is selected, with other values on each call."""
    for width, expected in {
        10: [(0, 2), (10, 3), (30, 1)],
        5: [(0, 1), (5, 1), (10, 1), (15, 2), (30, 1)],
        10**6: [(0, 6)],
    }.items():
        start = Gig.seats // width * width
        assert await Gig.select(start, count()).group_by(start).order_by(start) == expected
        again = Gig.seats // width * width
        assert await Gig.select(start, count()).group_by(again).order_by(Gig.seats // width * width) == expected


async def test_expressions_of_other_kinds() -> None:
    """A choice and an expression that is not selected can be grouped by."""
    size = case((Gig.seats > 15, "large"), (Gig.seats > 5, "small"), else_="tiny")
    assert await Gig.select(size, count()).group_by(size).order_by(size.desc()) == [
        ("tiny", 1),
        ("small", 2),
        ("large", 3),
    ]
    assert await Gig.select(count()).group_by(Gig.seats % 2).order_by(Gig.seats % 2).values() == [2, 4]
    loudness = coalesce(Gig.note, "none")
    assert await Gig.select(loudness, Gig.seats.max()).group_by(loudness) == [("none", 33)]


async def test_aggregates_have_values_of_their_own() -> None:
    """An expression of the same form within an aggregate or a condition keeps its own values."""
    tens = Gig.seats // 10
    query = Gig.select(tens, (Gig.seats // 3).sum()).where(Gig.seats // 2 > 1).group_by(tens).order_by(tens)
    assert await query.having((Gig.seats // 4).sum() > 1) == [(1, 16), (3, 11)]


async def test_other_values_are_another_expression() -> None:
    """What is selected beside an aggregate has to be what is grouped by, values too; also after the right one ran."""
    right = Gig.select(Gig.seats // 10, count()).group_by(Gig.seats // 10)
    wrong = Gig.select(Gig.seats // 10, count()).group_by(Gig.seats // 5)
    assert len(await right) == 3
    with pytest.raises(QueryError, match=r"^gig\.seats stands beside an aggregate: group by it"):
        await wrong
    both = Gig.select(Gig.seats // 10, Gig.seats // 5, count()).group_by(Gig.seats // 5, Gig.seats // 10)
    assert await both.order_by(Gig.seats // 5).limit(2) == [(0, 0, 1), (0, 1, 1)]
    by_column = Gig.select(Gig.seats // 10, count()).group_by(Gig.seats, Gig.seats // 5)
    assert sorted(await by_column) == [(0, 1), (0, 1), (1, 1), (1, 1), (1, 1), (3, 1)]


async def test_prepared() -> None:
    """A place for a value may be in what is selected and grouped by."""
    width = param(int)
    start = Gig.seats // width
    counted = Gig.select(start, count()).group_by(start).order_by(start).prepare(width)
    assert await counted(10) == [(0, 2), (1, 3), (3, 1)]
    assert await counted(20) == [(0, 5), (1, 1)]


async def test_distinct_sorted() -> None:
    """Different rows can be sorted by an expression that is selected."""
    tens = Gig.seats // 10
    assert await Gig.select(tens).distinct().order_by(tens.desc()).values() == [3, 1, 0]
    assert await Gig.select(Gig.seats // 20).distinct().order_by(Gig.seats // 20).values() == [0, 1]


async def test_parts_of_larger_expressions() -> None:
    """What is grouped by may be a part of what is selected, sorted by and asked of groups, however deep."""
    tens = Gig.seats // 10
    query = Gig.select(tens * 10 + 1, (tens + 1) * count(), count()).group_by(tens).order_by(-tens)
    assert await query == [(31, 4, 1), (11, 6, 3), (1, 2, 2)]
    assert await query.having(tens + count() > 2) == [(31, 4, 1), (11, 6, 3)]
    assert await query.having(case((tens == 3, 0), else_=1) == 1) == [(11, 6, 3), (1, 2, 2)]
    assert await query.count() == 3
    shout = Gig.title.substring(1, 5).upper()
    assert await Gig.select(shout + "!", shout.length(), count()).group_by(shout).order_by(shout + "?") == [
        ("GIG 1!", 5, 3),
        ("GIG 3!", 5, 2),
        ("GIG 7!", 5, 1),
    ]


async def test_parts_with_other_values() -> None:
    """A part with other values is another expression, also after one with the right values ran."""
    query = Gig.select(Gig.seats // 10 + 1, count()).group_by(Gig.seats // 10).order_by(Gig.seats // 10 + 1)
    assert await query.limit(2) == [(1, 2), (2, 3)]
    for wrong in (
        Gig.select(Gig.seats // 5 + 1, count()).group_by(Gig.seats // 10),
        Gig.select(count()).group_by(Gig.seats // 10).order_by(Gig.seats // 5 + 1),
        Gig.select(count()).group_by(Gig.seats // 10).having(Gig.seats // 5 + 1 > 0),
        Gig.select(count()).group_by(Gig.seats // 10).order_by(count()).distinct(on=[Gig.seats // 5]),
    ):
        with pytest.raises(QueryError) as caught:
            await wrong
        assert str(caught.value) == (
            "gig.seats stands beside an aggregate: group by it or by gig.id, the key of its row, or aggregate it."
        )
    mixed = Gig.select(Gig.seats // 5 + Gig.seats // 10, count()).group_by(Gig.seats // 5, Gig.seats // 10)
    assert await mixed.order_by(Gig.seats // 5 + Gig.seats // 10) == [(0, 1), (1, 1), (3, 1), (4, 2), (9, 1)]
    both = Gig.select(Gig.seats // 10 + Gig.seats // 10, count()).group_by(Gig.seats // 10, Gig.seats // 10)
    assert await both.order_by(Gig.seats // 10) == [(0, 2), (2, 3), (6, 1)]


async def test_parts_that_are_sums_and_products() -> None:
    """Sums and products that are parts of larger ones are the very ones that rows are grouped by."""
    more = Gig.seats * 2 + 1
    assert await Gig.select(more + 1 - Gig.seats.max(), count()).group_by(more).order_by(more + 5).limit(1) == [(5, 1)]
    half = Gig.seats / 2
    rows = await Gig.select(half * 3.0 * 2.0, half / 2, count()).group_by(half).order_by(half * 3.0).limit(2)
    assert rows == [(9.0, 0.75, 1), (21.0, 1.75, 1)]
    fee = Gig.fee + Decimal("0.50")
    assert await Gig.select(fee * 2, count()).group_by(fee) == [(Decimal("1.00"), 6)]


async def test_parts_in_windows_and_subqueries() -> None:
    """Windows over groups take them too; within a subquery only a column that is grouped by is known."""
    tens = Gig.seats // 10
    place = rank().over(order_by=[(tens + 1).desc()])
    assert await Gig.select(tens + 1, place, count()).group_by(tens).order_by(tens) == [(1, 3, 2), (2, 2, 3), (4, 1, 1)]
    namesake = Person.select(Person.name).where(Person.id == tens).scalar()
    assert await Gig.select(namesake, count()).group_by(tens, namesake).order_by(tens).limit(1) == [(None, 2)]
    with pytest.raises(QueryError, match=r"^gig\.seats stands beside an aggregate"):
        await Gig.select(namesake, count()).group_by(tens)
    by_seats = Gig.select(namesake, count()).group_by(Gig.seats, Gig.seats // 5)
    assert len(await by_seats) == 6


async def test_parts_in_prepared_queries() -> None:
    """A place for a value is the same one in each part."""
    width = param(int)
    start = Gig.seats // width
    counted = Gig.select(start + 1, count()).group_by(start).order_by(start + 1).having(start < 3).prepare(width)
    assert await counted(10) == [(1, 2), (2, 3)]
    assert await counted(20) == [(1, 5), (2, 1)]


async def test_texts_of_parts() -> None:
    """The part has the same places wherever it stands, and none of its own."""
    tens = Gig.seats // 10
    statement = Gig.select(tens + 1, count()).where(tens > 0).group_by(tens).having(tens * 2 > 2).statement
    for compiler, place in ((SqliteCompiler(), "?{}"), (PostgresCompiler(), "${}::bigint")):
        compiled = compiler.compile(statement)
        assert [statement.values[pick] for pick in compiled.picks] == [10, 1, 10, 0, 2, 2]
        assert compiled.sql.count(place.format(1)) >= 3


async def test_secret_parts() -> None:
    """A value beside a secret expression is hidden where the text of that expression stands again, too."""
    known = coalesce(Person.password, "none")
    statement = Person.select(known.length(), count()).group_by(known).having(known + "!" == "hash!").statement
    for compiler in (SqliteCompiler(), PostgresCompiler()):
        compiled = compiler.compile(statement)
        assert len(compiled.datatypes) == 3
        assert compiled.secret == frozenset({0, 1, 2})


async def test_parts_in_tables_of_queries() -> None:
    """Named queries, unions and subqueries of such queries give the same rows."""
    tens = Gig.seats // 10
    start = tens * 10 + 1
    query = Gig.select(start, count()).group_by(tens)
    rows = [(1, 2), (11, 3), (31, 1)]
    starts = cte("starts", query)
    assert await starts.select(starts[start]).order_by(starts[start]).values() == [1, 11, 31]
    assert await query.union_all(query.having(tens * 2 > 2)).order_by(start).limit(4) == [*rows[:2], *rows[2:], rows[2]]
    assert await Gig.select(Gig.id).where(Gig.seats.is_in(Gig.select(start + 1).group_by(tens))).values() == [3]
    least = Gig.select(start + 2).group_by(tens).order_by(tens).scalar()
    assert await Gig.select(Gig.seats).where(Gig.seats == least).values() == [3]


async def test_whole_rows_beside_aggregates() -> None:
    """Rows are selected whole, and all of their columns used, where they are grouped by their primary key."""
    other = await bob()
    await Person.insert(Person(email="cid@example.org", name="Cid"))
    await Gig.insert(Gig(title="late", seats=50, booker=other))
    gig = optional(Gig, "g")
    gigs, seats = gig(lambda row: row.id).count(), gig(lambda row: row.seats).sum()
    query = Person.select(Person, gigs, seats).left_join(gig, on=Person.gigs).group_by(Person.id)
    found = await query.order_by(Person.name.desc())
    assert [(person.name, person.email, number, total) for person, number, total in found] == [
        ("Cid", "cid@example.org", 0, None),
        ("Bob", "bob@example.org", 1, 50),
        ("Ann", "ann@example.org", 6, 92),
    ]
    found[1][0].name = "Bo"
    await found[1][0].save()
    assert [person.name for person, *_ in await query.having(gigs > 0, Person.name != "Ann")] == ["Bo"]
    rows = await Person.select(Person, gigs.named("number")).left_join(gig, on=Person.gigs).group_by(Person.id).dicts()
    assert sorted([(row["name"], row["number"]) for row in rows], key=str) == [("Ann", 6), ("Bo", 1), ("Cid", 0)]
    named = Person.select(Person.name.upper() + "!", gigs).left_join(gig, on=Person.gigs).group_by(Person.id)
    assert await named.order_by(Person.id) == [("ANN!", 6), ("BO!", 1), ("CID!", 0)]
    same = alias(Gig, "same")
    pairs = same.select(same, Gig.id.count()).join(Gig, on=Gig.seats > same.seats).group_by(same.id)
    assert [(one.title, more) for one, more in await pairs.order_by(same.seats).limit(2)] == [
        ("gig 3", 6),
        ("gig 7", 5),
    ]
    larger = Person.select(count()).where(Person.name < Gig.title).scalar()
    assert await Gig.select(Gig.title, larger, count()).group_by(Gig.id).order_by(Gig.id).limit(1) == [("gig 3", 3, 1)]
    assert await query.count() == 3


async def test_rows_that_are_not_grouped_by_their_key() -> None:
    """Another column, the rows behind a key and those of a named query need their own columns in group_by()."""
    with pytest.raises(QueryError, match=r"^gig\.id stands beside an aggregate: group by it or by gig\.id, the key"):
        await Gig.select(Gig, count()).group_by(Gig.seats)
    with pytest.raises(QueryError, match=r"^person\.name stands beside an aggregate: group by it, or aggregate it"):
        await Gig.select(Gig.booker.name, count()).group_by(Gig.id)
    named = cte("named", Gig.select())
    with pytest.raises(QueryError, match=r"^gig\.title stands beside an aggregate: group by it, or aggregate it"):
        await named.select(named[Gig].title, count()).group_by(named[Gig].id)
