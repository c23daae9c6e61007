"""Locks by name: one task at a time among all processes that use a database, waited for in order within one of them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic
from types import TracebackType

from tabor.datatypes import brief
from tabor.engines.interface import Engine, HeldLock
from tabor.errors import InvalidValue, LockBusy, TransactionMisuse

LONGEST_NAME = 200


class Turns:
    """Who has each name's turn within this process, and who waits for it, first come, first served.

    Only who has the turn asks the database, so that a crowd of waiters takes up no connections.
    """

    __slots__ = ("_owners", "_waiting")

    def __init__(self) -> None:
        self._owners: dict[str, asyncio.Task[object] | None] = {}
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    async def take(self, name: str, wait: float | None) -> None:
        """Wait for the turn; raises ``TimeoutError``, and ``TransactionMisuse`` where the task has it already."""
        task = asyncio.current_task()
        if name not in self._owners:
            self._owners[name] = task
            return
        if self._owners[name] is task:
            raise TransactionMisuse(f"This task has the lock {name!r} already; it would wait for itself.")
        if wait is not None and wait <= 0:
            raise TimeoutError
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(name, deque())
        waiting.append(turn)
        try:
            async with asyncio.timeout(wait):
                await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                # The turn came at the very moment in which the wait ended.
                self.give(name)
            elif turn in waiting:
                waiting.remove(turn)
            raise
        self._owners[name] = task

    def give(self, name: str) -> None:
        """End the turn; the next has it."""
        waiting = self._waiting.get(name, deque())
        while waiting:
            turn = waiting.popleft()
            if not turn.done():
                self._owners[name] = None
                turn.set_result(None)
                return
        self._waiting.pop(name, None)
        del self._owners[name]


class Lock:
    """``async with db.lock("nightly-report"):`` one block at a time, whichever task of whichever process it is in."""

    __slots__ = ("_engine", "_held", "_name", "_turns", "_wait")

    def __init__(self, engine: Callable[[], Engine], turns: Turns, name: str, wait: float | None) -> None:
        if not 0 < len(name) <= LONGEST_NAME:
            raise InvalidValue(f"a lock needs a name of 1 to {LONGEST_NAME} characters", code="wrong_name", value=name)
        if wait is not None and not wait >= 0:
            raise InvalidValue(f"wait={brief(wait)} is no number of seconds", code="out_of_range", value=wait)
        self._engine = engine
        self._turns = turns
        self._name = name
        self._wait = wait
        self._held: HeldLock | None = None

    async def __aenter__(self) -> None:
        if self._held is not None:
            raise TransactionMisuse(
                f"This block has the lock {self._name!r} already; write db.lock() again for another."
            )
        engine, wait = self._engine(), self._wait
        until = None if wait is None else monotonic() + wait
        try:
            await self._turns.take(self._name, wait)
            try:
                self._held = await engine.lock(self._name, None if until is None else max(0.0, until - monotonic()))
            except BaseException:
                self._turns.give(self._name)
                raise
        except TimeoutError as error:
            assert wait is not None
            raise LockBusy(self._name, wait) from error

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        held, self._held = self._held, None
        assert held is not None
        try:
            await held.release()
        finally:
            self._turns.give(self._name)
