"""With and without a trailing slash: the same route answers, and nobody is redirected.

A redirect costs a round trip, and clients drop the body or the token on the way. The other spelling is tried only
where the first one found nothing, so a request that finds its route pays nothing.
"""

from __future__ import annotations

from starlette.routing import Match, Router
from starlette.types import ASGIApp, Receive, Scope, Send

METHODS: tuple[str, ...] = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

_TRIED = "tabor.slash_tried"
_FASTAPI_NOTES = "fastapi"  # what FastAPI's routes leave in a scope while they match


def other_spelling(scope: Scope) -> Scope | None:
    """The same request with the trailing slash added or taken away; ``None`` for the root and for several slashes.

    >>> other_spelling({"path": "/event/", "raw_path": b"/event/"})["path"]
    '/event'
    """
    path: str = scope["path"]
    if path == "/" or path.endswith("//"):
        return None
    raw: bytes = scope.get("raw_path") or b""
    if path.endswith("/"):
        changed, changed_raw = path[:-1], raw.removesuffix(b"/")
    else:
        changed, changed_raw = path + "/", raw + b"/" if raw else raw
    return {**_untouched(scope), "path": changed, "raw_path": changed_raw, _TRIED: True}


def allowed_methods(router: Router, scope: Scope) -> list[str]:
    """The methods that the router's routes take at this address, in either spelling.

    Several routes may share an address, and each of them knows only its own methods; so every method is tried.
    """
    spellings = [scope, other_spelling(scope) or scope]
    return [method for method in METHODS if any(_takes(router, spelling, method) for spelling in spellings)]


def takes_method(router: Router, scope: Scope) -> bool:
    """Whether a route of the router takes this very address with this method."""
    return _takes(router, scope, scope["method"])


def _takes(router: Router, scope: Scope, method: str) -> bool:
    probe: Scope = {**_untouched(scope), "method": method}
    return any(route.matches(probe)[0] is Match.FULL for route in router.routes)


def _untouched(scope: Scope) -> Scope:
    return {key: value for key, value in scope.items() if key != _FASTAPI_NOTES}


def is_in_mount(scope: Scope) -> bool:
    """Whether a mount has taken the request over, so that the app's own routes say nothing about it."""
    root: str = scope.get("root_path", "")
    app_root: str = scope.get("app_root_path", root)
    return app_root != root


class SlashFallback:
    """What a router does where no route matches: tries the other spelling once, then goes on to ``not_found``."""

    def __init__(self, router: Router, not_found: ASGIApp) -> None:
        self._router = router
        self._not_found = not_found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one connection."""
        other = other_spelling(scope) if scope["type"] == "http" and _TRIED not in scope else None
        if other is None:
            await self._not_found(scope, receive, send)
        else:
            await self._router.app(other, receive, send)
