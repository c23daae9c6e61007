"""What happens when a connection is lost: its lease is thrown away, and the work done again where that is safe."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar

from tabor.engines.postgres.failures import READ_ONLY, Context, Times, code_of, is_lost, translate, unavailable
from tabor.engines.postgres.hosts import may_come_up
from tabor.engines.postgres.lease import Lease
from tabor.engines.postgres.pool import Pool
from tabor.errors import DatabaseUnavailable, TaborError

T = TypeVar("T")

_PAUSE = 0.05


class Lost(Exception):
    """The connection went away with work under way; ``not_applied`` where nothing of it can have been kept.

    Also a read whose table has changed since it was prepared.  It never leaves the engine.
    """

    def __init__(self, error: Exception, *, not_applied: bool) -> None:
        super().__init__(str(error))
        self.error = error
        self.not_applied = not_applied


class Recovery:
    """Leases that survive a server's restart, and work that is tried again until ``deadline`` seconds have passed.

    ``trouble`` is the last failure to connect, until one succeeds.
    """

    def __init__(self, deadline: float, times: Times) -> None:
        self._deadline = deadline
        self.times = times
        self.trouble: DatabaseUnavailable | None = None

    async def lease(self, pool: Pool, sql: str) -> Lease:
        """A lease; connecting is tried again for a while where the server may be coming up."""
        deadline = monotonic() + self._deadline
        while True:
            try:
                lease = pool.take(sql) or await pool.wait(sql)
            except TaborError:
                raise
            except Exception as error:
                if not may_come_up(error):
                    failure = translate(error, Context(sql, self.times))
                    raise failure from failure.__cause__
                self.trouble = unavailable(error, not_applied=True)
                if monotonic() >= deadline:
                    raise self.trouble from error
            else:
                self.trouble = None
                return lease
            await asyncio.sleep(_PAUSE)

    async def repeated(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Run ``attempt``, and again until the deadline while it is lost without having been applied."""
        deadline = monotonic() + self._deadline
        while True:
            try:
                return await attempt()
            except Lost as lost:
                if not lost.not_applied or monotonic() >= deadline:
                    raise unavailable(lost.error, not_applied=lost.not_applied, writing=True) from lost.error
                if code_of(lost.error) == READ_ONLY:
                    await asyncio.sleep(_PAUSE)

    def put_away(self, pool: Pool, lease: Lease, error: BaseException) -> None:
        """Give back or throw away the connection on which ``error`` came."""
        if lost(lease, error):
            pool.discard(lease)
            pool.expire()
        elif not isinstance(error, Exception) or isinstance(error, TimeoutError):
            pool.salvage(lease)
        else:
            pool.release(lease)

    def failed(
        self, pool: Pool, lease: Lease, error: BaseException, sql: str, *, not_applied: bool, writing: bool = False
    ) -> BaseException:
        """Put the connection away; what to raise for ``error``: ``Lost``, Tabor's error, or a cancellation itself."""
        if lease.silent and isinstance(error, Exception):
            error = ConnectionError("no answer from the server")
        was_lost = lost(lease, error)
        outdated = lease.outdated(sql, error, harmless=not_applied)
        self.put_away(pool, lease, error)
        if not isinstance(error, Exception):
            return error
        if was_lost or outdated:
            failure: Exception = Lost(error, not_applied=not_applied or outdated or code_of(error) == READ_ONLY)
            failure.__cause__ = error
            return failure
        if writing and not not_applied and isinstance(error, TimeoutError):
            # The driver has given up, and the server may keep it all the same.
            return unavailable(error, not_applied=False, writing=True)
        return translate(error, Context(sql, self.times))


def lost(lease: Lease, error: BaseException) -> bool:
    """Whether the connection is gone; a deadline that passed, or a cancellation, does not say so."""
    if isinstance(error, TimeoutError) or not isinstance(error, Exception):
        return False
    return is_lost(error) or lease.connection.is_closed()
