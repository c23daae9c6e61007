"""Tests of reading a JSON body from the ASGI channel."""

from __future__ import annotations

import asyncio
import json

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from tabor.web.guard import Guard
from tabor.web.json_body import is_json, read_json
from tabor.web.limits import Limits
from tabor.web.problems import Problem, ProblemException
from tests.web.asgi import answering, call, receiving, scope_of

pytestmark = pytest.mark.anyio

JSON = ("Content-Type", "application/json")


async def never() -> Message:
    """A client that sends nothing more."""
    await asyncio.Event().wait()
    raise AssertionError


async def problem_of(scope: Scope, receive: Receive, *, limit: int = 100, seconds: float = 5) -> Problem:
    """The problem for which a request is refused."""
    with pytest.raises(ProblemException) as caught:
        await read_json(scope, receive, limit=limit, seconds=seconds)
    return caught.value.problem


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that answers with the value it was sent."""
    value = await read_json(scope, receive)
    await answering(body=json.dumps(value).encode())(scope, receive, send)


@pytest.mark.parametrize(
    "content_type",
    [
        b"application/json",
        b"Application/JSON",
        b"application/json; charset=utf-8",
        b'application/json;charset="UTF-8"; x=y',
        b"application/merge-patch+json",
    ],
)
def test_json_media_types(content_type: bytes) -> None:
    """JSON and its derived types in UTF-8 are JSON, however they are written."""
    assert is_json(content_type)


@pytest.mark.parametrize(
    "content_type",
    [
        b"",
        b"text/json",
        b"text/plain",
        b"application/jsonp",
        b"application/x-www-form-urlencoded",
        b"application/json; charset=latin-1",
        b"text/html+json",
    ],
)
async def test_other_media_types(content_type: bytes) -> None:
    """Anything else is refused with 415, which says what is taken."""
    scope = scope_of(headers=[("content-type", content_type.decode())])
    problem = await problem_of(scope, receiving(b"{}"))
    assert (problem.status, dict(problem.headers)) == (415, {"Accept": "application/json"})


async def test_no_media_type() -> None:
    """A body without a media type is refused with 415."""
    assert (await problem_of(scope_of(), receiving(b"{}"))).status == 415


async def test_value_in_one_piece() -> None:
    """A body that comes whole is read."""
    assert await read_json(scope_of(headers=[JSON]), receiving(b'{"a": 1}')) == {"a": 1}


async def test_value_in_many_pieces() -> None:
    """A body that comes byte by byte, in the middle of characters too, is read."""
    body = '{"é": "🎪"}'.encode()
    receive = receiving(*(body[i : i + 1] for i in range(len(body))))
    assert await read_json(scope_of(headers=[JSON]), receive) == {"é": "🎪"}


async def test_announced_as_too_large() -> None:
    """A body that is announced as too large is not read."""
    scope = scope_of(headers=[JSON, ("content-length", "101")])
    assert (await problem_of(scope, never)).status == 413


@pytest.mark.parametrize("chunks", [[b'"' + b"x" * 99 + b'"'], [b'"' + b"x" * 50, b"x" * 49 + b'"']])
async def test_too_large(chunks: list[bytes]) -> None:
    """A body of more bytes than the limit is refused with 413, in one piece or several."""
    problem = await problem_of(scope_of(headers=[JSON]), receiving(*chunks))
    assert (problem.status, problem.detail) == (413, "A body may have 100 bytes at most.")


async def test_as_large_as_allowed() -> None:
    """A body of exactly the limit is read."""
    assert await read_json(scope_of(headers=[JSON]), receiving(b'"' + b"x" * 98 + b'"'), limit=100) == "x" * 98


async def test_too_slow_without_a_guard() -> None:
    """Where no guard keeps the time, reading does."""
    problem = await problem_of(scope_of(headers=[JSON]), receiving(b"{", then=never), seconds=0.02)
    assert (problem.status, problem.detail) == (408, "The body did not arrive within 0.02 s.")


async def test_too_slow_behind_a_guard() -> None:
    """Behind a guard the guard's clock counts."""
    scope = scope_of(method="POST", headers=[JSON, ("content-length", "9")])
    answer = await call(Guard(echo, limits=Limits(request_seconds=0.03)), scope, receiving(b"{", then=never))
    assert answer.status == 408


async def test_behind_a_guard() -> None:
    """A good body behind a guard is read."""
    scope = scope_of(method="POST", headers=[JSON, ("content-length", "2")])
    assert (await call(Guard(echo), scope, receiving(b"[]"))).body == b"[]"


async def test_behind_a_guard_without_a_clock() -> None:
    """A guard that keeps no time leaves it to the reading, which still reads."""
    scope = scope_of(method="POST", headers=[JSON, ("content-length", "2")])
    assert (await call(Guard(echo, limits=Limits(request_seconds=None)), scope, receiving(b"[]"))).body == b"[]"


async def test_client_that_left() -> None:
    """A client that goes away in the middle ends the reading."""
    with pytest.raises(ClientDisconnect):
        await read_json(scope_of(headers=[JSON]), receiving(then=lambda: receiving()()))


async def test_not_json() -> None:
    """What is not JSON is refused with 400."""
    assert (await problem_of(scope_of(headers=[JSON]), receiving(b"{"))).status == 400
