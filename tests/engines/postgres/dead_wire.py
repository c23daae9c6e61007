"""A wire between a client and a server that can go dead: it stays connected, and nothing passes any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit, urlunsplit


class Wire:
    """Passes bytes both ways, for any number of connections."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._alive: set[asyncio.StreamWriter] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.accepted = 0
        self.connected = 0
        """How many of those accepted said more than the question whether to encrypt."""
        self.deaf = False
        """Whether new connections are dead too."""

    def go_dead(self) -> None:
        """Pass nothing more on connections that exist now; new ones work."""
        self._alive.clear()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Join one client with a connection of its own to the server."""
        self.accepted += 1
        server_reader, server_writer = await asyncio.open_connection(*self._server)
        ends = {writer, server_writer}
        if not self.deaf:
            self._alive |= ends
        self._writers |= ends
        await asyncio.gather(self._pass(reader, server_writer, asks=True), self._pass(server_reader, writer))

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, asks: bool = False) -> None:
        messages = 0
        with suppress(OSError):
            while data := await source.read(65_536):
                messages += 1
                self.connected += asks and messages == 2
                if target in self._alive:
                    target.write(data)
            target.close()

    def cut(self) -> None:
        """Close every connection."""
        for writer in self._writers:
            writer.close()


@asynccontextmanager
async def wire_to(url: str) -> AsyncGenerator[tuple[str, Wire]]:
    """The URL of a wire to the server of ``url``, and the wire."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    wire = Wire(parts.hostname, parts.port)
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    user = parts.netloc.rpartition("@")[0]
    netloc = f"{user}@127.0.0.1:{port}" if user else f"127.0.0.1:{port}"
    try:
        yield urlunsplit(parts._replace(netloc=netloc)), wire
    finally:
        server.close()
        wire.cut()
        await asyncio.sleep(0)
