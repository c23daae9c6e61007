"""Tests of the guard: request ids, limits, deadlines, security headers, and what it makes of failures."""

from __future__ import annotations

import asyncio
import logging
import re

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tabor.web.guard import Guard
from tabor.web.limits import Limits
from tabor.web.problems import ProblemException, forbidden, request_id_of
from tests.web.asgi import answering, call, reading, receiving, scope_of

pytestmark = pytest.mark.anyio

QUICK = Limits(request_seconds=0.03)
SECURITY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    ),
}


def raising(error: BaseException) -> ASGIApp:
    """An app that fails before it answers."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise error

    return app


async def never() -> Message:
    """A client that sends nothing more."""
    await asyncio.Event().wait()
    raise AssertionError


async def silent(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that never answers."""
    await asyncio.Event().wait()


async def test_answers_carry_the_security_headers() -> None:
    """Every answer has exactly the headers of the configuration, and a request id."""
    headers = (await call(Guard(answering()), scope_of())).headers
    assert re.fullmatch("[0-9a-f]{12}-[0-9a-f]+", headers.pop("x-request-id"))
    assert headers == SECURITY


async def test_refusals_carry_the_security_headers() -> None:
    """The guard's own answers have them too."""
    headers = (await call(Guard(answering()), scope_of("/" + "a" * 9_000))).headers
    assert {name: headers.get(name) for name in SECURITY} == SECURITY


async def test_https_is_made_to_stay() -> None:
    """Over https, browsers are told to use nothing else for two years."""
    headers = (await call(Guard(answering()), scope_of(scheme="https"))).headers
    assert headers["strict-transport-security"] == "max-age=63072000"


@pytest.mark.parametrize("header", ["Authorization", "Cookie"])
async def test_answers_to_somebody_are_not_stored(header: str) -> None:
    """What may be meant for one person is kept by no cache."""
    headers = (await call(Guard(answering()), scope_of(headers=[(header, "x")]))).headers
    assert headers["cache-control"] == "no-store"


async def test_an_answer_may_set_its_own() -> None:
    """A header that the app sets stands, once."""
    app = Guard(answering(headers=[(b"content-security-policy", b"default-src 'none'"), (b"x-a", b"b")]))
    headers = (await call(app, scope_of())).headers
    assert headers["content-security-policy"] == "default-src 'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-a"] == "b"


async def test_ready_messages_are_not_changed() -> None:
    """An app may send the same message again and again; nothing of one request gets into the next."""
    app = Guard(answering())
    first, second = await call(app, scope_of()), await call(app, scope_of())
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert len(first.headers) == len(second.headers)


@pytest.mark.parametrize("given", ["a", "A-b_c.9", "x" * 64])
async def test_a_good_request_id_is_taken_over(given: str) -> None:
    """An id of the caller's comes back as it is and reaches the app."""
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(request_id_of(scope))
        await answering()(scope, receive, send)

    answer = await call(Guard(app), scope_of(headers=[("X-Request-ID", given)]))
    assert [*seen, answer.headers["x-request-id"]] == [given, given]


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\r\nSet-Cookie: b", "<script>", "é"])
async def test_another_request_id_is_replaced(given: str) -> None:
    """What is too long or has other characters never comes back."""
    answer = await call(Guard(answering()), scope_of(headers=[("X-Request-ID", given)]))
    assert re.fullmatch("[0-9a-f]{12}-[0-9a-f]+", answer.headers["x-request-id"])


async def test_url_at_the_limit() -> None:
    """An address of 8 KB, its query counted, is served."""
    answer = await call(Guard(answering()), scope_of("/" + "a" * 4_000, query="b" * (8_192 - 4_002)))
    assert answer.status == 200


async def test_url_over_the_limit() -> None:
    """One byte more is refused with 414."""
    answer = await call(Guard(answering()), scope_of("/" + "a" * 4_000, query="b" * (8_192 - 4_001)))
    assert (answer.status, answer.problem["type"]) == (414, "/problems/url-too-long")
    assert answer.problem["detail"] == "An address with its parameters may have 8,192 bytes at most."


async def test_headers_at_the_limit() -> None:
    """Headers of 16 KB together are served."""
    assert (await call(Guard(answering()), scope_of(headers=[("a", "b" * 16_383)]))).status == 200


async def test_headers_over_the_limit() -> None:
    """One byte more is refused with 431."""
    answer = await call(Guard(answering()), scope_of(headers=[("a", "b" * 8_000), ("c", "d" * 8_383)]))
    assert (answer.status, answer.problem["type"]) == (431, "/problems/headers-too-large")


@pytest.mark.parametrize("length", ["1048577", "9" * 18, "9" * 5_000])
async def test_announced_body_over_the_limit(length: str) -> None:
    """A body that is announced as too large is refused with 413 before it is read."""
    answer = await call(Guard(raising(AssertionError())), scope_of(method="POST", headers=[("content-length", length)]))
    assert (answer.status, answer.problem["detail"]) == (413, "A body may have 1,048,576 bytes at most.")


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "²"])
async def test_announced_length_that_is_no_number(length: str) -> None:
    """A length that is no number of bytes is refused with 400."""
    answer = await call(Guard(answering()), scope_of(method="POST", headers=[("content-length", length)]))
    assert (answer.status, answer.problem["type"]) == (400, "/problems/malformed")


async def test_body_at_the_limit() -> None:
    """A body of 1 MB in several parts reaches the app whole."""
    scope = scope_of(method="POST", headers=[("transfer-encoding", "chunked")])
    answer = await call(Guard(reading), scope, receiving(*[b"x" * 262_144] * 4))
    assert (answer.status, answer.body) == (200, b"1048576")


