"""Tests of accounts in a database: signing up and in, tokens, and who sends a request."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from starlette.types import Scope

from tabor import Column, Database, InvalidValue, NotFound, SchemaError, Table, UniqueViolation, column
from tabor.auth.accounts import Account
from tabor.auth.authentication import Authentication
from tabor.auth.errors import CredentialsRefused, TokenExpired, TokenInvalid
from tabor.auth.passwords import MEMORY_KIB, PasswordHasher
from tabor.auth.secret import SecretKey
from tabor.auth.tokens import TokenSigner, signing_keys
from tabor.web.problems import ProblemException

pytestmark = pytest.mark.anyio

PASSWORD = "seven brave otters sing"
SECRET = SecretKey(secrets.token_bytes(32))


class Member(Account, name="auth_member"):
    """People with a number."""

    id: Column[int] = column(primary_key=True)
    name: Column[str] = column(max_length=10)


class Guest(Account, name="auth_guest"):
    """People with a UUID."""

    key: Column[UUID] = column(primary_key=True)


class Agent(Account, name="auth_agent"):
    """People with a name for a key."""

    code: Column[str] = column(primary_key=True, init=True)


class Pair(Account, name="auth_pair"):
    """People with a key that no token can carry."""

    left: Column[int] = column(primary_key=True, init=True)
    right: Column[int] = column(primary_key=True, init=True)


class Note(Table, name="auth_note"):
    """No account."""

    id: Column[int] = column(primary_key=True)


@dataclass
class Request:
    """What ``caller_of`` looks at."""

    scope: Scope


def asking(*authorization: str) -> Request:
    """A request with these Authorization headers."""
    return Request({"headers": [(b"host", b"x"), *[(b"authorization", each.encode()) for each in authorization]]})


@pytest.fixture
async def db(tmp_path: Path) -> AsyncGenerator[Database]:
    """An open database with every kind of account."""
    async with Database(f"sqlite:///{tmp_path / 'auth.db'}", tables=[Member, Guest, Agent, Pair]) as db:
        await db.create_tables()
        yield db


@pytest.fixture
async def auth(db: Database) -> AsyncGenerator[Authentication[Member]]:
    """Members who can sign in."""
    auth = Authentication(db, Member, secret=SECRET)
    yield auth
    auth.close()


async def ann(auth: Authentication[Member]) -> Member:
    """A first account."""
    return await auth.sign_up("Ann@Example.org", PASSWORD, name="Ann")


async def test_sign_up(auth: Authentication[Member]) -> None:
    """An account is stored with its address in lower case, an argon2id hash and the other columns given."""
    member = await ann(auth)
    stored = await Member.get(member.id)
    assert (stored.email, stored.name, stored.is_admin, stored.epoch) == ("ann@example.org", "Ann", False, 0)
    assert stored.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_sign_up_of_an_administrator(auth: Authentication[Member]) -> None:
    """Code, unlike a route, may make an administrator."""
    assert (await auth.sign_up("eve@example.org", PASSWORD, name="Eve", is_admin=True)).is_admin


async def test_sign_up_with_a_known_address(auth: Authentication[Member]) -> None:
    """An address has one account, in whatever case it is written."""
    await ann(auth)
    with pytest.raises(UniqueViolation) as caught:
        await auth.sign_up("ANN@example.org", "another password indeed", name="Ann")
    assert caught.value.columns == ("email",)


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"email": "ann"}, ("email", "not_an_email")),
        ({"email": "ann@example.org\0"}, ("email", "bad_character")),
        ({"password": "too short"}, ("password", "too_short")),
        ({"password": "passwordpassword"}, ("password", "common_password")),
        ({"password": "ANN.okafor@example.org"}, ("password", "equals_email")),
        ({"name": "A name that is too long"}, ("name", "too_long")),
    ],
)
async def test_sign_up_refused(auth: Authentication[Member], changes: dict[str, str], refused: tuple[str, str]) -> None:
    """What an account cannot be made of is refused by its column, and nothing is stored."""
    columns = {"email": "ann.okafor@example.org", "password": PASSWORD, "name": "Ann", **changes}
    with pytest.raises(InvalidValue) as caught:
        await auth.sign_up(**columns)
    assert ((caught.value.column, caught.value.code), await Member.select().count()) == (refused, 0)


async def test_authenticate(auth: Authentication[Member]) -> None:
    """Address, in any case, and password give the account."""
    member = await ann(auth)
    assert (await auth.authenticate("aNN@example.ORG", PASSWORD)).id == member.id


@pytest.mark.parametrize("email", ["ann@example.org", "nobody@example.org", "", "ann@example.org\0", "\ud800"])
async def test_wrong_credentials(auth: Authentication[Member], email: str) -> None:
    """A wrong password and an account that does not exist are one and the same error."""
    await ann(auth)
    with pytest.raises(CredentialsRefused) as caught:
        await auth.authenticate(email, "seven brave otters sink")
    assert str(caught.value) == "The e-mail address or the password is wrong."


class CountingHasher(PasswordHasher):
    """Counts the hashes that are computed."""

    verified = 0

    async def verify(self, password: str, stored: str | None) -> bool:
        self.verified += 1
        return await super().verify(password, stored)


async def test_unknown_accounts_cost_a_hash_too(db: Database) -> None:
    """Whether or not the account exists, exactly one hash is computed, so the time tells nothing."""
    hasher = CountingHasher()
    auth = Authentication(db, Member, secret=SECRET, hasher=hasher)
    await ann(auth)
    for number, email in enumerate(("ann@example.org", "nobody@example.org", "\0"), start=1):
        with pytest.raises(CredentialsRefused):
            await auth.authenticate(email, "seven brave otters sink")
        assert hasher.verified == number
    auth.close()


async def test_rehash(db: Database, auth: Authentication[Member]) -> None:
    """A sign-in after the settings were raised stores a hash of the new settings, and tokens stay good."""
    member = await ann(auth)
    token = auth.access_token(member)
    raised = Authentication(db, Member, secret=SECRET, hasher=PasswordHasher(memory_kib=MEMORY_KIB + 1_024))
    await raised.authenticate("ann@example.org", PASSWORD)
    assert "$m=20480,t=2,p=1$" in (await Member.get(member.id)).password_hash
    assert (await raised.user_of(token)).id == member.id
    assert (await raised.authenticate("ann@example.org", PASSWORD)).id == member.id
    raised.close()


async def test_set_password(auth: Authentication[Member]) -> None:
    """A new password replaces the old one and ends every token that was issued before."""
    member = await ann(auth)
    token = auth.access_token(member)
    await auth.set_password(member, "eight brave otters sing")
    with pytest.raises(CredentialsRefused):
        await auth.authenticate("ann@example.org", PASSWORD)
    with pytest.raises(TokenInvalid):
        await auth.user_of(token)
    again = await auth.authenticate("ann@example.org", "eight brave otters sing")
    assert (again.epoch, (await auth.user_of(auth.access_token(member))).id) == (1, member.id)


async def test_end_tokens(auth: Authentication[Member]) -> None:
    """Ending an account's tokens leaves its password, and the next token is good."""
    member = await ann(auth)
    token = auth.access_token(member)
    stale = await Member.get(member.id)
    await auth.end_tokens(member)
    await auth.end_tokens(stale)
    with pytest.raises(TokenInvalid):
        await auth.user_of(token)
    again = await auth.authenticate("ann@example.org", PASSWORD)
    assert (again.epoch, (await auth.user_of(auth.access_token(again))).id) == (2, member.id)


