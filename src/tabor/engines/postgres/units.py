"""Writes outside of interactive transactions: one statement by itself, or several in one transaction."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

from tabor.engines.interface import Result, Statement
from tabor.engines.postgres.bulk import is_one_statement
from tabor.engines.postgres.failures import code_of
from tabor.engines.postgres.lease import Lease
from tabor.engines.postgres.pool import Pool
from tabor.engines.postgres.recovery import Recovery, lost
from tabor.engines.postgres.running import run
from tabor.engines.postgres.traits import Traits, traits_of
from tabor.errors import DatabaseError, TransactionConflict

_ATTEMPTS = 5
# A definition that another session makes at the same moment: unique name, duplicate table or object, internal clash.
_CLASHES = frozenset({"23505", "42P07", "42710", "XX000"})


class _Progress:
    """How far a unit has come: ``committing`` once the word was sent that may make it last."""

    __slots__ = ("committing",)

    def __init__(self) -> None:
        self.committing = False


class Units:
    """Runs units of work on a pool; ``opening`` begins a transaction, ``ddl_alone`` gives each definition its own."""

    def __init__(self, pool: Pool, recovery: Recovery, opening: str, *, ddl_alone: bool) -> None:
        self._pool = pool
        self._recovery = recovery
        self._opening = opening
        self._ddl_alone = ddl_alone

    async def run(self, statements: Sequence[Statement]) -> list[Result]:
        """Run the statements as one unit, or definitions as the database wants them."""
        traits = [traits_of(statement.sql) for statement in statements]
        if not all(each.defines for each in traits):
            return await self._unit(statements, traits)
        if not self._ddl_alone:
            return await self._defined(statements, traits)
        results: list[Result] = []
        for statement, own in zip(statements, traits, strict=True):
            results += await self._defined([statement], [own])
        return results

    async def _unit(self, statements: Sequence[Statement], traits: Sequence[Traits]) -> list[Result]:
        """One transaction, again after a loss where nothing can have been kept."""
        pool, first = self._pool, statements[0].sql

        async def attempt() -> list[Result]:
            lease = pool.take(first) or await self._recovery.lease(pool, first)
            progress = _Progress()
            pool.watch.wake()
            try:
                results = await self._worked(lease, statements, traits, progress)
            except BaseException as error:
                if isinstance(error, Exception) and not lost(lease, error) and lease.connection.is_in_transaction():
                    # Rolled back before the error is answered, so that nobody finds its locks still held.
                    await pool.rolled_back(lease)
                unsent = not progress.committing
                failure = self._recovery.failed(pool, lease, error, first, not_applied=unsent, writing=True)
                raise failure from failure.__cause__
            pool.release(lease)
            return results

        return await self._recovery.repeated(attempt)

    async def _worked(
        self, lease: Lease, statements: Sequence[Statement], traits: Sequence[Traits], progress: _Progress
    ) -> list[Result]:
        connection, patience = lease.connection, self._pool.patience
        if any(each.dirties for each in traits):
            lease.dirty = True
        if len(statements) == 1 and is_one_statement(statements[0]):
            # One statement commits by itself: from the first byte sent, only the server knows.
            progress.committing = True
            return [await run(connection, statements[0], traits[0], patience)]
        await connection.execute(self._opening, timeout=patience)
        results = [await run(connection, *pair, patience) for pair in zip(statements, traits, strict=True)]
        progress.committing = True
        await connection.execute("COMMIT", timeout=patience)
        return results

    async def _defined(self, statements: Sequence[Statement], traits: Sequence[Traits]) -> list[Result]:
        """The same, again where another session makes the same definitions at the same moment."""
        attempt = 1
        while True:
            try:
                return await self._unit(statements, traits)
            except DatabaseError as error:
                clash = isinstance(error, TransactionConflict) or code_of(error.__cause__ or error) in _CLASHES
                if not clash or attempt == _ATTEMPTS:
                    raise
            await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311  # jitter, no secret
            attempt += 1
