"""Tests of resources behind the real server: the shorter ways that it takes lead to the same answers."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from tabor import Database
from tabor.rest.endpoint import Endpoint, Target
from tabor.rest.mount import mount_resources
from tabor.web.direct_route import Receive, Scope, Send
from tabor.web.install import install
from tests.rest.world import RESOURCES, Event, caller_of, fill, memory
from tests.served import exchange, request, served

pytestmark = pytest.mark.anyio


def _app(db: Database) -> FastAPI:
    app = FastAPI()
    install(app)
    mount_resources(app, db, RESOURCES, caller=caller_of)
    return app


@pytest.mark.parametrize(
    "address",
    [
        "/api/event/7",
        "/api/event/7/",
        "/api/event/7?fields=id,title",
        "/api/event/99",
        "/api/event/seven",
        "/api/event/7/8",
        "/api/comment/1",
        "/api/comment/3",
        "/api/note/1",
        "/api/note/2",
        "/api/person/1",
        "/api/venue/1",
    ],
)
async def test_a_row_is_answered_alike_on_every_way(db: Database, address: str) -> None:
    """What a stranger gets does not depend on whether the server could answer without a task."""
    app = _app(db)
    async with db:
        await db.create_tables()
        await fill()
        async with served(app) as port:
            for warming in ("event", "comment", "note"):
                await exchange(port, request(f"/api/{warming}/2"))
            (short,) = await exchange(port, request(address, "X-Request-ID: same"))
        async with served(app, access_log=True) as port:
            (usual,) = await exchange(port, request(address, "X-Request-ID: same"))
    assert short == usual


async def test_a_row_that_anyone_may_read_needs_no_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second reader is answered in the server's own call, with what is stored by then."""
    handled: list[str] = []
    usual = Endpoint.handle

    async def handle(self: Endpoint, target: Target, scope: Scope, receive: Receive, send: Send) -> None:
        handled.append(scope["path"])
        await usual(self, target, scope, receive, send)

    monkeypatch.setattr(Endpoint, "handle", handle)
    db = memory()
    app = _app(db)
    async with db, served(app) as port:
        await db.create_tables()
        await fill()
        await exchange(port, request("/api/event/1"))
        await Event.update(Event.title.to("Moved")).where(Event.id == 2)
        ((_, body),) = await exchange(port, request("/api/event/2"))
        await Event.delete().where(Event.id == 2)
        ((head, _),) = await exchange(port, request("/api/event/2"))
    assert b'"title":"Moved"' in body
    assert head[0] == "HTTP/1.1 404 Not Found"
    assert handled == ["/api/event/1", "/api/event/2"]
