"""Tests of addresses with and without a trailing slash, and of the methods that they take."""

from __future__ import annotations

import pytest
from httpx import AsyncClient

from tests.web.planner import problem

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("path", ["/event", "/event/", "/event/?limit=50"])
async def test_both_spellings_answer(client: AsyncClient, path: str) -> None:
    """A route answers with and without its trailing slash, without a redirect."""
    response = await client.get(path)
    assert (response.status_code, response.json()) == (200, {"limit": 50})


@pytest.mark.parametrize("path", ["/event/new", "/event/new/"])
async def test_both_spellings_take_a_body(client: AsyncClient, path: str) -> None:
    """A body arrives with either spelling, also where another route takes the path with another method."""
    response = await client.post(path, json={"title": "Stage"})
    assert (response.status_code, response.json()) == (201, {"title": "Stage", "capacity": 0, "tags": []})


@pytest.mark.parametrize("path", ["/event", "/event/"])
async def test_methods_of_both_spellings_meet(client: AsyncClient, path: str) -> None:
    """Where one spelling has a route for GET and the other for POST, both take both."""
    assert [(await client.get(path)).status_code, (await client.post(path)).status_code] == [200, 200]


@pytest.mark.parametrize("path", ["/event//", "//event", "//"])
async def test_further_slashes_are_another_address(client: AsyncClient, path: str) -> None:
    """Only one slash at the end is taken for none."""
    assert (await client.get(f"http://planner{path}")).status_code == 404


async def test_the_root_has_one_spelling(client: AsyncClient) -> None:
    """The root of an app without a page there is a 404."""
    assert (await client.get("/")).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/event/5", "GET, PATCH"),
        ("DELETE", "/event/5/", "GET, PATCH"),
        ("PUT", "/event", "GET, POST"),
        ("GET", "/form", "POST"),
        ("DELETE", "/event/new", "GET, POST, PATCH"),
        ("POST", "/docs", "GET, HEAD"),
    ],
)
async def test_other_methods(client: AsyncClient, method: str, path: str, allowed: str) -> None:
    """A 405 lists the methods of all routes at the address, in either spelling."""
    response = await client.request(method, path)
    assert (response.status_code, response.headers["allow"]) == (405, allowed)
    assert problem(response)["detail"] == f"{method} is not possible here; possible: {allowed}."


async def test_methods_in_a_mount(client: AsyncClient) -> None:
    """A mounted app's own refusal of a method is passed on as a problem."""
    response = await client.post("/files/asgi.py")
    assert (response.status_code, problem(response)["type"]) == (405, "/problems/method-not-allowed")
