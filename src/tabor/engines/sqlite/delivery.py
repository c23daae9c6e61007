"""Handing results from a database thread to the event loop, whatever has become of either side."""

from __future__ import annotations

from asyncio import AbstractEventLoop, Future
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from tabor.errors import DatabaseUnavailable

AnyFuture = Future[Any]  # the results of one batch are of many types; each waiter knows its own
Outcome = tuple[AnyFuture, object]
"""A waiter and its answer; an answer that is an exception is raised where the waiter waits."""


def resolve(outcomes: Iterable[Outcome]) -> None:
    """Give each waiter its answer, on the loop; one that no longer waits keeps no other from its own."""
    for future, answer in outcomes:
        if future.done():
            continue
        if isinstance(answer, BaseException):
            future.set_exception(answer)
        else:
            future.set_result(answer)


def send(loop: AbstractEventLoop, callback: Callable[..., object], *arguments: object) -> None:
    """Call back on the loop from a thread; a loop that is closed has nobody left to answer."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(callback, *arguments)


def unavailable(role: str, error: BaseException) -> DatabaseUnavailable:
    """A fresh error for one waiter of a thread that has died of ``error``."""
    reason = f"its {role} stopped with {type(error).__name__}: {error}"
    failure = DatabaseUnavailable(f"The database has stopped: {reason}. Close it and open it again.", reason=reason)
    failure.__cause__ = error
    return failure
