"""Sign-up, sign-in and "me" as ready-made routes over an ``Authentication``."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

from tabor.auth.accounts import Account
from tabor.auth.authentication import Authentication
from tabor.auth.errors import CredentialsRefused
from tabor.auth.problems import refusal
from tabor.web.account_routes import AccessToken, AccountRoutes, NewAccount

A = TypeVar("A", bound=Account)


def account_routes(
    auth: Authentication[A], *, shown: type[BaseModel], new: type[NewAccount] = NewAccount
) -> AccountRoutes:
    """``POST /signup``, ``POST /signin`` and ``GET /me`` for a router or an app.

    ``shown`` is what a caller sees of an account, read from the row's attributes (``from_attributes``); ``new`` is
    the body of a sign-up, each of its fields a column of the table.

        class NewUser(NewAccount):
            name: str = Field(max_length=200)

        app.include_router(account_routes(auth, new=NewUser, shown=UserCard), prefix="/user")
    """

    async def sign_up(body: NewAccount) -> A:
        return await auth.sign_up(**body.model_dump())

    async def sign_in(email: str, password: str) -> AccessToken:
        try:
            user = await auth.authenticate(email, password)
        except CredentialsRefused as error:
            raise refusal(error) from error
        return AccessToken(access_token=auth.access_token(user), expires_in=auth.lifetime)

    return AccountRoutes(new=new, shown=shown, sign_up=sign_up, sign_in=sign_in, current_user=auth.current_user)
