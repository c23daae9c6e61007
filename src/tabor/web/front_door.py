"""The way in for generated addresses: from the guard straight to their handler, past layers they have no use for.

The toolkit's own layers (routing, exit stacks, telemetry, exception handling) cost more than answering a row does.
An app that has middleware of its own keeps the long way for every request, so that nothing of it is passed by.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, cast

from fastapi import FastAPI
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from tabor.web.guard import Guard
from tabor.web.limits import Limits

Find = Callable[[Scope], Any]
Handle = Callable[[Any, Scope, Receive, Send], Awaitable[None]]

_DOOR = "tabor_front_door"
_TARGET = "tabor.target"


class FrontDoor:
    """What an app calls for each request; built with the app's middleware, at the first request."""

    def __init__(self, app: FastAPI, limits: Limits) -> None:
        self._app = app
        self._build_long_way = app.build_middleware_stack
        self._limits = limits
        self.routes: list[tuple[Find, Handle]] = []

    def build(self) -> ASGIApp:
        """The app's stack, with the short way before it where no other middleware than the guard would be missed."""
        long_way = self._build_long_way()
        if not self.routes or any(
            cast("object", middleware.cls) is not Guard for middleware in self._app.user_middleware
        ):
            return long_way
        guarded = Guard(self._answer, limits=self._limits)
        routes = self.routes

        async def choose(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                for find, handle in routes:
                    target = find(scope)
                    if target is not None:
                        scope[_TARGET] = (handle, target)
                        await guarded(scope, receive, send)
                        return
            await long_way(scope, receive, send)

        return choose

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        handle, target = scope[_TARGET]
        try:
            await handle(target, scope, receive, send)
        except Exception as error:
            await self._failed(error)(scope, receive, send)

    def _failed(self, error: Exception) -> ASGIApp:
        """The app that answers as the app's own handlers answer ``error``."""

        async def fail(scope: Scope, receive: Receive, send: Send) -> None:
            raise error

        handlers = {
            key: handler for key, handler in self._app.exception_handlers.items() if key not in (500, Exception)
        }
        return ExceptionMiddleware(fail, handlers=handlers)


def put_front_door(app: FastAPI, limits: Limits) -> None:
    """Give the app a front door; routes are added to it by ``direct_routes``."""
    door = FrontDoor(app, limits)
    setattr(app.state, _DOOR, door)
    app.build_middleware_stack = door.build  # type: ignore[method-assign]  # asked once by the app itself


def front_doors(app: FastAPI) -> Iterator[FrontDoor]:
    """The app's front door, if it has one."""
    door = getattr(app.state, _DOOR, None)
    if isinstance(door, FrontDoor):
        yield door