class SlowHasher(PasswordHasher):
    """Lets something happen between reading an account and storing its new hash."""

    meanwhile: Callable[[], Awaitable[None]] | None = None

    def needs_rehash(self, stored: str) -> bool:
        return self.meanwhile is not None

    async def hash(self, password: str) -> str:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        return await super().hash(password)


async def test_rehash_leaves_a_password_set_meanwhile(db: Database) -> None:
    """A sign-in that makes the hash anew does not bring back a password that was replaced at the same time."""
    hasher = SlowHasher()
    auth = Authentication(db, Member, secret=SECRET, hasher=hasher)
    member = await ann(auth)
    hasher.meanwhile = lambda: auth.set_password(member, "eight brave otters sing")
    await auth.authenticate("ann@example.org", PASSWORD)
    with pytest.raises(CredentialsRefused):
        await auth.authenticate("ann@example.org", PASSWORD)
    assert (await auth.authenticate("ann@example.org", "eight brave otters sing")).epoch == 1
    auth.close()


async def test_set_password_refused(auth: Authentication[Member]) -> None:
    """The policy holds for a new password too, and an account that is gone gets none."""
    member = await ann(auth)
    with pytest.raises(InvalidValue, match="at least 15 characters"):
        await auth.set_password(member, "short")
    await Member.delete().everything()
    with pytest.raises(NotFound):
        await auth.set_password(member, "eight brave otters sing")


async def test_user_of(auth: Authentication[Member]) -> None:
    """A token gives the account as it is stored now."""
    member = await ann(auth)
    token = auth.access_token(member)
    await Member.update(Member.name.to("Anna")).where(Member.id == member.id)
    assert (await auth.user_of(token)).name == "Anna"


async def test_token_of_an_account_that_is_gone(auth: Authentication[Member]) -> None:
    """A good token of a deleted account proves nothing, even after it was seen before."""
    member = await ann(auth)
    token = auth.access_token(member)
    await auth.user_of(token)
    await Member.delete().where(Member.id == member.id)
    with pytest.raises(TokenInvalid, match="gone"):
        await auth.user_of(token)


