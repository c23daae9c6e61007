"""Tests of the media types of bodies on hand-written routes."""

from __future__ import annotations

from typing import Annotated

import pytest
from fastapi import Body, FastAPI, File, Form
from httpx import ASGITransport, AsyncClient

from tabor.web.install import install

pytestmark = pytest.mark.anyio


def make_client() -> AsyncClient:
    """A client of an app with a route for each kind of body."""
    app = FastAPI()
    install(app)

    @app.post("/json")
    async def read_json(body: dict[str, int]) -> dict[str, int]:
        return body

    @app.post("/optional")
    async def read_optional(body: Annotated[dict[str, int] | None, Body()] = None) -> dict[str, int] | None:
        return body

    @app.post("/form")
    async def read_form(name: Annotated[str, Form()]) -> str:
        return name

    @app.post("/file")
    async def read_file(file: Annotated[bytes, File()]) -> int:
        return len(file)

    @app.post("/text")
    async def read_text(body: Annotated[bytes, Body(media_type="text/plain")]) -> int:
        return len(body)

    return AsyncClient(transport=ASGITransport(app), base_url="http://app")


@pytest.mark.parametrize(
    ("path", "content_type", "body", "accepted"),
    [
        ("/json", "text/plain", b"{}", "application/json"),
        ("/json", "application/x-www-form-urlencoded", b"a=1", "application/json"),
        ("/json", "", b"{}", "application/json"),
        ("/optional", "text/json", b"{}", "application/json"),
        ("/form", "application/json", b"{}", "application/x-www-form-urlencoded"),
        ("/file", "application/x-www-form-urlencoded", b"file=x", "multipart/form-data"),
    ],
)
async def test_refused(path: str, content_type: str, body: bytes, accepted: str) -> None:
    """A body of another type than the route's is a 415 that names the right one."""
    headers = {"content-type": content_type} if content_type else {}
    async with make_client() as client:
        answer = await client.post(path, content=body, headers=headers)
    assert (answer.status_code, answer.headers["accept"]) == (415, accepted)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "content_type", "body", "result"),
    [
        ("/json", "application/json; charset=utf-8", b'{"a": 1}', {"a": 1}),
        ("/json", "application/merge-patch+json", b'{"a": 1}', {"a": 1}),
        ("/optional", "", b"", None),
        ("/form", "application/x-www-form-urlencoded", b"name=Ann", "Ann"),
        ("/text", "text/plain", b"12345", 5),
    ],
)
async def test_taken(path: str, content_type: str, body: bytes, result: object) -> None:
    """A body of the right type is read, and a missing one that may be missing is none."""
    headers = {"content-type": content_type} if content_type else {}
    async with make_client() as client:
        answer = await client.post(path, content=body, headers=headers)
    assert (answer.status_code, answer.json()) == (200, result)


async def test_multipart() -> None:
    """Either kind of form carries plain fields; files come in one of them."""
    async with make_client() as client:
        field = await client.post("/form", files={"name": (None, "Ann")})
        file = await client.post("/file", files={"file": b"12345"})
    assert (field.json(), file.json()) == ("Ann", 5)
