"""Tests of conditions that are neither true nor false, as values: in orders, lists, named queries and streams."""

from __future__ import annotations

import pytest

from tabor import Database, cast, cte, list_agg
from tests.festival import Gig, ann

pytestmark = pytest.mark.anyio

LOUD = Gig.note == "loud"
"""Null where there is no note."""


@pytest.fixture(autouse=True)
async def gigs(db: Database) -> None:
    """Gigs with a note that is loud, with none, and with another one."""
    booker = await ann()
    await Gig.insert([Gig(title=title, note=note, booker=booker) for title, note in zip("abc", NOTES, strict=True)])


NOTES = ("loud", None, "quiet")


async def test_the_order() -> None:
    """A condition that is unknown comes where nulls come: first, or as the order says."""
    titles = Gig.select(Gig.title).values()
    assert await titles.order_by(LOUD) == ["b", "c", "a"]
    assert await titles.order_by(LOUD.desc()) == ["a", "c", "b"]
    assert await titles.order_by(LOUD.asc(nulls_last=True)) == ["c", "a", "b"]
    assert await titles.order_by(LOUD.desc(nulls_last=False)) == ["b", "a", "c"]


async def test_lists() -> None:
    """A list leaves out what is unknown, and what is computed of it."""
    number = cast(LOUD, int)
    assert await Gig.select(list_agg(LOUD), list_agg(number), list_agg(number * 2)) == [([False, True], [0, 1], [0, 2])]


async def test_named_queries() -> None:
    """A named query and a set operation give None for it."""
    named = cte("named", Gig.select(Gig.title, LOUD))
    assert await named.select().order_by(named[Gig.title]) == [("a", True), ("b", None), ("c", False)]
    assert await named.select(named[LOUD]).order_by(named[LOUD]).values() == [None, False, True]
    both = Gig.select(Gig.title, LOUD).union(Gig.select(Gig.title, LOUD))
    assert await both.order_by(Gig.title) == [("a", True), ("b", None), ("c", False)]


async def test_subqueries() -> None:
    """It is left out of the list that not_in() looks through."""
    unknown = Gig.select(cast(LOUD, int)).where(Gig.title != "c")
    assert await Gig.select(Gig.title).where(Gig.seats.not_in(unknown)).order_by(Gig.id).values() == ["a", "b", "c"]


async def test_streams() -> None:
    """A stream that reads on from a condition meets every row once, wherever the unknown ones come."""
    for order in (LOUD.asc(), LOUD.desc(), LOUD.asc(nulls_last=True), LOUD.desc(nulls_last=False)):
        query = Gig.select(Gig.title).order_by(order).values()
        assert [title async for title in query.stream(1)] == await query
