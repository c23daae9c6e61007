"""Reads on replicas: by turns, for tasks that have not written, and never the last word where one fails."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar

from tabor.engines.interface import Parameters, Row
from tabor.engines.postgres.pool import Pool, refused
from tabor.engines.postgres.recovery import Lost, Recovery
from tabor.errors import DatabaseUnavailable, TransactionConflict


class Replicas:
    """The pools of the replicas, and which tasks have written.

    A task that has written is answered by the primary from then on, and so are the tasks that it starts: a replica
    may not have received the write yet.
    """

    def __init__(self, pools: Sequence[Pool], recovery: Recovery) -> None:
        self._recovery = recovery
        self.pools: Sequence[Pool] = pools
        self._turn = 0
        self._wrote: ContextVar[bool] = ContextVar(f"tabor_wrote_{id(self)}", default=False)

    def wrote(self) -> None:
        """Note that the current task writes."""
        if self.pools:
            self._wrote.set(True)

    async def read(self, sql: str, parameters: Parameters) -> list[Row] | None:
        """The answer of a replica, or ``None`` where the primary is to be asked."""
        if not self.pools or self._wrote.get():
            return None
        self._turn += 1
        pool = self.pools[self._turn % len(self.pools)]
        try:
            lease = pool.take(sql) or await pool.wait(sql)
        except Exception:
            # Whatever keeps a replica from answering, the primary answers.
            return None
        pool.watch.begin(lease)
        try:
            records = await lease.connection.fetch(sql, *parameters)
        except BaseException as error:
            failure = self._recovery.failed(pool, lease, error, sql, not_applied=True)
            if isinstance(failure, (Lost, DatabaseUnavailable, TransactionConflict)):
                # A conflict: the replica had to apply changes that this read stood in the way of.
                return None
            raise failure from failure.__cause__
        lease.watched = False
        pool.release(lease)
        return list(map(tuple, records))

    async def close(self) -> None:
        """Disconnect from all of them."""
        for pool in self.pools:
            await pool.close(refused)
