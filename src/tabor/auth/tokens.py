"""Access tokens: JSON Web Tokens signed with HMAC-SHA-256, by the rules of RFC 8725 and RFC 9068.

The algorithm belongs to the key and is never taken from the token; keys are found by their id, so that they can be
changed while tokens are in use; ``typ`` says the kind, so that no other token passes for an access token.
"""

from __future__ import annotations

import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import cast

import jwt

from tabor.auth.errors import TokenExpired, TokenInvalid
from tabor.auth.secret import SecretKey
from tabor.errors import ConfigurationError

ALGORITHM = "HS256"
MIN_KEY_BYTES = 32
LIFETIME_SECONDS = 600
ACCESS_TOKEN = "at+jwt"  # noqa: S105  # the media type of RFC 9068, no secret

_MAX_LENGTH = 4_096
_CLOCK_DRIFT_SECONDS = 60
_REQUIRED = ["aud", "iss", "exp", "iat", "jti", "sub", "epoch"]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key of at least 32 bytes and the id by which tokens name it."""

    id: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < MIN_KEY_BYTES:
            raise ConfigurationError(
                f"The signing key {self.id!r} has {len(self.secret)} bytes and needs at least {MIN_KEY_BYTES}.",
                setting="keys",
            )


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says.

    ``subject`` is the user's key as text; ``epoch`` the number that the user's row must still have, so that raising
    it there revokes all tokens; the times are seconds since 1970; ``id`` is the token's own.
    """

    subject: str
    epoch: int
    issued_at: int
    expires_at: int
    id: str


def signing_keys(secret: SecretKey, purpose: str = "access-token") -> tuple[SigningKey, ...]:
    """The keys for tokens of one purpose, named by a fingerprint, the one that signs first."""
    return tuple(SigningKey(_fingerprint(key), key) for key in secret.derive(purpose))


class TokenSigner:
    """Issues and verifies tokens of one kind for one audience.

    The first of ``keys`` signs, all of them verify. ``lifetime`` is in seconds. ``remembered`` bounds the verified
    tokens whose signature is not computed again; their expiry is looked at each time.

    >>> signer = TokenSigner([SigningKey("1", b"k" * 32)], issuer="planner", audience="planner")
    >>> signer.verify(signer.issue("7")).subject
    '7'
    """

    def __init__(
        self,
        keys: Sequence[SigningKey],
        *,
        issuer: str,
        audience: str,
        lifetime: int = LIFETIME_SECONDS,
        kind: str = ACCESS_TOKEN,
        clock: Callable[[], float] = time.time,
        remembered: int = 10_000,
    ) -> None:
        if not keys or len({key.id for key in keys}) < len(keys):
            raise ConfigurationError(
                "Tokens need at least one signing key, each with an id of its own.", setting="keys"
            )
        self.lifetime = lifetime
        self._keys = {key.id: key for key in keys}
        self._signs = keys[0]
        self._issuer = issuer
        self._audience = audience
        self._kind = kind
        self._clock = clock
        self._capacity = remembered
        self._verified: dict[str, Claims] = {}

    def issue(self, subject: str, *, epoch: int = 0) -> str:
        """A token for ``subject`` that lives ``lifetime`` seconds."""
        now = int(self._clock())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": subject,
            "iat": now,
            "exp": now + self.lifetime,
            "jti": secrets.token_urlsafe(16),
            "epoch": epoch,
        }
        header = {"kid": self._signs.id, "typ": self._kind}
        key = self._signs.secret
        return jwt.encode(claims, key, ALGORITHM, header)  # pyright: ignore[reportUnknownMemberType]  # needs cryptography

    def verify(self, token: str) -> Claims:
        """What the token says.

        Raises ``TokenExpired``, and ``TokenInvalid`` for anything else that is wrong with it. Whether the user is
        still there and has the same epoch is for the caller to ask.
        """
        claims = self._verified.get(token)
        if claims is None:
            claims = self._read(token)
            if len(self._verified) >= self._capacity:
                self._verified.pop(next(iter(self._verified)), None)
            self._verified[token] = claims
        if claims.expires_at <= self._clock():
            self._verified.pop(token, None)
            raise TokenExpired(claims.expires_at)
        return claims

    def _read(self, token: str) -> Claims:
        if len(token) > _MAX_LENGTH:
            raise TokenInvalid(f"The token has more than {_MAX_LENGTH} characters.")
        try:
            key = self._key_of(jwt.get_unverified_header(token))
            payload = cast(
                "dict[str, object]",
                jwt.decode(  # pyright: ignore[reportUnknownMemberType]  # as in issue()
                    token,
                    key.secret,
                    algorithms=[ALGORITHM],
                    audience=self._audience,
                    issuer=self._issuer,
                    # The times are compared with our own clock below and in verify().
                    options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
                ),
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise TokenInvalid(f"The token is not valid: {error}.") from error
        return self._claims(payload)

    def _key_of(self, header: dict[str, object]) -> SigningKey:
        if header.get("alg") != ALGORITHM:
            raise TokenInvalid("The token names an algorithm that its key does not have.")
        if header.get("typ") != self._kind:
            raise TokenInvalid(f"The token is not of the kind {self._kind}.")
        if "crit" in header:
            raise TokenInvalid("The token asks for an extension; its kind has none.")
        key_id = header.get("kid")
        key = self._keys.get(key_id) if isinstance(key_id, str) else None
        if key is None:
            raise TokenInvalid("The token names a key that is not in use.")
        return key

    def _claims(self, payload: dict[str, object]) -> Claims:
        texts = [payload[name] for name in ("sub", "jti")]
        numbers = [payload[name] for name in ("epoch", "iat", "exp")]
        if not all(isinstance(text, str) and text for text in texts) or not all(type(n) is int for n in numbers):
            raise TokenInvalid("The token has a claim of the wrong type.")
        epoch, issued_at, expires_at = cast("list[int]", numbers)
        if issued_at > self._clock() + _CLOCK_DRIFT_SECONDS:
            raise TokenInvalid("The token was issued in the future.")
        subject, token_id = cast("list[str]", texts)
        return Claims(subject, epoch, issued_at, expires_at, token_id)


def _fingerprint(key: bytes) -> str:
    return urlsafe_b64encode(sha256(b"tabor:key-id:" + key).digest()[:6]).decode()
