"""Tests of queries within queries: what they mean, on every database."""

from __future__ import annotations

from typing import Any

import pytest

from tabor import Database, Expr, Query, QueryError, exists
from tabor.query.conditions import all_of, depends_on, moved_to, roots
from tabor.schema.facts import facts_of
from tabor.schema.hops import own_place
from tests.festival import Gig, Person, Stage, ann, bob

pytestmark = pytest.mark.anyio


@pytest.fixture
async def festival(db: Database) -> None:
    """Ann owns a stage and booked three gigs, Bob one; nobody else did anything."""
    first, second = await ann(), await bob()
    await Person.insert(Person(email="eve@example.org", name="Eve"))
    stage = await Stage.insert(Stage(name="Main", owner=first)).one()
    await Gig.insert(
        Gig(title="A", seats=10, booker=first, stage=stage, sound=second),
        Gig(title="B", seats=20, booker=first),
        Gig(title="C", seats=30, booker=second, stage=stage),
        Gig(title="D", seats=40, booker=first),
    )


def token(table: type[Gig] | type[Person] | type[Stage]) -> int:
    """What tells a table apart."""
    return facts_of(table).source.token


async def test_in_and_not_in(festival: None) -> None:
    """A value is looked for among what a query of one column gives."""
    anns = Person.select(Person.id).where(Person.name == "Ann")
    titles = Gig.select(Gig.title).order_by(Gig.id).values()
    assert await titles.where(Gig.booker.id.is_in(anns)) == ["A", "B", "D"]
    assert await titles.where(Gig.booker.id.is_in(anns.values()), Gig.seats > 10) == ["B", "D"]
    assert await titles.where(Gig.booker.id.not_in(anns)) == ["C"]
    assert await titles.where(~Gig.booker.id.is_in(anns)) == ["C"]
    largest = Gig.select(Gig.id).order_by(Gig.seats.desc()).limit(2)
    assert await titles.where(Gig.id.is_in(largest)) == ["C", "D"]


async def test_nulls_are_left_out_of_a_list(festival: None) -> None:
    """A null among the rows of a query does not make everything neither in nor out of it."""
    mixers = Gig.select(Gig.sound(lambda person: person.id))
    names = Person.select(Person.name).order_by(Person.id).values()
    assert await names.where(Person.id.is_in(mixers)) == ["Bob"]
    assert await names.where(Person.id.not_in(mixers)) == ["Ann", "Eve"]
    assert await names.where(~Person.id.is_in(mixers)) == ["Ann", "Eve"]
    nobody = mixers.where(Gig.seats > 1_000)
    assert await names.where(Person.id.is_in(nobody)) == []
    assert await names.where(Person.id.not_in(nobody)) == ["Ann", "Bob", "Eve"]


async def test_exists(festival: None) -> None:
    """A condition asks whether another query has rows; columns of the query around it stand in its conditions."""
    large = Gig.select().where(Gig.booker.id == Person.id, Gig.seats > 30)
    names = Person.select(Person.name).order_by(Person.id).values()
    assert await names.where(exists(large)) == ["Ann"]
    assert await names.where(~exists(large)) == ["Bob", "Eve"]
    assert await names.where(exists(large) | (Person.name == "Eve")) == ["Ann", "Eve"]
    assert await Person.select(Person.name, exists(large)).order_by(Person.id) == [
        ("Ann", True),
        ("Bob", False),
        ("Eve", False),
    ]
    busy = Gig.select(Gig.booker.id).where(Gig.booker.id == Person.id).group_by(Gig.booker.id)
    assert await names.where(exists(busy.having(Gig.id.count() > 2))) == ["Ann"]


async def test_exists_across_keys_on_both_sides(festival: None) -> None:
    """A path that starts outside joins outside, one that starts inside joins inside."""
    on_stage = Gig.select().where(Gig.booker.name == Stage.owner.name, Gig.seats > 30)
    assert await Stage.select(Stage.name).where(exists(on_stage)).values() == ["Main"]
    assert await Stage.select(Stage.name).where(exists(on_stage.where(Gig.seats > 40))).values() == []


async def test_a_subquery_in_a_subquery_sees_every_query_around_it(festival: None) -> None:
    """A column belongs to the innermost query that starts from its table."""
    same_stage = Stage.select().where(Stage.id == Gig.stage(lambda stage: stage.id), Stage.owner.id == Person.id)
    booked = Gig.select().where(Gig.booker.id != Person.id, exists(same_stage))
    assert await Person.select(Person.name).where(exists(booked)).values() == ["Ann"]


async def test_scalars(festival: None) -> None:
    """A query of one column stands for the value of its first row, null where there is none."""
    count = Gig.select(Gig.id.count()).where(Gig.booker.id == Person.id).scalar()
    best = Gig.select(Gig.title).where(Gig.booker.id == Person.id).order_by(Gig.seats.desc()).scalar()
    assert await Person.select(Person.name, count, best).order_by(count.desc(), Person.id) == [
        ("Ann", 3, "D"),
        ("Bob", 1, "C"),
        ("Eve", 0, None),
    ]
    assert await Person.select(Person.name).where(count == 1).values() == ["Bob"]
    average = Gig.select(Gig.seats.sum()).scalar()
    assert await Gig.select(Gig.title).where(Gig.seats * 3 > average).values() == ["D"]
    assert await Person.select(Person.name).where(best.is_null()).values() == ["Eve"]


