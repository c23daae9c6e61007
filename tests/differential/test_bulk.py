"""Random writes of many rows, of rows from queries and of rows that may be there, beside a model in plain Python."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.differential.bulk import bulk_changes
from tests.differential.running import Plan, check_writes, examples
from tests.differential.schemas import schemas, worlds

pytestmark = pytest.mark.anyio


@st.composite
def writings(draw: st.DrawFn) -> Plan:
    """Writes, one after the other, with what they should give and leave behind."""
    schema = draw(schemas())
    world = draw(worlds(schema))
    return Plan(schema, world, draw(bulk_changes(schema, world)))


@examples(0.25)
@given(plan=writings())
async def test_bulk_writes_do_what_python_says(urls: list[str], plan: Plan) -> None:
    """update_many, insert_from, get_or_create and update_or_create leave exactly what the model says."""
    await check_writes(urls, plan)
