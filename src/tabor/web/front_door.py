"""The way in for generated addresses: from the guard straight to their handler, past layers they have no use for.

The toolkit's own layers (routing, exit stacks, telemetry, exception handling) cost more than answering a row does.
An app that has middleware of its own keeps the long way for every request, so that nothing of it is passed by.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from time import monotonic
from typing import Any, NamedTuple, cast

from fastapi import FastAPI
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from tabor.web.guard import Guard
from tabor.web.limits import Limits
from tabor.web.whole_answer import WholeAnswer

Find = Callable[[Scope], Any]
Handle = Callable[[Any, Scope, Receive, Send], Awaitable[None]]
BodyNow = Callable[[Any, Scope], bytes | None]


class Way(NamedTuple):
    """Finds the target of a request, answers it; gives the JSON of the answer where there is nothing to wait for."""

    find: Find
    handle: Handle
    body_now: BodyNow


_OBSERVED_FOR = 1.0
"""Seconds after which an entrance looks again whether the app is observed."""
_DOOR = "tabor_front_door"
_FOUND = "tabor.found"


class FrontDoor:
    """What an app calls for each request; built with the app's middleware, at the first request."""

    def __init__(self, app: FastAPI, limits: Limits) -> None:
        self._app = app
        self._build_long_way = app.build_middleware_stack
        self._limits = limits
        self.ways: list[Way] = []

    def build(self) -> ASGIApp:
        """The app's stack, with the short way before it where no other middleware than the guard would be missed."""
        long_way = self._build_long_way()
        if not self.ways or any(
            cast("object", middleware.cls) is not Guard for middleware in self._app.user_middleware
        ):
            return long_way
        guarded = Guard(self._answer, limits=self._limits, next_is_last=True)
        return _Ways(self.ways, guarded, long_way)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        way, target = scope[_FOUND]
        try:
            await way.handle(target, scope, receive, send)
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


class _Ways:
    """The app's stack with short ways before it."""

    def __init__(self, ways: list[Way], guard: Guard, long_way: ASGIApp) -> None:
        self._ways = ways
        self._guard = guard
        self._long_way = long_way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (_FOUND in scope or self._find(scope)):
            await self._guard(scope, receive, send)
        else:
            await self._long_way(scope, receive, send)

    def answer_now(self, scope: Scope, whole: WholeAnswer) -> bool:
        """Answer what can be answered without waiting."""
        return self._find(scope) and self._guard.answer_now(scope, whole, _body_now)

    def _find(self, scope: Scope) -> bool:
        for way in self._ways:
            target = way.find(scope)
            if target is not None:
                scope[_FOUND] = (way, target)
                return True
        return False


def _body_now(scope: Scope) -> bytes | None:
    way: Way
    way, target = scope[_FOUND]
    return way.body_now(target, scope)


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


class _Entrance:
    """The way into an app that is not observed: FastAPI asks for its telemetry anew with every request."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._look_again = 0.0
        self._observed = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_observed():
            await self._app(scope, receive, send)
            return
        app = self._app
        self._enter(scope)
        if app.middleware_stack is None:
            app.middleware_stack = app.build_middleware_stack()
        await app.middleware_stack(scope, receive, send)

    def answer_now(self, scope: Scope, whole: WholeAnswer) -> bool:
        """Answer a read that needs no waiting; ``False`` where the request has to go the usual way."""
        stack = self._app.middleware_stack
        if scope["method"] != "GET" or not isinstance(stack, _Ways) or self._is_observed():
            return False
        self._enter(scope)
        return stack.answer_now(scope, whole)

    def _enter(self, scope: Scope) -> None:
        if self._app.root_path:
            scope["root_path"] = self._app.root_path
        scope["app"] = self._app

    def _is_observed(self) -> bool:
        now = monotonic()
        if now > self._look_again:
            self._look_again = now + _OBSERVED_FOR
            telemetry = getattr(self._app, "_native_telemetry", None)
            self._observed = telemetry is not None and bool(telemetry.enabled())
        return self._observed


def entrance(app: ASGIApp) -> ASGIApp:
    """What a server should call for ``app``: the app itself, or a shorter way to the same answers."""
    if isinstance(app, FastAPI) and type(app).__call__ is FastAPI.__call__ and any(front_doors(app)):
        return _Entrance(app)
    return app
