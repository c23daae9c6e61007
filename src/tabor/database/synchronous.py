"""Runs asynchronous work for code that is not asynchronous: scripts, notebooks, a shell."""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tabor.errors import QueryError

R = TypeVar("R")


class Portal:
    """The way from a plain thread to the loop that a database belongs to; makes a loop in a thread if there is none."""

    def __init__(
        self, open_database: Callable[[], Awaitable[None]], close_database: Callable[[], Awaitable[None]]
    ) -> None:
        self._open = open_database
        self._close = close_database
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0
        self._lock = threading.Lock()

    def opened(self, loop: asyncio.AbstractEventLoop) -> None:
        """Remember the loop in which the database was opened, and its thread, which is the current one."""
        self._loop = loop
        self._thread = threading.get_ident()

    def closed(self) -> None:
        """Forget it."""
        self._loop = None

    def run(self, work: Callable[[], Awaitable[R]]) -> R:
        """Run ``work`` on the database's loop and wait for its result.

        Raises ``QueryError`` inside a running event loop, where waiting would stop it.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            pass
        else:
            raise QueryError("run_sync() is for code outside of an event loop; here, use await.")

        async def worked() -> R:
            return await work()

        loop = self._ready()
        if threading.get_ident() == self._thread and not loop.is_running():
            # A console has its loop stand still between two awaits; nobody else would run it.
            return loop.run_until_complete(worked())
        return asyncio.run_coroutine_threadsafe(worked(), loop).result()

    def _ready(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or self._loop.is_closed():
                loop = asyncio.new_event_loop()
                thread = threading.Thread(target=_serve, args=(loop,), name="tabor-sync", daemon=True)
                thread.start()
                try:
                    asyncio.run_coroutine_threadsafe(self._opening(), loop).result()
                except BaseException:
                    _end(loop, thread)
                    raise
                atexit.register(self._stop, loop, thread)
                self._loop = loop
            return self._loop

    async def _opening(self) -> None:
        await self._open()

    def _stop(self, loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
        async def closing() -> None:
            await self._close()

        if loop.is_running():
            if self._loop is loop:
                asyncio.run_coroutine_threadsafe(closing(), loop).result(timeout=10)
            _end(loop, thread)


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.close()


def _end(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    loop.call_soon_threadsafe(loop.stop)
    thread.join(timeout=10)
