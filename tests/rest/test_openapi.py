"""Tests of the OpenAPI document: what it says, and that the application does what it says."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import IntEnum
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
import uvicorn
from fastapi import FastAPI

from tabor import Column, Database, ForeignKey, Table, column, key
from tabor.auth.policy import Caller, admins, anyone, signed_in
from tabor.rest.mount import mount_resources
from tabor.rest.resource import Resource
from tabor.web.direct_route import Request
from tabor.web.install import install
from tests.rest.world import RESOURCES, Person, Status, caller_of, memory


class Level(IntEnum):
    """How high."""

    low = 1
    high = 2


class Thing(Table):
    """Everything that a column can hold."""

    id: Column[UUID] = column(primary_key=True)
    title: Column[str] = column(max_length=20, plain_text=True)
    note: Column[str | None] = column(default=None)
    count: Column[int] = column(default=0, minimum=0, maximum=1000)
    weight: Column[float | None] = column(default=None)
    price: Column[Decimal] = column(default=Decimal("1.50"), decimal_places=2, max_digits=8)
    ok: Column[bool] = column(default=True)
    status: Column[Status] = column(default=Status.draft)
    level: Column[Level | None] = column(default=None)
    day: Column[date | None] = column(default=None)
    clock: Column[time | None] = column(default=None)
    at: Column[datetime | None] = column(default=None)
    length: Column[timedelta | None] = column(default=None)
    blob: Column[bytes | None] = column(default=None, max_length=100)
    data: Column[dict[str, object] | None] = column(default=None)
    tags: Column[list[str]] = column(default_factory=list, max_length=5)
    owner: ForeignKey[Person | None] = key(default=None)


def document(app: FastAPI) -> dict[str, Any]:
    """The document."""
    return app.openapi()


@pytest.fixture
def described() -> dict[str, Any]:
    """The document of the world."""
    app = FastAPI()
    install(app)
    mount_resources(app, memory(), RESOURCES, caller=caller_of)
    return document(app)


def test_each_offered_action_is_an_operation(described: dict[str, Any]) -> None:
    """Operation ids name verb and table, and what is not offered is not there."""
    operations = {
        operation["operationId"]: (method, path)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }
    assert operations == {
        "list_person": ("get", "/api/person"),
        "create_person": ("post", "/api/person"),
        "read_person": ("get", "/api/person/{id}"),
        "update_person": ("patch", "/api/person/{id}"),
        "list_event": ("get", "/api/event"),
        "create_event": ("post", "/api/event"),
        "read_event": ("get", "/api/event/{id}"),
        "update_event": ("patch", "/api/event/{id}"),
        "delete_event": ("delete", "/api/event/{id}"),
        "list_note": ("get", "/api/note"),
        "create_note": ("post", "/api/note"),
        "read_note": ("get", "/api/note/{id}"),
        "update_note": ("patch", "/api/note/{id}"),
        "delete_note": ("delete", "/api/note/{id}"),
        "list_comment": ("get", "/api/comment"),
        "read_comment": ("get", "/api/comment/{id}"),
    }


def test_bodies_are_described_as_they_are_taken(described: dict[str, Any]) -> None:
    """A new row's schema has the writable fields alone, what it needs, limits, defaults and help."""
    schema = described["components"]["schemas"]["event_create"]
    assert schema["required"] == ["title", "starts_at"]
    assert schema["additionalProperties"] is False
    fields = schema["properties"]
    assert set(fields) == {
        "title", "description", "capacity", "price", "starts_at", "status", "tags", "reviewer", "venue"
    }  # fmt: skip
    assert fields["title"]["maxLength"] == 40
    assert fields["title"]["description"] == "Shown on the poster"
    assert fields["status"] == {"type": "string", "enum": ["draft", "published"], "default": "draft"}
    assert fields["reviewer"]["type"] == ["integer", "null"]
    assert fields["capacity"]["minimum"] == 0
    change = described["components"]["schemas"]["event_update"]
    assert change["minProperties"] == 1
    assert "required" not in change
    assert "default" not in change["properties"]["status"]


