"""How much of a request is taken before it is refused: sizes in bytes, times in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits that the guard keeps.

    ``url``: path and query string; ``headers``: names and values of all headers; ``body``: any body except
    multipart forms, which carry files and have ``upload``; ``request_seconds``: from the end of the request's
    headers to the beginning of the answer (an answer that streams may take longer). ``None`` for the time: no limit.

    >>> Limits(body=10_000).url
    8192
    """

    url: int = 8 * 1024
    headers: int = 16 * 1024
    body: int = 1024 * 1024
    upload: int = 5 * 1024 * 1024
    request_seconds: float | None = 30.0


DEFAULT_LIMITS = Limits()

JSON_BODY = 1024 * 1024
"""The largest JSON body, in bytes."""

JSON_DEPTH = 32
"""How deep objects and arrays may nest in a JSON body."""

BODY_SECONDS = 30.0
"""How long a body may take to arrive."""
