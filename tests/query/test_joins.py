"""Tests of joins on any condition: inner and left, along relations, of a table with itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from tabor import Column, Database, Query, QueryError, Table, alias, cte, exists, optional, recursive
from tests.festival import Gig, Person, Stage, ann, bob, opened

pytestmark = pytest.mark.anyio


class Tally(Table):
    """A table without a key."""

    title: Column[str]
    guests: Column[int]


class Blank(Table):
    """A table in which every column may be empty."""

    note: Column[str | None]


async def season() -> None:
    """Ann books Opening and Encore on Bob's Main stage, Bob books Night nowhere; Cid books nothing."""
    first, second = await ann(), await bob()
    await Person.insert(Person(email="cid@example.org", name="Cid"))
    stage = await Stage.insert(Stage(name="Main", owner=second)).one()
    opening = await Gig.insert(Gig(title="Opening", booker=first, stage=stage, seats=40)).one()
    await Gig.insert(
        Gig(title="Encore", booker=first, stage=stage, seats=10, encore_of=opening),
        Gig(title="Night", booker=second, seats=40),
    )


async def test_inner_join(db: Database) -> None:
    """Another table joins on a condition, and gives its columns and its rows."""
    await season()
    query = Person.select(Person.name, Gig.title, Gig).join(Gig, on=Gig.booker.id == Person.id).order_by(Gig.id)
    assert [(name, title, gig.title) for name, title, gig in await query] == [
        ("Ann", "Opening", "Opening"),
        ("Ann", "Encore", "Encore"),
        ("Bob", "Night", "Night"),
    ]
    assert await query.where(Gig.seats > 20).count() == 2
    assert await query.where(Gig.seats > 40).exists() is False
    assert [person.name for person in await Person.select().join(Gig, on=Person.gigs).where(Gig.seats == 10)] == ["Ann"]


async def test_self_join(db: Database) -> None:
    """An alias is the same table under another name, keys and all; its names tell it apart in dicts."""
    await season()
    other = alias(Gig, "other")
    pairs = Gig.select(Gig.title, other.title, other.booker.name)
    query = pairs.join(other, on=(other.seats == Gig.seats) & (other.id > Gig.id))
    assert await query == [("Opening", "Night", "Bob")]
    assert await query.dicts() == [{"title": "Opening", "other.title": "Night", "other.booker.name": "Bob"}]
    assert await query.json() == b'[{"title":"Opening","other.title":"Night","other.booker.name":"Bob"}]'
    assert await Gig.select(Gig.title, other.title).join(other, on=Gig.encores) == [("Opening", "Encore")]
    assert await other.select(other.title).where(other.seats < 20).values() == ["Encore"]
    assert [gig.title for gig in await other.select().order_by(other.id).limit(1)] == ["Opening"]


async def test_paths_in_conditions(db: Database) -> None:
    """The condition of a join may follow keys on both of its sides."""
    await season()
    other, owned = alias(Gig, "other"), optional(Gig, "owned")
    query = Gig.select(Gig.title, other.title).order_by(Gig.id, other.id)
    same = (other.booker.name == Gig.booker.name) & (other.id != Gig.id)
    assert await query.join(other, on=same) == [("Opening", "Encore"), ("Encore", "Opening")]
    on_stage = owned(lambda gig: gig.stage)(lambda stage: stage.owner.name) == Person.name
    rows = Person.select(Person.name, owned(lambda gig: gig.title)).left_join(owned, on=on_stage)
    assert await rows.order_by(Person.id, owned(lambda gig: gig.id)) == [
        ("Ann", None),
        ("Bob", "Opening"),
        ("Bob", "Encore"),
        ("Cid", None),
    ]
    by_booker = Stage.select(Stage.name, Gig.title).join(Gig, on=Gig.booker.name == Stage.owner.name)
    assert await by_booker == [("Main", "Night")]


async def test_left_join(db: Database) -> None:
    """A left join keeps rows that nothing fits; what it joins is None there, as a row and as a value."""
    await season()
    gig = optional(Gig, "gig")
    query = Person.select(Person.name, gig, gig(lambda row: row.title), gig(lambda row: row.stage))
    rows = await query.left_join(gig, on=Person.gigs.where(Gig.seats > 20)).order_by(Person.id)
    assert [(name, row and row.id, title, stage and stage.name) for name, row, title, stage in rows] == [
        ("Ann", 1, "Opening", "Main"),
        ("Bob", 3, "Night", None),
        ("Cid", None, None, None),
    ]
    idle = Person.select(Person.name).left_join(gig, on=gig.inner.booker.id == Person.id).where(gig.is_null())
    assert await idle.values() == ["Cid"]
    counted = Person.select(Person.name, gig(lambda row: row.id).count()).left_join(gig, on=Person.gigs)
    assert await counted.group_by(Person.name).order_by(Person.name) == [("Ann", 2), ("Bob", 1), ("Cid", 0)]


