"""Tests of pydantic models made from a table, in an application of one's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from types import new_class
from typing import Annotated, assert_type
from uuid import UUID

import pytest
from fastapi import FastAPI, Path
from httpx import ASGITransport, AsyncClient
from pydantic import ValidationError

from tabor import Column, Database, Email, ForeignKey, InvalidValue, Json, SchemaError, Table, column
from tabor.schema.models import Create, Read, Update
from tests.schema.test_value_types import Window

pytestmark = pytest.mark.anyio


class Guest(Table):
    """Somebody who comes."""

    id: Column[UUID] = column(primary_key=True)
    email: Column[Email]
    password: Column[str] = column(secret=True, default="")


class Mood(StrEnum):
    """How it is."""

    loud = "loud"
    quiet = "quiet"


class Party(Table):
    """What guests come to."""

    id: Column[int] = column(primary_key=True)
    title: Column[str] = column(max_length=20, plain_text=True, help="Shown on the door")
    seats: Column[int] = column(default=5, minimum=1)
    fee: Column[Decimal] = column(default=Decimal("1.50"), decimal_places=2)
    mood: Column[Mood] = column(default=Mood.loud)
    starts_at: Column[datetime | None] = column(default=None)
    tags: Column[list[str]] = column(default_factory=list, max_length=2)
    hours: Column[Json[Window] | None] = column(default=None)
    word: Column[str] = column(secret=True, default="psst")
    host: ForeignKey[Guest, UUID]
    double: Column[int] = column(computed=lambda: Party.seats * 2)
    version: Column[int] = column(version=True)


class NewParty(Create[Party], exclude={"host", "word"}):
    """What a new party takes."""


class PartyChange(Update[Party], exclude={"word"}):
    """What of a party may change."""


class PartyOut(Read[Party]):
    """What everybody sees of a party."""


class NewGuest(Create[Guest]):
    """Who may come."""


HOST = UUID(int=7)


def application(db: Database) -> FastAPI:
    """An application with endpoints of its own over these models."""
    app = FastAPI(lifespan=db.lifespan)

    @app.post("/parties", response_model=PartyOut)
    async def create(body: NewParty) -> Party:
        return await Party.insert(body.to_row(host=HOST)).one()

    @app.patch("/parties/{number}")
    async def change(number: Annotated[int, Path()], body: PartyChange) -> PartyOut:
        party = await Party.get(number)
        body.apply_to(party)
        await party.save()
        return PartyOut.from_row(party)

    assert [create, change]
    return app


@pytest.fixture
async def client(database_url: str) -> AsyncIterator[AsyncClient]:
    """A client of the application, with a host stored."""
    db = Database(database_url, tables=[Guest, Party])
    async with db, AsyncClient(transport=ASGITransport(application(db)), base_url="http://test") as made:
        await db.create_tables()
        await Guest.insert(Guest(id=HOST, email="h@example.org"))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # a known key
        yield made


def test_fields() -> None:
    """A new row takes what the database does not fill, a change what may change, a reader all but secrets."""
    assert list(NewParty.model_fields) == ["title", "seats", "fee", "mood", "starts_at", "tags", "hours"]
    assert list(PartyChange.model_fields) == [*NewParty.model_fields, "host"]
    assert list(PartyOut.model_fields) == ["id", *NewParty.model_fields, "host", "double", "version"]
    assert list(NewGuest.model_fields) == ["email", "password"]


def test_schema() -> None:
    """The JSON Schema says what a column says: limits, help, defaults, and what is required."""
    schema = NewParty.model_json_schema()
    assert schema["properties"]["title"] == {
        "title": "Title",
        "type": "string",
        "maxLength": 20,
        "description": "Shown on the door",
    }
    assert schema["properties"]["seats"] == {"title": "Seats", "type": "integer", "minimum": 1, "default": 5}
    assert schema["properties"]["tags"]["maxItems"] == 2
    assert (schema["required"], schema["additionalProperties"]) == (["title"], False)
    change = PartyChange.model_json_schema()
    assert "required" not in change
    assert "default" not in change["properties"]["seats"]


@pytest.mark.parametrize(
    ("values", "place", "message"),
    [
        ({}, "title", "Field required"),
        ({"title": "<b>x"}, "title", "Value error, markup and control characters are not allowed here"),
        ({"title": "x", "seats": 0}, "seats", "Input should be greater than or equal to 1"),
        ({"title": "x", "seats": 2**63}, "seats", "Value error, 9223372036854775808 does not fit into 64 bits"),
        ({"title": "x", "fee": "1.005"}, "fee", "Value error, 1.005 has more than 2 decimal places"),
        ({"title": "x", "starts_at": "2026-01-01T00:00:00"}, "starts_at", "Input should have timezone info"),
        ({"title": "x", "mood": "odd"}, "mood", "Input should be 'loud' or 'quiet'"),
        ({"title": "x", "version": 3}, "version", "Extra inputs are not permitted"),
        ({"title": "x", "word": "y"}, "word", "Extra inputs are not permitted"),
    ],
)
def test_refusals(values: dict[str, object], place: str, message: str) -> None:
    """What a column refuses its field refuses, where pydantic reports it."""
    with pytest.raises(ValidationError) as caught:
        NewParty.model_validate(values)
    assert [(error["loc"][0], error["msg"]) for error in caught.value.errors()] == [(place, message)]


def test_types() -> None:
    """A body makes a row of its table, for checkers too."""
    body = NewParty.model_validate({"title": "x", "hours": {"opens": "09:00", "closes": "10:00"}})
    party = body.to_row(host=HOST)
    assert_type(party, Party)
    assert (party.seats, party.fee, party.word, party.tags) == (5, Decimal("1.50"), "psst", [])
    assert isinstance(party.hours, Window)
    with pytest.raises(InvalidValue, match=r"^Party\.host: expected a UUID, got 3 \(int\)\.$"):
        body.to_row(host=3)


async def test_endpoints(client: AsyncClient) -> None:
    """Endpoints take and answer the models; a change changes what it names, null included."""
    made = await client.post("/parties", json={"title": "Garden", "starts_at": "2026-06-01T18:00:00+02:00"})
    assert made.json() == {
        "id": 1,
        "title": "Garden",
        "seats": 5,
        "fee": "1.50",
        "mood": "loud",
        "starts_at": "2026-06-01T16:00:00Z",
        "tags": [],
        "hours": None,
        "host": str(HOST),
        "double": 10,
        "version": 1,
    }
    changed = await client.patch("/parties/1", json={"seats": 6, "starts_at": None})
    assert {name: changed.json()[name] for name in ("title", "seats", "double", "version", "starts_at")} == {
        "title": "Garden",
        "seats": 6,
        "double": 12,
        "version": 2,
        "starts_at": None,
    }
    assert (await client.patch("/parties/1", json={"double": 3})).status_code == 422
    stored = await Party.get(1)
    assert (stored.mood, stored.word, stored.starts_at) == (Mood.loud, "psst", None)
    stored.starts_at = datetime(2026, 1, 1, tzinfo=UTC)
    assert PartyOut.from_row(stored).model_dump()["starts_at"] == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_field_may_be_declared_by_hand() -> None:
    """A field that the class declares itself stays as it is."""

    class Titled(Create[Party]):
        title: str = "Party"

    assert Titled.model_validate({"host": str(HOST)}).title == "Party"


def test_unknown_columns_cannot_be_excluded() -> None:
    """A name to leave out that no column has is a mistake."""
    with pytest.raises(SchemaError, match=r"^Odd excludes tilte, and Party has no such column\.$"):
        new_class("Odd", (Create[Party],), {"exclude": {"tilte"}})


def test_refusals_do_not_quote_secrets() -> None:
    """A model with a secret field tells what is wrong with it and not what was given; others quote the input."""

    class NewGuest(Create[Guest]):
        pass

    with pytest.raises(ValidationError) as hidden:
        NewGuest.model_validate({"email": "ann@example.org", "password": ["hunter2"]})
    assert "hunter2" not in str(hidden.value) + repr(hidden.value)
    with pytest.raises(ValidationError, match="input_value='many'"):
        NewParty.model_validate({"title": "x", "seats": "many"})


async def test_without_a_class_of_ones_own(database_url: str) -> None:
    """The three with a table in brackets are models as they are."""
    assert list(Read[Guest].model_fields) == ["id", "email"]
    assert list(Update[Guest].model_fields) == ["email", "password"]
    with pytest.raises(ValidationError) as hidden:
        Create[Guest].model_validate({"email": "ann@example.org", "password": ["hunter2"]})
    assert "hunter2" not in str(hidden.value) + repr(hidden.value)
    async with Database(database_url, tables=[Guest]) as db:
        await db.create_tables()
        guest = await Guest.insert(Create[Guest].model_validate({"email": "ann@example.org"}).to_row()).one()
        Update[Guest].model_validate({"email": "bel@example.org"}).apply_to(guest)
        shown = Read[Guest].from_row(guest)
        assert shown.model_dump() == {"id": guest.id, "email": "bel@example.org"}


def test_what_a_base_excludes_stays_out() -> None:
    """A model of a model has what that has, and may say a field of its own in place of one that is left out."""

    class Short(Read[Party], exclude={"hours", "tags"}):
        pass

    class Shorter(Short, exclude={"fee"}):
        tags: str = "none"

    assert "tags" in Read[Party].model_fields
    assert list(Short.model_fields) == ["id", "title", "seats", "fee", "mood", "starts_at", "host", "double", "version"]
    assert set(Short.model_fields) - set(Shorter.model_fields) == {"fee"}
    assert set(Shorter.model_fields) - set(Short.model_fields) == {"tags"}
