"""A FastAPI route whose JSON body is read as strictly as a generated one's."""

from __future__ import annotations

from collections.abc import Callable, Coroutine

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from tabor.datatypes import JsonValue
from tabor.web.json_text import parse_json


class StrictRequest(Request):
    """A request whose ``json()`` refuses what ``parse_json`` refuses."""

    async def json(self) -> JsonValue:
        """The value in the body, whose size the guard bounds; raises ``ProblemException`` (400)."""
        return parse_json(await self.body())


class StrictRoute(APIRoute):
    """The route class for routers of one's own; the app itself gets it from ``install``.

    router = APIRouter(route_class=StrictRoute)
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[None, None, Response]]:
        """The handler of FastAPI, given a strict request."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return handle_strictly
