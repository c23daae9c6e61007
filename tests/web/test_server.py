"""A real server on loopback: answers in one piece are the same answers, in order, and pass no layer by."""

from __future__ import annotations

import asyncio
import gc

import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tabor.web.direct_route import add_direct_route
from tabor.web.install import install
from tabor.web.limits import Limits
from tabor.web.server import GARBAGE_THRESHOLDS, server_config
from tabor.web.whole_answer import WHOLE_ANSWER, WholeAnswer, header_lines
from tests.served import exchange, request, served

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


async def test_an_answer_in_one_piece_is_the_same_answer() -> None:
    """Status, headers and body do not depend on the way that they take."""
    ping = _Ping()
    async with served(_app(ping)) as port:
        (one_piece,) = await exchange(port, request("/ping/5"))
    assert ping.whole == 1
    async with served(_app(ping), access_log=True) as port:
        (by_messages,) = await exchange(port, request("/ping/5"))
    assert ping.whole == 1
    assert one_piece == by_messages
    assert one_piece[0][0] == "HTTP/1.1 200 OK"
    assert "x-content-type-options: nosniff" in one_piece[0]
    assert one_piece[1] == b"/ping/5"


async def test_requests_sent_ahead_are_answered_in_order() -> None:
    """A client may send the next requests before it has an answer."""
    ping = _Ping()
    ping.wait = 3
    async with served(_app(ping)) as port:
        answers = await exchange(port, b"".join(request(f"/ping/{n}") for n in range(20)), 20)
    assert [body for _, body in answers] == [f"/ping/{n}".encode() for n in range(20)]
    assert ping.whole == 20


async def test_a_connection_that_shall_close_is_closed() -> None:
    """``Connection: close`` of the client is kept."""
    ping = _Ping()
    async with served(_app(ping)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request("/ping", "Connection: close"))
        answer = await reader.read()
        writer.close()
    assert b"connection: close\r\n" in answer
    assert answer.endswith(b"/ping")


class _Ready(_Ping):
    """Has its answers ready: JSON without waiting, but for ``/ping/slow`` and where it ``fails``."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        self.handled = 0
        self.fails = False

    def body_now(self, target: str, scope: Scope) -> bytes | None:
        if self.fails:
            raise LookupError(target)
        if target == "/ping/slow":
            return None
        self.now += 1
        return target.encode()

    async def handle(self, target: str, scope: Scope, receive: Receive, send: Send) -> None:
        self.handled += 1
        while (await receive()).get("more_body"):
            pass
        await asyncio.sleep(0)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(target))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": target.encode()})


async def _ready_app(ready: _Ready) -> FastAPI:
    """An app that was asked once: the first request builds its layers, and so goes the usual way."""
    app = FastAPI()
    install(app, limits=Limits(headers=1_000))
    add_direct_route(app, ready.find, ready.handle, lambda description: None, ready.body_now)
    async with served(app) as port:
        await exchange(port, request("/ping/first"))
    ready.handled = 0
    return app


async def test_an_answer_without_a_task_is_the_same_answer() -> None:
    """Status, headers and body are those of the usual way."""
    ready = _Ready()
    app = await _ready_app(ready)
    async with served(app) as port:
        (now,) = await exchange(port, request("/ping/5"))
        assert (ready.now, ready.handled) == (1, 0)
        ready.fails = True
        (usual,) = await exchange(port, request("/ping/5"))
    assert (ready.now, ready.handled) == (1, 1)
    assert now == usual
    assert now[0][0] == "HTTP/1.1 200 OK"
    assert "content-type: application/json" in now[0]
    assert "x-content-type-options: nosniff" in now[0]
    assert now[1] == b"/ping/5"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (request("/ping", "Content-Length: 2") + b"{}", "HTTP/1.1 200 OK"),
        (request("/ping", "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n", "HTTP/1.1 200 OK"),
        (request("/ping", method="DELETE"), "HTTP/1.1 200 OK"),
        (request("/ping", f"X: {'x' * 1_000}"), "HTTP/1.1 431 Request Header Fields Too Large"),
    ],
)
async def test_only_a_plain_get_is_answered_without_a_task(sent: bytes, status: str) -> None:
    """A body, another method and what is refused go the usual way."""
    ready = _Ready()
    app = await _ready_app(ready)
    async with served(app) as port:
        ((head, _),) = await exchange(port, sent)
    assert head[0] == status
    assert ready.now == 0


async def test_thousands_of_requests_sent_ahead_are_answered_in_order() -> None:
    """Those behind one that waits are not answered within each other's answers, which would be too deep a stack."""
    ready = _Ready()
    app = await _ready_app(ready)
    paths = ["/ping/1", "/ping/slow", *[f"/ping/{n}" for n in range(2_000)]]
    async with served(app) as port:
        answers = await exchange(port, b"".join(map(request, paths)), len(paths))
    assert [body.decode() for _, body in answers] == paths


async def test_a_request_id_is_taken_over_without_a_task() -> None:
    """The caller's own id comes back."""
    ready = _Ready()
    app = await _ready_app(ready)
    async with served(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request("/ping", "X-Request-ID: abc-5"))
        head = await reader.readuntil(b"\r\n\r\n")
        writer.close()
    assert (ready.now, ready.handled) == (1, 0)
    assert b"\r\nx-request-id: abc-5\r\n" in head


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
    layered: ASGIApp = app
    if place == "in the app":
        app.add_middleware(_shouting)
    else:
        layered = _shouting(app)
    async with served(layered) as port:
        ((_, body),) = await exchange(port, request("/ping"))
    assert body == b"/PING"
    assert ping.whole == 0


async def test_what_was_made_at_start_up_is_no_matter_for_the_collector_while_serving() -> None:
    """The garbage collector leaves start-up's objects alone while the server runs, and is as before at its end."""
    before = gc.get_threshold(), gc.get_freeze_count()
    async with served(_app(_Ping())) as port:
        await exchange(port, request("/ping"))
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


async def test_configured_telemetry_sees_everyrequest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shorter way into an app is for apps that nobody observes."""
    ping = _Ping()
    app = _app(ping)
    telemetry = _Telemetry()
    monkeypatch.setattr(app, "_native_telemetry", telemetry)
    async with served(app) as port:
        await exchange(port, request("/ping"))
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
