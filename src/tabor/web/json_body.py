"""The JSON body of a request, read from the ASGI channel itself: media type, size and time first, then strict JSON."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from tabor.datatypes import JsonValue
from tabor.web.guard import GUARDED
from tabor.web.json_text import parse_json
from tabor.web.limits import BODY_SECONDS, JSON_BODY
from tabor.web.problems import ProblemException, body_timeout, body_too_large, unsupported_media_type


async def read_json(
    scope: Scope, receive: Receive, *, limit: int = JSON_BODY, seconds: float = BODY_SECONDS
) -> JsonValue:
    """The value in the body of the request.

    ``limit`` is in bytes. ``seconds`` counts from the call; behind a guard, whose own clock runs since the
    request began, it is not used.

    Raises ``ProblemException``: 415 where the media type is not JSON, 413 for a larger body, 408 for one that
    does not arrive in time, 400 with a pointer for one that is not strict JSON; ``ClientDisconnect`` where the
    client has gone.

        body = await read_json(request.scope, request.receive)
    """
    content_type, length = _content_headers(scope)
    if content_type != b"application/json" and not is_json(content_type):
        raise ProblemException(unsupported_media_type())
    if length is not None and length > limit:
        raise ProblemException(body_too_large(limit))
    if GUARDED in scope:
        return parse_json(await read_body(receive, limit))
    try:
        async with asyncio.timeout(seconds):
            body = await read_body(receive, limit)
    except TimeoutError:
        raise ProblemException(body_timeout(seconds)) from None
    return parse_json(body)


async def read_body(receive: Receive, limit: int) -> bytes:
    """The whole body, ``limit`` bytes at most; raises ``ProblemException`` (413) and ``ClientDisconnect``."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise ProblemException(body_too_large(limit))
        if not message.get("more_body", False):
            return b"".join([*chunks, chunk]) if chunks else chunk
        chunks.append(chunk)


def is_json(content_type: bytes) -> bool:
    """Whether a Content-Type value means JSON in UTF-8.

    >>> is_json(b"application/merge-patch+json; charset=UTF-8"), is_json(b"text/json")
    (True, False)
    """
    essence, *parameters = content_type.lower().split(b";")
    essence = essence.strip()
    if essence != b"application/json" and not (essence.startswith(b"application/") and essence.endswith(b"+json")):
        return False
    pairs = [parameter.strip().partition(b"=") for parameter in parameters]
    return all(value.strip(b'"') in (b"utf-8", b"utf8") for name, _, value in pairs if name == b"charset")


def _content_headers(scope: Scope) -> tuple[bytes, int | None]:
    content_type, length = b"", None
    for name, value in scope["headers"]:
        if name == b"content-type":
            content_type = value
        elif name == b"content-length" and value.isdigit():
            length = int(value[:18])  # so many digits are over any limit already
    return content_type, length
