"""Tests of named queries, recursive ones among them."""

from __future__ import annotations

from typing import Any

import pytest

from tabor import CommonTable, Database, Query, QueryError, alias, cte, exists, optional, param, recursive, value
from tests.festival import Gig, Mood, Person, Stage, ann, bob

pytestmark = pytest.mark.anyio


@pytest.fixture
async def festival(db: Database) -> None:
    """Gigs of two people, four of them encores of one another."""
    first, second = await ann(), await bob()
    await Gig.insert(
        Gig(title="A", seats=10, booker=first),
        Gig(title="B", seats=20, booker=first, mood=Mood.quiet, encore_of=1),
        Gig(title="C", seats=30, booker=second, encore_of=1),
        Gig(title="D", seats=40, booker=first, encore_of=2),
        Gig(title="E", seats=50, booker=second),
    )


async def test_a_named_query_is_a_table(festival: None) -> None:
    """Its rows are selected as they are, filtered and sorted, by the expressions that it selected."""
    count = Gig.id.count()
    busy = cte("busy", Gig.select(Gig.booker.id, count).where(Gig.seats > 5).group_by(Gig.booker.id))
    assert await busy.select().order_by(busy[count]) == [(2, 2), (1, 3)]
    assert await busy.select(busy[count]).where(busy[Gig.booker.id] == 1).values() == [3]
    assert await busy.select(busy[count] * 2, busy[Gig.booker.id].max()).group_by(busy[count]).order_by(
        busy[count]
    ) == [
        (4, 2),
        (6, 1),
    ]
    assert (await busy.select().count(), await busy.select().exists()) == (2, True)


async def test_a_named_query_stands_beside_tables(festival: None) -> None:
    """Its columns are selected and compared with those of the query's own table."""
    seats = Gig.seats.sum()
    totals = cte("totals", Gig.select(Gig.booker.id, seats).group_by(Gig.booker.id))
    query = Person.select(Person.name, totals[seats]).beside(totals).where(totals[Gig.booker.id] == Person.id)
    assert await query.order_by(Person.name) == [("Ann", 70), ("Bob", 80)]
    assert await query.where(totals[seats] > 75) == [("Bob", 80)]
    with pytest.raises(QueryError, match="is not part of a query on person"):
        await Person.select(totals[seats])


async def test_a_left_join_of_a_named_query(festival: None) -> None:
    """Rows that nothing of it fits stay, with None for what it would give."""
    await Person.insert(Person(email="cid@example.org", name="Cid"))
    seats = Gig.seats.sum()
    totals = cte("totals", Gig.select(Gig.booker.id, seats, Gig.id.count()).group_by(Gig.booker.id))
    maybe = optional(totals)
    query = Person.select(Person.name, maybe[seats], maybe[Gig.id.count()] + 1).order_by(Person.id)
    query = query.left_join(maybe, on=maybe[Gig.booker.id] == Person.id)
    assert await query == [("Ann", 70, 4), ("Bob", 80, 3), ("Cid", None, None)]
    assert await query.where(maybe[seats].is_null()) == [("Cid", None, None)]
    assert (await query.count(), await query.where(maybe[seats] > 70).exists()) == (3, True)
    assert await Person.select(Person.name, maybe[seats]).left_join(
        maybe, on=(maybe[Gig.booker.id] == Person.id) & (maybe[seats] > 75) & (Person.name != "Ann")
    ).order_by(Person.id.desc()).dicts() == [
        {"name": "Cid", "totals.sum_seats": None},
        {"name": "Bob", "totals.sum_seats": 80},
        {"name": "Ann", "totals.sum_seats": None},
    ]


async def test_whole_rows_of_a_left_join(festival: None) -> None:
    """A row of a named query is there or None, its columns and what its keys lead to likewise, also in JSON."""
    late = cte("late", Gig.select().where(Gig.seats > 25))
    maybe = optional(late, "later")
    gig = maybe[Gig]
    query = Gig.select(Gig.title, gig, gig(lambda row: row.title), gig(lambda row: row.booker.name)).order_by(Gig.id)
    query = query.left_join(maybe, on=(gig(lambda row: row.encore_of)(lambda row: row.id) == Gig.id))
    assert [(title, row and row.title, name, booker) for title, row, name, booker in await query] == [
        ("A", "C", "C", "Bob"),
        ("B", "D", "D", "Ann"),
        ("C", None, None, None),
        ("D", None, None, None),
        ("E", None, None, None),
    ]
    owned = gig(lambda row: row.booker.name) == "Bob"
    assert await Gig.select(Gig.title, gig(lambda row: row.id)).left_join(maybe, on=owned).where(
        Gig.title == "A"
    ).order_by(gig(lambda row: row.id)) == [("A", 3), ("A", 5)]
    rows = await Stage.select(Stage.id, gig).left_join(maybe, on=gig(lambda row: row.title) == Stage.name).json()
    assert rows == b"[]"
    found = Person.select(Person.name, gig).left_join(maybe, on=gig(lambda row: row.seats) == Person.id * 15)
    assert await found.order_by(Person.id).limit(1).json() == b'[{"name":"Ann","later":null}]'
    ((name, inner),) = [tuple(row.values()) for row in await found.where(Person.id == 2).dicts()]
    assert (name, inner["title"] if isinstance(inner, dict) else inner) == ("Bob", "C")


