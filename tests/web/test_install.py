"""Tests of a FastAPI app after ``install``: limits, headers, and what lies outside the guard."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from starlette.requests import Request

from tabor.web.install import install
from tests.web.planner import make_app, problem

pytestmark = pytest.mark.anyio


async def test_body_over_the_limit(client: AsyncClient) -> None:
    """A JSON body over 1 MB is refused with 413 before a route is reached."""
    response = await client.post("/event/new", json={"title": "x" * 1_100_000})
    assert (response.status_code, problem(response)["type"]) == (413, "/problems/too-large")


@pytest.mark.parametrize("path", ["/event/new", "/raw"])
async def test_streamed_body_over_the_limit(client: AsyncClient, path: str) -> None:
    """A body whose length nobody announced is refused with 413 when it passes the limit."""

    async def body() -> AsyncIterator[bytes]:
        yield b'"'
        for _ in range(20):
            yield b"x" * 100_000

    response = await client.post(path, content=body(), headers={"content-type": "application/json"})
    assert (response.status_code, problem(response)["type"]) == (413, "/problems/too-large")


async def test_uploads(client: AsyncClient) -> None:
    """A file within the limit is taken, a larger one refused with 413."""
    taken = await client.post("/upload", files={"file": b"x" * 9_000})
    refused = await client.post("/upload", files={"file": b"x" * 11_000})
    assert (taken.status_code, taken.json(), refused.status_code) == (200, 9_000, 413)


async def test_every_answer_is_guarded(client: AsyncClient) -> None:
    """Good answers, refusals and failures all carry the guard's headers."""
    for path in ("/event", "/nothing", "/fail/bug", "/docs", "/openapi.json"):
        response = await client.get(path)
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-request-id"]


async def test_failure_before_the_guard() -> None:
    """What fails in middleware outside the guard is a 500 problem too, though without an id."""
    app = make_app()

    class Broken:
        def __init__(self, app: object) -> None:
            pass

        async def __call__(self, scope: object, receive: object, send: object) -> None:
            raise RuntimeError("hunter2")

    app.add_middleware(Broken)
    async with AsyncClient(
        transport=ASGITransport(app, raise_app_exceptions=False), base_url="http://planner"
    ) as client:
        response = await client.get("/event")
    assert (response.status_code, response.json()["type"], response.json()["instance"]) == (
        500,
        "/problems/internal",
        "",
    )


async def test_the_apps_own_body_limit_counts() -> None:
    """A limit that the app was made with is kept where it is lower, and answered by a problem."""
    app = FastAPI(max_body_size=100)
    install(app)

    @app.post("/raw")
    async def raw(request: Request) -> int:
        return len(await request.body())

    async with AsyncClient(transport=ASGITransport(app), base_url="http://planner") as client:
        response = await client.post("/raw", content=b"x" * 101)
    assert problem(response)["detail"] == "A body may have 100 bytes at most."
