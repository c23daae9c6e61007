"""The secret key that signs tokens: from the environment, or made for development.

``TABOR_SECRET_KEY`` is the key. ``TABOR_SECRET_KEY_PREVIOUS`` may hold earlier ones, separated by commas, which still
verify while what they signed is in use. ``TABOR_ENV=development`` allows Tabor to make a key of its own.
"""

from __future__ import annotations

import hmac
import logging
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tabor.errors import ConfigurationError

SETTING = "TABOR_SECRET_KEY"
PREVIOUS_SETTING = "TABOR_SECRET_KEY_PREVIOUS"
ENVIRONMENT_SETTING = "TABOR_ENV"
MIN_BYTES = 32

_HOW_TO_MAKE_ONE = (
    "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))' and keep it out of the repository."
)
_DISTINCT_BYTES = 10  # a random key of 32 bytes, even in hexadecimal, has more different ones
_PLACEHOLDERS = (
    "changeme",
    "change-me",
    "change_me",
    "insecure",
    "example",
    "your-secret",
    "your_secret",
    "secret-key",
)

_log = logging.getLogger("tabor.auth")


@dataclass(frozen=True, slots=True)
class SecretKey:
    """The key in use, earlier ones that still verify, and what people should be told about it (or ``None``)."""

    current: bytes = field(repr=False)
    previous: tuple[bytes, ...] = field(default=(), repr=False)
    notice: str | None = None

    def derive(self, purpose: str) -> tuple[bytes, ...]:
        """One key of 32 bytes for ``purpose`` from each secret, the current first.

        What is signed for one purpose means nothing for another (HKDF's expand step, RFC 5869).
        """
        info = f"tabor:{purpose}".encode() + b"\x01"
        return tuple(hmac.digest(secret, info, "sha256") for secret in (self.current, *self.previous))


def load_secret_key(
    environment: Mapping[str, str] = os.environ,
    *,
    development: bool | None = None,
    folder: Path = Path(".tabor"),
) -> SecretKey:
    """The secret key of this process.

    ``development`` (default: whether ``TABOR_ENV`` is ``development``) allows a key that is made at the first start
    and kept in ``folder``, readable by its owner only, so that tokens outlive a restart; a notice says so.

    Raises ``ConfigurationError`` for a key that is missing, shorter than 32 bytes, or made up.

    >>> load_secret_key({"TABOR_SECRET_KEY": "0dJ4zYb1vQm7cXk2Wn5tRf8uGh3sLp6e"}).notice is None
    True
    """
    if development is None:
        development = environment.get(ENVIRONMENT_SETTING) == "development"
    previous = tuple(
        _checked(text.strip(), PREVIOUS_SETTING)
        for text in environment.get(PREVIOUS_SETTING, "").split(",")
        if text.strip()
    )
    if given := environment.get(SETTING):
        return SecretKey(_checked(given, SETTING), previous)
    if not development:
        raise ConfigurationError(
            f"{SETTING} is not set. {_HOW_TO_MAKE_ONE} For development, {ENVIRONMENT_SETTING}=development makes one.",
            setting=SETTING,
        )
    path = folder / "secret-key"
    notice = f"Development mode: tokens are signed with a key made for this machine and kept in {path}."
    key = SecretKey(_checked(_kept(path), str(path)), previous, notice)
    _log.warning(notice)
    return key


def _checked(text: str, source: str) -> bytes:
    key = text.encode()
    if len(key) < MIN_BYTES:
        raise ConfigurationError(
            f"{source} has {len(key)} bytes and needs at least {MIN_BYTES}. {_HOW_TO_MAKE_ONE}", setting=source
        )
    if len(set(key)) < _DISTINCT_BYTES or any(word in text.lower() for word in _PLACEHOLDERS):
        raise ConfigurationError(f"{source} is not random. {_HOW_TO_MAKE_ONE}", setting=source)
    return key


def _kept(path: Path) -> str:
    """The key in the file, which is made where there is none; of two processes that make it at once, one wins."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
        try:
            with suppress(FileExistsError):
                path.hardlink_to(draft)
        finally:
            draft.unlink()
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return path.read_text(encoding="ascii").strip()
