"""Schemas, rows and queries on a database: tables that are there for an example, and what queries give as compared."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

from hypothesis import settings
from hypothesis import strategies as st

from tabor import Database
from tests.differential.queries import Asked, Model, answers
from tests.differential.schemas import Made, World, schemas, worlds
from tests.differential.writes import Written, told_of


def examples(share: float) -> settings:
    """A part of the examples that a run asks for: each takes tables of its own on every database."""
    return settings(max_examples=max(1, round(settings().max_examples * share)))


@asynccontextmanager
async def filled(url: str, schema: list[Made], world: World) -> AsyncGenerator[Database]:
    """A database with these tables and rows, which are gone after the block."""
    async with Database(url, tables=[made.table for made in schema if not made.implied]) as db:
        await db.create_tables()
        try:
            # Rows of a table may refer to each other.
            async with db.transaction(deferred_constraints=True):
                for made in schema:
                    rows = [made.table(**row) for row in world[made.name].values()]
                    assert await made.table.insert(*rows).run(db) == len(rows)
            yield db
        finally:
            for made in reversed(schema):
                await db.sql(f'drop table "{made.name}"')


async def answered(db: Database, query: Any, *, in_order: bool) -> list[str]:
    """What a query gives, as it is compared."""
    found = await query.run(db)
    return answers(
        cast("list[tuple[object, ...]]", found) if isinstance(found, list) else [(found,)], in_order=in_order
    )


@dataclass(frozen=True)
class Plan:
    """A schema, the rows in it, and what is done with them."""

    schema: list[Made]
    world: World
    steps: list[Any]


Question = st.SearchStrategy[tuple[Any, Model, bool]]


@st.composite
def plans(
    draw: st.DrawFn,
    question: Callable[[Made], Question],
    of: st.SearchStrategy[list[Made]] | None = None,
    world_of: Callable[[list[Made]], st.SearchStrategy[World]] = worlds,
    answers_it: Callable[[Made], object] = lambda made: made.table,
) -> Plan:
    """Some of these questions to tables of a schema that have answers, with the rows that they should give."""
    schema = draw(schemas() if of is None else of)
    world = draw(world_of(schema))
    able = [made for made in schema if answers_it(made)]
    steps: list[Asked] = []
    for _ in range(draw(st.integers(1, 3))):
        query, model, in_order = draw(question(draw(st.sampled_from(able))))
        steps.append(Asked(query, answers(model(world), in_order=in_order), in_order))
    return Plan(schema, world, steps)


async def check_questions(urls: list[str], plan: Plan) -> None:
    """Ask every question of the plan on every database; each gives exactly the rows of the model."""
    asked: Asked
    for url in urls:
        async with filled(url, plan.schema, plan.world) as db:
            for asked in plan.steps:
                found = await answered(db, asked.query, in_order=asked.in_order)
                assert found == asked.expected, told_apart(asked.query, found, asked.expected)


async def check_writes(urls: list[str], plan: Plan) -> None:
    """Do every write of the plan on every database; each gives back and leaves behind exactly what the model says."""
    written: Written
    for url in urls:
        async with filled(url, plan.schema, plan.world) as db:
            for written in plan.steps:
                found = await answered(db, written.query, in_order=False)
                assert found == written.given, told_apart(written.query, found, written.given)
                rows = await written.made.table.select().run(db)
                left = answers([told_of(written.made, row) for row in rows], in_order=False)
                assert left == written.left, told_apart(written.query, left, written.left)


def told_apart(query: object, found: list[str], expected: list[str]) -> str:
    """A query with the rows that it gives and those that it should give, where they differ."""
    more, less = [row for row in found if row not in expected], [row for row in expected if row not in found]
    return f"{query}\ngives {more or found}\ninstead of {less or expected}"
