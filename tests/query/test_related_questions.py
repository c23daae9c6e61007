"""Tests of questions about related rows in other queries: how many there are, and whether there are any."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from tabor import Database, Expr, QueryError, alias, coalesce, optional, string_agg
from tests.festival import Gig, Person, Stage, ann, bob

pytestmark = pytest.mark.anyio


async def season() -> None:
    """Ann books Opening, its Encore and its Coda, Bob books Night, the encore of that Coda; Cid books nothing."""
    first, second = await ann(), await bob()
    await Person.insert(Person(email="cid@example.org", name="Cid"))
    stage = await Stage.insert(Stage(name="Main", owner=second)).one()
    opening = await Gig.insert(Gig(title="Opening", booker=first, stage=stage, seats=40, note="a")).one()
    _, coda = await Gig.insert(
        Gig(title="Encore", booker=first, encore_of=opening, seats=10, note="a"),
        Gig(title="Coda", booker=first, encore_of=opening, seats=20),
    ).all()
    await Gig.insert(Gig(title="Night", booker=second, encore_of=coda, sound=first, seats=30, note="b"))


async def test_count(db: Database) -> None:
    """count() is the number of related rows of each row: selected, compared, sorted by, with conditions and limits."""
    await season()
    large = Person.gigs.where(Gig.seats > 15)
    query = Person.select(Person.name, Person.gigs.count(), large.count(), large.order_by(Gig.id).limit(1).count())
    assert await query.order_by(Person.gigs.count().desc(), Person.name) == [
        ("Ann", 3, 2, 1),
        ("Bob", 1, 1, 1),
        ("Cid", 0, 0, 0),
    ]
    assert await Person.select(Person.name).where(Person.gigs.count() > 1).values() == ["Ann"]
    assert await Person.select(Person.gigs.offset(1).count()).order_by(Person.id).values() == [2, 0, 0]
    notes = Person.gigs.select(Gig.note)
    assert await Person.select(notes.count(), notes.count(distinct=True)).order_by(Person.id) == [
        (3, 1),
        (1, 1),
        (0, 0),
    ]


async def test_one_value(db: Database) -> None:
    """scalar() is an aggregate of the related rows, or what is selected of the first, null where there is none."""
    await season()
    gigs = Person.gigs
    longest = gigs.order_by(Gig.seats.desc()).select(Gig.title).scalar()
    seats = gigs.select(Gig.seats.sum()).scalar()
    assert await Person.select(Person.name, seats, longest).order_by(Person.id) == [
        ("Ann", 70, "Opening"),
        ("Bob", 30, "Night"),
        ("Cid", None, None),
    ]
    values = (
        gigs.where(Gig.seats < 30).select(Gig.seats.max() - Gig.seats.min()).scalar(),
        gigs.select(string_agg(Gig.title, ", ")).scalar(),
        gigs.select(Gig.title).scalar(),
        gigs.offset(1).select(Gig.title).scalar(),
        gigs.select(Gig.stage(lambda stage: stage.owner.name)).scalar(),
        gigs.select(Gig.encores.count().sum()).scalar(),
    )
    for value, expected in zip(values, [10, "Coda, Encore, Opening", "Opening", "Encore", "Bob", 3], strict=True):
        assert await Person.select(value).where(Person.id == 1).values() == [expected]
    names = Person.select(Person.name).order_by(coalesce(seats, 0), Person.id).values()
    assert await names == ["Cid", "Bob", "Ann"]
    assert await names.where(seats > 50) == ["Ann"]
    assert await Person.update(Person.name.to(coalesce(longest, "nobody"))).everything() == 3
    assert await Person.select(Person.name).order_by(Person.id).values() == ["Opening", "Night", "nobody"]


async def test_one_value_of_the_same_table(db: Database) -> None:
    """The related rows of the same table are sorted and computed of as others than those around them."""
    await season()
    last = Gig.encores.order_by(Gig.title.desc()).select(Gig.title).scalar()
    query = Gig.select(Gig.title, Gig.encores.select(Gig.seats.sum()).scalar(), last).order_by(Gig.id)
    assert await query == [
        ("Opening", 30, "Encore"),
        ("Encore", None, None),
        ("Coda", 30, "Night"),
        ("Night", None, None),
    ]
    beside = Gig.booker.gigs.order_by(Gig.seats).select(Gig.title).scalar()
    assert await Gig.select(beside).order_by(Gig.id).values() == ["Encore", "Encore", "Encore", "Night"]


def test_one_value_is_of_one_thing() -> None:
    """More columns than one, whole rows and an aggregate of a part of the rows are refused."""
    with pytest.raises(
        QueryError, match=r"^scalar\(\) of related rows follows a select\(\) of exactly one column or a"
    ):
        cast("Any", Person.gigs.select(Gig.id, Gig.title)).scalar()
    with pytest.raises(
        QueryError, match=r"^scalar\(\) of related rows follows a select\(\) of exactly one column or a"
    ):
        Person.gigs.select(Gig.booker).scalar()
    with pytest.raises(QueryError, match=r"^scalar\(\) of related rows follows select\(column, \.\.\.\)"):
        cast("Any", Person.gigs).scalar()
    with pytest.raises(QueryError, match=r"^An aggregate of related rows is of all of them; limit"):
        Person.gigs.limit(3).select(Gig.seats.sum()).scalar()


async def test_any_and_none(db: Database) -> None:
    """any() and none() tell whether a related row fits all conditions, or whether there is one at all."""
    await season()
    names: dict[str, list[str]] = {}
    for name, condition in {
        "any": Person.gigs.any(),
        "none": Person.gigs.none(),
        "any that fits": Person.gigs.any(Gig.seats > 15, Gig.note == "b"),
        "none that fits": Person.gigs.where(Gig.seats > 15).none(Gig.note == "b"),
        "across a key": Person.gigs.any(Gig.stage(lambda stage: stage.name) == "Main"),
        "a second one": Person.gigs.offset(1).any(),
        "of the row around it": Person.gigs.any(Gig.sound(lambda person: person.id) != Person.id),
    }.items():
        names[name] = await Person.select(Person.name).where(condition).order_by(Person.id).values()
    assert names == {
        "any": ["Ann", "Bob"],
        "none": ["Cid"],
        "any that fits": ["Bob"],
        "none that fits": ["Ann", "Cid"],
        "across a key": ["Ann"],
        "a second one": ["Ann"],
        "of the row around it": ["Bob"],
    }
    assert await Person.select(Person.name, Person.gigs.any()).where(Person.id > 1) == [("Bob", True), ("Cid", False)]


async def test_the_same_table(db: Database) -> None:
    """Related rows of the same table are other rows than those of the query around it, at any depth."""
    await season()
    titles: dict[str, list[str]] = {}
    for name, condition in {
        "any": Gig.encores.any(),
        "smaller ones": Gig.encores.any(Gig.seats < 15),
        "larger than itself": Gig.encores.any(Gig.seats > 25, Gig.booker.name == "Bob"),
        "encores of encores": Gig.encores.any(Gig.encores.any(Gig.seats == 30), Gig.seats == 20),
        "beside it": Gig.booker.gigs.none(Gig.seats > 35),
        "three beside it": Gig.booker.gigs.count() == 3,
    }.items():
        titles[name] = await Gig.select(Gig.title).where(condition).order_by(Gig.id).values()
    assert titles == {
        "any": ["Opening", "Coda"],
        "smaller ones": ["Opening"],
        "larger than itself": ["Coda"],
        "encores of encores": ["Opening"],
        "beside it": ["Night"],
        "three beside it": ["Opening", "Encore", "Coda"],
    }
    other = alias(Gig, "other")
    assert await other.select(other.title).where(other.encores.count() == 2).values() == ["Opening"]


async def test_of_a_row_that_may_be_missing(db: Database) -> None:
    """A row that is missing has no related rows."""
    await season()
    stage = optional(Stage, "stage")
    query = Gig.select(Gig.title, Gig.stage(lambda row: row.gigs.count()), stage(lambda row: row.gigs.any()))
    assert await query.left_join(stage, on=stage.inner.id == Gig.id).order_by(Gig.id).limit(2) == [
        ("Opening", 1, True),
        ("Encore", 0, False),
    ]


async def test_in_writes_and_groups(db: Database) -> None:
    """Updates and deletes ask about related rows too, and groups are made by how many there are."""
    await season()
    by_number = Person.select(Person.gigs.count(), Person.id.count()).group_by(Person.gigs.count())
    assert sorted(await by_number) == [(0, 1), (1, 1), (3, 1)]
    assert await Person.update(Person.name.to("Idle")).where(Person.gigs.none()) == 1
    assert await Gig.delete().where(Gig.encores.none(), Gig.seats < 15) == 1
    assert await Gig.select(Gig.title).order_by(Gig.id).values() == ["Opening", "Coda", "Night"]


REFUSED: dict[str, tuple[Callable[[], Expr[Any]], str]] = {
    "different rows": (
        lambda: Person.gigs.count(distinct=True),
        (
            "count(distinct=True) of related rows counts the different values of one column, such as "
            "User.events.select(Event.place).count(distinct=True)."
        ),
    ),
    "different values of a page": (
        lambda: Person.gigs.select(Gig.note).limit(1).count(distinct=True),
        "count(distinct=True) of related rows takes all of them; limit() and offset() cut none out.",
    ),
    "conditions on a page": (
        lambda: Person.gigs.limit(1).any(Gig.seats > 3),
        "any() and none() ask all related rows about their conditions; leave out limit() and offset().",
    ),
    "no condition": (
        lambda: Person.gigs.any(cast("Any", Gig.seats)),
        "A condition was expected, such as Event.title == 'x', got ",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name: str) -> None:
    """A question that has no meaning is refused while the query is built."""
    build, message = REFUSED[name]
    with pytest.raises(QueryError) as caught:
        build()
    assert str(caught.value).startswith(message)


async def test_lists_are_not_compared(db: Database) -> None:
    """A list of related rows itself stands in no condition, and the refusal says what to ask instead."""
    with pytest.raises(QueryError) as caught:
        await Person.select().where(Person.gigs.is_null())
    assert str(caught.value) == (
        "Related rows are selected beside a row as a list and cannot be compared; ask about them with count(), any() "
        "or none()."
    )
