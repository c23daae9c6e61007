"""How an app is served: uvicorn with settings that are safe, and one write for each answer."""

from __future__ import annotations

import asyncio
import gc
import socket
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp, Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from tabor.web.front_door import entrance
from tabor.web.whole_answer import WHOLE_ANSWER, AnswerNow, header_lines

_ANSWER = b"HTTP/1.1 "
GARBAGE_THRESHOLDS = (5_000, 20, 50)
"""New objects before a collection of the youngest, and collections of one generation before one of the next."""


class _OneWrite:
    """A transport that sends the head of an answer together with its body.

    uvicorn writes them apart, which is two calls of the operating system where one does.  A head whose body does not
    follow in the same turn of the loop (a stream) is sent at the end of the turn.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held = b""

    def write_whole(self, data: bytes) -> None:
        """Send what is held and a whole answer."""
        self.flush()
        self._transport.write(data)

    def write(self, data: bytes) -> None:
        """Hold the head of an answer, send anything else with what is held."""
        if self._held:
            data = self._held + data
            self._held = b""
        elif data[:9] == _ANSWER:
            self._held = data
            self._loop.call_soon(self.flush)
            return
        self._transport.write(data)

    def flush(self) -> None:
        """Send what is held."""
        if self._held:
            held, self._held = self._held, b""
            if not self._transport.is_closing():
                self._transport.write(held)

    def close(self) -> None:
        """Send what is held, then close."""
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class OneWriteProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol on a transport that sends an answer's head and body together.

    It offers an app to take a whole answer at once, and asks one that can for an answer without waiting
    (``web/whole_answer.py``), for which no task is made.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        self._one_write = _OneWrite(transport, self.loop)
        self._default_headers: object = None
        self._default_lines = b""
        self._asked: object = cast("object", self.app)  # pyright: ignore[reportUnknownMemberType]  # uvicorn does not type it
        self._answer_now: AnswerNow | None = getattr(self._asked, "answer_now", None)
        super().connection_made(self._one_write)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # it passes on whatever it does not change

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if not cycle.access_log:
            whole = _WholeAnswers(self, cycle)
            # Not with others behind it: each would be answered within the answer to the one before.
            answer_now = self._answer_now if app is self._asked and not self.pipeline else None
            if answer_now is not None and answer_now(cast("Scope", cycle.scope), whole):
                return
            cycle.scope[WHOLE_ANSWER] = whole  # type: ignore[literal-required]  # pyright: ignore[reportGeneralTypeIssues]  # an extension of the scope
        super()._start_asgi_task(cycle, app)

    def write_whole(self, status: int, head: bytes, body: bytes) -> None:
        """Send an answer, with the headers that this server gives to every one."""
        defaults = self.server_state.default_headers
        if defaults is not self._default_headers:
            # uvicorn makes the list anew each second, for the date in it.
            self._default_headers = defaults
            self._default_lines = header_lines(defaults)
        self._one_write.write_whole(b"%b%b%b\r\n%b" % (STATUS_LINE[status], self._default_lines, head, body))


class _WholeAnswers:
    """Takes the whole answer to one request."""

    __slots__ = ("_cycle", "_protocol")

    def __init__(self, protocol: OneWriteProtocol, cycle: RequestResponseCycle) -> None:
        self._protocol = protocol
        self._cycle = cycle

    @property
    def owner(self) -> object:
        """Whose method ``send`` is where nobody stands between."""
        return self._cycle

    def __call__(self, status: int, head: bytes, body: bytes) -> bool:
        cycle = self._cycle
        if cycle.response_started or cycle.disconnected or not cycle.keep_alive or cycle.flow.write_paused:
            return False
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        self._protocol.write_whole(status, head, body)
        cycle.message_event.set()
        cycle.on_response()
        return True


class Server(uvicorn.Server):
    """uvicorn's server, with a garbage collector set for a process that only serves.

    Everything made at start-up lives as long as the process, and each full collection would walk all of it: 70 ms
    in which nobody is answered.  So it is set aside (``gc.freeze``), and the young are collected less often.

        Server(server_config(app, port=8001)).run()
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the app, then listen."""
        await super().startup(sockets)
        self._thresholds_before = gc.get_threshold()
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GARBAGE_THRESHOLDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish what is under way, stop the app, and leave the collector as it was."""
        await super().shutdown(sockets)
        gc.set_threshold(*self._thresholds_before)
        gc.unfreeze()


def server_config(app: ASGIApp, *, host: str = "127.0.0.1", port: int = 8000, **changes: Any) -> uvicorn.Config:
    """The configuration of a server for ``app``.

    No ``Server`` header, no access log, forwarded headers believed from nobody, ten seconds to finish requests at
    the end.  ``changes`` are further settings of ``uvicorn.Config``, and win.

        Server(server_config(app, port=8001)).run()
    """
    settings: dict[str, Any] = {
        "host": host,
        "port": port,
        "http": OneWriteProtocol,
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "timeout_graceful_shutdown": 10,
    }
    return uvicorn.Config(entrance(app), **{**settings, **changes})
