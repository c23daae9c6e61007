"""Tests of conditions as values."""

from __future__ import annotations

import pytest

from tabor import Database, Expr, QueryError
from tabor.query.conditions import NEVER, all_of, any_of, depends_on, is_condition, moved_to, roots, shown_where
from tabor.schema.facts import facts_of
from tabor.schema.hops import own_place
from tabor.tree.nodes import Comparison, Value, compared
from tests.festival import Gig, Person, Stage, ann, bob

pytestmark = pytest.mark.anyio


def token(table: type[Gig] | type[Person] | type[Stage]) -> int:
    """What tells a table apart."""
    return facts_of(table).source.token


def test_conditions_are_told_from_other_things() -> None:
    """Only an expression that gives true or false is a condition."""
    assert is_condition(Gig.seats > 5)
    assert is_condition(NEVER)
    for other in (Gig.seats, True, None, "x", Gig.booker):
        assert not is_condition(other)


def test_roots_are_the_tables_that_a_condition_starts_from() -> None:
    """A path starts from the table of its first key."""
    assert roots((Gig.stage(lambda stage: stage.owner.email) == "x") | (Gig.seats > 1)) == {token(Gig)}
    assert roots((Gig.seats > 1) & (Person.name == "x")) == {token(Gig), token(Person)}


def test_what_a_condition_depends_on() -> None:
    """Its own columns, the columns behind keys, and the keys on the way."""
    assert depends_on(Gig.seats > 1) == {(token(Gig), "seats")}
    assert depends_on(Gig.booker.id == 1) == {(token(Gig), "booker")}
    assert depends_on(Gig.stage(lambda stage: stage.owner.email) == "x") == {
        (token(Gig), "stage"),
        (token(Stage), "owner"),
        (token(Person), "email"),
    }


async def test_a_condition_moves_along_a_key(db: Database) -> None:
    """What is said of people can be said of a gig's booker, further keys included."""
    first, second = await ann(), await bob()
    stage = await Stage.insert(Stage(name="Main", owner=second)).one()
    await Gig.insert(Gig(title="A", booker=first, stage=stage), Gig(title="B", booker=second))
    booker = own_place(facts_of(Gig)).along("booker")
    on_stage = own_place(facts_of(Gig)).along("stage")
    by_bob = moved_to(~(Person.name == "Ann") & Person.email.contains("bob"), booker.source)
    owned = moved_to(Stage.owner.email == "bob@example.org", on_stage.source)
    assert await Gig.select(Gig.title).where(by_bob).values() == ["B"]
    assert await Gig.select(Gig.title).where(owned).values() == ["A"]
    assert await Gig.select(Gig.title).where(any_of([by_bob, owned])).order_by(Gig.id).values() == ["A", "B"]
    assert await Gig.select().where(all_of([by_bob, owned])).count() == 0
    assert await Gig.select().where(NEVER).count() == 0


def test_a_condition_moves_to_its_own_table_only() -> None:
    """A condition on stages says nothing of a booker."""
    booker = own_place(facts_of(Gig)).along("booker")
    with pytest.raises(QueryError, match="cannot be moved"):
        moved_to(Stage.name == "x", booker.source)


async def test_a_value_is_shown_where_conditions_hold(db: Database) -> None:
    """Elsewhere it is null, and answers no comparison."""
    first = await ann()
    await Gig.insert(Gig(title="A", seats=1, booker=first), Gig(title="B", seats=9, booker=first))
    title: Expr[str | None] = shown_where([Gig.seats > 5, Gig.seats < 10], Gig.title)
    assert await Gig.select(Gig.id, title).order_by(Gig.id) == [(1, None), (2, "B")]
    assert await Gig.select(Gig.id).where(~(title == "B")).values() == []
    assert shown_where([], Gig.title) is Gig.title


@pytest.mark.parametrize("op", ["eq", "ne", "lt", "lte", "gt", "gte"])
def test_a_column_beside_a_value_is_the_comparison_of_both(op: str) -> None:
    """What is made without a constructor has the parts, the key and the values that a constructor gives it."""
    column = facts_of(Gig).nodes["seats"]
    for value in (5, 6):
        quick, plain = compared(op, column, value), Comparison(op, column, Value(column.datatype, value))
        assert (quick.op, quick.key, quick.values) == (plain.op, plain.key, plain.values)
        assert (quick.datatype, quick.nullable) == (plain.datatype, plain.nullable)
        beside = quick.args[1]
        assert quick.args == (column, beside)
        assert (beside.datatype, beside.key, beside.values) == (column.datatype, plain.args[1].key, (value,))
