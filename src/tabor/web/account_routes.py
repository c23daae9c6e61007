"""The three routes that people sign in by, told what to do by functions; nothing here knows an account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, ClassVar, Literal, TypeVar

from fastapi import APIRouter, Depends, Form, Response
from pydantic import BaseModel, ConfigDict, Field

from tabor.web.bearer import SignedIn
from tabor.web.openapi_problems import documented_problems
from tabor.web.strict_route import StrictRoute

N = TypeVar("N", bound="NewAccount")
U = TypeVar("U")


class NewAccount(BaseModel):
    """What signing up takes; inherit for more columns. An unknown field is refused."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    email: str = Field(max_length=254, json_schema_extra={"format": "email"}, examples=["ann@example.org"])
    password: str = Field(
        max_length=1_024,
        # The policy decides about the length; the description names its default, and a subclass may name another.
        json_schema_extra={"format": "password", "minLength": 15},
        description="15 characters or more; any characters, but no common password and not the address",
        examples=["seven brave otters sing"],
    )


class SignInForm(BaseModel):
    """The form of OAuth2's password flow (RFC 6749, section 4.3.2); fields beyond these are ignored, as it says."""

    username: str = Field(min_length=1, description="The e-mail address")
    password: str = Field(min_length=1, json_schema_extra={"format": "password"})
    grant_type: Literal["password"] = "password"


class AccessToken(BaseModel):
    """The answer to a sign-in (RFC 6749, section 5.1); ``expires_in`` is in seconds."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  # a word of the protocol, no secret
    expires_in: int


class AccountRoutes(APIRouter):
    """``POST /signup`` (JSON), ``POST /signin`` (a form) and ``GET /me``, for ``app.include_router``.

    ``new`` is the body of a sign-up and ``shown`` what a caller sees of an account, read from its attributes.
    ``sign_up`` and ``sign_in`` do the work and raise what the app turns into problems; ``current_user`` gives the
    account of a request.
    """

    def __init__(
        self,
        *,
        new: type[N],
        shown: type[BaseModel],
        sign_up: Callable[[N], Awaitable[U]],
        sign_in: Callable[[str, str], Awaitable[AccessToken]],
        current_user: SignedIn[U],
    ) -> None:
        super().__init__(route_class=StrictRoute)
        signed_in = Depends(current_user)

        async def signup(body: N) -> U:
            """Make an account."""
            return await sign_up(body)

        async def signin(form: Annotated[SignInForm, Form()], response: Response) -> AccessToken:
            """Exchange address and password for an access token."""
            response.headers["cache-control"] = "no-store"
            return await sign_in(form.username, form.password)

        async def me(user: object = signed_in) -> object:
            """Whose token this is."""
            return user

        signup.__annotations__ = {"body": new}  # FastAPI reads the type of a body from the annotation
        self.post(
            "/signup", status_code=201, response_model=shown, summary="Sign up", responses=documented_problems(409, 422)
        )(signup)
        self.post("/signin", summary="Sign in", responses=documented_problems(401))(signin)
        self.get("/me", response_model=shown, summary="Me", responses=documented_problems(401))(me)
