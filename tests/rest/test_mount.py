"""Tests of what can be offered: mistakes in a resource or a mount are found when the application starts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from tabor import Column, Database, ForeignKey, Table, column, key
from tabor.auth.policy import Caller, anyone
from tabor.errors import ConfigurationError, SchemaError, TaborError
from tabor.rest.mount import mount_resources
from tabor.rest.resource import Resource
from tabor.web.direct_route import Request
from tests.rest.world import ANN, EVENTS, RESOURCES, Event, Note, Person, Venue, memory, serving

pytestmark = pytest.mark.anyio


class Slug(Table):
    """Known by a text."""

    name: Column[str] = column(primary_key=True, init=True)
    text: Column[str] = column(default="")


class Loose(Table):
    """Has no key."""

    text: Column[str]


class Paired(Table):
    """Has a key of two columns."""

    line: Column[str] = column(primary_key=True, init=True)
    number: Column[int] = column(primary_key=True, init=True)


class Secretive(Table):
    """Needs what no caller can give."""

    id: Column[UUID] = column(primary_key=True)
    word: Column[str] = column(secret=True)
    slug: ForeignKey[Slug | None, str] = key(default=None)


def other() -> Database:
    """A database with the tables of this module."""
    return Database("sqlite:///:memory:", tables=[Slug, Loose, Paired, Secretive])


def anonymous(request: Request) -> Caller:
    """Nobody is ever signed in."""
    return Caller.anonymous()


@pytest.mark.parametrize(
    ("resources", "options", "error", "words"),
    [
        ([EVENTS, EVENTS], {}, ConfigurationError, "event has two resources"),
        ([EVENTS, Resource(Venue, name="event")], {}, ConfigurationError, "Two resources are called 'event'"),
        ([Resource(Slug)], {}, ConfigurationError, "slug is not among the tables"),
        ([EVENTS], {"prefix": "api"}, ConfigurationError, "The prefix 'api'"),
        ([EVENTS], {"prefix": "/api/"}, ConfigurationError, "The prefix '/api/'"),
        ([EVENTS], {"cursor_keys": [b"short"]}, ConfigurationError, "at least 32 bytes"),
        (
            [Resource(Event, server_set={"owner": lambda caller: caller.id})],
            {},
            SchemaError,
            "server_set names 'owner'",
        ),
        ([Resource(Event, list=anyone, search=[Event.capacity])], {}, SchemaError, "search names 'capacity'"),
        ([Resource(Event, list=anyone, search=[Event.token])], {}, SchemaError, "search names 'token'"),
        (
            [Resource(Event, list=anyone, search=[Event.venue(lambda v: v.name)])],
            {},
            SchemaError,
            "search names 'venue.name'",
        ),
    ],
)
def test_mistakes(resources: list[Resource], options: dict[str, Any], error: type[TaborError], words: str) -> None:
    """Each mistake is an error that names what is wrong."""
    with pytest.raises(error, match=words):
        mount_resources(FastAPI(), memory(), resources, caller=anonymous, **options)


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        (Resource(Loose, list=anyone), r"^loose needs a primary key of one column to be offered over HTTP\.$"),
        (Resource(Paired, list=anyone), r"over HTTP, and it has line, number; keep those together with unique\(\)\.$"),
        (Resource(Secretive, create=anyone), "is secret and needs a value"),
    ],
)
def test_tables_that_cannot_be_offered(resource: Resource, words: str) -> None:
    """A table without a key of one column, or with a secret that nobody can give, is refused."""
    with pytest.raises(SchemaError, match=words):
        mount_resources(FastAPI(), other(), [resource], caller=anonymous)


async def test_keys_of_other_types() -> None:
    """A key may be text, with a slash in it, or a UUID that the server makes."""
    secretive = Resource(
        Secretive, list=anyone, read=anyone, create=anyone, server_set={"word": lambda caller: "set by the server"}
    )
    slugs = Resource(Slug, list=anyone, read=anyone, create=anyone, update=anyone)
    async with serving(other(), [slugs, secretive], filled=False) as client:
        made = await client.send("POST", "/api/slug", {"name": "a/b ü"})
        assert (made.status_code, made.headers["location"]) == (201, "/api/slug/a%2Fb%20%C3%BC")
        assert await client.get(made.headers["location"]) == {"name": "a/b ü", "text": ""}
        assert (await client.send("GET", "/api/slug/a/b")).status_code == 404
        renamed = await client.send("PATCH", made.headers["location"], {"name": "c"})
        assert renamed.status_code == 422
        made = await client.send("POST", "/api/secretive", {"slug": "a/b ü"})
        assert made.json() == {"id": made.json()["id"], "slug": "a/b ü"}
        assert await client.get(made.headers["location"]) == made.json()
        assert await Secretive.select(Secretive.word).values() == ["set by the server"]
        assert (await client.send("GET", f"/api/secretive/{UUID(made.json()['id']).hex}")).status_code == 404


async def test_a_server_set_value_may_be_a_row(db: Database) -> None:
    """server_set may answer a key or a row; what the column cannot hold is the application's mistake."""
    ann = Person(email="x@example.org", name="Ann")

    def wrong(caller: Caller) -> object:
        return "nobody"

    notes = Resource(Note, create=anyone, server_set={"owner": lambda caller: ann})
    async with serving(db, [notes]) as client:
        await ann.save()
        answer = await client.send("POST", "/api/note", {"text": "x"}, caller=ANN)
        assert answer.json()["owner"] == 4
    async with serving(memory(), [Resource(Note, create=anyone, server_set={"owner": wrong})]) as client:
        assert (await client.send("POST", "/api/note", {"text": "x"}, caller=ANN)).status_code == 500


async def test_a_new_row_needs_the_caller_that_it_is_filled_from(db: Database) -> None:
    """Where server_set asks for the caller, nobody signed in is a 401, whatever the rule says."""
    notes = Resource(Note, create=anyone, server_set={"owner": lambda caller: caller.id})
    async with serving(db, [notes]) as client:
        assert (await client.send("POST", "/api/note", {"text": "x"})).status_code == 401


async def test_two_mounts_live_side_by_side(db: Database) -> None:
    """Resources may be mounted in several groups, on several databases."""
    app = FastAPI()
    mount_resources(app, db, RESOURCES, caller=anonymous)
    mount_resources(app, other(), [Resource(Slug, list=anyone)], caller=anonymous, prefix="/more")
    paths = app.openapi()["paths"]
    assert {"/api/event", "/api/event/{id}", "/more/slug"} <= set(paths)
