"""Tests of plans: told by both databases, without running anything."""

from __future__ import annotations

from typing import Any

import pytest

from tabor import Database, Explanation, PlanStep, QueryError, UnsupportedFeature, param
from tabor.compile.postgres.plans import steps as postgres_steps
from tests.festival import Gig, Person, ann

pytestmark = pytest.mark.anyio


async def test_a_read_by_key_uses_the_index(db: Database) -> None:
    """The plan of a read by key names what finds the row; it holds the statement's own text."""
    await ann()
    plan = await Person.select(Person.name).where(Person.id == 1).explain()
    assert plan.sql.startswith('SELECT "person"."name" FROM "person" WHERE')
    assert plan.steps[0].depth == 0
    (using,) = {"SEARCH person USING INTEGER PRIMARY KEY (rowid=?)", "Index Scan", "Seq Scan"} & {
        plan.steps[0].operation
    }
    assert str(plan).startswith(using)


async def test_steps_stand_within_steps(db: Database) -> None:
    """A plan is a tree: each step stands before those that it takes rows of, one deeper."""
    plan = await Gig.select(Gig.title, Gig.booker.email).order_by(Gig.note.desc()).limit(3).explain()
    assert len(plan.steps) > 1
    assert plan.steps[0].depth == 0
    assert all(0 <= after.depth <= before.depth + 1 for before, after in zip(plan.steps, plan.steps[1:], strict=False))
    assert str(plan).count("\n") == len(plan.steps) - 1


WRITES: dict[str, Any] = {
    "insert": lambda: Person.insert(Person(email="x@example.org", name="X")),
    "insert returning": lambda: Person.insert(Person(email="x@example.org", name="X")).returning(Person.id),
    "insert of many": lambda: Person.insert(*[Person(email=f"{n}@example.org", name="X") for n in range(3)]),
    "insert from": lambda: Person.insert_from(Person.select(Person.name, Person.name), Person.email, Person.name),
    "update": lambda: Person.update(Person.name.to("B")).where(Person.id == 1),
    "delete": lambda: Person.delete().where(Person.id == 1).returning(Person.name),
    "delete of all": lambda: Person.delete(),
}


@pytest.mark.parametrize("name", WRITES)
async def test_a_write_is_told_and_does_not_run(db: Database, name: str) -> None:
    """The plan of a write leaves the rows as they are, in a transaction too."""
    await ann()
    write = WRITES[name]()
    assert isinstance(await write.explain(), Explanation)
    async with db.transaction():
        await write.explain(db)
    assert await Person.select(Person.id, Person.name) == [(1, "Ann")]
    with pytest.raises(QueryError):
        await write.explain(analyze=True)
    assert await Person.select(Person.id, Person.name) == [(1, "Ann")]


async def test_measured_steps(db: Database) -> None:
    """analyze=True measures a select where the database can, and is refused where it cannot."""
    await ann()
    query = Person.select().where(Person.name == "Ann")
    if db.engine.capabilities.row_locks:
        plan = await query.explain(analyze=True)
        assert plan.steps[0].facts["Actual Rows"] == 1
        assert "actual rows 1" in str(plan)
    else:
        with pytest.raises(UnsupportedFeature) as caught:
            await query.explain(analyze=True)
        assert caught.value.feature == "explain(analyze=True)"


async def test_values_are_needed(db: Database) -> None:
    """A query with param() and an insert of no rows have no values to plan with."""
    with pytest.raises(QueryError, match=r"^explain\(\) needs a query with all its values; this one has param\(\)"):
        await Person.select().where(Person.id == param(int)).explain()
    with pytest.raises(QueryError, match=r"^explain\(\) of an insert needs one row at least\.$"):
        await Person.insert([]).explain()


def test_the_text_shows_the_facts() -> None:
    """The text has a line for each step, moved in by its depth, with the table, the index and the rows."""
    inner = {"Node Type": "Index Scan", "Relation Name": "gig", "Index Name": "gig_pkey", "Plan Rows": 7}
    answer = [{"Plan": {"Node Type": "Limit", "Plan Rows": 3, "Plans": [inner]}}]
    found = Explanation("SELECT 1", tuple([PlanStep(*step) for step in postgres_steps([(answer,)])]))
    assert str(found) == "Limit rows 3\n  Index Scan on gig using gig_pkey rows 7"
