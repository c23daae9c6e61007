"""Tests of the detector of repeated statements: it names the line, and only a line that repeats itself."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from tabor import ConfigurationError, Database, RepeatedStatements, detect_repeats
from tabor.watch.repeats import Repeat
from tests.festival import Gig, Person, ann

pytestmark = pytest.mark.anyio


@pytest.fixture
async def gigs(db: Database) -> list[Gig]:
    """Ten gigs of one person."""
    person = await ann()
    await Gig.insert(*[Gig(title=f"t{i}", booker=person) for i in range(10)])
    return await Gig.select()


async def one_by_one(gigs: list[Gig]) -> None:
    """The mistake: each gig asks for its person."""
    for gig in gigs:
        await gig.booker


LINE = one_by_one.__code__.co_firstlineno + 3


async def test_the_line_that_repeats_is_named(db: Database, gigs: list[Gig]) -> None:
    """A row fetched for each row of another query is named with file, line, function, number and text."""
    with pytest.raises(RepeatedStatements) as caught, detect_repeats(db):
        await one_by_one(gigs)
    (repeat,) = caught.value.repeats
    assert isinstance(repeat, Repeat)
    assert (Path(repeat.line.file), repeat.line.number, repeat.times) == (Path(__file__), LINE, 10)
    assert repeat.line.function == "one_by_one"
    assert 'FROM "person"' in repeat.sql
    assert str(caught.value).startswith(f"{__file__}:{LINE} in one_by_one ran the same ")
    assert "join across the key" in str(caught.value)


async def test_inside_a_transaction_too(db: Database, gigs: list[Gig]) -> None:
    """Statements of a transaction are counted like others, its own steps are not."""
    async with db.transaction():
        with pytest.raises(RepeatedStatements), detect_repeats(db, threshold=3):
            await one_by_one(gigs[:3])
    with detect_repeats(db, threshold=2) as repeats:
        for _ in range(4):
            async with db.transaction():
                pass
    assert repeats.found == ()


async def test_few_times_are_no_finding(db: Database, gigs: list[Gig]) -> None:
    """Below the threshold, or from different lines, nothing is found."""
    with detect_repeats(db, threshold=5) as repeats:
        for gig in gigs[:4]:
            await gig.booker
        await gigs[0].booker
        await gigs[1].booker
    assert repeats.found == ()


async def test_one_query_of_many_statements_is_no_finding(db: Database, gigs: list[Gig]) -> None:
    """A stream reads many pages and related rows may come in slices: each is one query of the user's."""
    with detect_repeats(db, threshold=2) as repeats:
        assert len([gig async for gig in Gig.select().stream(size=2)]) == len(gigs)
        await Person.select(Person, Person.gigs)
    assert repeats.found == ()


async def test_tasks_of_the_block_count_and_others_do_not(db: Database, gigs: list[Gig]) -> None:
    """What a block starts belongs to it; a task that was running before has nothing to do with it."""
    go, gone = asyncio.Event(), asyncio.Event()

    async def before() -> None:
        await go.wait()
        for gig in gigs:
            await gig.booker
        gone.set()

    async def booker(gig: Gig) -> Person:
        return await gig.booker

    task = asyncio.create_task(before())
    with detect_repeats(db) as repeats:
        go.set()
        await gone.wait()
        assert repeats.found == ()
        await task
    with pytest.raises(RepeatedStatements, match=r"booker ran the same statement 10 times"), detect_repeats(db):
        await asyncio.gather(*[booker(gig) for gig in gigs])


async def test_tasks_made_of_queries_have_no_line(db: Database, gigs: list[Gig]) -> None:
    """A task made directly of a query has left its line behind, and the line that started the loop is not blamed."""
    with detect_repeats(db, raises=False) as repeats:
        await asyncio.gather(*[Gig.select().where(Gig.id == gig.id).first() for gig in gigs])
    (repeat,) = repeats.found
    assert (repeat.line.file, repeat.line.function, repeat.times) == ("?", "a task made of a query", 10)


async def test_a_warning_instead_of_an_error(db: Database, gigs: list[Gig], caplog: pytest.LogCaptureFixture) -> None:
    """With raises=False the findings go to the logger tabor.repeats."""
    with caplog.at_level(logging.WARNING, "tabor.repeats"), detect_repeats(db, raises=False) as repeats:
        for gig in gigs:
            await gig.booker
    assert [record.getMessage() for record in caplog.records] == [str(repeats.found[0])]


async def test_an_error_of_the_block_wins(db: Database, gigs: list[Gig]) -> None:
    """A block that fails shows its own error."""

    async def failing() -> None:
        await one_by_one(gigs)
        raise LookupError

    with pytest.raises(LookupError), detect_repeats(db):
        await failing()


async def test_a_threshold_of_one_is_refused(db: Database) -> None:
    """A single statement is no repetition."""
    with pytest.raises(ConfigurationError, match="from its second time on"), detect_repeats(db, threshold=1):
        raise AssertionError
