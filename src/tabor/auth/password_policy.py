"""Which passwords are accepted: long enough, not a common one, not the e-mail address; nothing about its characters.

Source: NIST SP 800-63B-4, section 3.1.1.2, and OWASP ASVS 5.0, chapter 6.2.
"""

from __future__ import annotations

import gzip
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

from tabor.auth.password_text import normalised
from tabor.errors import ConfigurationError, InvalidValue, ValueOutOfRange

LEAST_MINIMUM = 8
"""No policy asks for fewer characters."""


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What a new password must be; ``minimum`` counts characters.

    15 is for a password that is the only factor; 8 is possible where a second factor is always asked for.

    >>> PasswordPolicy().check("seven brave otters sing", email="ann@example.org")
    'seven brave otters sing'
    """

    minimum: int = 15

    def __post_init__(self) -> None:
        if self.minimum < LEAST_MINIMUM:
            raise ConfigurationError(
                f"A password policy asks for at least {LEAST_MINIMUM} characters, not {self.minimum}.",
                setting="minimum",
            )

    def check(self, password: str, *, email: str | None = None) -> str:
        """The normalised password.

        Raises ``InvalidValue`` for the column ``password``, without the password, with one of the codes
        ``too_short``, ``too_long``, ``bad_character``, ``common_password``, ``equals_email``.
        """
        text = normalised(password)
        if len(text) < self.minimum:
            raise ValueOutOfRange(
                f"a password needs at least {self.minimum} characters", code="too_short", column="password"
            )
        if is_common(text):
            raise InvalidValue(
                "this password is on lists of common ones; choose another", code="common_password", column="password"
            )
        if email is not None and text.casefold() == unicodedata.normalize("NFKC", email).casefold():
            raise InvalidValue("a password may not be the e-mail address", code="equals_email", column="password")
        return text


def is_common(password: str) -> bool:
    """Whether a password is on the list in any case, with or without spaces around it, or is an entry written twice.

    >>> is_common("PassWord1"), is_common("passwordpassword")
    (True, True)
    """
    text = password.casefold().strip()
    half = text[: len(text) // 2]
    return text in common_passwords() or (text == half + half and half in common_passwords())


@cache
def common_passwords() -> frozenset[str]:
    """The shipped list, in lower case; ``data/NOTICE.md`` says where it comes from."""
    packed = resources.files("tabor.auth").joinpath("data", "common_passwords.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split("\n")) - {""}