async def test_growing_body_over_the_limit() -> None:
    """A body that grows past the limit while it is read is refused with 413."""
    scope = scope_of(method="POST", headers=[("transfer-encoding", "chunked")])
    answer = await call(Guard(reading), scope, receiving(*[b"x" * 262_144] * 4, b"x"))
    assert (answer.status, answer.problem["type"]) == (413, "/problems/too-large")


async def test_body_longer_than_announced() -> None:
    """What counts is what comes, not what was announced."""
    scope = scope_of(method="POST", headers=[("content-length", "1")])
    assert (await call(Guard(reading, limits=Limits(body=3)), scope, receiving(b"xxxx"))).status == 413


async def test_forms_with_files_have_a_limit_of_their_own() -> None:
    """A multipart body may be as large as an upload, and no larger."""
    app = Guard(reading, limits=Limits(body=3, upload=5))
    kind = ("content-type", "Multipart/form-data; boundary=x")
    taken = await call(app, scope_of(method="POST", headers=[kind, ("content-length", "5")]), receiving(b"xxxxx"))
    refused = await call(app, scope_of(method="POST", headers=[kind, ("content-length", "6")]), receiving(b"xxxxxx"))
    assert [taken.status, refused.status] == [200, 413]


async def test_failure_is_a_500_without_details(caplog: pytest.LogCaptureFixture) -> None:
    """An exception becomes a problem that tells nothing of it, and a log record with the request id and the cause."""
    error = RuntimeError("password=hunter2 in /srv/app.py")
    with caplog.at_level(logging.ERROR, "tabor.web"):
        answer = await call(Guard(raising(error)), scope_of("/a\nb", headers=[("x-request-id", "id-1")]))
    assert answer.problem == {
        "type": "/problems/internal",
        "title": "Internal error",
        "status": 500,
        "detail": "The server failed; its log has the cause under the id in instance.",
        "instance": "id-1",
        "errors": [],
    }
    assert [(r.getMessage(), r.exc_info and r.exc_info[1]) for r in caplog.records] == [
        ("request id-1: GET '/a\\nb' failed", error)
    ]


async def test_problem_from_below_is_answered() -> None:
    """A problem that nobody below turned into an answer becomes one here."""
    answer = await call(Guard(raising(ProblemException(forbidden("no", "No.")))), scope_of())
    assert (answer.status, answer.problem["detail"]) == (403, "No.")


async def test_failure_after_the_answer_began_breaks_off() -> None:
    """With half an answer out, the exception goes on to the server, which closes the connection."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("late")

    with pytest.raises(RuntimeError, match="late"):
        await call(Guard(app), scope_of())


async def test_a_client_that_left_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    """A client that goes away while its body is read leaves no trace in the log and gets no answer."""
    answer = await call(Guard(raising(ClientDisconnect())), scope_of())
    assert (answer.messages, caplog.records) == ([], [])


async def test_slow_app_is_given_up() -> None:
    """An app that does not answer in time is cancelled, and its caller told when to come back."""
    answer = await call(Guard(silent, limits=QUICK), scope_of())
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert answer.problem["detail"] == "The answer took longer than 0.03 s and was given up."


async def test_slow_body_is_given_up() -> None:
    """A body that does not arrive in time is its sender's fault: 408."""
    scope = scope_of(method="POST", headers=[("content-length", "10")])
    answer = await call(Guard(reading, limits=QUICK), scope, receiving(b"x", then=never))
    assert (answer.status, answer.problem["type"]) == (408, "/problems/timeout")


async def test_slow_app_with_its_body_is_given_up() -> None:
    """Once the body is there, slowness is the server's: 503."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await silent(scope, receive, send)

    scope = scope_of(method="POST", headers=[("content-length", "1")])
    assert (await call(Guard(app, limits=QUICK), scope, receiving(b"x"))).status == 503


async def test_answer_that_has_begun_may_take_longer() -> None:
    """The deadline is for the beginning of the answer; a stream goes on after it."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(0.1)
        await send({"type": "http.response.body", "body": b"late"})

    assert (await call(Guard(app, limits=QUICK), scope_of())).body == b"late"


async def test_no_deadline() -> None:
    """Without a limit for the time an app takes as long as it likes."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.05)
        await answering()(scope, receive, send)

    assert (await call(Guard(app, limits=Limits(request_seconds=None)), scope_of())).status == 200


async def test_cancellation_from_outside_stays_one() -> None:
    """A request that its server cancels is not answered."""
    task = asyncio.create_task(call(Guard(silent), scope_of()))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_deadline_leaves_the_task_as_it_was() -> None:
    """After a deadline the task is not marked as cancelled, so that what it does next is not disturbed."""
    await call(Guard(silent, limits=QUICK), scope_of())
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


def test_one_guard_on_several_loops() -> None:
    """A guard whose loop has ended keeps deadlines on the next one."""
    app = Guard(silent, limits=QUICK)
    statuses = [asyncio.run(call(app, scope_of())).status for _ in range(2)]
    assert statuses == [503, 503]


async def test_other_connections_pass() -> None:
    """Lifespan and WebSocket connections reach the app untouched."""
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    await call(Guard(app), {"type": "lifespan"})
    await call(Guard(app), {"type": "websocket", "path": "/" + "a" * 9_000})
    assert seen == [{"type": "lifespan"}, {"type": "websocket", "path": "/" + "a" * 9_000}]
