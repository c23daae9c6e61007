"""What the errors of sign-in look like to a caller."""

from __future__ import annotations

from tabor.auth.errors import CredentialsRefused, NotAdministrator, NotSignedIn, TokenExpired, TokenInvalid
from tabor.errors import TaborError
from tabor.web.error_mapping import WHOLE_BODY, Place, ProblemFor, problem_for
from tabor.web.problems import Problem, ProblemException, forbidden, unauthenticated


def _token_invalid(error: TaborError, place: Place) -> Problem:
    return unauthenticated("The token is not valid.", code=TokenInvalid.code, error="invalid_token")


def _token_expired(error: TaborError, place: Place) -> Problem:
    return unauthenticated("The token has expired; sign in again.", code=TokenExpired.code, error="invalid_token")


def _not_signed_in(error: TaborError, place: Place) -> Problem:
    return unauthenticated(str(error), code=NotSignedIn.code)


def _credentials_refused(error: TaborError, place: Place) -> Problem:
    return unauthenticated(str(error), code=CredentialsRefused.code)


def _not_administrator(error: TaborError, place: Place) -> Problem:
    return forbidden(NotAdministrator.code, str(error))


AUTH_PROBLEMS: dict[type[TaborError], ProblemFor] = {
    TokenInvalid: _token_invalid,
    TokenExpired: _token_expired,
    NotSignedIn: _not_signed_in,
    CredentialsRefused: _credentials_refused,
    NotAdministrator: _not_administrator,
}
"""For ``install(app, errors=AUTH_PROBLEMS)``, where routes of one's own call ``authenticate`` or ``user_of``."""


def refusal(error: TaborError) -> ProblemException:
    """The same error as an answer on its way to the client, for apps that know nothing of ``AUTH_PROBLEMS``."""
    return ProblemException(problem_for(error, WHOLE_BODY, AUTH_PROBLEMS))