async def test_a_named_query_beside_itself(festival: None) -> None:
    """Under another name it stands twice in a statement, which has its text once."""
    seats = Gig.seats.sum()
    totals = cte("totals", Gig.select(Gig.booker.id, seats).where(Gig.seats > 5).group_by(Gig.booker.id))
    other, more = alias(totals, "other"), optional(totals, "more")
    booker = Gig.booker.id
    query = totals.select(totals[booker], totals[seats], other[seats]).join(other, on=other[booker] != totals[booker])
    assert await query.order_by(totals[booker]) == [(1, 70, 80), (2, 80, 70)]
    assert str(query).count("> 5") == 1
    larger = totals.select(totals[booker], more[seats]).left_join(more, on=more[seats] > totals[seats])
    assert await larger.order_by(totals[booker]) == [(1, 80), (2, None)]
    assert await other.select().order_by(other[seats].desc()) == [(2, 80), (1, 70)]
    above = totals.select(totals[seats].max()).where(totals[seats] < other[seats]).scalar()
    assert await other.select(other[booker], above).order_by(other[booker]) == [(1, None), (2, 70)]


async def test_a_recursive_query_is_joined(festival: None) -> None:
    """Its step joins the last rows, and what comes of it is left joined like any other."""
    depth = value(0)
    tops = Gig.select(Gig.id, depth).where(Gig.encore_of.is_null(), Gig.seats < 45)
    tree = recursive(
        "tree",
        tops,
        lambda tree: Gig.select(Gig.id, tree[depth] + 1).join(
            tree, on=Gig.encore_of(lambda first: first.id) == tree[Gig.id]
        ),
    )
    maybe = optional(tree, "place")
    query = Gig.select(Gig.title, maybe[depth]).left_join(maybe, on=maybe[Gig.id] == Gig.id).order_by(Gig.id)
    assert await query == [("A", 0), ("B", 1), ("C", 1), ("D", 2), ("E", None)]


async def test_a_named_query_is_written_once(festival: None) -> None:
    """However often it is used, it stands once in the statement, and its values are bound once."""
    large = cte("large", Gig.select(Gig.id, Gig.booker.id, Gig.seats + 1).where(Gig.seats > 15))
    seats = large[Gig.seats + 1]
    most = large.select(seats.max()).scalar()
    query = large.select(large[Gig.id], most).where(seats > 22, exists(large.select().where(seats == 51)))
    assert await query.order_by(large[Gig.id]) == [(3, 51), (4, 51), (5, 51)]
    assert str(query).count("WITH") == 1
    assert str(query).count("> 15") == 1
    other = cte("large", Gig.select(Gig.id))
    with pytest.raises(QueryError, match="Two different queries of one statement have the name 'large'"):
        await query.where(large[Gig.id].is_in(other.select()))


async def test_named_queries_that_differ_in_values(festival: None) -> None:
    """Two of one name are refused where only their values differ, whichever of them ran before; the same one is one."""

    def large(seats: int) -> CommonTable[tuple[int]]:
        return cte("large", Gig.select(Gig.id).where(Gig.title != "", Gig.seats > seats))

    def both(one: int, two: int) -> Query[int]:
        first, second = large(one), large(two)
        within = first.select(first[Gig.id]).where(first[Gig.id].is_in(second.select()), first[Gig.id] > 1)
        return within.order_by(first[Gig.id]).values()

    assert await both(15, 15) == [2, 3, 4, 5]
    with pytest.raises(QueryError, match="Two different queries of one statement have the name 'large'; rename one"):
        await both(15, 35)
    assert await both(35, 35) == [4, 5]
    first, other = large(5), alias(large(45), "other")
    with pytest.raises(QueryError, match="Two different queries of one statement have the name 'large'"):
        await first.select(first[Gig.id]).join(other, on=other[Gig.id] == first[Gig.id])
    least = param(int)
    later = cte("large", Gig.select(Gig.id).where(Gig.seats > least))
    prepared = later.select(later[Gig.id]).where(later[Gig.id].is_in(later.select())).order_by(later[Gig.id]).prepare()
    assert (await prepared(35), await prepared(45)) == ([(4,), (5,)], [(5,)])


