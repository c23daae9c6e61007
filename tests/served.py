"""A real server on loopback, and bytes sent to it as a client sends them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp

from tabor.web.server import Server, server_config


@asynccontextmanager
async def served(app: ASGIApp, *, access_log: bool = False) -> AsyncGenerator[int]:
    """The port on which ``app`` is served while the block runs."""
    config = server_config(app, port=0, lifespan="off", access_log=access_log)
    socket = config.bind_socket()
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[socket]))
    while not server.started:  # noqa: ASYNC110  # uvicorn sets a flag and no event
        await asyncio.sleep(0)
    try:
        yield socket.getsockname()[1]
    finally:
        server.should_exit = True
        await serving


async def exchange(port: int, sent: bytes, answers: int = 1) -> list[tuple[list[str], bytes]]:
    """Send bytes, read so many answers: the lines of each head (but the date and the request id), and its body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    read: list[tuple[list[str], bytes]] = []
    for _ in range(answers):
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
        length = next(int(line[16:]) for line in lines if line.startswith("content-length: "))
        kept = [line for line in lines if not line.startswith(("date: ", "x-request-id: "))]
        assert len(kept) == len(lines) - 2
        read.append((kept, await reader.readexactly(length)))
    writer.close()
    await writer.wait_closed()
    return read


def request(path: str, *lines: str, method: str = "GET") -> bytes:
    """A request without a body, as it is sent."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: tabor", *lines, "", ""]).encode()
