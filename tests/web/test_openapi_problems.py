"""Tests of problem documents in the OpenAPI description."""

from __future__ import annotations

import json

import pytest
from httpx import AsyncClient

from tests.web.planner import make_app

pytestmark = pytest.mark.anyio


async def test_description_speaks_of_problems(client: AsyncClient) -> None:
    """The OpenAPI document describes problem documents and nothing of FastAPI's own error bodies."""
    description = (await client.get("/openapi.json")).json()
    responses = description["paths"]["/event/new"]["post"]["responses"]
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert {status: each["content"] for status, each in responses.items() if status != "201"} == {
        "422": content,
        "default": content,
    }
    assert "HTTPValidationError" not in json.dumps(description)
    assert description["components"]["schemas"]["Problem"]["required"] == [
        "type",
        "title",
        "status",
        "detail",
        "instance",
        "errors",
    ]


async def test_description_is_made_once() -> None:
    """The document is made at the first call and kept."""
    app = make_app()
    assert app.openapi() is app.openapi()
