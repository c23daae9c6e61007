"""A password as text: one spelling for what looks the same, and its bytes.

Passwords are brought to Unicode normalisation form NFKC before they are checked, hashed or compared (NIST SP 800-63B-4,
section 3.1.1.2), so that the same keys on two machines give the same password. Nothing else is changed: no case, no
space, no truncation.
"""

from __future__ import annotations

import re
import unicodedata

from tabor.errors import InvalidValue, ValueOutOfRange

MAX_BYTES = 1_024
"""The longest password, in UTF-8 bytes; it bounds the work that one request can cause."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def normalised(password: str) -> str:
    r"""The password in the form that is checked and hashed.

    Raises ``ValueOutOfRange`` (``too_long``) and ``InvalidValue`` (``bad_character``); neither carries the password.

    >>> normalised("pass\uff57ord")
    'password'
    """
    if len(password) <= MAX_BYTES:
        if _UNSTORABLE.search(password):
            raise InvalidValue(
                "a password may not contain NUL or lone surrogates", code="bad_character", column="password"
            )
        text = unicodedata.normalize("NFKC", password)
        if len(password.encode()) <= MAX_BYTES and len(text.encode()) <= MAX_BYTES:
            return text
    raise ValueOutOfRange(f"a password may have {MAX_BYTES} bytes at most", code="too_long", column="password")
