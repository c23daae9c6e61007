"""What the errors of sign-in look like to a caller."""

from __future__ import annotations

from tabor.auth.errors import TokenExpired, TokenInvalid
from tabor.errors import TaborError
from tabor.web.error_mapping import Place, ProblemFor
from tabor.web.problems import Problem, unauthenticated


def _token_invalid(error: TaborError, place: Place) -> Problem:
    return unauthenticated("The token is not valid.", code=TokenInvalid.code, error="invalid_token")


def _token_expired(error: TaborError, place: Place) -> Problem:
    return unauthenticated("The token has expired; sign in again.", code=TokenExpired.code, error="invalid_token")


AUTH_PROBLEMS: dict[type[TaborError], ProblemFor] = {TokenInvalid: _token_invalid, TokenExpired: _token_expired}
"""For ``install(app, errors=AUTH_PROBLEMS)``."""
