"""Tests of what the errors of sign-in look like to a caller."""

from __future__ import annotations

import pytest

from tabor.auth.errors import TokenExpired, TokenInvalid
from tabor.auth.problems import AUTH_PROBLEMS
from tabor.web.error_mapping import problem_for
from tabor.web.problems import Fault


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (TokenInvalid("inner reason"), Fault("", "token_invalid", "The token is not valid.")),
        (TokenExpired(1_800_000_000), Fault("", "token_expired", "The token has expired; sign in again.")),
    ],
)
def test_tokens(error: TokenInvalid, fault: Fault) -> None:
    """A bad token is a 401 with the challenge of RFC 6750 and a code, without the inner reason."""
    problem = problem_for(error, more=AUTH_PROBLEMS)
    assert (problem.status, problem.errors) == (401, (fault,))
    assert dict(problem.headers) == {"WWW-Authenticate": 'Bearer error="invalid_token"'}
