"""The page that shows the API: Swagger UI from our own files, with nothing from elsewhere and no inline script."""

from __future__ import annotations

import html
from functools import cache
from hashlib import sha256
from importlib import resources

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from tabor.web.problem_kinds import PROBLEM_KINDS
from tabor.web.problems import ProblemException, not_found
from tabor.web.security_headers import CONTENT_SECURITY_POLICY

# The stylesheet draws its icons from data: addresses.
DOCS_POLICY = f"{CONTENT_SECURITY_POLICY}; img-src 'self' data:"

_MEDIA_TYPES = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "tabor-docs.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
_KINDS = {kind.name: kind for kind in PROBLEM_KINDS}

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" type="image/png" href="{favicon}">
<link rel="stylesheet" href="{style}">
<script src="{bundle}" defer></script>
<script src="{start}" defer></script>
</head>
<body>
<main id="swagger-ui" data-openapi-url="{openapi_url}"></main>
<noscript>This page needs JavaScript; the same description is at <a href="{openapi_url}">{openapi_url}</a>.</noscript>
</body>
</html>
"""


def add_docs(app: FastAPI, path: str = "/docs") -> None:
    """Puts the page at ``path``, its files below it, and what each kind of problem means at ``/problems/<name>``."""

    async def page(request: Request) -> Response:
        root = request.scope.get("root_path", "").rstrip("/")
        files = {name: f"{root}{path}/{name}?v={_version(name)}" for name in _MEDIA_TYPES}
        content = _PAGE.format(
            title=html.escape(app.title),
            favicon=html.escape(files["favicon-32x32.png"]),
            style=html.escape(files["swagger-ui.css"]),
            bundle=html.escape(files["swagger-ui-bundle.js"]),
            start=html.escape(files["tabor-docs.js"]),
            openapi_url=html.escape(f"{root}{app.openapi_url}"),
        )
        return HTMLResponse(content, headers={"content-security-policy": DOCS_POLICY})

    app.add_route(path, page, include_in_schema=False)
    app.add_route(path + "/{name}", _file, include_in_schema=False)
    app.add_route("/problems/{name}", _kind, include_in_schema=False)


def remove_fastapi_docs(app: FastAPI) -> None:
    """Takes away the pages that FastAPI makes by itself, which load their parts from other servers."""
    paths = {app.docs_url, app.redoc_url, app.swagger_ui_oauth2_redirect_url}
    app.docs_url = app.redoc_url = app.swagger_ui_oauth2_redirect_url = None
    kept = [route for route in app.router.routes if not (isinstance(route, Route) and route.path in paths)]
    app.router.routes[:] = kept


async def _file(request: Request) -> Response:
    name: str = request.path_params["name"]
    if name not in _MEDIA_TYPES:
        raise ProblemException(not_found())
    # The address changes with the content, so a browser may keep the file for good.
    return Response(
        _content(name), media_type=_MEDIA_TYPES[name], headers={"cache-control": "public, max-age=31536000, immutable"}
    )


async def _kind(request: Request) -> Response:
    kind = _KINDS.get(request.path_params["name"])
    if kind is None:
        raise ProblemException(not_found())
    return PlainTextResponse(f"{kind.status} {kind.title}\n\n{kind.meaning}\n")


@cache
def _content(name: str) -> bytes:
    return resources.files("tabor.web").joinpath("static", name).read_bytes()


@cache
def _version(name: str) -> str:
    return sha256(_content(name)).hexdigest()[:12]