async def test_several_joins(db: Database) -> None:
    """Joins add up, each on the tables before it, with values in any of them."""
    await season()
    booked, owned = optional(Gig, "booked"), optional(Stage, "owned")
    query = (
        Person.select(Person.name, booked(lambda gig: gig.title), owned(lambda stage: stage.name))
        .left_join(booked, on=(booked.inner.booker.id == Person.id) & (booked.inner.seats == 40))
        .left_join(owned, on=(owned.inner.owner.id == Person.id) & (owned.inner.name == "Main"))
        .where(Person.name != "Cid")
        .order_by(Person.id)
    )
    assert await query == [("Ann", "Opening", None), ("Bob", "Night", "Main")]
    assert query.statement.values == (40, "Main", "Cid")


async def test_streams(db: Database) -> None:
    """A stream of joined rows meets each pair once, pages of any size."""
    await season()
    other = optional(Gig, "other")
    query = Person.select(Person.name, other(lambda gig: gig.title)).left_join(other, on=Person.gigs)
    found = [row async for row in query.stream(1)]
    assert found == [("Ann", "Opening"), ("Ann", "Encore"), ("Bob", "Night"), ("Cid", None)]


async def test_joins_in_subqueries(db: Database) -> None:
    """A query within a query may join, and an alias tells its table from that of the query around it."""
    await season()
    other = alias(Gig, "other")
    same_size = other.select().where(other.seats == Gig.seats, other.id != Gig.id)
    assert await Gig.select(Gig.title).where(exists(same_size)).order_by(Gig.id).values() == ["Opening", "Night"]
    booked = Gig.select(Gig.id).join(Stage, on=Stage.owner.id == Gig.booker.id).where(Gig.booker.id == Person.id)
    assert await Person.select(Person.name).where(exists(booked)).values() == ["Bob"]


async def test_a_table_without_a_key(database_url: str) -> None:
    """Whether a row is missing is told by any column that is never empty; without one it cannot be."""
    async with opened(database_url, Person, Stage, Gig, Tally, Blank):
        await season()
        await Tally.insert(Tally(title="Night", guests=7))
        tally = optional(Tally, "tally")
        rows = await Gig.select(Gig.title, tally).left_join(tally, on=tally.inner.title == Gig.title).order_by(Gig.id)
        assert [(title, row and row.guests) for title, row in rows] == [
            ("Opening", None),
            ("Encore", None),
            ("Night", 7),
        ]
        assert await Gig.select(Gig.title).left_join(tally, on=Gig.seats == 1).where(tally.is_null()).count() == 3
        with pytest.raises(QueryError, match=r"^stream\(\) reads on from a row's primary key"):
            Gig.select(Gig.title).left_join(tally, on=Gig.seats == 1).stream()
        with pytest.raises(QueryError, match=r"^Every column of blank may be empty, so a row that is missing"):
            optional(Blank, "blank")


OTHER, LATER = alias(Gig, "other"), optional(Gig, "later")
UNJOINED: dict[str, tuple[Query[Any], str]] = {
    "a table": (
        Gig.select(Person),
        "person.id is not part of a query on gig; reach person through a foreign key",
    ),
    "a column": (Gig.select(Person.name), "person.name is not part of a query on gig; reach person through"),
    "an alias": (Gig.select(OTHER.title), "other.title is not part of a query on gig; reach gig through"),
    "the right side of a left join": (Gig.select(LATER), "later.id is not part of a query on gig; reach gig through"),
    "a table joined later": (
        Gig.select().join(Stage, on=Stage.owner.id == Person.id).join(Person, on=Person.id == Gig.booker.id),
        "person.id is not part of a query on gig",
    ),
    "one name twice": (
        Gig.select().join(OTHER, on=OTHER.id == Gig.id).join(alias(Stage, "other"), on=Gig.seats == 3),
        "Two tables of this query are called 'other'; join one of them as alias(..., name)",
    ),
    "a named query twice": (
        Gig.select().beside(cte("loud", Gig.select(Gig.id))).join(cte("loud", Gig.select(Gig.id)), on=Gig.seats == 3),
        "Two tables of this query are called 'loud'; join one of them as alias(..., name)",
    ),
    "the table itself": (Gig.select().join(Gig, on=Gig.seats == 3), "Two tables of this query are called 'gig'; join"),
}


