"""An event loop in a thread of its own, on which the databases of a test run live, whichever loop a test has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from threading import Thread
from typing import TypeVar

R = TypeVar("R")


class LoopThread:
    """Runs coroutines on its own loop until it is closed."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="tabor-testing", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[object, object, R]) -> R:
        """Wait for ``work`` from another thread, whatever that one does meanwhile."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def there(
        self, work: Coroutine[object, object, R], undo: Callable[[R], Coroutine[object, object, None]] | None = None
    ) -> R:
        """Await ``work`` from any loop; where the waiting is cancelled, so is the work.

        ``undo`` is called with a result that came when nobody waited for it any more.
        """
        if asyncio.get_running_loop() is self._loop:
            return await work
        results: list[R] = []

        async def worked() -> R:
            results.append(await work)
            return results[0]

        try:
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(worked(), self._loop))
        except asyncio.CancelledError:
            if undo is not None:
                asyncio.run_coroutine_threadsafe(_undone(results, undo), self._loop)
            raise

    def close(self) -> None:
        """End the loop and the thread."""
        self.run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _undone(results: list[R], undo: Callable[[R], Coroutine[object, object, None]]) -> None:
    for result in results:
        await undo(result)
