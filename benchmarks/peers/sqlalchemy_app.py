"""The planner's endpoints in FastAPI over SQLAlchemy's async ORM; run as a module with ``--file`` and ``--port``."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from benchmarks.peers.fastapi_parts import After, CurrentUserId, EventIn, EventOut, EventPage, Limit, serve
from benchmarks.peers.sqlalchemy_models import Event, fill, make_engine
from benchmarks.planner_data import make_planner
from benchmarks.servers.command import read_file_and_port


def make_app(file: Path) -> FastAPI:
    """The application on ``file``, which is filled when it is new."""
    is_new = not file.exists()
    engine = make_engine(file)
    sessions = async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        if is_new:
            await fill(engine, sessions, make_planner())
        app.state.sessions = sessions
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.add_api_route("/event/", list_events, methods=["GET"])
    app.add_api_route("/event/{key}", read_event, methods=["GET"])
    app.add_api_route("/event/new", create_event, methods=["POST"], status_code=201)
    return app


async def session(request: Request) -> AsyncGenerator[AsyncSession]:
    """A session for one request."""
    async with request.app.state.sessions() as opened:
        yield opened


Session = Annotated[AsyncSession, Depends(session)]


async def list_events(session: Session, limit: Limit = 50, after: After = 0) -> EventPage:
    """A page in the order of the keys."""
    query = select(Event).where(Event.id > after).order_by(Event.id).limit(limit)
    events = (await session.scalars(query)).all()
    items = [_out(event) for event in events]
    return EventPage(items=items, next=items[-1].id if len(items) == limit else None)


async def read_event(key: int, session: Session) -> EventOut:
    """One event."""
    event = await session.get(Event, key)
    if event is None:
        raise HTTPException(404, f"There is no event {key}.")
    return _out(event)


async def create_event(body: EventIn, creator: CurrentUserId, session: Session) -> EventOut:
    """Store an event of the signed-in user."""
    event = Event(**body.model_dump(), creator_id=creator)
    session.add(event)
    await session.commit()
    return _out(event)


def _out(event: Event) -> EventOut:
    return EventOut(
        id=event.id,
        title=event.title,
        image=event.image,
        description=event.description,
        location=event.location,
        tags=event.tags,
        starts_at=event.starts_at,
        creator=event.creator_id,
    )


if __name__ == "__main__":
    arguments = read_file_and_port()
    serve(make_app(arguments.file), arguments.port)