@pytest.mark.parametrize("name", UNJOINED)
async def test_tables_that_are_not_joined(db: Database, name: str) -> None:
    """A query that names a table it does not join, or two alike, is refused before the database sees it."""
    query, message = UNJOINED[name]
    with pytest.raises(QueryError) as caught:
        await query
    assert str(caught.value).startswith(message)


async def test_writes_know_no_joins(db: Database) -> None:
    """An update or delete reaches other rows by a subquery; a table that is not its own is refused."""
    await season()
    with pytest.raises(QueryError, match=r"^other\.seats is not part of a query on gig"):
        await Gig.delete().where(OTHER.seats == Gig.seats)
    twins = OTHER.select().where(OTHER.seats == Gig.seats, OTHER.id != Gig.id)
    assert await Gig.update(Gig.note.to("twin")).where(exists(twins)) == 2


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "a named query without optional()": (
        lambda: Gig.select().left_join(cast("Any", cte("loud", Gig.select(Gig.id))), on=Gig.seats == 3),
        "left_join() takes optional(loud), join() a named query itself or alias(...) of one",
    ),
    "an optional named query": (
        lambda: Gig.select().join(cast("Any", optional(cte("loud", Gig.select(Gig.id)))), on=Gig.seats == 3),
        "left_join() takes optional(loud), join() a named query itself or alias(...) of one",
    ),
    "a named query along a relation": (
        lambda: Person.select().join(cte("loud", Gig.select()), on=Person.gigs),
        "The named query 'loud' joins on a condition, not along a relation.",
    ),
    "a named query with a space": (
        lambda: optional(cte("loud", Gig.select(Gig.id)), "my loud"),
        "The name of a table in a query is an identifier, such as other, got 'my loud'.",
    ),
    "the last rows of a recursive query, perhaps missing": (
        lambda: recursive(
            "tree", Gig.select(Gig.id), lambda tree: Gig.select(Gig.id).left_join(optional(tree), on=Gig.seats == 3)
        ),
        "The rows of a recursive query stand once in its step: beside() or join() them as they are.",
    ),
    "no table": (
        lambda: Gig.select().join(cast("Any", "person"), on=Gig.seats == 3),
        "A table, or an alias of one, was expected to be joined, got 'person'.",
    ),
    "a foreign key": (
        lambda: Gig.select().join(Gig.booker, on=Gig.seats == 3),
        "booker is a foreign key and joins by itself where it is used; join tables by join().",
    ),
    "a left join without optional()": (
        lambda: Gig.select().left_join(cast("Any", Person), on=Gig.seats == 3),
        "left_join() takes optional(Person, name), join() a table or alias(...) of one",
    ),
    "a join with optional()": (
        lambda: Gig.select().join(cast("Any", LATER), on=Gig.seats == 3),
        "left_join() takes optional(Gig, name), join() a table or alias(...) of one",
    ),
    "no condition": (
        lambda: Gig.select().join(OTHER, on=cast("Any", Gig.seats)),
        "A condition was expected",
    ),
    "a relation to another table": (
        lambda: Person.select().join(Stage, on=Person.gigs),
        "The relation leads to gig, and stage is what is being joined.",
    ),
    "a relation cut short": (
        lambda: Person.select().join(Gig, on=Person.gigs.limit(1)),
        "A join along a relation takes all of its rows; limit() and offset() cannot count there.",
    ),
    "a name with a space": (
        lambda: alias(Gig, "my gig"),
        "The name of a table in a query is an identifier, such as other, got 'my gig'.",
    ),
    "an alias of an alias": (lambda: alias(OTHER, "third"), "A table was expected, such as Event, got <Gig as other>."),
    "an alias compared": (
        lambda: cast("Any", OTHER) == 3,
        "other stands for a row and cannot be compared; compare its key: other.id == 3.",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name: str) -> None:
    """What cannot be joined is refused while the query is built."""
    build, message = REFUSED[name]
    with pytest.raises(QueryError) as caught:
        build()
    assert str(caught.value).startswith(message)
