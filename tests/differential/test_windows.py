"""Windows over random rows give the same on every database, and what a model in plain Python says."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.differential.running import Plan, check_questions, examples, plans
from tests.differential.windows import window_questions

pytestmark = pytest.mark.anyio


@examples(0.3)
@given(plan=plans(window_questions))
async def test_windows_mean_what_python_says(urls: list[str], plan: Plan) -> None:
    """Window functions in every form of window give exactly what the model says, on every database."""
    await check_questions(urls, plan)
