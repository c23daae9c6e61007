"""Tests of the ready-made routes in an app that does nothing else, and of the dependencies."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import cast

import pytest
from fastapi import Depends, FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import BaseModel, ConfigDict

from tabor import Column, Database, column
from tabor.auth.accounts import Account
from tabor.auth.authentication import Authentication
from tabor.auth.routes import account_routes
from tabor.auth.secret import SecretKey
from tabor.web.install import install

pytestmark = pytest.mark.anyio

PASSWORD = "seven brave otters sing"


class Reader(Account, name="routes_reader"):
    """People who have nothing but an account."""

    id: Column[int] = column(primary_key=True)


class Card(BaseModel):
    """What they see of it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    email: str


def make_app(db: Database) -> FastAPI:
    """An app with the routes below ``/account`` and one for administrators; it knows no errors of sign-in."""
    auth = Authentication(db, Reader, secret=SecretKey(secrets.token_bytes(32)), sign_in_path="account/signin")
    app = FastAPI()
    install(app)
    app.include_router(account_routes(auth, shown=Card), prefix="/account")
    admin = Depends(auth.current_admin)

    @app.get("/secret")
    async def secret(reader: Reader = admin) -> str:
        return reader.email

    return app


@pytest.fixture
async def client(tmp_path: Path) -> AsyncGenerator[AsyncClient]:
    """A client of the app."""
    async with Database(f"sqlite:///{tmp_path / 'routes.db'}", tables=[Reader]) as db:
        await db.create_tables()
        async with AsyncClient(transport=ASGITransport(make_app(db)), base_url="http://reader") as client:
            yield client


async def token_of(client: AsyncClient, email: str) -> dict[str, str]:
    """Signs up and in; the header with the token."""
    await client.post("/account/signup", json={"email": email, "password": PASSWORD})
    answer = await client.post("/account/signin", data={"username": email, "password": PASSWORD})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_the_three_routes(client: AsyncClient) -> None:
    """Sign up, sign in, see oneself, with nothing but the mixin's columns."""
    answer = await client.post("/account/signup", json={"email": "Ann@example.org", "password": PASSWORD})
    assert (answer.status_code, answer.json()) == (201, {"id": 1, "email": "ann@example.org"})
    me = await client.get("/account/me", headers=await token_of(client, "ann@example.org"))
    assert (me.status_code, me.json()) == (200, {"id": 1, "email": "ann@example.org"})


async def test_refusals_need_no_setting(client: AsyncClient) -> None:
    """Wrong credentials, a missing and a bad token are 401 problems without a word to ``install``."""
    answers = [
        await client.post("/account/signin", data={"username": "a@x.org", "password": PASSWORD}),
        await client.get("/account/me"),
        await client.get("/account/me", headers={"Authorization": "Bearer x"}),
    ]
    assert [(answer.status_code, answer.json()["errors"][0]["code"]) for answer in answers] == [
        (401, "wrong_credentials"),
        (401, "not_signed_in"),
        (401, "token_invalid"),
    ]


async def test_current_admin(client: AsyncClient) -> None:
    """A route for administrators is a 401 to strangers, a 403 to others, and open to administrators."""
    headers = await token_of(client, "ann@example.org")
    stranger, reader = await client.get("/secret"), await client.get("/secret", headers=headers)
    await Reader.update(Reader.is_admin.to(True)).everything()
    admin = await client.get("/secret", headers=headers)
    assert (stranger.status_code, stranger.headers["www-authenticate"]) == (401, "Bearer")
    assert (reader.status_code, reader.json()["errors"][0]["code"]) == (403, "not_administrator")
    assert (admin.status_code, admin.json()) == (200, "ann@example.org")


async def test_openapi(client: AsyncClient) -> None:
    """The description shows the password flow with its address, who needs it, and the problems of each route."""
    document = (await client.get("/openapi.json")).json()
    assert document["components"]["securitySchemes"] == {
        "SignIn": {"type": "oauth2", "flows": {"password": {"scopes": {}, "tokenUrl": "account/signin"}}}
    }
    paths = cast("dict[str, dict[str, dict[str, object]]]", document["paths"])
    operations = {path: next(iter(methods.values())) for path, methods in paths.items()}
    assert {path: operation.get("security") for path, operation in operations.items()} == {
        "/account/signup": None,
        "/account/signin": None,
        "/account/me": [{"SignIn": []}],
        "/secret": [{"SignIn": []}],
    }
    assert {
        path: sorted(cast("dict[str, object]", operation["responses"])) for path, operation in operations.items()
    } == {
        "/account/signup": ["201", "409", "422", "default"],
        "/account/signin": ["200", "401", "422", "default"],
        "/account/me": ["200", "401", "default"],
        "/secret": ["200", "default"],
    }
