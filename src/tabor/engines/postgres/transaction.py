"""Interactive transactions: one lease until commit or rollback, a savepoint around what may fail, and two deadlines.

A failed statement aborts the whole transaction on the server.  So there is always a savepoint to go back to; it is set
anew only after a statement that may have changed something, so that reads cost no round trip of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import NoReturn

from tabor.engines.forks import forked
from tabor.engines.interface import EngineTransaction, Isolation, Result, Statement
from tabor.engines.postgres.connecting import DRIVER_LATER
from tabor.engines.postgres.failures import CONFLICTS, READ_ONLY, Context, code_of, is_lost, translate, unavailable
from tabor.engines.postgres.lease import Lease
from tabor.engines.postgres.pool import Pool
from tabor.engines.postgres.running import run
from tabor.engines.postgres.terms import Terms
from tabor.engines.postgres.traits import Traits, traits_of
from tabor.errors import ReadOnlyTransaction, TaborError, TransactionError, TransactionExpired, TransactionMisuse

MARK = "tabor_mark"
SET_MARK = f"SAVEPOINT {MARK}"
_RENEW_MARK = f"RELEASE SAVEPOINT {MARK}; SAVEPOINT {MARK}"
_BACK_TO_MARK = f"ROLLBACK TO SAVEPOINT {MARK}"
_CANCELLED = "57014"
# The driver forgets its prepared statements when tables have changed, but leaves it to us to run them again here.
_STALE = frozenset({"InvalidCachedStatementError", "OutdatedSchemaCacheError"})


class PostgresTransaction(EngineTransaction):
    """An open transaction on a lease of its own."""

    def __init__(self, pool: Pool, lease: Lease, terms: Terms, began: float) -> None:
        self.isolation: Isolation = terms.isolation
        self._pool = pool
        self._lease = lease
        self._terms = terms
        self._times = terms.times
        self._began = began
        self._used = monotonic()
        self._busy = False
        self._free: asyncio.Future[None] | None = None
        self._changed = False  # since the mark
        self._failed = False  # since the mark
        self._wrote = False
        self._ending: Callable[[], TaborError] | None = None
        self._timer = asyncio.get_running_loop().call_later(min(terms.idle, terms.total), self._look)

    async def execute(self, statement: Statement) -> Result:
        traits = traits_of(statement.sql)
        try:
            return await self._execute(statement, traits)
        except Exception as error:
            if self._ending is not None or type(error).__name__ not in _STALE:
                self._fail(error, statement.sql)
        try:
            return await self._execute(statement, traits)
        except Exception as error:
            self._fail(error, statement.sql)

    async def savepoint(self, name: str) -> None:
        await self._control(f"SAVEPOINT {_identifier(name)}; {SET_MARK}")
        self._changed = False

    async def release(self, name: str) -> None:
        await self._control(f"RELEASE SAVEPOINT {_identifier(name)}")
        self._changed = True

    async def rollback_to(self, name: str) -> None:
        quoted = _identifier(name)
        # Going back further than the mark undoes a failure too.
        self._failed = False
        await self._control(f"ROLLBACK TO SAVEPOINT {quoted}; RELEASE SAVEPOINT {quoted}", renew=False)
        self._changed = True

    async def commit(self) -> None:
        try:
            status = await self._last("COMMIT")
        except Exception as error:
            self._fail(error, "COMMIT")
        if status == "ROLLBACK":
            raise TransactionError("The transaction had failed before its end, so nothing of it was kept.")

    async def rollback(self) -> None:
        if self._busy and self._ending is None:
            # It is ended by another task than its owner's, whose statement comes to its end first.
            self._free = asyncio.get_running_loop().create_future()
            await self._free
        if self._ending is not None:
            return
        if self._failed:
            # A cancelled statement may still be under way; the pool waits for its end.
            self._end(_over)
            self._pool.salvage(self._lease)
            return
        try:
            await self._last("ROLLBACK")
        except Exception:
            # Without a connection there is nothing left to roll back; the lease has been put away already.
            return

    # --- one statement at a time ---

    async def _execute(self, statement: Statement, traits: Traits) -> Result:
        self._check()
        self._busy = True
        try:
            await self._ready()
            if not traits.harmless:
                self._changed = self._wrote = True
            if traits.dirties:
                self._lease.dirty = True
            self._lease.statement = statement.sql
            self._failed = True
            result = await run(self._lease.connection, statement, traits, self._left())
            self._failed = False
            return result
        except Exception as error:
            self._noted(error)
            raise
        finally:
            self._at_rest()

    async def _control(self, sql: str, *, renew: bool = True) -> None:
        self._check()
        self._busy = True
        try:
            if renew and self._failed:
                await self._ready()
            await self._lease.connection.execute(sql, timeout=self._pool.patience)
        except Exception as error:
            self._noted(error)
            self._fail(error, sql)
        except BaseException:
            self._end(_cancelled)
            self._pool.salvage(self._lease)
            raise
        finally:
            self._at_rest()

    async def _ready(self) -> None:
        """Undo what failed since the mark, or move the mark past what succeeded."""
        connection = self._lease.connection
        if self._failed:
            try:
                await connection.execute(_BACK_TO_MARK, timeout=self._pool.patience)
            except Exception as error:
                # A cancellation that came late hit this statement instead.
                if code_of(error) != _CANCELLED:
                    raise
                await connection.execute(_BACK_TO_MARK, timeout=self._pool.patience)
            self._failed = self._changed = False
        elif self._changed:
            await connection.execute(_RENEW_MARK, timeout=self._pool.patience)
            self._changed = False

    async def _last(self, sql: str) -> str:
        """COMMIT or ROLLBACK, and the end of the lease."""
        self._check()
        self._busy = True
        try:
            if self._failed:
                await self._ready()
            status = await self._lease.connection.execute(sql, timeout=self._pool.patience)
        except Exception as error:
            if self._lease.connection.is_closed() or is_lost(error):
                wrote = self._wrote
                self._end(_over)
                self._pool.discard(self._lease)
                self._pool.expire()
                raise unavailable(error, not_applied=not wrote, writing=wrote) from error
            self._end(_over)
            self._pool.release(self._lease)
            raise
        except BaseException:
            self._end(_over)
            self._pool.salvage(self._lease)
            raise
        self._end(_over)
        self._pool.release(self._lease)
        return status

    def _at_rest(self) -> None:
        self._busy = False
        self._used = monotonic()
        if self._free is not None and not self._free.done():
            self._free.set_result(None)

    def _left(self) -> float:
        """How many seconds the next statement may take before the driver gives it up."""
        return min(max(0.001, self._began + self._terms.total - monotonic()), self._times.statement + DRIVER_LATER)

    def _fail(self, error: Exception, sql: str) -> NoReturn:
        if self._refuses(error):
            raise ReadOnlyTransaction(sql=sql) from error
        failure = translate(error, Context(sql, self._times))
        raise failure from failure.__cause__

    def _noted(self, error: Exception) -> None:
        """Take down what an error means for the transaction: it is gone with its connection, or has to be run again."""
        if code_of(error) in CONFLICTS:
            # Its locks would keep the winner waiting, and nothing of it can be kept.
            conflict = translate(error, Context(self._lease.statement, self._times))
            self._end(lambda: conflict)
            self._pool.salvage(self._lease)
            return
        if isinstance(error, TimeoutError) and monotonic() >= self._began + self._terms.total:
            self._end(self._expired)
            self._pool.salvage(self._lease)
            raise self._expired() from error
        if self._refuses(error) or not (self._lease.connection.is_closed() or is_lost(error)):
            return
        idle = monotonic() - self._used
        self._end(self._expired if idle >= self._terms.idle else lambda: unavailable(error, not_applied=True))
        self._pool.discard(self._lease)
        self._pool.expire()
        raise (self._ending or _over)() from error

    def _refuses(self, error: Exception) -> bool:
        """Whether the server said that this transaction only reads, and not that the server does."""
        return self._terms.read_only and code_of(error) == READ_ONLY

    # --- its end ---

    def _check(self) -> None:
        if self._pool.forked:
            raise forked()
        if self._ending is not None:
            raise self._ending()

    def _end(self, ending: Callable[[], TaborError]) -> None:
        self._ending = ending
        self._timer.cancel()

    def _look(self) -> None:
        """Called by the timer: end the transaction where one of its deadlines has passed, else look again later."""
        now = monotonic()
        left = min(self._used + self._terms.idle, self._began + self._terms.total) - now
        if self._busy or left > 0:
            # The server has a deadline for each statement; this one is for what lies between them.
            self._timer = asyncio.get_running_loop().call_later(max(left, 0.05), self._look)
            return
        self._end(self._expired)
        self._pool.salvage(self._lease)

    def _expired(self) -> TaborError:
        if monotonic() - self._began >= self._terms.total:
            seconds, what = self._terms.total, "was open for"
        else:
            seconds, what = self._terms.idle, "was idle for"
        return TransactionExpired(
            f"The transaction {what} more than {seconds:g} s and was rolled back. Keep it short or raise the deadline.",
            seconds=seconds,
        )


def _over() -> TaborError:
    return TransactionMisuse("The transaction has ended; begin another.")


def _cancelled() -> TaborError:
    return TransactionMisuse("The transaction was rolled back because a savepoint in it was cancelled; begin another.")


def _identifier(name: str) -> str:
    if not name.isidentifier() or name == MARK:
        raise TransactionMisuse(f"A savepoint's name is an identifier of your own, not {name!r}.")
    return f'"{name}"'
