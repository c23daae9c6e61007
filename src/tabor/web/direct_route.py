"""Addresses that are answered on ASGI itself, in front of an app's own routes and behind all of its middleware.

For generated addresses, which need none of the toolkit's injection, and whose every microsecond counts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from fastapi import FastAPI
from starlette.requests import Request
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from tabor.web.front_door import Way, front_doors
from tabor.web.openapi_problems import Description

__all__ = ["FastAPI", "Receive", "Request", "Scope", "Send", "add_direct_route"]

T = TypeVar("T")

_TARGET = "tabor.target"


class _DirectRoute(BaseRoute, Generic[T]):
    def __init__(
        self, find: Callable[[Scope], T | None], handle: Callable[[T, Scope, Receive, Send], Awaitable[None]]
    ) -> None:
        self._find = find
        self._handle = handle

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        target = self._find(scope) if scope["type"] == "http" else None
        return (Match.NONE, {}) if target is None else (Match.FULL, {_TARGET: target})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        target: T = scope[_TARGET]
        await self._handle(target, scope, receive, send)


def add_direct_route(
    app: FastAPI,
    find: Callable[[Scope], T | None],
    handle: Callable[[T, Scope, Receive, Send], Awaitable[None]],
    describe: Callable[[Description], None],
    body_now: Callable[[T, Scope], bytes | None] = lambda target, scope: None,
) -> None:
    """Has ``handle`` answer every request, whatever its method, for which ``find`` gives a target.

    ``describe`` adds the addresses to the OpenAPI description, in place and as often as it is asked.  ``body_now`` is
    asked first for a GET, where the server can answer without a task: it gives the JSON of a plain 200 where nothing
    has to be waited for; where it gives None or raises, ``handle`` is called as ever.
    """
    app.router.routes.insert(0, _DirectRoute(find, handle))
    for door in front_doors(app):
        door.ways.insert(0, Way(find, handle, body_now))
    described = app.openapi

    def openapi() -> Description:
        description = described()
        describe(description)
        return description

    app.openapi = openapi  # type: ignore[method-assign]  # the way that FastAPI documents for extending it
