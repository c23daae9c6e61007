"""Tests of signing up, signing in and being known."""

from __future__ import annotations

import time

import pytest

from planner.tables import User
from tabor.auth.tokens import TokenSigner, signing_keys
from tests.planner.harness import PASSWORD, Planner, problem, refusal, signed

pytestmark = pytest.mark.anyio

ANN = {"email": "Ann@Example.org", "password": PASSWORD, "name": "Ann"}
FORM = {"username": "ann@example.org", "password": PASSWORD}


async def test_sign_up(planner: Planner) -> None:
    """Signing up answers 201 with the person as stored, the address in lower case, and no word of the password."""
    answer = await planner.client.post("/user/signup", json=ANN)
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/json")
    assert answer.json() == {"id": 1, "email": "ann@example.org", "name": "Ann", "is_admin": False}


async def test_the_password_is_stored_as_an_argon2id_hash(planner: Planner) -> None:
    """The database holds a hash with the settings of OWASP's floor, never the password."""
    await planner.client.post("/user/signup", json=ANN)
    (stored,) = await User.select(User.password_hash).values()
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


BAD_SIGN_UPS: dict[str, tuple[dict[str, object], list[tuple[str, str]]]] = {
    "no password": ({"password": ...}, [("/body/password", "missing")]),
    "no name": ({"name": ...}, [("/body/name", "missing")]),
    "nothing": (
        {"email": ..., "password": ..., "name": ...},
        [("/body/email", "missing"), ("/body/password", "missing"), ("/body/name", "missing")],
    ),
    "null": ({"name": None}, [("/body/name", "string_type")]),
    "wrong types": ({"email": 5, "name": ["Ann"]}, [("/body/email", "string_type"), ("/body/name", "string_type")]),
    "no address": ({"email": "ann.example.org"}, [("/body/email", "not_an_email")]),
    "an address too long": ({"email": f"{'a' * 250}@x.org"}, [("/body/email", "string_too_long")]),
    "an empty name": ({"name": ""}, [("/body/name", "string_too_short")]),
    "a name too long": ({"name": "x" * 101}, [("/body/name", "string_too_long")]),
    "a short password": ({"password": "14 characters."}, [("/body/password", "too_short")]),
    "a password too long": ({"password": "x1" * 513}, [("/body/password", "string_too_long")]),
    "a password of too many bytes": (
        {"password": "\N{GREEK SMALL LETTER OMEGA}" * 600},
        [("/body/password", "too_long")],
    ),
    "a common password": ({"password": "passwordpassword"}, [("/body/password", "common_password")]),
    "the address as password": (
        {"email": "river.side@example.org", "password": "River.Side@example.org"},
        [("/body/password", "equals_email")],
    ),
    "a right taken": ({"is_admin": True}, [("/body/is_admin", "extra_forbidden")]),
    "a hash given": ({"password_hash": "x"}, [("/body/password_hash", "extra_forbidden")]),
}


@pytest.mark.parametrize("case", BAD_SIGN_UPS)
async def test_bad_sign_up(planner: Planner, case: str) -> None:
    """A sign-up that cannot be is refused with 422, names each place, and stores nobody."""
    changes, faults = BAD_SIGN_UPS[case]
    body = {name: value for name, value in {**ANN, **changes}.items() if value is not ...}
    assert refusal(await planner.client.post("/user/signup", json=body)) == (422, faults)
    assert await User.select().count() == 0


async def test_duplicate_address(planner: Planner) -> None:
    """An address that has an account is refused with 409, in whatever case it is written."""
    await planner.client.post("/user/signup", json=ANN)
    answer = await planner.client.post("/user/signup", json={**ANN, "email": "ANN@example.ORG", "name": "Another"})
    assert problem(answer) == {
        "type": "/problems/not-unique",
        "title": "Already taken",
        "status": 409,
        "detail": "Another row already has this email.",
        "instance": answer.headers["x-request-id"],
        "errors": [{"pointer": "/body/email", "code": "not_unique", "message": "Another row already has this email."}],
    }


async def test_sign_in(planner: Planner) -> None:
    """The form of OAuth2 answers a bearer token for ten minutes, and no cache keeps it."""
    await planner.client.post("/user/signup", json=ANN)
    answer = await planner.client.post("/user/signin", data={**FORM, "grant_type": "password", "scope": ""})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.json() == {
        "access_token": answer.json()["access_token"],
        "token_type": "bearer",
        "expires_in": 600,
    }
    me = await planner.client.get("/user/me", headers=signed(answer.json()["access_token"]))
    assert me.json() == {"id": 1, "email": "ann@example.org", "name": "Ann", "is_admin": False}
    assert (me.status_code, me.headers["cache-control"]) == (200, "no-store")


