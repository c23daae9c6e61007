"""A real server on loopback: answers in one piece are the same answers, in order, and pass no layer by."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tabor.web.direct_route import add_direct_route
from tabor.web.install import install
from tabor.web.server import GARBAGE_THRESHOLDS, Server, server_config
from tabor.web.whole_answer import WHOLE_ANSWER, WholeAnswer, header_lines

pytestmark = pytest.mark.anyio


class _Ping:
    """Answers ``/ping`` in one piece where that is offered, and counts how often it was."""

    def __init__(self) -> None:
        self.whole = 0
        self.wait = 0

    def find(self, scope: Scope) -> str | None:
        path: str = scope["path"]
        return path if path.startswith("/ping") else None

    async def handle(self, target: str, scope: Scope, receive: Receive, send: Send) -> None:
        for _ in range(self.wait):
            await asyncio.sleep(0)
        body = target.encode()
        whole: WholeAnswer | None = scope.get(WHOLE_ANSWER)
        length = (b"content-length", b"%d" % len(body))
        if whole is not None and whole(200, header_lines([length]), body):
            self.whole += 1
            return
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": body})


def _app(ping: _Ping) -> FastAPI:
    app = FastAPI()
    install(app)
    add_direct_route(app, ping.find, ping.handle, lambda description: None)
    return app


@asynccontextmanager
async def _served(app: ASGIApp, *, access_log: bool = False) -> AsyncGenerator[int]:
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


async def _exchange(port: int, sent: bytes, answers: int = 1) -> list[tuple[list[str], bytes]]:
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


def _request(path: str, *lines: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: tabor", *lines, "", ""]).encode()


async def test_an_answer_in_one_piece_is_the_same_answer() -> None:
    """Status, headers and body do not depend on the way that they take."""
    ping = _Ping()
    async with _served(_app(ping)) as port:
        (one_piece,) = await _exchange(port, _request("/ping/5"))
    assert ping.whole == 1
    async with _served(_app(ping), access_log=True) as port:
        (by_messages,) = await _exchange(port, _request("/ping/5"))
    assert ping.whole == 1
    assert one_piece == by_messages
    assert one_piece[0][0] == "HTTP/1.1 200 OK"
    assert "x-content-type-options: nosniff" in one_piece[0]
    assert one_piece[1] == b"/ping/5"


async def test_requests_sent_ahead_are_answered_in_order() -> None:
    """A client may send the next requests before it has an answer."""
    ping = _Ping()
    ping.wait = 3
    async with _served(_app(ping)) as port:
        answers = await _exchange(port, b"".join(_request(f"/ping/{n}") for n in range(20)), 20)
    assert [body for _, body in answers] == [f"/ping/{n}".encode() for n in range(20)]
    assert ping.whole == 20


async def test_a_connection_that_shall_close_is_closed() -> None:
    """``Connection: close`` of the client is kept."""
    ping = _Ping()
    async with _served(_app(ping)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(_request("/ping", "Connection: close"))
        answer = await reader.read()
        writer.close()
    assert b"connection: close\r\n" in answer
    assert answer.endswith(b"/ping")


def _shouting(app: ASGIApp) -> ASGIApp:
    """A layer that changes every body."""

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        async def changed(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": message["body"].upper()}
            await send(message)

        await app(scope, receive, changed)

    return layer


@pytest.mark.parametrize("place", ["around the app", "in the app"])
async def test_no_layer_is_passed_by(place: str) -> None:
    """A layer that changes answers sees them all, whether it stands around the app or among its middleware."""
    ping = _Ping()
    app = _app(ping)
    served: ASGIApp = app
    if place == "in the app":
        app.add_middleware(_shouting)
    else:
        served = _shouting(app)
    async with _served(served) as port:
        ((_, body),) = await _exchange(port, _request("/ping"))
    assert body == b"/PING"
    assert ping.whole == 0


async def test_what_was_made_at_start_up_is_no_matter_for_the_collector_while_serving() -> None:
    """The garbage collector leaves start-up's objects alone while the server runs, and is as before at its end."""
    before = gc.get_threshold(), gc.get_freeze_count()
    async with _served(_app(_Ping())) as port:
        await _exchange(port, _request("/ping"))
        assert gc.get_threshold() == GARBAGE_THRESHOLDS
        assert gc.get_freeze_count() > 10_000
    assert (gc.get_threshold(), gc.get_freeze_count()) == before


class _Telemetry:
    """Stands for telemetry that the app's owner has configured."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def enabled(self) -> bool:
        return True

    async def __call__(self, *, app: ASGIApp, scope: Scope, receive: Receive, send: Send, legacy_otel: bool) -> None:
        self.seen.append(scope["path"])
        await app(scope, receive, send)


async def test_configured_telemetry_sees_every_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shorter way into an app is for apps that nobody observes."""
    ping = _Ping()
    app = _app(ping)
    telemetry = _Telemetry()
    monkeypatch.setattr(app, "_native_telemetry", telemetry)
    async with _served(app) as port:
        await _exchange(port, _request("/ping"))
    assert telemetry.seen == ["/ping"]


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: b", b"a\nb", b"a\rb"])
def test_a_header_with_a_line_break_is_refused(value: bytes) -> None:
    """What would begin another header never reaches the client."""
    with pytest.raises(ValueError, match="line break"):
        header_lines([(b"location", value)])


def test_an_app_with_a_call_of_its_own_is_called() -> None:
    """An app class that overrides ``__call__`` is served as it is."""

    class Own(FastAPI):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await super().__call__(scope, receive, send)

    app = Own()
    install(app)
    assert server_config(app).app is app
