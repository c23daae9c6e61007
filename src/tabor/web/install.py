"""Makes a FastAPI app speak as Tabor does: guard, problem documents, slashes, strict JSON, its own documentation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fastapi import FastAPI

from tabor.errors import TaborError
from tabor.web.docs_page import add_docs, remove_fastapi_docs
from tabor.web.error_mapping import ProblemFor
from tabor.web.front_door import put_front_door
from tabor.web.guard import Guard
from tabor.web.handlers import add_problem_handlers
from tabor.web.limits import DEFAULT_LIMITS, Limits
from tabor.web.openapi_problems import Description, describe_problems
from tabor.web.slashes import SlashFallback
from tabor.web.strict_route import StrictRoute


def install(
    app: FastAPI,
    *,
    limits: Limits = DEFAULT_LIMITS,
    docs: str | None = "/docs",
    errors: Mapping[type[TaborError], ProblemFor] | None = None,
) -> None:
    """Call it once, before routes are added (those added before keep FastAPI's lenient JSON).

    ``docs`` is the path of the documentation page, ``None`` for none; FastAPI's own pages go in any case.
    ``errors`` adds classes of errors to the table that turns them into problem documents. Middleware that is
    added later stands outside the guard.

        app = FastAPI(title="Planner")
        install(app)
    """
    own_limit: int | None = getattr(app, "max_body_size", None)  # older versions of FastAPI have none
    if own_limit is not None:
        # Its own layer, outside the guard, would answer in plain text.
        app.max_body_size = None
        limits = replace(limits, body=min(limits.body, own_limit), upload=min(limits.upload, own_limit))
    app.add_middleware(Guard, limits=limits)
    put_front_door(app, limits)
    add_problem_handlers(app, errors)
    app.router.redirect_slashes = False
    app.router.default = SlashFallback(app.router, app.router.default)
    app.router.route_class = StrictRoute
    remove_fastapi_docs(app)
    if docs is not None and app.openapi_url is not None:
        add_docs(app, docs)
    _describe_problems_of(app)


def _describe_problems_of(app: FastAPI) -> None:
    describe = app.openapi

    def openapi() -> Description:
        if app.openapi_schema is None:
            app.openapi_schema = describe_problems(describe())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way that FastAPI documents for extending it
