"""The errors of sign-in that carry facts of their own."""

from __future__ import annotations

from tabor.errors import TaborError


class TokenInvalid(TaborError):
    """A token does not prove anything: malformed, forged, for somebody else, of another kind or another key.

    ``code`` is a stable word for programs; what exactly is wrong is for the log, never for the caller, who might
    be the forger.
    """

    code = "token_invalid"


class TokenExpired(TokenInvalid):
    """A token was good and its time is over; ``expired_at`` is the end of it in seconds since 1970."""

    code = "token_expired"

    def __init__(self, expired_at: int) -> None:
        super().__init__("The token has expired; sign in again, or use the refresh token.")
        self.expired_at = expired_at


class NotSignedIn(TaborError):
    """Something needs to know who asks, and nobody is signed in; over HTTP a 401."""

    code = "not_signed_in"

    def __init__(self) -> None:
        super().__init__("This needs a signed-in caller; sign in and send the access token.")


class NotAdministrator(TaborError):
    """Something is for administrators, and the caller is signed in and none."""

    code = "not_administrator"

    def __init__(self) -> None:
        super().__init__("This is for administrators.")


class CredentialsRefused(TaborError):
    """Address and password do not belong together; whether the account exists is not said."""

    code = "wrong_credentials"

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is wrong.")
