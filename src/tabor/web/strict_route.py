"""A FastAPI route whose JSON body is read as strictly as a generated one's."""

from __future__ import annotations

from collections.abc import Callable, Coroutine

from fastapi import params
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from tabor.datatypes import JsonValue
from tabor.web.json_body import is_json
from tabor.web.json_text import parse_json
from tabor.web.problems import ProblemException, unsupported_media_type

_JSON, _FORM, _FILES = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"


class StrictRequest(Request):
    """A request whose ``json()`` refuses what ``parse_json`` refuses."""

    async def json(self) -> JsonValue:
        """The value in the body, whose size the guard bounds; raises ``ProblemException`` (400)."""
        return parse_json(await self.body())


class StrictRoute(APIRoute):
    """The route class for routers of one's own; the app itself gets it from ``install``.

    A body of another media type than the route's is refused with 415, where FastAPI would find fields missing.

    router = APIRouter(route_class=StrictRoute)
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[None, None, Response]]:
        """The handler of FastAPI, given a strict request."""
        handle = super().get_route_handler()
        expected = _media_type(self.body_field.field_info if self.body_field else None)

        async def handle_strictly(request: Request) -> Response:
            if expected is not None:
                _check_media_type(request, expected)
            return await handle(StrictRequest(request.scope, request.receive))

        return handle_strictly


def _media_type(body: object) -> str | None:
    """What a route's body must be; ``None`` where there is none, or one of a type that FastAPI knows nothing of."""
    if isinstance(body, params.File):
        return _FILES
    if isinstance(body, params.Form):
        return _FORM
    return _JSON if isinstance(body, params.Body) and body.media_type == _JSON else None


def _check_media_type(request: Request, expected: str) -> None:
    given = request.headers.get("content-type", "")
    if expected == _JSON:
        fits = is_json(given.encode("latin-1"))
    else:
        # Either kind of form carries plain fields, only one of them files.
        fits = given.partition(";")[0].strip().lower() in (expected, _FILES)
    if not fits and _has_body(request):
        raise ProblemException(unsupported_media_type(expected))


def _has_body(request: Request) -> bool:
    return "transfer-encoding" in request.headers or request.headers.get("content-length", "0") != "0"
