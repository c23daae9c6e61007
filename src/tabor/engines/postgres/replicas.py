"""Reads on replicas: by turns, for tasks that have not written, and never the last word where one fails."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextvars import ContextVar
from time import monotonic

from tabor.engines.interface import Parameters, Row
from tabor.engines.postgres.driver import rows_of
from tabor.engines.postgres.lease import Lease
from tabor.engines.postgres.pool import Pool, refused
from tabor.engines.postgres.recovery import Lost, Recovery
from tabor.errors import DatabaseUnavailable, TransactionConflict

# How long a replica that did not answer is left alone, and how long a read waits for a connection to one.
_REST_SECONDS = 5.0
_SOON_SECONDS = 1.0


class Replicas:
    """The pools of the replicas, and which tasks have written.

    A task that has written is answered by the primary from then on, and so are the tasks that it starts: a replica
    may not have received the write yet.
    """

    def __init__(self, pools: Sequence[Pool], recovery: Recovery) -> None:
        self._recovery = recovery
        self.pools: Sequence[Pool] = pools
        self._turn = 0
        self._resting: dict[Pool, float] = {}
        self._wrote: ContextVar[bool] = ContextVar(f"tabor_wrote_{id(self)}", default=False)

    def wrote(self) -> None:
        """Note that the current task writes."""
        if self.pools:
            self._wrote.set(True)

    async def read(self, sql: str, parameters: Parameters) -> list[Row] | None:
        """The answer of a replica, or ``None`` where the primary is to be asked."""
        if not self.pools or self._wrote.get():
            return None
        pool = self._whose_turn()
        if pool is None:
            return None
        try:
            lease = pool.take(sql) or await _soon(pool, sql)
        except Exception:
            # Whatever keeps a replica from answering, the primary answers.
            if not pool.crowded:
                self._rest(pool)
            return None
        pool.watch.begin(lease)
        try:
            records = await lease.fetch(sql, parameters)
        except BaseException as error:
            failure = self._recovery.failed(pool, lease, error, sql, not_applied=True)
            if isinstance(failure, (Lost, DatabaseUnavailable, TransactionConflict)):
                # A conflict: the replica had to apply changes that this read stood in the way of.
                if isinstance(failure, Lost):
                    self._rest(pool)
                return None
            raise failure from failure.__cause__
        pool.release(lease)
        return rows_of(records)

    def _whose_turn(self) -> Pool | None:
        now = monotonic()
        for _ in self.pools:
            self._turn += 1
            pool = self.pools[self._turn % len(self.pools)]
            if not self._resting or self._resting.get(pool, 0.0) < now:
                return pool
        return None

    def _rest(self, pool: Pool) -> None:
        self._resting[pool] = monotonic() + _REST_SECONDS

    async def close(self) -> None:
        """Disconnect from all of them."""
        for pool in self.pools:
            await pool.close(refused)


async def _soon(pool: Pool, sql: str) -> Lease:
    """A lease; a connection that takes longer to be made is there for a later read."""
    async with asyncio.timeout(_SOON_SECONDS):
        return await pool.wait(sql)
