"""A pooler in transaction mode for the tests: a client has a server's session for one transaction, then another's.

It does what PgBouncer does at ``pool_mode = transaction`` as far as a driver can tell, and hands each transaction to
another session than the one before, so that whatever was left in a session is missed.
The messages: https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from itertools import count
from urllib.parse import urlsplit, urlunsplit

SSL_REQUEST, CANCEL_REQUEST, PROTOCOL = 80877103, 80877102, 196608
# What PgBouncer lets a client ask for as it connects; anything else it refuses.
ALLOWED = {"user", "database", "client_encoding", "application_name", "datestyle", "timezone"}


class Session:
    """A connection to the server, which clients have by turns."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.key = b""
        self.greeting = b""


class Pooler:
    """Passes the messages of any number of clients on to a few sessions."""

    def __init__(self, host: str, port: int, user: str, database: str) -> None:
        self._server = (host, port)
        self._startup = f"user\0{user}\0database\0{database}\0\0".encode()
        self._free: asyncio.Queue[Session] = asyncio.Queue()
        self._sessions: list[Session] = []
        self._serving: dict[bytes, Session] = {}
        self._keys = count(1)
        self._clients: set[asyncio.StreamWriter] = set()
        self.transactions = 0

    async def connect(self, sessions: int) -> None:
        """Open the sessions."""
        for _ in range(sessions):
            session = Session(*await asyncio.open_connection(*self._server))
            session.writer.write(struct.pack("!II", len(self._startup) + 8, PROTOCOL) + self._startup)
            while (message := await _message(session.reader))[:1] != b"Z":
                if message[:1] == b"K":
                    session.key = message[5:]
                else:
                    session.greeting += message
            self._sessions.append(session)
            self._free.put_nowait(session)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to one client until it goes."""
        self._clients.add(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            code, rest = await _startup(reader)
            while code == SSL_REQUEST:
                writer.write(b"N")
                code, rest = await _startup(reader)
            if code == CANCEL_REQUEST:
                await self._cancel(rest)
            else:
                await self._client(reader, writer, rest)
        self._clients.discard(writer)
        writer.close()

    async def close(self) -> None:
        """Let go of everybody."""
        for client in self._clients:
            client.close()
        for session in self._sessions:
            session.writer.close()

    async def _cancel(self, key: bytes) -> None:
        session = self._serving.get(key)
        if session is not None:
            _, writer = await asyncio.open_connection(*self._server)
            writer.write(struct.pack("!II", len(session.key) + 8, CANCEL_REQUEST) + session.key)
            await writer.drain()
            writer.close()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rest: bytes) -> None:
        names = rest.rstrip(b"\0").decode().split("\0")[::2]
        refused = [name for name in names if name.lower() not in ALLOWED]
        if refused:
            text = f"SFATAL\0C08P01\0Munsupported startup parameter: {refused[0]}\0\0".encode()
            writer.write(b"E" + struct.pack("!I", len(text) + 4) + text)
            return
        key = struct.pack("!II", 1, next(self._keys))
        greeting = self._sessions[0].greeting
        writer.write(greeting + b"K" + struct.pack("!I", 12) + key + b"Z" + struct.pack("!I", 5) + b"I")
        while (message := await _message(reader))[:1] != b"X":
            session = self._serving[key] = await self._free.get()
            self.transactions += 1
            try:
                await _transaction(session, reader, writer, message)
            finally:
                del self._serving[key]
            self._free.put_nowait(session)


async def _transaction(
    session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, first: bytes
) -> None:
    """Pass messages both ways until the session is ready and in no transaction."""
    asked = int(first[:1] in (b"Q", b"S"))
    session.writer.write(first)

    async def forth() -> None:
        nonlocal asked
        while True:
            message = await _message(reader)
            asked += message[:1] in (b"Q", b"S")
            session.writer.write(message)

    forwarding = asyncio.create_task(forth())
    try:
        while True:
            message = await _message(session.reader)
            asked -= message[:1] == b"Z"
            if message[:1] == b"Z" and message[5:] == b"I" and asked == 0:
                forwarding.cancel()
                writer.write(message)
                return
            writer.write(message)
    finally:
        forwarding.cancel()
        with suppress(asyncio.CancelledError, asyncio.IncompleteReadError):
            await forwarding


async def _startup(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    length, code = struct.unpack("!II", await reader.readexactly(8))
    return code, await reader.readexactly(length - 8)


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(5)
    (length,) = struct.unpack("!I", head[1:])
    return head + await reader.readexactly(length - 4)


@asynccontextmanager
async def pooled(url: str, sessions: int) -> AsyncGenerator[tuple[str, Pooler]]:
    """The address of a pooler in front of a database, and the pooler."""
    parts = urlsplit(url)
    pooler = Pooler(parts.hostname or "", parts.port or 5432, parts.username or "postgres", parts.path[1:])
    await pooler.connect(sessions)
    async with await asyncio.start_server(pooler.serve, "127.0.0.1", 0) as server:
        port: int = server.sockets[0].getsockname()[1]
        yield urlunsplit(parts._replace(netloc=f"{parts.username}@127.0.0.1:{port}")), pooler
        await pooler.close()
