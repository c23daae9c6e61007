"""The guard before the app: request ids, limits, deadlines and security headers, as one pure ASGI layer.

Every refusal, and every failure that nobody below has turned into an answer, leaves as a problem document.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import Awaitable, Callable, Iterator
from itertools import count

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tabor.web import problems
from tabor.web.deadlines import Deadlines
from tabor.web.limits import DEFAULT_LIMITS, Limits
from tabor.web.problems import REQUEST_ID, Problem, ProblemException, problem_response
from tabor.web.security_headers import OVERRIDABLE, HeaderPairs, security_headers
from tabor.web.whole_answer import JSON, WHOLE_ANSWER, WholeAnswer, header_lines, offered

GUARDED = "tabor.guarded"
"""The scope key that says a guard keeps the time of the request."""

_MEASURED = "tabor.measured"
_log = logging.getLogger("tabor.web")
_ACCEPTABLE_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_WATCHED = frozenset(
    (b"x-request-id", b"content-length", b"content-type", b"transfer-encoding", b"authorization", b"cookie")
)


class Guard:
    """ASGI middleware that stands before everything else.

    - ``X-Request-ID`` is taken over where it is 1 to 64 characters of ``A-Z a-z 0-9 . _ -``, made otherwise, kept
      in the scope and sent back.
    - 414, 431 and 413 by ``limits``, 413 also for a body that grows while it is read; an app that has not begun
      to answer after ``limits.request_seconds`` is cancelled: 408 if its client was still sending, else 503.
    - The security headers, unless the response sets them itself.
    - An exception that comes up to here is logged with the request id and answered by 500 without details.

    ``next_is_last`` says that ``app`` is no layer but the one that answers: it may then answer in one piece.

        app.add_middleware(Guard, limits=Limits(body=100_000))
    """

    def __init__(self, app: ASGIApp, *, limits: Limits = DEFAULT_LIMITS, next_is_last: bool = False) -> None:
        self._app = app
        self._next_is_last = next_is_last
        self._limits = limits
        self._deadlines = Deadlines(limits.request_seconds) if limits.request_seconds else None
        self._ids = _fresh_ids()
        self._headers = {
            (https, credentials): security_headers(https=https, credentials=credentials)
            for https in (False, True)
            for credentials in (False, True)
        }
        self._lines = {pairs: header_lines(pairs) for pairs in self._headers.values()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one connection; only HTTP requests are guarded."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        size, watched = scope.pop(_MEASURED, None) or _measure(scope["headers"])
        request_id = self._request_id(watched)
        scope[REQUEST_ID] = request_id.decode()
        scope[GUARDED] = self._deadlines is not None
        headers = self._headers_for(scope, watched)
        exchange = _Exchange(receive, send, headers, request_id, self._body_limit(watched))
        whole = scope.pop(WHOLE_ANSWER, None)
        if self._next_is_last and (whole := offered(whole, send)) is not None:
            exchange.lines = self._lines_for(headers, request_id)
            exchange.whole = whole
            scope[WHOLE_ANSWER] = exchange.send_whole
        if refusal := self._refusal(scope, size, watched, exchange.body_limit):
            await problem_response(refusal, scope[REQUEST_ID])(scope, receive, exchange.send)
            return
        has_body = b"content-length" in watched or b"transfer-encoding" in watched
        exchange.body_complete = not has_body
        await self._run(scope, exchange, exchange.receive if has_body else receive)

    def answer_now(self, scope: Scope, whole: WholeAnswer, body_of: Callable[[Scope], bytes | None]) -> bool:
        """Answers 200 with the JSON that ``body_of`` gives without waiting; False where it is not as simple as that."""
        # Kept for the usual way, where it turns out that the request has to take it.
        size, watched = scope[_MEASURED] = _measure(scope["headers"])
        if (
            b"content-length" in watched
            or b"transfer-encoding" in watched
            or self._refusal(scope, size, watched, self._limits.body)
        ):
            return False
        try:
            body = body_of(scope)
        except Exception:  # the usual way meets it again, and knows what to answer
            return False
        if body is None:
            return False
        lines = self._lines_for(self._headers_for(scope, watched), self._request_id(watched))
        return whole(200, b"%bcontent-length: %d\r\n%b" % (JSON, len(body), lines), body)

    def _request_id(self, watched: dict[bytes, bytes]) -> bytes:
        given = watched.get(b"x-request-id")
        return given if given and _ACCEPTABLE_ID.fullmatch(given) else next(self._ids)

    def _headers_for(self, scope: Scope, watched: dict[bytes, bytes]) -> HeaderPairs:
        credentials = b"authorization" in watched or b"cookie" in watched
        return self._headers[scope.get("scheme") == "https", credentials]

    def _lines_for(self, headers: HeaderPairs, request_id: bytes) -> bytes:
        return b"%bx-request-id: %b\r\n" % (self._lines[headers], request_id)

    async def _run(self, scope: Scope, exchange: _Exchange, receive: Receive) -> None:
        deadlines = self._deadlines
        if deadlines:
            loop = asyncio.get_running_loop()
            exchange.started = loop.time()
            # Asked with the loop: without, it would be looked up a second time for every request.
            task = asyncio.current_task(loop)
            assert task is not None, "ASGI apps run in a task"
            exchange.task = task
            exchange.cancelling = task.cancelling()
            deadlines.enter(exchange, loop)
        try:
            await self._app(scope, receive, exchange.send)
        except asyncio.CancelledError:
            if not exchange.expired or exchange.task.uncancel() > exchange.cancelling:
                raise
            await self._answer(scope, exchange, self._too_slow(exchange))
        except ClientDisconnect:
            pass  # nobody is left to answer
        except ProblemException as error:
            await self._answer(scope, exchange, error.problem, error)
        except Exception as error:
            _log.error("request %s: %s %r failed", scope[REQUEST_ID], scope["method"], scope["path"], exc_info=error)
            await self._answer(scope, exchange, problems.internal(), error)
        finally:
            if deadlines:
                deadlines.leave(exchange)

    async def _answer(
        self, scope: Scope, exchange: _Exchange, problem: Problem, error: Exception | None = None
    ) -> None:
        if not exchange.answering:
            await problem_response(problem, scope[REQUEST_ID])(scope, exchange.receive, exchange.send)
        elif error is not None:
            raise error  # half an answer is out; the server breaks the connection so that the client notices

    def _body_limit(self, watched: dict[bytes, bytes]) -> int:
        is_form = watched.get(b"content-type", b"")[:10].lower() == b"multipart/"
        return self._limits.upload if is_form else self._limits.body

    def _refusal(self, scope: Scope, size: int, watched: dict[bytes, bytes], body_limit: int) -> Problem | None:
        limits = self._limits
        if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) + 1 > limits.url:
            return problems.url_too_long(limits.url)
        if size > limits.headers:
            return problems.headers_too_large(limits.headers)
        if length := watched.get(b"content-length"):
            if not length.isdigit():
                return problems.malformed("Content-Length is not a number of bytes.")
            if len(length) > 18 or int(length) > body_limit:
                return problems.body_too_large(body_limit)
        return None

    def _too_slow(self, exchange: _Exchange) -> Problem:
        seconds = self._limits.request_seconds or 0
        if not exchange.body_complete:
            return problems.body_timeout(seconds)
        return problems.unavailable(f"The answer took longer than {seconds:g} s and was given up.", 5)


def _fresh_ids() -> Iterator[bytes]:
    """Ids that no other process and no other request of this one has; they are names, no secrets."""
    process = os.urandom(6).hex()
    for number in count(1):
        yield f"{process}-{number:x}".encode()


class _Exchange:
    """One request on its way through the app: counts what comes in, adds headers to what goes out."""

    __slots__ = (
        "_headers",
        "_receive",
        "_received",
        "_request_id",
        "_send",
        "answering",
        "body_complete",
        "body_limit",
        "cancelling",
        "expired",
        "lines",
        "started",
        "task",
        "whole",
    )

    def __init__(self, receive: Receive, send: Send, headers: HeaderPairs, request_id: bytes, body_limit: int) -> None:
        self._receive = receive
        self._send = send
        self._headers = headers
        self._request_id = request_id
        self._received = 0
        self.body_limit = body_limit
        self.body_complete = False
        self.answering = False
        self.expired = False
        self.started = 0.0
        # Set where the server takes whole answers.
        self.whole: WholeAnswer
        self.lines: bytes
        # Set with a deadline: only what is watched can expire.
        self.task: asyncio.Task[object]
        self.cancelling = 0

    async def receive(self) -> Message:
        """The next message of the request; raises ``ProblemException`` (413) when the body has grown too large."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._received += len(message.get("body", b""))
            if self._received > self.body_limit:
                raise ProblemException(problems.body_too_large(self.body_limit))
            if not message.get("more_body", False):
                self.body_complete = True
        return message

    def send(self, message: Message) -> Awaitable[None]:
        """Passes a message of the answer on, its first with the guard's headers."""
        if message["type"] == "http.response.start":
            self.answering = True
            own = message.get("headers", ())
            # A new message: apps keep a ready one and send it many times.
            message = {**message, "headers": [*own, *self._headers_beside(own)]}
        return self._send(message)

    def send_whole(self, status: int, head: bytes, body: bytes) -> bool:
        """Sends an answer in one piece, with the guard's headers, or answers False where it has to go by messages."""
        sent = not self.answering and self.whole(status, head + self.lines, body)
        self.answering = self.answering or sent
        return sent

    def expire(self) -> bool:
        """The time is up; an answer that has begun may go on."""
        self.expired = not self.answering
        return self.expired

    def _headers_beside(self, own: list[tuple[bytes, bytes]]) -> HeaderPairs:
        headers = (*self._headers, (b"x-request-id", self._request_id))
        for name, _ in own:
            if name in OVERRIDABLE or name == b"x-request-id":
                names = {name for name, _ in own}
                return tuple(pair for pair in headers if pair[0] not in names)
        return headers


def _measure(headers: list[tuple[bytes, bytes]]) -> tuple[int, dict[bytes, bytes]]:
    """The size of all headers in bytes, and those that the guard looks at."""
    size = 0
    watched: dict[bytes, bytes] = {}
    for name, value in headers:
        size += len(name) + len(value)
        if name in _WATCHED:
            watched[name] = value
    return size, watched
