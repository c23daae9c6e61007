"""Tests of names given to what is selected: what dicts and JSON call it, and nothing else changes."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from tabor import Database, QueryError, count, cte, rank
from tests.festival import Gig, Person, ann, bob

pytestmark = pytest.mark.anyio


@pytest.fixture
async def festival(db: Database) -> None:
    """Gigs of two people."""
    first, second = await ann(), await bob()
    await Gig.insert(
        Gig(title="A", seats=10, booker=first),
        Gig(title="B", seats=25, booker=first, note="late"),
        Gig(title="C", seats=29, booker=second),
    )


async def test_names_in_dicts_and_json(festival: None) -> None:
    """An expression has its name in dicts, nested ones too, and JSON has the same."""
    query = Gig.select(
        Gig.title.named("gig"), (Gig.seats * 2).named("twice"), (Gig.seats * 3).named("thrice"), Gig.booker
    ).order_by(Gig.id)
    (first, *_) = await query.dicts()
    assert list(first) == ["gig", "twice", "thrice", "booker"]
    assert first["twice"] == 20
    plain = Gig.select(Gig.note.named("said"), (Gig.fee * 2).named("double")).order_by(Gig.id).limit(2)
    assert json.loads(await plain.json()) == [{"said": None, "double": "0.00"}, {"said": "late", "double": "0.00"}]
    assert [str(row["double"]) for row in await plain.dicts()] == ["0.00", "0.00"]


async def test_names_of_related_rows(festival: None) -> None:
    """Two lists of one relation, and numbers of their rows, stand in one object by their names."""
    large, small = Person.gigs.where(Gig.seats > 20).named("large"), Person.gigs.where(Gig.seats <= 20).named("small")
    query = Person.select(
        Person.name,
        large.order_by(Gig.id).select(Gig.title.named("gig")),
        small.select(Gig.title).values(),
        Person.gigs.count().named("gigs"),
    ).order_by(Person.id)
    expected = [
        {"name": "Ann", "large": [{"gig": "B"}], "small": ["A"], "gigs": 2},
        {"name": "Bob", "large": [{"gig": "C"}], "small": [], "gigs": 1},
    ]
    assert await query.dicts() == expected
    assert json.loads(await query.json()) == expected
    whole = await Person.select(Person, large, small).where(Person.id == 1).dicts().one()
    assert list(whole) == ["id", "email", "name", "large", "small"]


async def test_a_name_changes_nothing_else(festival: None) -> None:
    """A named expression is grouped by, sorted by, told apart and looked up as the expression itself."""
    tens = Gig.seats // 10
    decade, number = tens.named("decade"), count().named("number")
    grouped = Gig.select(decade, number).group_by(tens).having(number > 1).order_by(decade.desc())
    assert await grouped.dicts() == [{"decade": 2, "number": 2}]
    assert await Gig.select(tens, count()).group_by(decade).order_by(tens) == [(1, 1), (2, 2)]
    assert await Gig.select(decade).distinct().order_by(tens).values() == [1, 2]
    assert (
        await Gig.select(tens).distinct().order_by(decade).json()
        == b'[{"floor_divide_seats":1},{"floor_divide_seats":2}]'
    )
    named = cte("named", Gig.select(Gig.title.named("gig"), decade))
    assert await named.select(named[Gig.title], named[tens]).where(named[decade] == 1) == [("A", 1)]
    assert await named.select().where(named[tens] == 1).dicts() == [{"gig": "A", "decade": 1}]
    both = Gig.select(Gig.title.named("text")).union(Person.select(Person.name)).order_by(Gig.title)
    assert await both.limit(1).dicts() == [{"text": "A"}]
    place = rank().over(order_by=Gig.seats.desc()).named("place")
    assert await Gig.select(place).order_by(place).json() == b'[{"place":1},{"place":2},{"place":3}]'
    written = Gig.update(Gig.seats.to(7)).where(Gig.title == "A").returning((Gig.seats * 2).named("twice"))
    assert await written.dicts() == [{"twice": 14}]


class Card(NamedTuple):
    """A text and a number."""

    text: str
    number: int


async def test_into_looks_at_names(festival: None) -> None:
    """Values in another order than the parameters of these names are refused, also after the same without names."""
    query = Gig.select(Gig.title, Gig.seats).order_by(Gig.id)
    assert await query.into(Card).first() == Card("A", 10)
    named = Gig.select(Gig.title.named("text"), Gig.seats.named("number")).order_by(Gig.id)
    assert await named.into(Card).first() == Card("A", 10)
    with pytest.raises(QueryError, match=r"^Card takes text as value 1, and the query gives it as value 2; select in"):
        Gig.select(Gig.title.named("number"), Gig.note.named("text")).into(Card)  # type: ignore[type-var]  # pyright: ignore[reportCallIssue, reportArgumentType]  # the mistake


@pytest.mark.parametrize("name", ["", "two words", "a.b", 3])
async def test_a_name_is_an_identifier(name: Any) -> None:
    """Any other name is refused as it is given."""
    for item in (Gig.title, Person.gigs):
        with pytest.raises(QueryError, match=r"^The name of something selected is an identifier, such as total, got "):
            item.named(name)
