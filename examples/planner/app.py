"""Puts the planner together: tables, sign-in, endpoints by hand, the generated resource, and the page for people."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, closing

from fastapi import FastAPI

from planner.events import event_routes
from planner.models import NewUser, UserCard
from planner.page import add_page
from planner.tables import Event, User
from tabor import Database
from tabor.auth.authentication import Authentication
from tabor.auth.policy import admins, anyone, signed_in
from tabor.auth.routes import account_routes
from tabor.auth.secret import SecretKey
from tabor.rest.mount import mount_resources
from tabor.rest.resource import Resource
from tabor.web.install import install

AtStart = Callable[[Authentication[User]], Awaitable[None]]


async def nothing(auth: Authentication[User]) -> None:
    """What happens at the start where nobody wants more."""


def create_app(db: Database, secret: SecretKey, at_start: AtStart = nothing) -> FastAPI:
    """The planner on a database that holds ``User`` and ``Event``; ``at_start`` runs once the tables are there."""
    auth = Authentication(db, User, secret=secret, issuer="planner")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        with closing(auth):
            async with db:
                await db.create_tables()
                await at_start(auth)
                yield

    app = FastAPI(title="Event planner", version="1", summary="Events that people announce.", lifespan=lifespan)
    install(app)
    app.include_router(account_routes(auth, new=NewUser, shown=UserCard), prefix="/user", tags=["People"])
    app.include_router(event_routes(auth))
    mount_resources(app, db, [events()], caller=auth.caller_of, cursor_keys=secret.derive("cursors"))
    add_page(app)
    return app


def events() -> Resource:
    """The same table as a generated resource, under the same rules."""
    return Resource(
        Event,
        list=anyone,
        read=anyone,
        create=signed_in,
        update=lambda caller: Event.creator.id == caller.id,
        delete=admins,
        server_set={"creator": lambda caller: caller.id},
        search=[Event.title, Event.description],
    )
