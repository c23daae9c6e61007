"""Accounts in the database: sign-up, sign-in, access tokens, and the caller behind a request."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar, cast
from uuid import UUID

from tabor.auth.accounts import Account, normalised_email
from tabor.auth.errors import CredentialsRefused, NotAdministrator, NotSignedIn, TokenInvalid
from tabor.auth.password_policy import PasswordPolicy
from tabor.auth.passwords import PasswordHasher
from tabor.auth.policy import Caller
from tabor.auth.problems import refusal
from tabor.auth.secret import SecretKey
from tabor.auth.tokens import LIFETIME_SECONDS, TokenSigner, signing_keys
from tabor.database.database import Database
from tabor.datatypes import DataType, Integer, Text, Uuid
from tabor.errors import InvalidValue, NotFound, Overloaded, SchemaError
from tabor.query.conditions import Condition
from tabor.query.write import Setting
from tabor.schema.column import Column
from tabor.web.bearer import HasScope, SignedIn, bearer_token

A = TypeVar("A", bound=Account)

_DEFAULT_POLICY = PasswordPolicy()
_ANONYMOUS = Caller.anonymous()


class Authentication(Generic[A]):
    """Signs people up and in, and knows who sends a request.

    ``db`` holds ``table``, a subclass of ``Account`` with a primary key of one column (``int``, ``str`` or ``UUID``).
    ``secret`` signs the access tokens, which carry ``issuer`` and live ``lifetime`` seconds. ``policy`` says which
    passwords are accepted, ``hasher`` how they are hashed. ``sign_in_path`` is where the documentation page sends the
    sign-in form. ``close()`` lets the hasher's threads go.

    Raises ``SchemaError`` for a table that is not in ``db`` or whose key cannot stand in a token.

        auth = Authentication(db, User, secret=load_secret_key())
        ann = await auth.sign_up("ann@example.org", "seven brave otters sing", name="Ann")
        token = auth.access_token(ann)
    """

    def __init__(
        self,
        db: Database,
        table: type[A],
        *,
        secret: SecretKey,
        issuer: str = "tabor",
        lifetime: int = LIFETIME_SECONDS,
        policy: PasswordPolicy = _DEFAULT_POLICY,
        hasher: PasswordHasher | None = None,
        sign_in_path: str = "user/signin",
    ) -> None:
        self._db = db
        self._table = table
        self._key, self._key_from_text = _key_of(db, table)
        self._policy = policy
        self._hasher = hasher or PasswordHasher()
        self._signer = TokenSigner(signing_keys(secret), issuer=issuer, audience=issuer, lifetime=lifetime)
        self.current_user: SignedIn[A] = SignedIn(self._current_user, sign_in_path)
        """A FastAPI dependency: the row of the signed-in caller; 401 where there is none.

        ``user: User = Depends(auth.current_user)``
        """
        self.current_admin: SignedIn[A] = SignedIn(self._current_admin, sign_in_path)
        """The same for administrators; 403 for anybody else who is signed in."""

    @property
    def lifetime(self) -> int:
        """How long an access token lives, in seconds."""
        return self._signer.lifetime

    def close(self) -> None:
        """Take no more passwords and let the threads that hash them go."""
        self._hasher.close()

    # --- accounts ---

    async def sign_up(self, email: str, password: str, **columns: object) -> A:
        """A new account, stored; ``columns`` are the table's other columns.

        Raises ``InvalidValue`` (column ``email``, ``password`` or another one), ``UniqueViolation`` where the address
        has an account already, ``Overloaded``. ``is_admin`` is one of the columns: a route that passes on what a
        stranger sends names the columns that it takes.
        """
        address = normalised_email(email)
        accepted = self._policy.check(password, email=address)
        make = cast("Callable[..., A]", self._table)
        # Made before the password is hashed, so that what cannot be stored is refused at once.
        user = make(email=address, password_hash="", **columns)
        user.password_hash = await self._hasher.hash(accepted)
        return await self._table.insert(user).one().run(self._db)

    async def authenticate(self, email: str, password: str) -> A:
        """The account with this address and password.

        Raises ``CredentialsRefused``, after the same time whether or not the account exists, and ``Overloaded``.
        A hash made with other settings than today's is made anew.
        """
        user = await self._find(email)
        if not await self._hasher.verify(password, user.password_hash if user else None) or user is None:
            raise CredentialsRefused
        if self._hasher.needs_rehash(user.password_hash):
            with suppress(Overloaded):  # the next sign-in will do
                await self._rehash(user, password)
        return user

    async def set_password(self, user: A, password: str) -> None:
        """Give an account a new password; every token issued before is refused from now on.

        Raises ``InvalidValue`` for a password that the policy does not accept, ``NotFound`` where the account is gone.
        """
        accepted = self._policy.check(password, email=user.email)
        user.password_hash = await self._hasher.hash(accepted)
        await self._raise_epoch(user, self._table.password_hash.to(user.password_hash))

    async def end_tokens(self, user: A) -> None:
        """Sign an account out everywhere: every token issued before is refused from now on.

        Raises ``NotFound`` where the account is gone.
        """
        await self._raise_epoch(user)

    async def _find(self, email: str) -> A | None:
        address = normalised_email(email)
        try:
            query = self._table.select().where(self._table.email == address)
            return await query.first().run(self._db)
        except InvalidValue:  # no text that a database could hold
            return None

    def _is(self, user: A) -> Condition:
        key = cast("Column[object]", getattr(self._table, self._key))
        value: object = getattr(user, self._key)
        return key == value

    async def _rehash(self, user: A, password: str) -> None:
        new = await self._hasher.hash(password)
        unchanged = self._table.password_hash == user.password_hash  # a password set meanwhile stands
        await self._table.update(self._table.password_hash.to(new)).where(self._is(user), unchanged).run(self._db)
        user.password_hash = new

    async def _raise_epoch(self, user: A, *settings: Setting) -> None:
        epoch = self._table.epoch
        update = self._table.update(epoch.to(epoch + 1), *settings).where(self._is(user))
        raised = await update.returning(epoch).run(self._db)
        if not raised:
            raise NotFound(self._table.__name__, getattr(user, self._key))
        ((user.epoch,),) = raised

    # --- tokens and callers ---

    def access_token(self, user: A) -> str:
        """A token that proves for ``lifetime`` seconds that its bearer is ``user``."""
        return self._signer.issue(str(getattr(user, self._key)), epoch=user.epoch)

    async def user_of(self, token: str) -> A:
        """The account that a token belongs to, as it is stored now.

        Raises ``TokenExpired``, and ``TokenInvalid`` for a token that is not good, was issued before the account's
        tokens were ended, or whose account is gone.
        """
        claims = self._signer.verify(token)
        try:
            with self._db.use():
                user = await self._table.get(self._key_from_text(claims.subject))
        except (NotFound, InvalidValue, ValueError):  # the last two: a subject that is no key of this table
            raise TokenInvalid("The token belongs to an account that is gone.") from None
        if user.epoch != claims.epoch:
            raise TokenInvalid("The token was issued before the account's tokens were ended.")
        return user

    async def caller_of(self, request: HasScope) -> Caller:
        """Who sends the request: the account of its bearer token, or nobody known where it carries none.

        Raises ``ProblemException`` (401) for a token that proves nothing: a caller who tries and fails is told so.
        """
        token = bearer_token(request.scope)
        if token is None:
            return _ANONYMOUS
        try:
            user = await self.user_of(token)
        except TokenInvalid as error:
            raise refusal(error) from error
        return Caller(user=user, key=getattr(user, self._key), is_admin=user.is_admin)

    async def _current_user(self, token: str | None) -> A:
        if token is None:
            raise refusal(NotSignedIn())
        try:
            return await self.user_of(token)
        except TokenInvalid as error:
            raise refusal(error) from error

    async def _current_admin(self, token: str | None) -> A:
        user = await self._current_user(token)
        if not user.is_admin:
            raise refusal(NotAdministrator())
        return user


def _key_of(db: Database, table: type[Account]) -> tuple[str, Callable[[str], object]]:
    """The name of the table's key, and how to read one from a token."""
    facts = next((facts for facts in db.catalog if facts.table is table), None)
    if facts is None:
        raise SchemaError(
            f"{table.__name__} is not among the tables of {db.url}; add it to them.", table=table.__name__
        )
    if len(facts.primary_key) == 1:
        (name,) = facts.primary_key
        for datatype, read in _KEYS.items():
            if isinstance(facts.columns[name].datatype, datatype):
                return name, read
    raise SchemaError(
        f"{table.__name__} needs a primary key of one column that holds int, str or UUID, so that a token can name it.",
        table=facts.name,
    )


_KEYS: dict[type[DataType], Callable[[str], object]] = {Integer: int, Text: str, Uuid: UUID}
