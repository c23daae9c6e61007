"""The headers that every response carries (OWASP ASVS 3.4), as ready pairs of bytes."""

from __future__ import annotations

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
"""The policy of a response that sets none of its own."""

HeaderPairs = tuple[tuple[bytes, bytes], ...]

_ALWAYS: HeaderPairs = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
)
# Two years; browsers heed it over https only (RFC 6797, 8.1).
_OVER_HTTPS: HeaderPairs = ((b"strict-transport-security", b"max-age=63072000"),)
_WITH_CREDENTIALS: HeaderPairs = ((b"cache-control", b"no-store"),)


def security_headers(*, https: bool, credentials: bool) -> HeaderPairs:
    """The pairs for a response.

    ``credentials``: the request carried a token or a cookie, so that the answer may be meant for one person.

    >>> (b"cache-control", b"no-store") in security_headers(https=False, credentials=True)
    True
    """
    return _ALWAYS + (_OVER_HTTPS if https else ()) + (_WITH_CREDENTIALS if credentials else ())


OVERRIDABLE: frozenset[bytes] = frozenset(name for name, _ in (*_ALWAYS, *_OVER_HTTPS, *_WITH_CREDENTIALS))
"""Names (lower case) that a response may set itself; its own value stands."""
