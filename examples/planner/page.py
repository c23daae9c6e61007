"""The page at ``/`` for people: the coming events, rendered here, with nothing for the browser to run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Query, Request, Response
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader

from planner.tables import Event

HERE = Path(__file__).parent
PER_PAGE = 20

environment = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
templates = Jinja2Templates(env=environment)


def add_page(app: FastAPI) -> None:
    """The page and the files that it needs."""
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    app.add_api_route("/", coming_events, methods=["GET", "HEAD"], include_in_schema=False)


async def coming_events(request: Request, page: Annotated[int, Query(ge=1, le=500)] = 1) -> Response:
    """The events that have not begun yet, the nearest first."""
    coming = Event.select(Event, Event.creator.name).where(Event.starts_at >= datetime.now(UTC))
    nearest = coming.order_by(Event.starts_at, Event.id)
    found = await nearest.limit(PER_PAGE + 1).offset((page - 1) * PER_PAGE)
    context = {"events": found[:PER_PAGE], "page": page, "more": len(found) > PER_PAGE, "own_picture": own_picture}
    return templates.TemplateResponse(request, "events.html", context)


def own_picture(image: str | None) -> str | None:
    """An image of this site; the page's policy lets no other be loaded, so none other is asked for."""
    return image if image and image.startswith("/static/") else None
