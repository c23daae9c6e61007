"""Random schemas, rows, queries and writes give the same on every database, and what a model in plain Python says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.differential.queries import questions
from tests.differential.running import Plan, check_questions, check_writes, examples
from tests.differential.schemas import schemas, worlds
from tests.differential.writes import changes

pytestmark = pytest.mark.anyio

BOUNDED = examples(0.4)


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
    await check_questions(urls, plan)


@BOUNDED
@given(plan=writings())
async def test_writes_do_what_python_says(urls: list[str], plan: Plan) -> None:
    """Updates, deletes and upserts give back and leave behind exactly what the model says."""
    await check_writes(urls, plan)