async def test_sign_in_in_any_case(planner: Planner) -> None:
    """The address may be typed in any case."""
    await planner.client.post("/user/signup", json=ANN)
    answer = await planner.client.post("/user/signin", data={**FORM, "username": "aNN@EXAMPLE.org"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        {"username": "ann@example.org", "password": "seven brave otters sink"},
        {"username": "nobody@example.org", "password": PASSWORD},
        {"username": "ann@example.org\0", "password": PASSWORD},
        {"username": "ann@example.org", "password": "\0"},
        {"username": "ann@example.org", "password": "x" * 5_000},
    ],
)
async def test_wrong_credentials(planner: Planner, form: dict[str, str]) -> None:
    """Whatever does not fit is answered by the very same 401, so that nobody learns which accounts exist."""
    await planner.client.post("/user/signup", json=ANN)
    answer = await planner.client.post("/user/signin", data=form)
    assert answer.headers["www-authenticate"] == "Bearer"
    assert problem(answer) == {
        "type": "/problems/unauthenticated",
        "title": "Sign in first",
        "status": 401,
        "detail": "The e-mail address or the password is wrong.",
        "instance": answer.headers["x-request-id"],
        "errors": [
            {"pointer": "", "code": "wrong_credentials", "message": "The e-mail address or the password is wrong."}
        ],
    }


async def test_incomplete_form(planner: Planner) -> None:
    """A form without a password, with an empty one, or of another grant is refused with 422."""
    for form in ({"username": "a@x.org"}, {"username": "a@x.org", "password": ""}):
        assert refusal(await planner.client.post("/user/signin", data=form)) == (422, [("/body/password", "missing")])
    assert refusal(await planner.client.post("/user/signin", data={**FORM, "grant_type": "refresh_token"})) == (
        422,
        [("/body/grant_type", "literal_error")],
    )


async def test_sign_in_with_json(planner: Planner) -> None:
    """JSON where the form belongs is refused with 415, which names the form."""
    answer = await planner.client.post("/user/signin", json=FORM)
    assert refusal(answer) == (415, [])
    assert answer.headers["accept"] == "application/x-www-form-urlencoded"


async def test_no_token(planner: Planner) -> None:
    """Without a token, or with credentials of another scheme, "me" is a 401 that asks for a bearer token."""
    for headers in ({}, {"Authorization": "Basic YW5uOnB3"}):
        answer = await planner.client.get("/user/me", headers=headers)
        assert refusal(answer) == (401, [("", "not_signed_in")])
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer not.a.token", "bearer a b", "Bearer \N{LATIN SMALL LETTER E WITH ACUTE}"]
)
async def test_wrong_token(planner: Planner, header: str) -> None:
    """A token that is none is a 401 with the word of RFC 6750."""
    answer = await planner.client.get("/user/me", headers=[(b"Authorization", header.encode("latin-1"))])
    assert refusal(answer) == (401, [("", "token_invalid")])
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


async def test_token_of_another_key(planner: Planner) -> None:
    """A token signed with another key is a 401."""
    await planner.client.post("/user/signup", json=ANN)
    forged = TokenSigner(signing_keys(type(planner.secret)(b"k" * 32)), issuer="planner", audience="planner").issue("1")
    assert refusal(await planner.client.get("/user/me", headers=signed(forged))) == (401, [("", "token_invalid")])


async def test_expired_token(planner: Planner) -> None:
    """A token whose time is over is a 401 that says so."""
    await planner.client.post("/user/signup", json=ANN)
    earlier = TokenSigner(
        signing_keys(planner.secret), issuer="planner", audience="planner", clock=lambda: time.time() - 601
    )
    answer = await planner.client.get("/user/me", headers=signed(earlier.issue("1")))
    assert refusal(answer) == (401, [("", "token_expired")])
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


async def test_token_of_somebody_who_is_gone(planner: Planner) -> None:
    """A good token whose account was deleted is a 401."""
    token = await planner.person("Ann")
    await User.delete().where(User.name == "Ann")
    assert refusal(await planner.client.get("/user/me", headers=signed(token))) == (401, [("", "token_invalid")])


async def test_two_tokens_in_one_request(planner: Planner) -> None:
    """Two Authorization headers are a 401: nobody guesses which one counts."""
    ann, ben = await planner.person("Ann"), await planner.person("Ben")
    headers = [("Authorization", f"Bearer {ann}"), ("Authorization", f"Bearer {ben}")]
    assert refusal(await planner.client.get("/user/me", headers=headers)) == (401, [("", "token_invalid")])
