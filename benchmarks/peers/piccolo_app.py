"""The planner's endpoints in FastAPI over Piccolo; run as a module with ``--file`` and ``--port``."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, HTTPException

from benchmarks.peers.fastapi_parts import After, CurrentUserId, EventIn, EventOut, EventPage, Limit, serve
from benchmarks.peers.piccolo_models import ENGINE, Event, fill
from benchmarks.planner_data import make_planner
from benchmarks.servers.command import read_file_and_port


def make_app(file: Path) -> FastAPI:
    """The application on ``file``, which is filled when it is new."""
    is_new = not file.exists()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        if is_new:
            await fill(file, make_planner())
        ENGINE.path = str(file)
        yield

    app = FastAPI(lifespan=lifespan)
    app.add_api_route("/event/", list_events, methods=["GET"])
    app.add_api_route("/event/{key}", read_event, methods=["GET"])
    app.add_api_route("/event/new", create_event, methods=["POST"], status_code=201)
    return app


async def list_events(limit: Limit = 50, after: After = 0) -> EventPage:
    """A page in the order of the keys; dictionaries are Piccolo's quicker form."""
    rows = await Event.select().where(Event.id > after).order_by(Event.id).limit(limit)
    items = [EventOut(**row) for row in rows]
    return EventPage(items=items, next=items[-1].id if len(items) == limit else None)


async def read_event(key: int) -> EventOut:
    """One event."""
    row = await Event.select().where(Event.id == key).first()
    if row is None:
        raise HTTPException(404, f"There is no event {key}.")
    return EventOut(**row)


async def create_event(body: EventIn, creator: CurrentUserId) -> EventOut:
    """Store an event of the signed-in user."""
    event = Event(**body.model_dump(), creator=creator)
    await event.save()
    return EventOut.model_validate(event)


if __name__ == "__main__":
    arguments = read_file_and_port()
    serve(make_app(arguments.file), arguments.port)
