"""The endpoints of events, written by hand: plain FastAPI routes over Tabor's queries."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from planner.models import EventCard, EventChange, NewEvent, Page
from planner.tables import Event, User
from tabor.auth.authentication import Authentication
from tabor.web.openapi_problems import documented_problems
from tabor.web.problems import ProblemException, forbidden
from tabor.web.strict_route import StrictRoute

Key = Annotated[int, Path(ge=1, lt=2**63)]


def event_routes(auth: Authentication[User]) -> APIRouter:
    """List, read, create, change and delete events."""
    routes = APIRouter(prefix="/event", tags=["Events"], route_class=StrictRoute)
    signed_in, administrator = Depends(auth.current_user), Depends(auth.current_admin)

    @routes.get("/", response_model=list[EventCard])
    async def list_events(page: Annotated[Page, Query()]) -> list[Event]:
        """All events, the earliest first."""
        return await Event.select().order_by(Event.starts_at, Event.id).limit(page.limit).offset(page.offset)

    @routes.get("/{key:int}", response_model=EventCard, responses=documented_problems(404))
    async def read_event(key: Key) -> Event:
        """One event."""
        return await Event.get(key)

    @routes.post("/new", status_code=201, response_model=EventCard, responses=documented_problems(401))
    async def create_event(body: NewEvent, response: Response, user: User = signed_in) -> Event:
        """Announce an event; whoever is signed in is its creator."""
        event = await Event.insert(Event(**body.model_dump(), creator=user)).one()
        response.headers["location"] = f"/event/{event.id}"
        return event

    @routes.patch("/{key:int}", response_model=EventCard, responses=documented_problems(401, 403, 404))
    async def change_event(key: Key, body: EventChange, user: User = signed_in) -> Event:
        """Change an event; only its creator may."""
        event = await Event.get(key)
        if event.creator.id != user.id:
            raise ProblemException(forbidden("not_creator", "Only its creator may change an event."))
        for name, value in body.items():
            setattr(event, name, value)
        await event.save()
        return event

    @routes.delete(
        "/{key:int}",
        status_code=204,
        dependencies=[administrator],
        responses=documented_problems(401, 403, 404),
    )
    async def delete_event(key: Key) -> None:
        """Delete an event; for administrators."""
        event = await Event.get(key)
        await event.remove()

    return routes
