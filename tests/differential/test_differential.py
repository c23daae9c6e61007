"""Random schemas, rows, queries and writes give the same on every database, and what a model in plain Python says."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabor import Database
from tests.differential.queries import Asked, answers, questions
from tests.differential.schemas import Made, World, schemas, worlds
from tests.differential.writes import Written, changes, names_of
from tests.postgres_databases import Databases

pytestmark = pytest.mark.anyio

BOUNDED = settings(max_examples=settings().max_examples * 2 // 5)


@pytest.fixture(scope="module")
def urls(postgres_databases: Databases) -> Iterator[list[str]]:
    """A database on each engine that all examples share, one after the other."""
    url = postgres_databases.create()
    yield ["sqlite:///:memory:", url]
    postgres_databases.drop(url)


@asynccontextmanager
async def filled(url: str, schema: list[Made], world: World) -> AsyncGenerator[Database]:
    """A database with these tables and rows, which are gone after the block."""
    async with Database(url, tables=[made.table for made in schema]) as db:
        await db.create_tables()
        try:
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


@st.composite
def readings(draw: st.DrawFn) -> Plan:
    """Queries with the rows that they should give."""
    schema = draw(schemas())
    world = draw(worlds(schema))
    return Plan(schema, world, draw(st.lists(questions(schema, world), min_size=1, max_size=4)))


@st.composite
def writings(draw: st.DrawFn) -> Plan:
    """Writes, one after the other, with what they should give and leave behind."""
    schema = draw(schemas())
    world = draw(worlds(schema))
    return Plan(schema, world, draw(changes(schema, world)))


@BOUNDED
@given(plan=readings())
async def test_queries_mean_what_python_says(urls: list[str], plan: Plan) -> None:
    """Queries of every form give exactly the rows of the model, on every database."""
    asked: Asked
    for url in urls:
        async with filled(url, plan.schema, plan.world) as db:
            for asked in plan.steps:
                found = await answered(db, asked.query, in_order=asked.in_order)
                assert found == asked.expected, str(asked.query)


@BOUNDED
@given(plan=writings())
async def test_writes_do_what_python_says(urls: list[str], plan: Plan) -> None:
    """Updates, deletes and upserts give back and leave behind exactly what the model says."""
    written: Written
    for url in urls:
        async with filled(url, plan.schema, plan.world) as db:
            for written in plan.steps:
                table = written.made.table
                assert await answered(db, written.query, in_order=False) == written.given, str(written.query)
                names = names_of(written.made)
                rows = await table.select().run(db)
                left = answers([tuple(getattr(row, name) for name in names) for row in rows], in_order=False)
                assert left == written.left, str(written.query)
