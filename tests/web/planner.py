"""An app with a route for each way to fail, and what its problem documents share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

from fastapi import APIRouter, Depends, FastAPI, Form, HTTPException, Query, UploadFile
from fastapi.security import OAuth2PasswordBearer
from fastapi.staticfiles import StaticFiles
from httpx import Response
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
