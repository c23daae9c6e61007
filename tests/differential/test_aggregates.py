"""Aggregates of random rows give the same on every database, and what a model in plain Python says."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.differential.aggregates import groups
from tests.differential.running import Plan, check_questions, examples, plans

pytestmark = pytest.mark.anyio


@examples(0.25)
@given(plan=plans(groups))
async def test_aggregates_mean_what_python_says(urls: list[str], plan: Plan) -> None:
    """Aggregates with filters, orders and distinct give exactly what the model says, on every database."""
    await check_questions(urls, plan)
