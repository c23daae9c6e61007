"""Tests of reading a bearer token from a request."""

from __future__ import annotations

import pytest

from tabor.web.bearer import bearer_token
from tabor.web.problems import ProblemException
from tests.web.asgi import scope_of


@pytest.mark.parametrize("value", ["Bearer abc.def", "bearer abc.def", "BEARER   abc.def"])
def test_token(value: str) -> None:
    """The scheme is known in any case, and the token comes without the spaces around it."""
    assert bearer_token(scope_of(headers=[("Authorization", value)])) == "abc.def"


@pytest.mark.parametrize("headers", [[], [("Authorization", "Basic YW5uOnB3")], [("Authorization", "")]])
def test_no_token(headers: list[tuple[str, str]]) -> None:
    """No header, and one of another scheme, carry no token."""
    assert bearer_token(scope_of(headers=headers)) is None


@pytest.mark.parametrize(
    "headers",
    [
        [("Authorization", "Bearer")],
        [("Authorization", "Bearer ")],
        [("Authorization", "Bearerabc")],
        [("Authorization", "Bearer \N{LATIN SMALL LETTER E WITH ACUTE}")],
        [("Authorization", "Bearer a"), ("Authorization", "Bearer b")],
        [("Authorization", "Basic a"), ("Authorization", "Bearer b")],
    ],
)
def test_unreadable(headers: list[tuple[str, str]]) -> None:
    """An empty token, one that is no ASCII, and several headers are a 401 that says the token is invalid."""
    with pytest.raises(ProblemException) as caught:
        bearer_token(scope_of(headers=headers))
    problem = caught.value.problem
    assert (problem.status, problem.errors[0].code) == (401, "token_invalid")
    assert dict(problem.headers) == {"WWW-Authenticate": 'Bearer error="invalid_token"'}