def test_answers_are_described_without_secrets(described: dict[str, Any]) -> None:
    """A row has every visible field, and the table's docstring."""
    row = described["components"]["schemas"]["event"]
    assert row["description"] == "What happens where and when."
    assert row["required"] == list(row["properties"])
    assert "token" not in row["properties"]
    assert row["properties"]["starts_at"] == {"type": "string", "format": "date-time"}


def test_filters_are_parameters(described: dict[str, Any]) -> None:
    """Every word that a field takes is a parameter with the schema of its values."""
    parameters = {p["name"]: p for p in described["paths"]["/api/event"]["get"]["parameters"]}
    assert parameters["limit"]["schema"] == {
        "type": "integer", "format": "int64", "minimum": 1, "maximum": 500, "default": 50
    }  # fmt: skip
    assert parameters["status"]["schema"]["enum"] == ["draft", "published"]
    assert parameters["id.in"]["schema"]["items"]["type"] == "integer"
    assert (parameters["id.in"]["style"], parameters["id.in"]["explode"]) == ("form", False)
    assert {"tags.has", "title.icontains", "capacity.between", "creator.email", "creator.id", "search", "or"} <= set(
        parameters
    )
    assert not {"token", "creator.password_hash", "venue.name", "tags", "tags.eq", "id.like"} & set(parameters)
    assert set(parameters["sort"]["schema"]["items"]["enum"]) >= {"id", "-id", "creator.name", "-creator.name"}


def test_security_is_said_where_somebody_must_be_signed_in(described: dict[str, Any]) -> None:
    """A rule that refuses everybody unknown needs a token; one of anyone needs none; others may take one."""
    assert described["components"]["securitySchemes"] == {"bearer": {"type": "http", "scheme": "bearer"}}
    paths = described["paths"]
    assert paths["/api/event"]["post"]["security"] == [{"bearer": []}]
    assert "security" not in paths["/api/event"]["get"]
    assert paths["/api/note"]["get"]["security"] == [{}, {"bearer": []}]
    assert paths["/api/note/{id}"]["patch"]["security"] == [{"bearer": []}]


def test_the_applications_own_scheme_is_used() -> None:
    """Where the application describes how to sign in, generated operations refer to that."""
    app = FastAPI()
    described = app.openapi()
    described["components"] = {"securitySchemes": {"SignIn": {"type": "oauth2", "flows": {}}}}
    mount_resources(app, memory(), RESOURCES, caller=caller_of)
    assert document(app)["paths"]["/api/event"]["post"]["security"] == [{"SignIn": []}]


def everything() -> FastAPI:
    """An app with every type of column and every kind of rule."""
    db = Database("sqlite:///:memory:", tables=[Person, Thing])

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with db:
            await db.create_tables()
            yield

    app = FastAPI(lifespan=lifespan)
    install(app)

    def who(request: Request) -> Caller:
        known = request.headers.get("authorization") == "Bearer 1"
        return Caller(key=1, is_admin=True) if known else Caller.anonymous()

    things = Resource(
        Thing, list=anyone, read=anyone, create=anyone, update=anyone, delete=anyone, search=[Thing.title, Thing.note]
    )
    people = Resource(
        Person,
        list=signed_in,
        read=signed_in,
        create=signed_in,
        update=lambda caller: Person.id == caller.id,
        delete=admins,
    )
    mount_resources(app, db, [things, people], caller=who)
    return app


@contextmanager
def served(app: FastAPI) -> Generator[str]:
    """The address at which a server in another thread serves the app."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="on"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
        port = cast("int", server.servers[0].sockets[0].getsockname()[1])
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def test_the_application_does_what_the_document_says(tmp_path: Path, long_run: bool) -> None:
    """Schemathesis finds no request that the document promises otherwise, with every check that it has."""
    with served(everything()) as address:
        command = [
            sys.executable, "-m", "schemathesis.cli", "run", f"{address}/openapi.json", "--checks", "all",
            "--header", "Authorization: Bearer 1", "--max-examples", "300" if long_run else "2", "--seed", "7",
            "--generation-database", "none", "--no-color",
        ]  # fmt: skip
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
