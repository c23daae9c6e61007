"""Tests of a FastAPI app after ``install``: every failure is a problem, both spellings of a path, strict JSON."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, cast

import pytest
from fastapi import APIRouter, Depends, FastAPI, Form, HTTPException, Query, UploadFile
from fastapi.security import OAuth2PasswordBearer
from fastapi.staticfiles import StaticFiles
from httpx import ASGITransport, AsyncClient, Response
from pydantic import BaseModel, Field
from starlette.requests import Request

from tabor import errors
from tabor.errors import TaborError
from tabor.web import problems
from tabor.web.error_mapping import Place
from tabor.web.install import install
from tabor.web.limits import Limits
from tabor.web.problems import Problem, ProblemException, forbidden
from tabor.web.strict_route import StrictRoute

pytestmark = pytest.mark.anyio


class EventIn(BaseModel):
    """A body."""

    model_config = {"extra": "forbid"}

    title: str = Field(max_length=20)
    capacity: int = 0
    tags: list[str] = []


class RateExceeded(TaborError):
    """An error of the application."""


def _rate(error: TaborError, place: Place) -> Problem:
    return problems.too_many_requests(7)


SIGN_IN = OAuth2PasswordBearer("/user/signin")


def make_app() -> FastAPI:
    """An app with a route for each way to fail."""
    app = FastAPI()
    install(app, errors={RateExceeded: _rate}, limits=Limits(upload=10_000))
    add_events(app)
    add_failures(app)
    app.mount("/files", StaticFiles(directory=Path(__file__).parent))
    return app


def add_events(app: FastAPI) -> None:
    """Routes that share addresses."""
    router = APIRouter(prefix="/event", route_class=StrictRoute)

    @router.get("/")
    async def list_events(limit: Annotated[int, Query(ge=1)] = 50) -> dict[str, int]:
        return {"limit": limit}

    @router.get("/{key}")
    async def read_event(key: int) -> dict[str, int]:
        return {"key": key}

    @router.patch("/{key}")
    async def change_event(key: int, event: EventIn) -> EventIn:
        return event

    @app.post("/event/new", status_code=201)
    async def create_event(event: EventIn) -> EventIn:
        return event

    @app.post("/event")
    async def other_create() -> str:
        return "created"

    app.include_router(router)


def add_failures(app: FastAPI) -> None:
    """Routes that read and refuse."""

    @app.get("/fail/{what}")
    async def fail(what: str) -> str:
        raise FAILURES[what]

    @app.get("/me")
    async def me(token: Annotated[str, Depends(SIGN_IN)]) -> str:
        return token

    @app.post("/form")
    async def form(name: Annotated[str, Form()]) -> str:
        return name

    @app.post("/upload")
    async def upload(file: UploadFile) -> int:
        return len(await file.read())

    @app.post("/raw")
    async def raw(request: Request) -> int:
        return len(await request.body())


FAILURES: dict[str, Exception] = {
    "problem": ProblemException(forbidden("not_creator", "Only its creator may change it.")),
    "http": HTTPException(418, "Short and stout.", {"X-Pot": "tea"}),
    "plain404": HTTPException(404),
    "detail": HTTPException(409, {"reason": ["a", 1]}),
    "unsigned": HTTPException(401, "Who are you?"),
    "empty": HTTPException(304, headers={"ETag": "x"}),
    "method": HTTPException(405, "Read-only at night.", {"Allow": "GET"}),
    "tabor": errors.UniqueViolation("person", ("email",)),
    "rate": RateExceeded("9 of 8"),
    "sql": errors.StatementFailed("near FROM", sql="select secret"),
    "busy": errors.Overloaded("Full.", retry_after=3),
    "bug": RuntimeError("hunter2"),
}


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    """A client of the app."""
    async with AsyncClient(transport=ASGITransport(make_app()), base_url="http://planner") as client:
        yield client


def problem(response: Response) -> dict[str, object]:
    """The problem document, after a look at what all of them share."""
    assert response.headers["content-type"] == "application/problem+json"
    document = cast("dict[str, object]", response.json())
    assert list(document) == ["type", "title", "status", "detail", "instance", "errors"]
    assert document["status"] == response.status_code
    assert document["instance"] == response.headers["x-request-id"]
    return document


def faults(response: Response) -> list[tuple[str, str, str]]:
    """Pointer, code and message of each fault."""
    listed = cast("list[dict[str, str]]", problem(response)["errors"])
    return [(fault["pointer"], fault["code"], fault["message"]) for fault in listed]


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
