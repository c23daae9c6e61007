"""A client that speaks ASGI itself, for what an HTTP client would not send."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass
class Answer:
    """What an app sent: messages as they came, and what they mean together."""

    messages: list[Message] = field(default_factory=list[Message])

    @property
    def status(self) -> int:
        """The status of the response."""
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        """The headers; a name that stands twice is a failure."""
        pairs = [(name.decode(), value.decode()) for name, value in self.messages[0]["headers"]]
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(message.get("body", b"") for message in self.messages[1:])

    @property
    def problem(self) -> dict[str, object]:
        """The body as a problem document."""
        assert self.headers["content-type"] == "application/problem+json"
        return cast("dict[str, object]", json.loads(self.body))


def scope_of(
    path: str = "/",
    *,
    method: str = "GET",
    headers: Iterable[tuple[str, str]] = (),
    query: str = "",
    scheme: str = "http",
) -> Scope:
    """The scope of an HTTP request."""
    return {
        "type": "http",
        "method": method,
        "scheme": scheme,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
        "http_version": "1.1",
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8_000),
    }


def receiving(*chunks: bytes, then: Callable[[], Awaitable[Message]] | None = None) -> Receive:
    """A channel that gives the body in chunks; ``then`` takes the place of what comes after them."""
    waiting = list(chunks)

    async def receive() -> Message:
        if waiting:
            chunk = waiting.pop(0)
            return {"type": "http.request", "body": chunk, "more_body": bool(waiting) or then is not None}
        return await then() if then else {"type": "http.disconnect"}

    return receive


async def call(app: ASGIApp, scope: Scope, receive: Receive | None = None) -> Answer:
    """Sends one request to the app and gives what it answered."""
    answer = Answer()

    async def send(message: Message) -> None:
        answer.messages.append(message)

    await app(scope, receive or receiving(b""), send)
    return answer


def answering(status: int = 200, headers: Iterable[tuple[bytes, bytes]] = (), body: bytes = b"ok") -> ASGIApp:
    """An app that reads nothing and always answers the same, with the very same messages."""
    start: Message = {"type": "http.response.start", "status": status, "headers": list(headers)}
    rest: Message = {"type": "http.response.body", "body": body}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start)
        await send(rest)

    return app


async def reading(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that reads the whole body and answers with its length."""
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    await answering(body=str(size).encode())(scope, receive, send)
