"""Tests of the memory that a stream takes: that of a page, however many rows there are."""

from __future__ import annotations

import tracemalloc

import pytest

from tabor import Database
from tests.festival import Gig, Person, ann

pytestmark = pytest.mark.anyio

PAGE = 250


async def fill(count: int) -> None:
    """So many gigs of one person, each with a text of its own."""
    person = await ann()
    for start in range(0, count, 10_000):
        numbers = range(start, min(start + 10_000, count))
        await Gig.insert([Gig(title=f"{n}", note=f"{n:0>300}", booker=person) for n in numbers])


async def test_a_stream_takes_the_memory_of_a_page(db: Database, long_run: bool) -> None:
    """Whole rows with the row behind a key are streamed in a small part of the memory that they would take at once.

    The long form streams a million rows within 100 MB.
    """
    count, limit = (1_000_000, 100_000_000) if long_run else (6_000, 2_000_000)
    await fill(count)
    seen = 0
    tracemalloc.start()
    try:
        async for gig, person in Gig.select(Gig, Gig.booker).order_by(Gig.id).stream(PAGE):
            seen += gig.booker.id == person.id
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert seen == count
    assert peak < limit


async def test_all_rows_at_once_take_more(db: Database) -> None:
    """The measure tells a stream from a list: the same rows read at once do not fit into the limit."""
    await fill(6_000)
    tracemalloc.start()
    try:
        rows = await Gig.select(Gig, Gig.booker).order_by(Gig.id)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (len(rows), peak > 2_000_000) == (6_000, True)


async def test_a_stream_in_a_transaction(db: Database) -> None:
    """Inside a transaction a stream sees what the transaction wrote, and the transaction may write meanwhile."""
    await fill(5)
    async with db.transaction():
        await Gig.insert(Gig(title="late", booker=1))
        titles: list[str] = []
        async for title in Gig.select(Gig.title).order_by(Gig.id).values().stream(2):
            titles.append(title)
            await Person.update(Person.name.to(title)).where(Person.id == 1)
    assert titles == ["0", "1", "2", "3", "4", "late"]
    assert await Person.select(Person.name).values() == ["late"]
