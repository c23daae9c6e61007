"""Queries that go on from their own rows give the same on every database, and what a model in plain Python says."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.differential.recursion import chained_schemas, chained_worlds, chains
from tests.differential.running import Plan, check_questions, examples, plans

pytestmark = pytest.mark.anyio


@examples(0.25)
@given(plan=plans(chains, chained_schemas(), chained_worlds))
async def test_chains_mean_what_python_says(urls: list[str], plan: Plan) -> None:
    """A chain has exactly the rows that the model finds, up and down, with circles and without."""
    await check_questions(urls, plan)
