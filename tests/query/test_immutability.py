"""Tests of queries as values: extending one leaves it as it was."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tabor import Database, Expr, Query, cte
from tests.festival import Gig, Person, ann, bob

pytestmark = pytest.mark.anyio


class Card:
    """Something to put a title into."""

    def __init__(self, *values: object) -> None:
        self.values = values


STEPS: dict[str, Callable[[Query[Any]], object]] = {
    "where": lambda query: query.where(Gig.seats > 100),
    "order_by": lambda query: query.order_by(Gig.title),
    "limit": lambda query: query.limit(0),
    "offset": lambda query: query.offset(9),
    "distinct": lambda query: query.distinct(),
    "group_by": lambda query: query.group_by(Gig.title),
    "having": lambda query: query.having(Gig.id.count() > 9),
    "also": lambda query: query.also(Gig.note),
    "into": lambda query: query.into(Card),
    "values": lambda query: query.values(),
    "dicts": lambda query: query.dicts(),
    "json": lambda query: query.json(),
    "first": lambda query: query.first(),
    "one": lambda query: query.one(),
    "count": lambda query: query.count(),
    "exists": lambda query: query.exists(),
    "prepare": lambda query: query.prepare(),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_leaves_the_query_as_it_was(step: str) -> None:
    """Every step gives something new: the text, the values and the shape of the query before it stay."""
    query = Gig.select(Gig.title).where(Gig.seats > 3).limit(5)
    before = (str(query), query.statement.key, query.statement.values, query.shape, query.finish)
    STEPS[step](query)
    assert (str(query), query.statement.key, query.statement.values, query.shape, query.finish) == before


async def test_a_half_built_query_is_extended_twice(db: Database) -> None:
    """Two queries that begin with the same one do not see each other's conditions."""
    booker = await ann()
    await Gig.insert(*[Gig(title=title, seats=seats, booker=booker) for title, seats in [("a", 1), ("b", 2), ("c", 3)]])
    base = Gig.select(Gig.title).order_by(Gig.title)
    small, large = base.where(Gig.seats < 3), base.where(Gig.seats > 1)
    both = small.where(Gig.seats > 1)
    assert await small.values() == ["a", "b"]
    assert await large.values() == ["b", "c"]
    assert await both.values() == ["b"]
    assert await base.values() == ["a", "b", "c"]


async def test_updates_and_deletes_are_values_too(db: Database) -> None:
    """A condition added to an update or a delete gives a new one."""
    booker = await ann()
    await Gig.insert(*[Gig(title=title, booker=booker) for title in "abc"])
    delete = Gig.delete().where(Gig.title > "a")
    assert await delete.where(Gig.title < "c") == 1
    update = Gig.update(Gig.seats.to(5)).where(Gig.title >= "a")
    assert await update.where(Gig.title == "c") == 1
    assert await Gig.select(Gig.title, Gig.seats).order_by(Gig.title) == [("a", 0), ("c", 5)]
    assert await delete == 1


async def test_related_rows_are_values_too(db: Database) -> None:
    """A condition on related rows gives new related rows, and queries of the same shape keep to their own values."""
    first, second = await ann(), await bob()
    await Gig.insert(Gig(title="a", booker=first), Gig(title="b", booker=first), Gig(title="c", booker=second))
    named = {title: Person.gigs.where(Gig.title == title) for title in "abc"}
    found = {
        title: [[gig.title for gig in gigs] for gigs in await Person.select(related).order_by(Person.id).values()]
        for title, related in named.items()
    }
    assert found == {"a": [["a"], []], "b": [["b"], []], "c": [[], ["c"]]}
    assert [len(gigs) for gigs in await Person.select(Person.gigs).order_by(Person.id).values()] == [2, 1]


async def test_a_query_is_run_twice(db: Database) -> None:
    """The same query can be awaited again and sees what changed meanwhile."""
    query = Person.select().count()
    assert await query == 0
    await ann()
    assert await query == 1


async def test_copies_ask_the_same(db: Database) -> None:
    """A deep copy of a query gives what the query gives, and a condition comes back from a pickle."""
    first = await ann()
    await Gig.insert(Gig(title="a", booker=first), Gig(title="b", booker=first))
    plain = Gig.select(Gig.title).where(Gig.title == "a", Gig.booker.id == first.id)
    named = cte("named", plain)
    for query in (plain, named.select(named[Gig.title]), plain.union(Gig.select(Gig.title).where(Gig.title == "c"))):
        assert await deepcopy(query) == await query == [("a",)]
    condition: Expr[bool] = pickle.loads(pickle.dumps((Gig.title == "a") & Gig.booker.id.is_in([first.id])))
    assert await Gig.select(Gig.title).where(condition) == [("a",)]
