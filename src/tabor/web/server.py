"""How an app is served: uvicorn with settings that are safe, and one write for each answer."""

from __future__ import annotations

import asyncio
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_ANSWER = b"HTTP/1.1 "


class _OneWrite:
    """A transport that sends the head of an answer together with its body.

    uvicorn writes them apart, which is two calls of the operating system where one does.  A head whose body does not
    follow in the same turn of the loop (a stream) is sent at the end of the turn.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held = b""

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
    """uvicorn's HTTP protocol on a transport that sends an answer's head and body together."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        super().connection_made(_OneWrite(transport, self.loop))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # it passes on whatever it does not change


def server_config(app: ASGIApp, *, host: str = "127.0.0.1", port: int = 8000, **changes: Any) -> uvicorn.Config:
    """The configuration of a server for ``app``.

    No ``Server`` header, no access log, forwarded headers believed from nobody, ten seconds to finish requests at
    the end.  ``changes`` are further settings of ``uvicorn.Config``, and win.

        uvicorn.Server(server_config(app, port=8001)).run()
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
    return uvicorn.Config(app, **{**settings, **changes})
