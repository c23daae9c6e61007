"""Deadlines for many short pieces of work at the price of one timer.

A timer of its own for each request costs more than the rest of the guard; here one sweep a second or so looks at
all that is under way.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

_SWEEPS_PER_DEADLINE = 30  # how late a deadline is kept, as a part of its length


class Timed(Protocol):
    """Work with a deadline: its task is cancelled after the call of ``expire`` answers true."""

    task: asyncio.Task[object]
    started: float

    def expire(self) -> bool:
        """Told that the time is up; answers whether the work shall be cancelled for it."""
        ...


class Deadlines:
    """Cancels the tasks of work that takes longer than ``seconds``.

    The one who enters work takes it out again, whatever happens, and makes its own exception of the
    cancellation, as ``asyncio.timeout`` does.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._period = seconds / _SWEEPS_PER_DEADLINE
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open: set[Timed] = set()
        self._sweeping = False

    def enter(self, work: Timed, loop: asyncio.AbstractEventLoop) -> None:
        """Starts to watch ``work``, which runs on ``loop`` and began at ``work.started`` on its clock."""
        if loop is not self._loop:  # an app outlives its loop in tests and at a reload
            self._loop, self._open, self._sweeping = loop, set(), False
        self._open.add(work)
        if not self._sweeping:
            self._sweeping = True
            loop.call_later(self._period, self._sweep, loop)

    def leave(self, work: Timed) -> None:
        """Stops to watch ``work``."""
        self._open.discard(work)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        if loop is not self._loop:
            return
        latest_start = loop.time() - self.seconds
        for work in [work for work in self._open if work.started <= latest_start]:
            self._open.discard(work)
            if work.expire():
                work.task.cancel()
        self._sweeping = bool(self._open)
        if self._sweeping:
            loop.call_later(self._period, self._sweep, loop)
