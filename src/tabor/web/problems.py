"""Problem documents by RFC 9457: the value, the exception that carries one, and a constructor for each kind.

A pointer in ``errors`` is a JSON pointer (RFC 6901) whose first step says where in the request the place is:
``/body/title``, ``/query/limit``, ``/path/id``, ``/header/if-match``, ``/cookie/session``; the empty pointer is
the request as a whole.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import client

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from tabor.web import problem_kinds as kinds
from tabor.web.problem_kinds import ProblemKind

MEDIA_TYPE = "application/problem+json"

REQUEST_ID = "tabor.request_id"
"""The scope key under which the guard keeps the request's id."""

PROBLEM_SCHEMA: dict[str, object] = {
    "title": "Problem",
    "description": "What went wrong, by RFC 9457.",
    "type": "object",
    "properties": {
        "type": {"type": "string", "description": "Which kind of problem this is; stable."},
        "title": {"type": "string", "description": "The kind in words."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What happened this time."},
        "instance": {"type": "string", "description": "The id of the request, as in the X-Request-ID header."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer to the place, such as /body/title."},
                    "code": {"type": "string", "description": "A stable word for programs."},
                    "message": {"type": "string", "description": "A sentence for people."},
                },
                "required": ["pointer", "code", "message"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "instance", "errors"],
}
"""JSON Schema of the document that ``problem_response`` sends."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One place that is wrong: where (JSON pointer), a stable code for programs, a sentence for people."""

    pointer: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem document, without the request id, which ``problem_response`` adds.

    ``headers`` are those of the response that belong to the problem (``Allow``, ``Retry-After`` and so on).
    """

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[Fault, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


class ProblemException(HTTPException):
    """A problem on its way to the client; raise it anywhere below a route.

    It is an ``HTTPException`` because FastAPI passes only those through the code that reads a body.

    >>> raise ProblemException(not_found())
    Traceback (most recent call last):
    tabor.web.problems.ProblemException: 404: There is nothing here, or nothing that you may see.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.status, problem.detail, dict(problem.headers) or None)
        self.problem = problem


def pointer(*steps: str | int) -> str:
    """The JSON pointer over ``steps``, each escaped by RFC 6901.

    >>> pointer("body", "tags", 0), pointer("body", "a/b"), pointer()
    ('/body/tags/0', '/body/a~1b', '')
    """
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def problem_body(problem: Problem, request_id: str) -> bytes:
    """The document as JSON, in ASCII so that any text a caller sent can stand in it."""
    return json.dumps(
        {
            "type": problem.type,
            "title": problem.title,
            "status": problem.status,
            "detail": problem.detail,
            "instance": request_id,
            "errors": [
                {"pointer": fault.pointer, "code": fault.code, "message": fault.message} for fault in problem.errors
            ],
        }
    ).encode()


def problem_response(problem: Problem, request_id: str) -> Response:
    """The response for ``problem``, ``instance`` being the request id."""
    return Response(
        problem_body(problem, request_id),
        status_code=problem.status,
        headers=dict(problem.headers),
        media_type=MEDIA_TYPE,
    )


def request_id_of(scope: Scope) -> str:
    """The id of the request that ``scope`` describes; empty where no guard stands before the app."""
    return str(scope.get(REQUEST_ID, ""))


def of_kind(
    kind: ProblemKind,
    detail: str,
    errors: Iterable[Fault] = (),
    headers: Iterable[tuple[str, str]] = (),
) -> Problem:
    """A problem of ``kind`` with the facts of this time."""
    return Problem(kind.type, kind.title, kind.status, detail, tuple(errors), tuple(headers))


def of_status(status: int, detail: str, headers: Iterable[tuple[str, str]] = ()) -> Problem:
    """A problem for a bare HTTP status; one without a kind of its own gets ``about:blank`` (RFC 9457, 4.2.1).

    >>> of_status(418, "Short and stout.").type
    'about:blank'
    """
    if kind := kinds.KIND_OF_STATUS.get(status):
        return of_kind(kind, detail or kind.meaning, headers=headers)
    title = client.responses.get(status, "Error")
    return Problem("about:blank", title, status, detail or title, headers=tuple(headers))


def malformed(detail: str, errors: Iterable[Fault] = ()) -> Problem:
    """400: the request cannot be read."""
    return of_kind(kinds.MALFORMED, detail, errors)


def unauthenticated(
    detail: str = "This needs a signed-in caller.", *, code: str = "not_signed_in", error: str | None = None
) -> Problem:
    """401 with ``WWW-Authenticate: Bearer``.

    ``error`` is the word of RFC 6750, section 3.1 where a token was sent (``invalid_token``), ``None`` where none was.
    """
    challenge = f'Bearer error="{error}"' if error else "Bearer"
    return of_kind(kinds.UNAUTHENTICATED, detail, (Fault("", code, detail),), (("WWW-Authenticate", challenge),))


def forbidden(code: str, detail: str) -> Problem:
    """403: a known caller may not do this; ``code`` says which rule stands against it."""
    return of_kind(kinds.FORBIDDEN, detail, (Fault("", code, detail),))


def not_found(detail: str = "There is nothing here, or nothing that you may see.") -> Problem:
    """404, the same for what does not exist and for what the caller may not see."""
    return of_kind(kinds.NOT_FOUND, detail)


def method_not_allowed(method: str, allowed: Sequence[str]) -> Problem:
    """405 with ``Allow``."""
    listing = ", ".join(allowed)
    detail = f"{method} is not possible here; possible: {listing or 'nothing'}."
    return of_kind(kinds.METHOD_NOT_ALLOWED, detail, headers=(("Allow", listing),))


def body_timeout(seconds: float) -> Problem:
    """408: the body did not arrive within ``seconds``."""
    return of_kind(kinds.TIMEOUT, f"The body did not arrive within {seconds:g} s.")


def not_unique(pointers: Iterable[tuple[str, str]] = ()) -> Problem:
    """409: another row has the same value; ``pointers`` are pairs of pointer and field name, never a value.

    >>> not_unique([("/body/email", "email")]).detail
    'Another row already has this email.'
    """
    places = tuple(pointers)
    detail = f"Another row already has this {' and '.join(name for _, name in places) or 'value'}."
    return of_kind(kinds.NOT_UNIQUE, detail, (Fault(place, "not_unique", detail) for place, _ in places))


def unknown_reference(pointers: Iterable[tuple[str, str]]) -> Problem:
    """409: a field refers to a row that does not exist; ``pointers`` are pairs of pointer and field name."""
    places = tuple(pointers)
    detail = f"{' and '.join(name for _, name in places)} refers to a row that does not exist."
    return of_kind(kinds.REFERENCE, detail, (Fault(place, "unknown_reference", detail) for place, _ in places))


def still_referenced() -> Problem:
    """409: other rows refer to this one."""
    detail = "Other rows still refer to this one."
    return of_kind(kinds.REFERENCE, detail, (Fault("", "still_referenced", detail),))


def reference_in_the_way() -> Problem:
    """409: a reference is broken and nobody knows which side of it."""
    detail = "A row would refer to a row that does not exist, or lose the row it refers to."
    return of_kind(kinds.REFERENCE, detail, (Fault("", "reference", detail),))


def conflict(detail: str, errors: Iterable[Fault] = ()) -> Problem:
    """409: the request does not fit the present state."""
    return of_kind(kinds.CONFLICT, detail, errors)


def precondition_failed() -> Problem:
    """412: the stored version is another one."""
    return of_kind(kinds.PRECONDITION_FAILED, "The stored version is not the one in If-Match; read it again.")


def body_too_large(limit: int) -> Problem:
    """413: the body has more than ``limit`` bytes."""
    return of_kind(kinds.TOO_LARGE, f"A body may have {limit:,} bytes at most.")


def url_too_long(limit: int) -> Problem:
    """414: the address has more than ``limit`` bytes."""
    return of_kind(kinds.URL_TOO_LONG, f"An address with its parameters may have {limit:,} bytes at most.")


def unsupported_media_type(accepted: str = "application/json") -> Problem:
    """415, naming what is taken in the ``Accept`` header of the answer (RFC 9110, 15.5.16)."""
    detail = f"The body must be {accepted}, named so in Content-Type."
    return of_kind(kinds.UNSUPPORTED_MEDIA_TYPE, detail, headers=(("Accept", accepted),))


def validation(errors: Iterable[Fault]) -> Problem:
    """422: some values are not acceptable; the detail is the sentence where there is only one."""
    faults = tuple(errors)
    detail = faults[0].message if len(faults) == 1 else f"{len(faults)} values are not acceptable."
    return of_kind(kinds.VALIDATION, detail, faults)


def precondition_required() -> Problem:
    """428: the change must name the version that it is based on."""
    return of_kind(kinds.PRECONDITION_REQUIRED, "Send If-Match with the ETag of the version you are changing.")


def too_many_requests(retry_after: float) -> Problem:
    """429 with ``Retry-After`` (seconds, rounded up)."""
    return of_kind(
        kinds.TOO_MANY_REQUESTS,
        f"Too many requests; try again in {_whole_seconds(retry_after)} s.",
        headers=_retry(retry_after),
    )


def headers_too_large(limit: int) -> Problem:
    """431: the headers have more than ``limit`` bytes."""
    return of_kind(kinds.HEADERS_TOO_LARGE, f"Headers may have {limit:,} bytes at most, all together.")


def internal() -> Problem:
    """500, saying nothing of what is inside."""
    return of_kind(kinds.INTERNAL, "The server failed; its log has the cause under the id in instance.")


def unavailable(detail: str, retry_after: float) -> Problem:
    """503 with ``Retry-After`` (seconds, rounded up)."""
    return of_kind(kinds.UNAVAILABLE, detail, headers=_retry(retry_after))


def _retry(seconds: float) -> tuple[tuple[str, str], ...]:
    return (("Retry-After", str(_whole_seconds(seconds))),)


def _whole_seconds(seconds: float) -> int:
    return max(1, math.ceil(seconds))
