"""Bearer tokens (RFC 6750): reading one from a request, and a FastAPI dependency for whoever it belongs to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

from fastapi.openapi.models import OAuth2, OAuthFlowPassword, OAuthFlows
from fastapi.openapi.models import SecurityBase as SecurityScheme
from fastapi.security.base import SecurityBase
from starlette.requests import Request
from starlette.types import Scope

from tabor.web.problems import ProblemException, unauthenticated

T = TypeVar("T")


class HasScope(Protocol):
    """A request of any toolkit that speaks ASGI."""

    @property
    def scope(self) -> Scope:
        """The connection's scope."""
        ...


def bearer_token(scope: Scope) -> str | None:
    """The token in the ``Authorization`` header; ``None`` where there is none, or one of another scheme.

    Raises ``ProblemException`` (401) for more than one such header and for a token that is empty or no ASCII text.

    >>> bearer_token({"headers": [(b"authorization", b"Bearer abc.def")]})
    'abc.def'
    """
    given: bytes | None = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            if given is not None:
                raise _unreadable("More than one Authorization header was sent.")
            given = value
    if given is None or given[:6].lower() != b"bearer":
        return None
    token = given[6:].strip()
    if not token or given[6:7] != b" " or not token.isascii():
        raise _unreadable("The Authorization header has no token after Bearer.")
    return token.decode("ascii")


def _unreadable(detail: str) -> ProblemException:
    return ProblemException(unauthenticated(detail, code="token_invalid", error="invalid_token"))


class SignedIn(SecurityBase, Generic[T]):
    """A dependency that answers who sends the request, and shows in OpenAPI as OAuth2's password flow.

    ``resolve`` is given the token, or ``None`` where the request has none, and gives the caller or raises.
    ``token_url`` is where tokens come from, seen from the OpenAPI document.

        current_user = SignedIn(resolve, "user/signin")
        async def me(user: User = Depends(current_user)) -> UserCard: ...
    """

    def __init__(self, resolve: Callable[[str | None], Awaitable[T]], token_url: str) -> None:
        self.model: SecurityScheme = OAuth2(flows=OAuthFlows(password=OAuthFlowPassword(tokenUrl=token_url)))
        self.scheme_name: str = "SignIn"
        self._resolve = resolve

    async def __call__(self, request: Request) -> T:
        """Called by FastAPI for each request."""
        return await self._resolve(bearer_token(request.scope))
