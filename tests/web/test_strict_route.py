"""Tests of JSON bodies on routes of one's own."""

from __future__ import annotations

import pytest
from fastapi import APIRouter, FastAPI
from httpx import ASGITransport, AsyncClient

from tabor.web.install import install
from tests.web.planner import EventIn, faults

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("path", ["/event/new", "/event/5"])
@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (b"{", "/body", "invalid_json"),
        (b'{"title": "a", "title": "b"}', "/body/title", "duplicate_name"),
        (b'{"title": "a\\u0000"}', "/body/title", "bad_character"),
        (b'{"title": "a", "capacity": NaN}', "/body/capacity", "not_finite"),
        (b'{"title": "a", "capacity": 9223372036854775808}', "/body/capacity", "out_of_range"),
        (b"\xff", "/body", "not_utf8"),
    ],
)
async def test_bodies_of_own_routes_are_strict(
    client: AsyncClient, path: str, body: bytes, pointer: str, code: str
) -> None:
    """Routes of one's own refuse the same JSON as generated ones, of the app as of a router with the route class."""
    method = "POST" if path.endswith("new") else "PATCH"
    response = await client.request(method, path, content=body, headers={"content-type": "application/json"})
    assert response.status_code == 400
    assert [fault[:2] for fault in faults(response)] == [(pointer, code)]


async def test_malformed_json_of_a_lenient_route() -> None:
    """A router with FastAPI's own route class answers malformed JSON by 400 too."""
    app = FastAPI()
    install(app)
    router = APIRouter()

    @router.post("/")
    async def create(event: EventIn) -> EventIn:
        return event

    app.include_router(router, prefix="/event")
    async with AsyncClient(transport=ASGITransport(app), base_url="http://planner") as client:
        response = await client.post("/event", content=b"{", headers={"content-type": "application/json"})
        assert (response.status_code, faults(response)) == (400, [("/body", "invalid_json", "The body is not JSON.")])
