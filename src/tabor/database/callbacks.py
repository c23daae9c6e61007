"""Functions to call once a transaction has ended: what was registered, what was undone since, and calling it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from inspect import isawaitable
from typing import Literal

from tabor.errors import CallbackFailed

Callback = Callable[[], object]
"""A function without parameters, or one that gives an awaitable."""
Outcome = Literal["committed", "rolled back"]


class Registered:
    """One function, and whether the work that it belongs to has been undone by a savepoint."""

    __slots__ = ("call", "undone", "wants")

    def __init__(self, call: Callback, wants: Outcome) -> None:
        self.call: Callback = call
        self.wants: Outcome = wants
        self.undone: bool = False


class Callbacks:
    """The functions registered in one transaction, in their order."""

    __slots__ = ("_registered",)

    def __init__(self) -> None:
        self._registered: list[Registered] = []

    def __len__(self) -> int:
        return len(self._registered)

    def add(self, call: Callback, wants: Outcome) -> None:
        """Call ``call`` when its part of the transaction has come to the end that it ``wants``."""
        self._registered.append(Registered(call, wants))

    def undo(self, start: int) -> None:
        """What was registered from the place ``start`` on belongs to work that a savepoint has undone."""
        for registered in self._registered[start:]:
            registered.undone = True

    async def committed(self) -> None:
        """Call what is to be called after a commit; raises ``CallbackFailed`` at the end where some failed."""
        errors = await self._call("committed")
        if errors:
            raise CallbackFailed(tuple(errors)) from errors[0]

    async def rolled_back(self) -> None:
        """Call what is to be called after a rollback.

        An error is told to the event loop's exception handler: the one that led to the rollback is on its way.
        """
        loop = asyncio.get_running_loop()
        for error in await self._call("rolled back"):
            message = "A function to call after the rollback of a transaction failed"
            loop.call_exception_handler({"message": message, "exception": error})

    async def _call(self, end: Outcome) -> list[Exception]:
        errors: list[Exception] = []
        cancelled: asyncio.CancelledError | None = None
        for registered in self._registered:
            outcome = "rolled back" if registered.undone else end
            if outcome != registered.wants:
                continue
            try:
                given = registered.call()
                if isawaitable(given):
                    await given
            except asyncio.CancelledError as error:
                # The others have their turn first.
                cancelled = error
            except Exception as error:
                errors.append(error)
        if cancelled is not None:
            raise cancelled
        return errors
