"""Related rows, by a key and many to many, give the same on every database, and what a model in plain Python says."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.differential.linked import linked_schemas, linked_worlds
from tests.differential.relations import relation_questions, relations_of
from tests.differential.running import Plan, check_questions, examples, plans
from tests.differential.schemas import schemas

pytestmark = pytest.mark.anyio

RELATED = schemas().filter(lambda schema: any(map(relations_of, schema)))


@examples(0.15)
@given(plan=plans(relation_questions, RELATED, answers_it=relations_of))
async def test_relations_by_keys_mean_what_python_says(urls: list[str], plan: Plan) -> None:
    """Lists of related rows, in one another too, and questions about them give exactly what the model says."""
    await check_questions(urls, plan)


@examples(0.15)
@given(plan=plans(relation_questions, linked_schemas(), linked_worlds, relations_of))
async def test_relations_of_many_to_many_mean_what_python_says(urls: list[str], plan: Plan) -> None:
    """So do those of many to many, of two tables and of one with itself, by tables made and declared."""
    await check_questions(urls, plan)
