"""Connections where one of several hosts may be silent: whoever answers first and takes what is asked wins."""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit, urlunsplit

from tabor.engines.postgres.driver import Address, Connection
from tabor.engines.postgres.failures import is_lost

HEAD_START = 0.75
"""How many seconds a host may take before the next one is asked beside it."""
# A client asks whether it may encrypt; any server answers with one byte, before it knows who asks.
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)

Attempt = Callable[[], Awaitable[Connection]]


def each_host(url: str) -> list[str]:
    """A URL for each host of one URL.

    >>> each_host("postgresql://app@one:5432,two:5433/planner")
    ['postgresql://app@one:5432/planner', 'postgresql://app@two:5433/planner']
    """
    parts = urlsplit(url)
    user, at, hosts = parts.netloc.rpartition("@")
    return [urlunsplit(parts._replace(netloc=f"{user}{at}{host}")) for host in hosts.split(",")]


async def first_to_answer(attempts: Sequence[Attempt]) -> Connection:
    """The first connection that one of the attempts makes; those that take long go on beside the next.

    Where one says no and another says nothing, the first is asked again meanwhile: it may be a standby that is to take
    over.  Raises what an attempt raised once all of them have failed.
    """
    waiting, refused = deque(attempts), list[Attempt]()
    pending: dict[asyncio.Task[Connection], Attempt] = {}
    failure: BaseException | None = None
    try:
        while waiting or pending:
            if waiting:
                attempt = waiting.popleft()
                pending[asyncio.ensure_future(_made(attempt))] = attempt
            done, _ = await asyncio.wait(pending, timeout=HEAD_START, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                error = task.exception()
                if error is None:
                    del pending[task]
                    return task.result()
                refused.append(pending.pop(task))
                failure = error if failure is None or may_come_up(failure) else failure
            if not done and not waiting:
                waiting.extend(refused)
                refused.clear()
    finally:
        for task in pending:
            task.cancel()
            task.add_done_callback(_dropped)
    assert failure is not None
    raise failure


async def _made(attempt: Attempt) -> Connection:
    return await attempt()


def _dropped(task: asyncio.Task[Connection]) -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().terminate()


def may_come_up(error: BaseException) -> bool:
    """Whether a failure to connect may pass by itself."""
    # The driver has no code for "none of the hosts takes writes", which is how a failover looks from outside.
    return is_lost(error) or type(error).__name__ == "TargetServerAttributeNotMatched"


async def says_nothing(address: Address, seconds: float) -> bool:
    """Whether the server at an address leaves a new client without any answer for so long.

    A machine that stands still keeps its connections, and often accepts new ones, without another word.  One that
    refuses a client, or hangs up, is there.
    """
    try:
        async with asyncio.timeout(seconds):
            if isinstance(address, str):
                reader, writer = await asyncio.open_unix_connection(address)
            else:
                reader, writer = await asyncio.open_connection(*address[:2])
            try:
                writer.write(_SSL_REQUEST)
                await reader.read(1)
            finally:
                writer.transport.abort()
    except TimeoutError:
        return True
    except OSError:
        return False
    return False
