"""Tests of related rows: lists beside each row, cut for each of them, nested, and of single rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import pytest

from tabor import Database, QueryError
from tests.festival import Gig, Person, Stage, ann, bob

pytestmark = pytest.mark.anyio


@dataclass
class Billing:
    """A record that related rows are turned into."""

    title: str
    stage: str | None


async def season() -> None:
    """Ann books four gigs on two stages of Bob's, Bob one; the first is mixed by Bob and has two encores."""
    first, second = await ann(), await bob()
    main, barn = await Stage.insert(Stage(name="Main", owner=second), Stage(name="Barn", owner=second)).all()
    opening = await Gig.insert(Gig(title="Opening", booker=first, stage=main, sound=second, seats=40)).one()
    await Gig.insert(
        Gig(title="Encore", booker=first, stage=main, encore_of=opening, seats=10),
        Gig(title="Coda", booker=first, stage=barn, encore_of=opening, seats=20),
        Gig(title="Night", booker=first, seats=30),
        Gig(title="Late", booker=second, seats=5),
    )


async def test_lists(db: Database) -> None:
    """Related rows come as a list beside each row, filtered and sorted, empty where there are none."""
    await season()
    rows = await Person.select(Person, Person.gigs.order_by(Gig.id.desc()), Person.mixed).order_by(Person.id)
    assert [(p.name, [g.title for g in booked], [g.title for g in mixed]) for p, booked, mixed in rows] == [
        ("Ann", ["Night", "Coda", "Encore", "Opening"], []),
        ("Bob", ["Late"], ["Opening"]),
    ]
    on_main = Person.gigs.where(Gig.stage(lambda stage: stage.name) == "Main").where(Gig.seats > 20)
    assert [len(gigs) for gigs in await Person.select(on_main).order_by(Person.id).values()] == [1, 0]
    assert await Person.select(Person.name, Person.gigs).where(Person.id == 99) == []


async def test_page_of_each_list(db: Database) -> None:
    """limit() and offset() cut each list by itself, in its order, which the key completes."""
    await season()
    by_seats = Person.gigs.order_by(Gig.seats.desc())
    titles: dict[str, list[list[str]]] = {}
    for name, related in {
        "two": by_seats.limit(2),
        "next two": by_seats.limit(2).offset(2),
        "from the third": by_seats.offset(3),
        "none": by_seats.limit(0),
        "by key": Person.gigs.limit(1),
        "on a stage": Person.gigs.where(Gig.stage.is_not_null()).order_by(Gig.stage(lambda stage: stage.name)).limit(2),
    }.items():
        rows = await Person.select(related).order_by(Person.id).values()
        titles[name] = [[gig.title for gig in gigs] for gigs in rows]
    assert titles == {
        "two": [["Opening", "Night"], ["Late"]],
        "next two": [["Coda", "Encore"], []],
        "from the third": [["Encore"], []],
        "none": [[], []],
        "by key": [["Opening"], ["Late"]],
        "on a stage": [["Coda", "Opening"], []],
    }


async def test_tuples_records_and_values(db: Database) -> None:
    """Related rows can be tuples of columns and rows behind keys, records made of them, or single values."""
    await season()
    gigs = Person.gigs.where(Gig.seats > 10).order_by(Gig.id)
    stage = Gig.stage(lambda row: row.name)
    rows = await Person.select(
        gigs.select(Gig.title, stage).limit(2),
        gigs.select(Gig.title, stage).into(Billing).limit(1),
        gigs.select(Gig.seats * 2).values(),
        gigs.select(Gig.title).also(Gig.stage).limit(1),
    ).where(Person.name == "Ann")
    assert len(rows) == 1
    pairs, billings, doubled, places = rows[0]
    assert pairs == [("Opening", "Main"), ("Coda", "Barn")]
    assert billings == [Billing("Opening", "Main")]
    assert doubled == [80, 40, 60]
    assert [(title, place and place.name) for title, place in places] == [("Opening", "Main")]


async def test_lists_in_lists(db: Database, statements: list[object]) -> None:
    """Related rows of related rows nest, by one statement for each level, however many rows there are."""
    await season()
    statements.clear()
    encores = Gig.encores.order_by(Gig.id).select(Gig.title).values()
    query = Stage.select(Stage.name, Stage.gigs.order_by(Gig.id).select(Gig, Gig.booker, encores.limit(1)))
    assert [
        (stage, [(gig.title, person.name, titles) for gig, person, titles in gigs])
        for stage, gigs in await query.order_by(Stage.id)
    ] == [
        ("Main", [("Opening", "Ann", ["Encore"]), ("Encore", "Ann", [])]),
        ("Barn", [("Coda", "Ann", [])]),
    ]
    assert len(statements) == 3


async def test_lists_along_a_path(db: Database) -> None:
    """The row behind a key has related rows too; where there is none, the list is empty."""
    await season()
    rows = await Gig.select(
        Gig.title,
        Gig.booker.gigs.where(Gig.seats > 20).order_by(Gig.id).select(Gig.title).values(),
        Gig.stage(lambda stage: stage.gigs.order_by(Gig.id)),
    ).order_by(Gig.id)
    assert [(title, booked, [gig.title for gig in beside or []]) for title, booked, beside in rows] == [
        ("Opening", ["Opening", "Night"], ["Opening", "Encore"]),
        ("Encore", ["Opening", "Night"], ["Opening", "Encore"]),
        ("Coda", ["Opening", "Night"], ["Coda"]),
        ("Night", ["Opening", "Night"], []),
        ("Late", [], []),
    ]


async def test_related_rows_of_one_row(db: Database) -> None:
    """On a row the relation is a query of its related rows."""
    await season()
    person = await Person.select().where(Person.name == "Ann").one()
    assert await person.gigs.where(Gig.seats > 10).count() == 3
    assert [gig.title for gig in await person.gigs.order_by(Gig.seats).limit(1)] == ["Encore"]
    assert await person.mixed == []
    with pytest.raises(QueryError, match=r"^Person\.gigs needs a saved row; save this one first\.$"):
        _ = Person(email="x@example.org", name="New").gigs


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "a negative limit": (
        lambda: Person.gigs.limit(-1),
        "limit() takes a whole number of rows from 0 up, got -1.",
    ),
    "select twice": (
        lambda: Person.gigs.select(Gig.title).select(Gig.id),
        "select() of related rows is said once; add more to it with also(...).",
    ),
    "select of nothing": (
        lambda: cast("Any", Person.gigs).select(),
        "select() of related rows needs at least one thing to select.",
    ),
    "also without select": (
        lambda: cast("Any", Person.gigs).also(Gig.id),
        "also() of related rows follows select(column, ...), such as User.events.select(...).",
    ),
    "into twice": (
        lambda: cast("Any", Person.gigs.select(Gig.title).into(str)).into(str),
        "into() of related rows follows select(column, ...), such as User.events.select(...).",
    ),
    "values of two columns": (
        lambda: cast("Any", Person.gigs.select(Gig.title, Gig.id)).values(),
        "values() of related rows follows a select() of exactly one column.",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name: str) -> None:
    """What cannot be selected of related rows is refused while the query is built."""
    build, message = REFUSED[name]
    with pytest.raises(QueryError) as caught:
        build()
    assert str(caught.value) == message