async def test_whole_rows_of_a_named_query(festival: None) -> None:
    """A row stays a row of its table, with its columns and the keys that lead on."""
    quiet = cte("quiet", Gig.select().where(Gig.seats > 15))
    found = await quiet.select().where(quiet[Gig].mood == Mood.quiet)
    assert [(gig.title, gig.booker.id) for gig in found] == [("B", 1)]
    names = quiet.select(quiet[Gig].title, quiet[Gig].booker.name).order_by(quiet[Gig].id)
    assert await names == [("B", "Ann"), ("C", "Bob"), ("D", "Ann"), ("E", "Bob")]
    (third,) = await quiet.select(quiet[Gig]).where(quiet[Gig].id == 3).values()
    assert (third.title, third.seats) == ("C", 30)


async def test_combined_queries_get_a_name(festival: None) -> None:
    """Their columns and rows are known by what the first of them selected."""
    numbers = cte("numbers", Gig.select(Gig.seats).union_all(Gig.select(Gig.id)).union_all(Gig.select(Gig.seats)))
    assert await numbers.select(numbers[Gig.seats].sum(), numbers[Gig.seats].count()).one() == (315, 15)
    larger = cte("larger", Gig.select(Gig.seats + 1).union(Gig.select(Gig.seats)))
    assert await larger.select(larger[Gig.seats + 1].max()).values().one() == 51
    with pytest.raises(QueryError, match="is not one column of the named query"):
        larger[Gig.seats + 2]
    some = Gig.select().where(Gig.seats < 30).union(Gig.select().where(Gig.seats > 40))
    rows = cte("rows", some.except_(Gig.select().where(Gig.title == "A")))
    gigs = await rows.select(rows[Gig]).order_by(rows[Gig].title).values()
    assert [gig.title for gig in gigs] == ["B", "E"]


async def test_a_recursive_query(festival: None) -> None:
    """Rows are followed from those of the base, step by step, with what each step counts."""
    depth = value(0)
    tops = Gig.select(Gig.id, Gig.title, depth).where(Gig.encore_of.is_null(), Gig.seats < 45)
    tree = recursive(
        "tree",
        tops,
        lambda tree: (
            Gig.select(Gig.id, Gig.title, tree[depth] + 1)
            .beside(tree)
            .where(Gig.encore_of(lambda first: first.id) == tree[Gig.id])
        ),
    )
    assert await tree.select().order_by(tree[depth], tree[Gig.id]) == [
        (1, "A", 0),
        (2, "B", 1),
        (3, "C", 1),
        (4, "D", 2),
    ]
    assert await tree.select(tree[depth].max()).values().one() == 2
    deep = tree.select(tree[Gig.id]).where(tree[depth] == 2)
    assert await Gig.select(Gig.title).where(Gig.id.is_in(deep)).values() == ["D"]
    assert await Gig.update(Gig.note.to("deep")).where(Gig.id.is_in(deep)) == 1


async def test_a_circle_ends_where_rows_are_distinct(festival: None) -> None:
    """distinct=True leaves out rows that were there before."""
    await Gig.update(Gig.encore_of.to(4)).where(Gig.id == 1)
    start = Gig.select(Gig.id, Gig.encore_of(lambda first: first.id)).where(Gig.id == 1)
    chain = recursive(
        "chain",
        start,
        lambda chain: (
            Gig.select(Gig.id, Gig.encore_of(lambda first: first.id))
            .beside(chain)
            .where(Gig.id == chain[Gig.encore_of(lambda first: first.id)])
        ),
        distinct=True,
    )
    assert await chain.select().order_by(chain[Gig.id]) == [(1, 4), (2, 1), (4, 2)]


WRONG: tuple[Query[Any], ...] = (
    Person.select(Person.gigs),
    Person.select(Person.id).into(str),
    Person.select(Person.id).dicts(),
)


@pytest.mark.parametrize("query", WRONG)
def test_a_named_query_gives_rows_or_columns(query: Query[Any]) -> None:
    """A query of records, dicts or related rows gets no name."""
    with pytest.raises(QueryError, match="A named query gives rows, columns or values"):
        cte("named", query)


def test_columns_of_a_named_query() -> None:
    """What it did not select is no column of it, and a step selects what its base did."""
    named = cte("named", Stage.select(Stage.id))
    with pytest.raises(QueryError, match="name is not one column of the named query, which selects id"):
        named[Stage.name]
    longer: Any = Stage.select(Stage.id, Stage.name)
    with pytest.raises(QueryError, match="Combined queries select the same"):
        recursive("named", Stage.select(Stage.id), lambda _: longer)
