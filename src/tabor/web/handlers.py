"""What becomes of an exception below a FastAPI app: a problem document, whatever it was."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tabor.errors import TaborError
from tabor.web import problems
from tabor.web.error_mapping import WHOLE_BODY, ProblemFor, problem_for
from tabor.web.problems import Fault, Problem, ProblemException, pointer, problem_response, request_id_of
from tabor.web.slashes import allowed_methods, is_in_mount, other_spelling, takes_method

_log = logging.getLogger("tabor.web")
_BODILESS = frozenset((204, 205, 304))


def add_problem_handlers(app: FastAPI, more: Mapping[type[TaborError], ProblemFor] | None = None) -> None:
    """Has every exception of the app answered by a problem document; ``more`` adds to the table of Tabor's errors."""

    async def on_tabor_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, TaborError)
        problem = problem_for(error, WHOLE_BODY, more)
        _log_failure(request, problem, error)
        return problem_response(problem, request_id_of(request.scope))

    async def on_http_exception(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 405 and not is_in_mount(request.scope) and not takes_method(app.router, request.scope):
            return _on_other_method(app, request)
        return _http_exception_response(request, error)

    app.add_exception_handler(TaborError, on_tabor_error)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(ProblemException, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_request_validation)
    app.add_exception_handler(Exception, _on_exception)


class _Redispatch(Response):
    """Stands for a response and sends the request through the router again."""

    def __init__(self, router: ASGIApp, scope: Scope) -> None:
        super().__init__()
        self._router = router
        self._scope = scope

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._router(self._scope, receive, send)


def _on_other_method(app: FastAPI, request: Request) -> Response:
    """The router met an address that takes other methods: perhaps its other spelling takes this one."""
    other = other_spelling(request.scope)
    if other is not None and takes_method(app.router, other):
        return _Redispatch(app.router.app, other)
    allowed = allowed_methods(app.router, request.scope)
    return problem_response(problems.method_not_allowed(request.method, allowed), request_id_of(request.scope))


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemException)
    return problem_response(error.problem, request_id_of(request.scope))


async def _on_exception(request: Request, error: Exception) -> Response:
    """Reached only by what fails before the guard; the server logs it, since it is raised again."""
    return problem_response(problems.internal(), request_id_of(request.scope))


async def _on_request_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem_response(validation_problem(error.errors()), request_id_of(request.scope))


def validation_problem(errors: Sequence[Mapping[str, object]]) -> Problem:
    """The problem for a list of errors as FastAPI and pydantic give them: places and reasons, never the input.

    >>> validation_problem([{"type": "missing", "loc": ("body", "title"), "msg": "Field required"}]).errors[0].pointer
    '/body/title'
    """
    for error in errors:
        if error["type"] == "json_invalid":
            detail = "The body is not JSON."
            return problems.malformed(detail, [Fault("/body", "invalid_json", detail)])
    return problems.validation(_fault(error) for error in errors)


def _fault(error: Mapping[str, object]) -> Fault:
    steps = cast("Sequence[str | int]", error["loc"])
    return Fault(pointer(*steps), str(error["type"]), f"{str(error['msg']).removesuffix('.')}.")


def _http_exception_response(request: Request, error: HTTPException) -> Response:
    headers = dict(error.headers or {})
    if error.status_code < 200 or error.status_code in _BODILESS:
        return Response(status_code=error.status_code, headers=headers)
    detail = cast("object", error.detail)  # FastAPI lets people put any JSON there
    sentence = detail if isinstance(detail, str) else json.dumps(detail, default=str)
    if sentence == _STANDARD_DETAIL.get(error.status_code):
        sentence = ""
    problem = problems.of_status(error.status_code, sentence, headers.items())
    if error.status_code == 401:
        default = problems.unauthenticated(problem.detail)
        challenged = "www-authenticate" in map(str.lower, headers)
        problem = replace(
            problem, errors=default.errors, headers=problem.headers + (() if challenged else default.headers)
        )
    return problem_response(problem, request_id_of(request.scope))


_STANDARD_DETAIL = {404: "Not Found", 401: "Not authenticated", 403: "Forbidden", 413: "Content Too Large"}
"""What the toolkit says where nobody has said anything; the kind's own sentence says more."""


def _log_failure(request: Request, problem: Problem, error: TaborError) -> None:
    if problem.status >= 500:
        cause = error if problem.status == 500 else None
        _log.log(
            logging.ERROR if cause else logging.WARNING,
            "request %s: %s %r answered %d: %s",
            request_id_of(request.scope),
            request.method,
            request.url.path,
            problem.status,
            type(error).__name__,
            exc_info=cause,
        )
