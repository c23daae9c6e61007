"""Tests of problem documents and of what each constructor puts into one."""

from __future__ import annotations

import json

import pytest

from tabor.web import problems
from tabor.web.problem_kinds import PROBLEM_KINDS
from tabor.web.problems import Fault, Problem, ProblemException, pointer, problem_body, problem_response

CASES: dict[str, tuple[Problem, int, str, dict[str, str]]] = {
    "malformed": (problems.malformed("Unreadable."), 400, "/problems/malformed", {}),
    "no token": (problems.unauthenticated(), 401, "/problems/unauthenticated", {"WWW-Authenticate": "Bearer"}),
    "bad token": (
        problems.unauthenticated("Expired.", code="token_expired", error="invalid_token"),
        401,
        "/problems/unauthenticated",
        {"WWW-Authenticate": 'Bearer error="invalid_token"'},
    ),
    "forbidden": (problems.forbidden("not_creator", "Only its creator may."), 403, "/problems/forbidden", {}),
    "not found": (problems.not_found(), 404, "/problems/not-found", {}),
    "method": (
        problems.method_not_allowed("PUT", ["GET", "HEAD"]),
        405,
        "/problems/method-not-allowed",
        {"Allow": "GET, HEAD"},
    ),
    "slow body": (problems.body_timeout(30), 408, "/problems/timeout", {}),
    "unique": (problems.not_unique([("/body/email", "email")]), 409, "/problems/not-unique", {}),
    "reference": (problems.unknown_reference([("/body/creator", "creator")]), 409, "/problems/reference", {}),
    "referenced": (problems.still_referenced(), 409, "/problems/reference", {}),
    "either reference": (problems.reference_in_the_way(), 409, "/problems/reference", {}),
    "version": (problems.precondition_failed(), 412, "/problems/precondition-failed", {}),
    "size": (problems.body_too_large(1024), 413, "/problems/too-large", {}),
    "url": (problems.url_too_long(8192), 414, "/problems/url-too-long", {}),
    "media type": (
        problems.unsupported_media_type(),
        415,
        "/problems/unsupported-media-type",
        {"Accept": "application/json"},
    ),
    "values": (problems.validation([Fault("/body/a", "x", "No.")]), 422, "/problems/validation", {}),
    "no version": (problems.precondition_required(), 428, "/problems/precondition-required", {}),
    "too often": (problems.too_many_requests(0.2), 429, "/problems/too-many-requests", {"Retry-After": "1"}),
    "headers": (problems.headers_too_large(16384), 431, "/problems/headers-too-large", {}),
    "internal": (problems.internal(), 500, "/problems/internal", {}),
    "busy": (problems.unavailable("Busy.", 2.5), 503, "/problems/unavailable", {"Retry-After": "3"}),
}


@pytest.mark.parametrize("name", CASES)
def test_constructors_give_status_type_and_headers(name: str) -> None:
    """Each constructor gives the status, the stable type and the headers that HTTP asks for with it."""
    problem, status, address, headers = CASES[name]
    assert (problem.status, problem.type, dict(problem.headers)) == (status, address, headers)


def test_every_kind_has_a_constructor() -> None:
    """No kind of problem is without a constructor, but the general conflict, which a bare status stands for."""
    made = {problem.type for problem, *_ in CASES.values()}
    assert {kind.type for kind in PROBLEM_KINDS} - made == {"/problems/conflict"}


def test_types_are_unique() -> None:
    """No two kinds share an address."""
    assert len({kind.type for kind in PROBLEM_KINDS}) == len(PROBLEM_KINDS)


def test_document_has_six_members() -> None:
    """A document has type, title, status, detail, instance and errors, in this order, and nothing else."""
    body = problem_body(problems.not_unique([("/body/email", "email")]), "abc")
    assert list(json.loads(body).items()) == [
        ("type", "/problems/not-unique"),
        ("title", "Already taken"),
        ("status", 409),
        ("detail", "Another row already has this email."),
        ("instance", "abc"),
        (
            "errors",
            [{"pointer": "/body/email", "code": "not_unique", "message": "Another row already has this email."}],
        ),
    ]


def test_document_survives_any_text() -> None:
    """Text that UTF-8 cannot carry, as a caller may send it in a name, still makes a document."""
    body = problem_body(problems.validation([Fault("/body/\ud800", "unknown", "\ud800?")]), "abc")
    assert json.loads(body)["errors"][0]["message"] == "\ud800?"


def test_response_carries_status_media_type_and_headers() -> None:
    """The response has the problem's status and headers and the media type of RFC 9457."""
    response = problem_response(problems.unavailable("Busy.", 2), "abc")
    headers = response.headers
    assert response.status_code == 503
    assert (headers["content-type"], headers["retry-after"]) == ("application/problem+json", "2")


def test_forbidden_names_the_rule() -> None:
    """A refusal by a rule carries the rule's code, about the request as a whole."""
    assert problems.forbidden("not_creator", "Only its creator may.").errors == (
        Fault("", "not_creator", "Only its creator may."),
    )


def test_one_fault_is_the_detail() -> None:
    """With one fault the detail is its sentence."""
    assert problems.validation([Fault("/body/a", "x", "Too long.")]).detail == "Too long."


def test_several_faults_are_counted() -> None:
    """With several faults the detail says how many."""
    faults = [Fault("/body/a", "x", "Too long."), Fault("/body/b", "y", "Too short.")]
    assert problems.validation(faults).detail == "2 values are not acceptable."


def test_two_columns_are_joined() -> None:
    """A combination that is taken names all its columns."""
    problem = problems.not_unique([("/body/room", "room"), ("/body/day", "day")])
    assert problem.detail == "Another row already has this room and day."


@pytest.mark.parametrize(
    ("status", "address"),
    [(404, "/problems/not-found"), (409, "/problems/conflict"), (422, "/problems/validation"), (418, "about:blank")],
)
def test_bare_status_finds_its_kind(status: int, address: str) -> None:
    """A bare status stands for its kind; one without a kind is about:blank, as RFC 9457 says."""
    assert problems.of_status(status, "Why.").type == address


def test_bare_status_without_a_sentence() -> None:
    """Without a sentence the kind's own meaning stands there."""
    assert problems.of_status(404, "").detail == "There is nothing at this address, or nothing that the caller may see."


def test_pointer_escapes() -> None:
    """Slash and tilde are escaped as RFC 6901 says."""
    assert pointer("body", 3, "a/b~c") == "/body/3/a~1b~0c"


def test_exception_is_an_http_exception() -> None:
    """The exception shows status, detail and headers as any HTTPException, for code that knows only those."""
    error = ProblemException(problems.method_not_allowed("PUT", ["GET"]))
    assert (error.status_code, error.detail, error.headers) == (
        405,
        "PUT is not possible here; possible: GET.",
        {"Allow": "GET"},
    )
