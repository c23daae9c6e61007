"""The tables, rules and rows that the tests of the REST room share, and a client that calls the app in process."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, cast

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from tabor import Column, Database, ForeignKey, Many, Table, column, key, many
from tabor.auth.policy import Caller, Verdict, admins, anyone, signed_in
from tabor.rest.exchange import CallerOf
from tabor.rest.mount import mount_resources
from tabor.rest.resource import Resource
from tabor.web.direct_route import Request
from tabor.web.install import install


class Person(Table):
    """People who can sign in."""

    id: Column[int] = column(primary_key=True)
    email: Column[str] = column(unique=True, email=True)
    name: Column[str] = column(max_length=50)
    password_hash: Column[str] = column(secret=True, default="hash")
    events: Many[Event] = many(lambda: Event.creator)


class Venue(Table):
    """Places; no resource offers them."""

    id: Column[int] = column(primary_key=True)
    name: Column[str]


class Status(StrEnum):
    """How far an event is."""

    draft = "draft"
    published = "published"


class Event(Table):
    """What happens where and when."""

    id: Column[int] = column(primary_key=True)
    title: Column[str] = column(max_length=40, plain_text=True, help="Shown on the poster")
    description: Column[str | None] = column(default=None)
    capacity: Column[int] = column(default=0, minimum=0)
    price: Column[Decimal] = column(default=Decimal(0), decimal_places=2)
    starts_at: Column[datetime]
    status: Column[Status] = column(default=Status.draft)
    tags: Column[list[str]] = column(default_factory=list)
    token: Column[str] = column(secret=True, default="token")
    creator: ForeignKey[Person] = key(on_delete="cascade")
    reviewer: ForeignKey[Person | None] = key(default=None)
    venue: ForeignKey[Venue | None] = key(default=None)


class Note(Table):
    """Private to its owner unless it is shared."""

    id: Column[int] = column(primary_key=True)
    text: Column[str] = column(unique=True)
    shared: Column[bool] = column(default=False)
    owner: ForeignKey[Person] = key()


class Comment(Table):
    """Says something about a note, to everybody."""

    id: Column[int] = column(primary_key=True)
    text: Column[str]
    note: ForeignKey[Note] = key()


TABLES: Sequence[type[Table]] = (Person, Venue, Event, Note, Comment)
START = datetime(2026, 6, 24, 18, 30, tzinfo=UTC)

ANN, BOB, ADMIN = 1, 2, 3


def seen_notes(caller: Caller) -> Verdict:
    """Shared notes, and one's own."""
    shared = Note.shared == True
    return shared | (Note.owner.id == caller.id) if caller.is_signed_in else shared


PEOPLE = Resource(Person, list=signed_in, read=signed_in, create=admins, update=lambda caller: Person.id == caller.id)
EVENTS = Resource(
    Event,
    list=anyone,
    read=anyone,
    create=signed_in,
    update=lambda caller: Event.creator.id == caller.id,
    delete=admins,
    server_set={"creator": lambda caller: caller.id},
    search=[Event.title, Event.description],
)
NOTES = Resource(
    Note,
    list=seen_notes,
    read=seen_notes,
    create=lambda caller: Note.owner.id == caller.id,
    update=lambda caller: Note.owner.id == caller.id,
    delete=lambda caller: Note.owner.id == caller.id,
)
COMMENTS = Resource(Comment, list=anyone, read=anyone, search=[Comment.text, Comment.note.text])
RESOURCES: Sequence[Resource] = (PEOPLE, EVENTS, NOTES, COMMENTS)


async def caller_of(request: Request) -> Caller:
    """The caller whose number stands in the token; the administrator is the third."""
    token = request.headers.get("authorization", "")
    number = int(token.removeprefix("Bearer ")) if token else None
    return Caller(key=number, is_admin=number == ADMIN)


def new_event(number: int) -> Event:
    """The event with this number, of twelve that differ in everything."""
    return Event(
        title=f"Event {number}",
        description="With music" if number % 2 else None,
        capacity=number * 10,
        price=Decimal(number) / 4,
        starts_at=START + timedelta(hours=number),
        status=Status.published if number % 3 else Status.draft,
        tags=["music", "open air"] if number % 2 else [],
        creator=ANN if number <= 6 else BOB,
        reviewer=BOB if number % 4 == 0 else None,
        venue=1,
    )


async def fill() -> None:
    """Three people, twelve events, four notes with a comment each."""
    await Person.insert(
        Person(email="ann@example.org", name="Ann"),
        Person(email="bob@example.org", name="Bob"),
        Person(email="eve@example.org", name="Eve"),
    )
    await Venue.insert(Venue(name="Hall"))
    await Event.insert(*[new_event(number) for number in range(1, 13)])
    await Note.insert(
        Note(text="ann private", owner=ANN),
        Note(text="ann shared", owner=ANN, shared=True),
        Note(text="bob private", owner=BOB),
        Note(text="bob shared", owner=BOB, shared=True),
    )
    await Comment.insert(*[Comment(text=f"on {number}", note=number) for number in (1, 2, 3, 4)])


class Client:
    """Calls the app; ``caller`` is the number of a person, or nobody."""

    def __init__(self, http: AsyncClient) -> None:
        self._http = http

    async def send(
        self,
        method: str,
        address: str,
        body: object = None,
        *,
        caller: int | None = None,
        headers: Mapping[str, str] = {},
    ) -> Response:
        """The answer to a request; a body that is no text or bytes is sent as JSON."""
        sent = dict(headers) | ({} if caller is None else {"Authorization": f"Bearer {caller}"})
        if isinstance(body, (bytes, str)):
            return await self._http.request(
                method, address, content=body, headers={"Content-Type": "application/json"} | sent
            )
        return await self._http.request(method, address, json=body, headers=sent)

    async def get(self, address: str, *, caller: int | None = None) -> Any:
        """The JSON of a 200."""
        answer = await self.send("GET", address, caller=caller)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def items(self, address: str, *, caller: int | None = None) -> list[dict[str, Any]]:
        """The rows of a list."""
        return cast("list[dict[str, Any]]", (await self.get(address, caller=caller))["items"])

    async def ids(self, address: str, *, caller: int | None = None) -> list[int]:
        """The keys of the rows of a list."""
        return [item["id"] for item in await self.items(address, caller=caller)]


def faults(answer: Response) -> list[tuple[str, str]]:
    """Pointer and code of each error of a problem document."""
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == answer.status_code
    assert document["instance"] == answer.headers["x-request-id"]
    return [(error["pointer"], error["code"]) for error in document["errors"]]


def messages(answer: Response) -> list[str]:
    """What each error of a problem document says."""
    return [error["message"] for error in answer.json()["errors"]]


@asynccontextmanager
async def serving(
    db: Database,
    resources: Sequence[Resource] = RESOURCES,
    *,
    filled: bool = True,
    caller: CallerOf = caller_of,
    prefix: str = "/api",
) -> AsyncGenerator[Client]:
    """A client of an app with these resources on ``db``."""
    app = FastAPI()
    install(app)
    mount_resources(app, db, resources, caller=caller, prefix=prefix)
    async with (
        db,
        AsyncClient(transport=ASGITransport(app, raise_app_exceptions=False), base_url="http://test") as http,
    ):
        await db.create_tables()
        if filled:
            await fill()
        yield Client(http)


def memory() -> Database:
    """A database in memory with all the tables."""
    return Database("sqlite:///:memory:", tables=TABLES)