async def test_tokens_of_others(auth: Authentication[Member]) -> None:
    """A token of another key or another issuer is refused, an expired one says so."""
    await ann(auth)
    elsewhere = TokenSigner(signing_keys(SECRET), issuer="elsewhere", audience="elsewhere").issue("1")
    forged = TokenSigner(signing_keys(SecretKey(b"k" * 32)), issuer="tabor", audience="tabor").issue("1")
    for token in (elsewhere, forged, "", "a.b.c"):
        with pytest.raises(TokenInvalid):
            await auth.user_of(token)
    late = TokenSigner(signing_keys(SECRET), issuer="tabor", audience="tabor", clock=lambda: time.time() - 601)
    with pytest.raises(TokenExpired):
        await auth.user_of(late.issue("1"))


async def test_other_keys(db: Database) -> None:
    """A key that is a UUID or text travels in the token and comes back as what it is."""
    guests, agents = Authentication(db, Guest, secret=SECRET), Authentication(db, Agent, secret=SECRET)
    guest = await guests.sign_up("ann@example.org", PASSWORD)
    agent = await agents.sign_up("ann@example.org", PASSWORD, code="007")
    assert (await guests.user_of(guests.access_token(guest))).key == guest.key
    assert (await agents.user_of(agents.access_token(agent))).code == "007"
    guests.close()
    agents.close()


async def test_a_subject_that_is_no_key(db: Database, auth: Authentication[Member]) -> None:
    """A token of this application for another kind of key is a bad token, not a failure."""
    for subject in ("seven", "9" * 30, "018f0000-0000-7000-8000-000000000000"):
        token = TokenSigner(signing_keys(SECRET), issuer="tabor", audience="tabor").issue(subject)
        with pytest.raises(TokenInvalid):
            await auth.user_of(token)


async def test_caller_of(auth: Authentication[Member]) -> None:
    """A request with a token is its account's, one without or with another scheme is nobody's."""
    member = await ann(auth)
    caller = await auth.caller_of(asking(f"Bearer {auth.access_token(member)}"))
    assert (caller.is_signed_in, caller.id, caller.is_admin) == (True, member.id, False)
    for request in (asking(), asking("Basic YW5uOnB3")):
        assert not (await auth.caller_of(request)).is_signed_in


async def test_caller_of_an_administrator(auth: Authentication[Member]) -> None:
    """Rights are read with every request, so they end at once when they are taken away."""
    member = await auth.sign_up("eve@example.org", PASSWORD, name="Eve", is_admin=True)
    request = asking(f"Bearer {auth.access_token(member)}")
    assert (await auth.caller_of(request)).is_admin
    await Member.update(Member.is_admin.to(False)).where(Member.id == member.id)
    assert not (await auth.caller_of(request)).is_admin


@pytest.mark.parametrize("authorization", [("Bearer",), ("Bearer x",), ("Bearer a", "Bearer b")])
async def test_caller_of_a_bad_token(auth: Authentication[Member], authorization: tuple[str, ...]) -> None:
    """Who tries to prove something and fails is told so by a 401, not treated as nobody."""
    with pytest.raises(ProblemException) as caught:
        await auth.caller_of(asking(*authorization))
    assert (caught.value.problem.status, caught.value.problem.errors[0].code) == (401, "token_invalid")


async def test_the_given_database_counts(db: Database, tmp_path: Path) -> None:
    """Accounts live in the database that was given, whatever other one holds the table too."""
    auth = Authentication(db, Member, secret=SECRET)
    async with Database(f"sqlite:///{tmp_path / 'other.db'}", tables=[Member]) as other:
        await other.create_tables()
        member = await ann(auth)
        assert (await auth.user_of(auth.access_token(member))).id == member.id
        assert await Member.select().count().run(other) == 0
    auth.close()


def make_pairs(db: Database) -> object:
    """An authentication over a table with a key of two columns."""
    return Authentication(db, Pair, secret=SECRET)


def make_strangers(db: Database) -> object:
    """An authentication over a table that is elsewhere."""
    return Authentication(Database("sqlite:///:memory:", tables=[Note]), Member, secret=SECRET)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            make_pairs,
            "Pair needs a primary key of one column that holds int, str or UUID, so that a token can name it.",
        ),
        (make_strangers, "Member is not among the tables of sqlite:///:memory:; add it to them."),
    ],
)
async def test_tables_that_cannot_be(db: Database, make: Callable[[Database], object], message: str) -> None:
    """A table whose rows no token could name is refused at the start, by a sentence that says what to do."""
    with pytest.raises(SchemaError) as caught:
        make(db)
    assert str(caught.value) == message