async def test_values_keep_their_order(festival: None) -> None:
    """Values inside and outside of subqueries go to their own places, wherever the subqueries stand."""
    inner = Gig.select(Gig.seats + 1).where(Gig.title == "A").scalar()
    other = Gig.select(Gig.id).where(Gig.seats.between(15, 35)).order_by(Gig.seats * 2).limit(1).offset(1)
    query = (
        Gig.select(Gig.seats * 3, inner, Gig.seats + 5)
        .where(Gig.seats > 4, Gig.id.is_in(other), exists(Person.select().where(Person.name == "Eve")), Gig.seats < 31)
        .order_by(inner, Gig.seats + 7)
        .limit(2)
    )
    assert await query == [(90, 11, 35)]
    assert await query.where(Gig.title == "A") == []


async def test_queries_of_one_shape_share_a_statement(db: Database, festival: None) -> None:
    """Subqueries that differ in values alone have the same key; those that differ otherwise have another."""

    def booked(name: str, *more: Expr[bool]) -> object:
        inner = Person.select(Person.id).where(Person.name == name, *more)
        return Gig.select().where(Gig.booker.id.is_in(inner)).statement.key

    assert booked("Ann") == booked("Bob")
    assert hash(booked("Ann")) == hash(booked("Bob"))
    assert booked("Ann") != booked("Ann", Person.id > 1)


async def test_writes_with_subqueries(festival: None) -> None:
    """Conditions and new values of updates and deletes may ask other tables, about the row at hand too."""
    mine = Person.select(Person.name).where(Person.id == Gig.booker.id).scalar()
    assert await Gig.update(Gig.note.to(mine)).where(Gig.seats > 20) == 2
    assert await Gig.select(Gig.note).order_by(Gig.id).values() == [None, None, "Bob", "Ann"]
    with_stage = Stage.select().where(Stage.id == Gig.stage(lambda stage: stage.id), Stage.name == "Main")
    assert await Gig.delete().where(exists(with_stage), Gig.booker.name == "Bob") == 1
    assert await Gig.delete().where(Gig.booker.id.is_in(Person.select(Person.id).where(Person.name == "Ann"))) == 3


async def test_conditions_with_subqueries_are_values(festival: None) -> None:
    """What a subquery depends on is known, and it moves along a key with the condition that it is part of."""
    owns = exists(Stage.select().where(Stage.owner.id == Person.id, Stage.name == "Main"))
    assert roots(owns) == {token(Person)}
    assert depends_on(owns) == {(token(Stage), "owner"), (token(Stage), "name"), (token(Person), "id")}
    booker = own_place(facts_of(Gig)).along("booker")
    moved = moved_to(all_of([owns, Person.name != "x"]), booker.source)
    assert await Gig.select(Gig.title).where(moved).order_by(Gig.id).values() == ["A", "B", "D"]
    apart = Person.id.is_in(Stage.select(Stage.owner.id).where(Stage.name == "Main"))
    assert await Gig.select(Gig.title).where(~moved_to(apart, booker.source)).values() == ["C"]
    booked = exists(Gig.select().where(Gig.booker.id == Person.id))
    with pytest.raises(QueryError, match="subquery on gig cannot be moved to where gig is the table around it"):
        moved_to(booked, booker.source)


async def test_a_grouped_query_groups_by_what_its_subqueries_use(festival: None) -> None:
    """A column of the query around it stands beside an aggregate there, in a subquery too."""
    name = Person.select(Person.name).where(Person.id == Gig.booker.id).scalar()
    by_booker = Gig.select(name, Gig.id.count()).group_by(Gig.booker.id).order_by(Gig.booker.id)
    assert await by_booker == [("Ann", 3), ("Bob", 1)]
    with pytest.raises(QueryError, match=r"gig\.booker stands beside an aggregate"):
        await Gig.select(name, Gig.id.count())


WRONG: tuple[Query[Any], ...] = (
    Person.select(),
    Person.select(Person.id, Person.name),
    Person.select(Person.id).into(str),
)


@pytest.mark.parametrize("query", WRONG)
def test_a_list_or_a_value_is_one_column(query: Query[Any]) -> None:
    """A query of several columns, of whole rows or of records is neither a list nor a value."""
    with pytest.raises(QueryError, match=r"is_in\(\) and not_in\(\) need a query of exactly one column"):
        Gig.id.is_in(query)
    with pytest.raises(QueryError, match=r"scalar\(\) needs a query of exactly one column"):
        query.scalar()


@pytest.mark.parametrize("wrong", [Person.select().count(), Person.name == "x"])
def test_exists_takes_queries(wrong: Any) -> None:
    """A number of rows or a condition is no query."""
    with pytest.raises(QueryError, match=r"exists\(\) takes a query"):
        exists(wrong)
