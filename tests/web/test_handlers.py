"""Tests of the problem document that each exception below an app becomes."""

from __future__ import annotations

import logging

import pytest
from httpx import AsyncClient

from tests.web.planner import FAILURES, faults, problem

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("what", "status", "address", "detail"),
    [
        ("problem", 403, "/problems/forbidden", "Only its creator may change it."),
        ("http", 418, "about:blank", "Short and stout."),
        (
            "plain404",
            404,
            "/problems/not-found",
            "There is nothing at this address, or nothing that the caller may see.",
        ),
        ("detail", 409, "/problems/conflict", '{"reason": ["a", 1]}'),
        ("unsigned", 401, "/problems/unauthenticated", "Who are you?"),
        ("method", 405, "/problems/method-not-allowed", "Read-only at night."),
        ("tabor", 409, "/problems/not-unique", "Another row already has this email."),
        ("rate", 429, "/problems/too-many-requests", "Too many requests; try again in 7 s."),
        ("sql", 500, "/problems/internal", "The server failed; its log has the cause under the id in instance."),
        ("busy", 503, "/problems/unavailable", "There is more work waiting than can be done; nothing was done."),
        ("bug", 500, "/problems/internal", "The server failed; its log has the cause under the id in instance."),
    ],
)
async def test_exceptions_become_problems(
    client: AsyncClient, what: str, status: int, address: str, detail: str
) -> None:
    """Whatever a route raises is answered by a problem document."""
    response = await client.get(f"/fail/{what}")
    document = problem(response)
    assert (response.status_code, document["type"], document["detail"]) == (status, address, detail)


@pytest.mark.parametrize(
    ("what", "name", "value"),
    [
        ("http", "x-pot", "tea"),
        ("unsigned", "www-authenticate", "Bearer"),
        ("method", "allow", "GET"),
        ("rate", "retry-after", "7"),
        ("busy", "retry-after", "3"),
    ],
)
async def test_headers_of_exceptions_are_kept(client: AsyncClient, what: str, name: str, value: str) -> None:
    """The headers that belong to a failure are sent with it."""
    assert (await client.get(f"/fail/{what}")).headers[name] == value


async def test_statuses_without_a_body_have_none(client: AsyncClient) -> None:
    """A 304 raised as an exception stays without a body."""
    response = await client.get("/fail/empty")
    assert (response.status_code, response.content, response.headers["etag"]) == (304, b"", "x")


async def test_hidden_causes_are_logged(client: AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    """What a 500 hides from the caller is in the log under the request id, with its cause."""
    with caplog.at_level(logging.WARNING, "tabor.web"):
        await client.get("/fail/sql", headers={"X-Request-ID": "one"})
        await client.get("/fail/bug", headers={"X-Request-ID": "two"})
        await client.get("/fail/busy", headers={"X-Request-ID": "three"})
    assert [(r.levelname, r.getMessage(), r.exc_info and r.exc_info[1]) for r in caplog.records] == [
        ("ERROR", "request one: GET '/fail/sql' answered 500: StatementFailed", FAILURES["sql"]),
        ("ERROR", "request two: GET '/fail/bug' failed", FAILURES["bug"]),
        ("WARNING", "request three: GET '/fail/busy' answered 503: Overloaded", None),
    ]


async def test_unknown_address(client: AsyncClient) -> None:
    """An address without a route is a 404 problem."""
    response = await client.get("/nothing")
    assert (response.status_code, problem(response)["type"]) == (404, "/problems/not-found")


async def test_values_of_a_body(client: AsyncClient) -> None:
    """Every wrong value of a body is named by pointer, and none is sent back."""
    response = await client.post("/event/new", json={"title": "x" * 21, "capacity": "many", "tags": [1], "a/b": 1})
    assert response.status_code == 422
    assert faults(response) == [
        ("/body/title", "string_too_long", "String should have at most 20 characters."),
        ("/body/capacity", "int_parsing", "Input should be a valid integer, unable to parse string as an integer."),
        ("/body/tags/0", "string_type", "Input should be a valid string."),
        ("/body/a~1b", "extra_forbidden", "Extra inputs are not permitted."),
    ]


async def test_value_of_a_parameter(client: AsyncClient) -> None:
    """A wrong parameter is named by a pointer into the query."""
    response = await client.get("/event?limit=0")
    assert (response.status_code, faults(response)) == (
        422,
        [("/query/limit", "greater_than_equal", "Input should be greater than or equal to 1.")],
    )


async def test_value_of_a_path(client: AsyncClient) -> None:
    """A wrong key is named by a pointer into the path."""
    response = await client.get("/event/abc")
    message = "Input should be a valid integer, unable to parse string as an integer."
    assert (response.status_code, faults(response)) == (422, [("/path/key", "int_parsing", message)])


async def test_missing_form_field(client: AsyncClient) -> None:
    """A missing form field is named."""
    assert faults(await client.post("/form", data={"other": "x"})) == [("/body/name", "missing", "Field required.")]


async def test_malformed_form(client: AsyncClient) -> None:
    """A multipart body without sense is refused with 400."""
    response = await client.post(
        "/upload", content=b"nonsense", headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert (response.status_code, problem(response)["type"]) == (400, "/problems/malformed")


async def test_no_token(client: AsyncClient) -> None:
    """FastAPI's own refusal without a token is a 401 problem with its challenge."""
    response = await client.get("/me")
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    message = "This needs a signed-in caller, and the request carries no token or one that is not valid (any more)."
    assert faults(response) == [("", "not_signed_in", message)]
