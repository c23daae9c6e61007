"""Tests of set operations, of the first row of each, and of rows that are locked."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tabor import Database, Overloaded, Query, QueryError, TransactionMisuse, UnsupportedFeature, exists
from tests.festival import Gig, Mood, Person, Stage, ann, bob, opened

pytestmark = pytest.mark.anyio


@pytest.fixture
async def festival(db: Database) -> None:
    """Two people, four gigs, a stage with the name of a gig."""
    first, second = await ann(), await bob()
    await Stage.insert(Stage(name="Bob", owner=first))
    await Gig.insert(
        Gig(title="A", seats=10, booker=first, sound=second),
        Gig(title="Bob", seats=20, booker=first, note="late"),
        Gig(title="C", seats=30, booker=second, mood=Mood.quiet),
        Gig(title="D", seats=20, booker=first),
    )


async def test_set_operations(festival: None) -> None:
    """Rows of two queries are put together, each different row once but for union_all()."""
    titles, names = Gig.select(Gig.title).values(), Person.select(Person.name).values()
    assert sorted(await titles.union(names)) == ["A", "Ann", "Bob", "C", "D"]
    assert sorted(await titles.union_all(names)) == ["A", "Ann", "Bob", "Bob", "C", "D"]
    assert await titles.intersect(names) == ["Bob"]
    assert sorted(await titles.except_(names)) == ["A", "C", "D"]
    assert sorted(await names.except_(titles)) == ["Ann"]


async def test_the_whole_is_sorted_cut_and_filtered_by_what_was_selected(festival: None) -> None:
    """What follows a set operation is about the whole, by the columns and expressions of the first query."""
    larger = Gig.seats * 2 + 1
    whole = Gig.select(Gig.title, larger).union(Stage.select(Stage.name, Stage.id))
    assert await whole.order_by(larger.desc(), Gig.title).limit(2).offset(1) == [("Bob", 41), ("D", 41)]
    assert await whole.where(larger < 30).order_by(Gig.title) == [("A", 21), ("Bob", 1)]
    assert (await whole.count(), await whole.limit(2).count(), await whole.exists()) == (5, 2, True)
    assert await whole.order_by(Gig.title).first() == ("A", 21)
    others = whole.except_(Gig.select(Gig.title, larger).where(Gig.seats < 20)).where(larger > 30)
    assert await others.order_by(larger, Gig.title) == [("Bob", 41), ("D", 41), ("C", 61)]
    with pytest.raises(QueryError, match=r"gig\.seats is not among the columns selected in this query on combined"):
        await whole.order_by(Gig.seats)
    assert repr(whole.order_by(Gig.seats)).startswith("<Query that is refused: gig.seats is not among")


async def test_every_part_keeps_its_own_order_and_limit(festival: None) -> None:
    """A part that was cut is cut before it is put together, and operations nest as they were written."""
    largest = Gig.select(Gig.title).order_by(Gig.seats.desc()).limit(1)
    smallest = Gig.select(Gig.title).order_by(Gig.seats).limit(1)
    assert await largest.union_all(smallest).order_by(Gig.title) == [("A",), ("C",)]
    everything, names = Gig.select(Gig.title).values(), Person.select(Person.name).values()
    stages = Stage.select(Stage.name).values()
    assert sorted(await everything.except_(names.union(stages))) == ["A", "C", "D"]
    assert sorted(await everything.except_(names).union(stages)) == ["A", "Bob", "C", "D"]
    assert await everything.union(names).intersect(stages) == ["Bob"]
    assert sorted(await everything.union(names.intersect(stages))) == ["A", "Bob", "C", "D"]
    assert sorted(await everything.union_all(names).union_all(stages)) == ["A", "Ann", "Bob", "Bob", "Bob", "C", "D"]


async def test_whole_rows_are_combined(festival: None) -> None:
    """Rows of a table stay rows, with their references, and can be told by a subquery about them."""
    late = Gig.select().where(Gig.note.is_not_null())
    whole = Gig.select().where(Gig.seats > 25).union(late).order_by(Gig.id)
    found = await whole
    assert [(row.title, row.note, row.booker.id) for row in found] == [("Bob", "late", 1), ("C", None, 2)]
    found[0].seats = 7
    await found[0].save()
    assert await Gig.select(Gig.seats).where(Gig.title == "Bob").values() == [7]
    of_ann = exists(Person.select().where(Person.id == Gig.booker.id, Person.name == "Ann"))
    assert [row.title for row in await whole.where(of_ann)] == ["Bob"]


async def test_every_shape_of_a_combination(festival: None) -> None:
    """Dicts, JSON, records and single values go by the names of the first query, nulls of any part included."""
    whole = Gig.select(Gig.title, Gig.mood).where(Gig.seats > 25).union(Gig.select(Gig.title, Gig.mood).limit(0))
    assert await whole.dicts() == [{"title": "C", "mood": Mood.quiet}]
    assert await whole.json() == b'[{"title":"C","mood":"quiet"}]'
    assert await whole.into(lambda title, mood: f"{title} {mood.value}") == ["C quiet"]
    starts = Gig.select(Gig.id, Gig.mood.max()).group_by(Gig.id).where(Gig.id == 3)
    nothing = Gig.select(Gig.id, Gig.mood.max()).group_by(Gig.id).where(Gig.id == 0)
    assert await nothing.union_all(starts) == [(3, Mood.quiet)]
    people = await Person.select().union(Person.select()).order_by(Person.id).dicts()
    assert [sorted(person) for person in people] == [["email", "id", "name"]] * 2


async def test_a_combination_is_a_list_and_a_subquery(festival: None) -> None:
    """A combination stands in another query as any query does."""
    named = Gig.select(Gig.title).union(Stage.select(Stage.name))
    assert await Person.select(Person.name).where(Person.name.is_in(named)).values() == ["Bob"]
    assert await Person.select(Person.name).where(Person.name.not_in(named)).values() == ["Ann"]
    counted = Gig.select(Gig.booker.id).where(Gig.booker.id == Person.id)
    mixed = Gig.select(Gig.sound(lambda person: person.id)).where(Gig.sound(lambda person: person.id) == Person.id)
    assert await Person.select(Person.name).where(exists(mixed.intersect(counted))).values() == ["Bob"]


def wrong_pairs() -> list[tuple[Query[Any], Query[Any], str]]:
    """Queries that cannot be combined, with what is wrong."""
    return [
        (Gig.select(Gig.title), Gig.select(Gig.seats), "title is text, and seats is a whole number"),
        (Gig.select(Gig.title), Gig.select(Gig.title, Gig.seats), "one selects title, and the other title, seats"),
        (Gig.select(), Person.select(), "one selects gig, and the other person"),
        (Gig.select(Gig.title).into(str), Gig.select(Gig.title), "combine first, then use into"),
        (Gig.select(Gig.title).values(), Gig.select(Gig.title), "combine first, then use into"),
        (Person.select(Person.gigs), Person.select(Person.gigs), "related rows or lock rows cannot be combined"),
        (Gig.select().for_update(), Gig.select(), "related rows or lock rows cannot be combined"),
    ]


@pytest.mark.parametrize("number", range(len(wrong_pairs())))
def test_only_like_queries_are_combined(number: int) -> None:
    """Queries of other columns, other types or another shape are refused as the combination is written."""
    left, right, reason = wrong_pairs()[number]
    with pytest.raises(QueryError, match=reason):
        left.union(right)


async def test_streams_of_combinations(festival: None) -> None:
    """A combination has no key to read on from."""
    with pytest.raises(QueryError, match="combined query or a table without a key"):
        Gig.select().union(Gig.select()).stream()


async def test_the_first_row_of_each(festival: None) -> None:
    """distinct(on=...) keeps the first row, in the order of the query, of those with the same values."""
    best = Gig.select(Gig.title, Gig.seats + 1).distinct(on=[Gig.booker.id]).order_by(Gig.seats.desc(), Gig.id)
    assert await best == [("C", 31), ("Bob", 21)]
    assert await best.where(Gig.seats < 20) == [("A", 11)]
    assert (await best.limit(1), await best.offset(1)) == ([("C", 31)], [("Bob", 21)])
    assert (await best.count(), await best.exists()) == (2, True)
    by_seats = Gig.select().distinct(on=[Gig.seats * 2 + 3]).order_by(Gig.seats, Gig.title.desc())
    assert [gig.title for gig in await by_seats] == ["A", "D", "C"]
    assert await Person.select(Person.name).where(Person.id.is_in(Gig.select(Gig.id).distinct(on=[Gig.seats]).order_by(
        Gig.seats, Gig.id))).order_by(Person.id).values() == ["Ann", "Bob"]  # fmt: skip
    with pytest.raises(QueryError, match=r"say which is first by order_by\(\)"):
        await Gig.select().distinct(on=[Gig.seats])


async def test_a_lock_lasts_as_long_as_its_transaction(postgres_url: str) -> None:
    """Others wait for a locked row, pass it over, or are told at once."""
    async with opened(postgres_url) as db:
        booker = await ann()
        await Gig.insert(Gig(title="A", booker=booker), Gig(title="B", booker=booker))
        query = Gig.select(Gig.title).order_by(Gig.id).values()
        locked, free = asyncio.Event(), asyncio.Event()

        async def holding() -> None:
            async with db.transaction():
                assert await query.where(Gig.id == 1).for_update().one() == "A"
                locked.set()
                await free.wait()

        holder = asyncio.create_task(holding())
        await locked.wait()
        async with db.transaction():
            assert await query.for_update(skip_locked=True) == ["B"]
            assert await query.where(Gig.booker.name == "Ann").for_update(skip_locked=True, of=[Gig.booker]) == [
                "A",
                "B",
            ]
        with pytest.raises(Overloaded, match="was not to wait for it"):
            async with db.transaction():
                await query.for_update(nowait=True)
        free.set()
        await holder
        async with db.transaction():
            assert await query.where(Gig.sound(lambda person: person.name).is_null()).for_update() == ["A", "B"]


async def test_a_lock_needs_a_transaction(postgres_url: str) -> None:
    """A lock outside of a transaction would end with the statement."""
    async with opened(postgres_url):
        with pytest.raises(TransactionMisuse, match=r"run the query inside of `async with db\.transaction\(\):`"):
            await Gig.select().for_update()


async def test_a_database_without_row_locks_says_so() -> None:
    """Where one writer at a time is the rule, there is nothing to lock, and the error says why."""
    async with opened("sqlite:///:memory:") as db:
        for query in (Gig.select().for_update(), Gig.select().for_update(skip_locked=True).first()):
            with pytest.raises(
                UnsupportedFeature, match="a transaction that writes keeps every other writer"
            ) as caught:
                async with db.transaction():
                    await query
            assert caught.value.feature == "for_update"


def test_locks_that_make_no_sense() -> None:
    """Contradictions, other things than tables, and locks on a number are refused."""
    with pytest.raises(QueryError, match="not both"):
        Gig.select().for_update(skip_locked=True, nowait=True)
    with pytest.raises(QueryError, match="takes tables such as"):
        Gig.select().for_update(of=[Gig.title])
    with pytest.raises(QueryError, match=r"count\(\) and exists\(\) give none"):
        Gig.select().for_update().count()
