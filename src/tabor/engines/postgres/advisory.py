"""Locks by name: the server's advisory locks, each held by a transaction that does nothing else.

https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS

A transaction's lock, unlike a session's, also works behind a pooler, and is given back with the connection.  The
connections are apart from those for statements, so that holders cannot take each other's last one.
"""

from __future__ import annotations

from hashlib import blake2b

from tabor.engines.forks import forked
from tabor.engines.interface import HeldLock
from tabor.engines.postgres.connecting import DRIVER_LATER, milliseconds
from tabor.engines.postgres.failures import code_of
from tabor.engines.postgres.lease import Lease
from tabor.engines.postgres.pool import Pool
from tabor.engines.postgres.recovery import Recovery
from tabor.errors import LockLost

_BEGIN = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0"
_WAIT = "SELECT pg_catalog.pg_advisory_xact_lock($1::bigint)"
_TRY = "SELECT pg_catalog.pg_try_advisory_xact_lock($1::bigint)"
_NOT_FREE = "55P03"
_YEAR = 365 * 86_400.0


class AdvisoryLock(HeldLock):
    """A lock that this process has, and the lease whose transaction keeps it."""

    def __init__(self, pool: Pool, lease: Lease, name: str) -> None:
        self._pool = pool
        self._lease = lease
        self._name = name

    async def release(self) -> None:
        pool, lease = self._pool, self._lease
        if pool.forked:
            raise forked()
        try:
            await lease.connection.execute("COMMIT", timeout=pool.patience)
        except Exception as error:
            pool.discard(lease)
            raise LockLost(self._name) from error
        except BaseException:
            pool.salvage(lease)
            raise
        pool.release(lease)


class AdvisoryLocks:
    """Takes locks on connections of ``pool``."""

    def __init__(self, pool: Pool, recovery: Recovery) -> None:
        self._pool = pool
        self._recovery = recovery

    async def take(self, name: str, wait: float | None) -> AdvisoryLock:
        """The lock; raises ``TimeoutError`` where it is not free within ``wait`` seconds."""

        async def attempt() -> Lease:
            lease = self._pool.take(_WAIT) or await self._recovery.lease(self._pool, _WAIT)
            try:
                if not await _taken(lease, number(name), wait, self._pool.patience):
                    raise TimeoutError
            except BaseException as error:
                failure = self._recovery.failed(self._pool, lease, error, _WAIT, not_applied=True)
                if isinstance(error, TimeoutError) or code_of(error) == _NOT_FREE:
                    raise TimeoutError from error
                raise failure from failure.__cause__
            return lease

        return AdvisoryLock(self._pool, await self._recovery.repeated(attempt), name)


async def _taken(lease: Lease, key: int, wait: float | None, patience: float) -> bool:
    connection = lease.connection
    seconds = wait or 0.0
    deadline = f"SET LOCAL lock_timeout = {milliseconds(seconds) if seconds else 0}"
    await connection.execute(f"{_BEGIN}; {deadline}", timeout=patience)
    if wait == 0:
        ((free,),) = await connection.fetch(_TRY, key, timeout=patience)
        return bool(free)
    await connection.fetch(_WAIT, key, timeout=_YEAR if wait is None else seconds + DRIVER_LATER)
    return True


def number(name: str) -> int:
    """The number that stands for a name among the advisory locks of a database: 64 bits of its BLAKE2b.

    >>> number("nightly-report")
    -9216380091565040003
    """
    digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
