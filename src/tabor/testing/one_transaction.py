"""An engine that does everything in one transaction of another engine, which is never committed."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Final

from tabor.engines.interface import (
    LEVELS,
    PLAIN,
    Capabilities,
    Characteristics,
    Codecs,
    Engine,
    EngineTransaction,
    Gauges,
    Health,
    HeldLock,
    Isolation,
    Parameters,
    Result,
    Row,
    Statement,
)
from tabor.errors import DatabaseClosed, TransactionMisuse

PATIENCE: Final = 5.0
"""How many seconds a task waits for the transaction of another one, which has the one connection of the test."""
_OUTERMOST = "tabor_test"
_COPY = "Give the test a copy of the database: @pytest.mark.tabor(copy=True)."


class OneTransaction(Engine):
    """Keeps what a test writes in one open transaction; the transactions of the test are savepoints in it.

    They have their turns one after the other, and a statement outside of them waits for its turn too.
    """

    def __init__(self, engine: Engine) -> None:
        self.capabilities: Capabilities = replace(engine.capabilities, reads_at_once=False)
        self.codecs: Codecs = engine.codecs
        self._engine = engine
        self._whole: Whole | None = None

    async def open(self) -> None:
        """Begin."""
        self._whole = Whole(await self._engine.begin())

    async def close(self) -> None:
        """Undo everything; a statement under way ends first, and what comes later is refused."""
        whole, self._whole = self._whole, None
        if whole is not None:
            await whole.end()

    async def read(self, sql: str, parameters: Parameters) -> list[Row]:
        (result,) = await self.write([Statement(sql, parameters)])
        return result.rows

    async def write(self, statements: Sequence[Statement]) -> list[Result]:
        whole = self._begun()
        if len(statements) == 1:
            await whole.have_turn()
            try:
                return [await whole.execute(statements[0])]
            finally:
                whole.turn.release()
        transaction = await self.begin()
        try:
            results = [await transaction.execute(statement) for statement in statements]
        except BaseException:
            await transaction.rollback()
            raise
        await transaction.commit()
        return results

    async def begin(self, asked: Characteristics = PLAIN) -> EngineTransaction:
        if asked.deferred_constraints and not asked.read_only:
            raise TransactionMisuse(
                f"This transaction puts the check of its constraints off to its commit, and a test that is rolled back "
                f"has none. {_COPY}"
            )
        whole = self._begun()
        await whole.have_turn()
        try:
            await whole.step(whole.transaction.savepoint(_OUTERMOST))
        except BaseException:
            whole.turn.release()
            raise
        return Part(whole, asked.isolation)

    async def lock(self, name: str, wait: float | None) -> HeldLock:
        return await self._engine.lock(name, wait)

    def health(self) -> Health:
        return self._engine.health()

    def gauges(self) -> Gauges:
        return self._engine.gauges()

    def _begun(self) -> Whole:
        if self._whole is None:
            raise _over()
        return self._whole


class Whole:
    """The transaction of a test: whose turn it is, and one call at a time."""

    def __init__(self, transaction: EngineTransaction) -> None:
        self.transaction: EngineTransaction = transaction
        self.turn: asyncio.Lock = asyncio.Lock()
        self._calls = asyncio.Lock()
        self._ended = False

    async def have_turn(self) -> None:
        """Wait until no other transaction is open; raises ``TransactionMisuse`` where that takes too long."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self.turn.acquire()
        except TimeoutError:
            raise TransactionMisuse(
                f"This waited {PATIENCE:g} s for a transaction that another task has open, and the whole test has one "
                f"connection. {_COPY}"
            ) from None

    async def execute(self, statement: Statement) -> Result:
        """Run one statement."""
        async with self._calls:
            self._check()
            return await self.transaction.execute(statement)

    async def step(self, work: Coroutine[object, object, None]) -> None:
        """Set, release or go back to a savepoint; to its end, because half of it would be the end of everything."""
        task = asyncio.ensure_future(self._stepped(work))
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            raise

    async def _stepped(self, work: Coroutine[object, object, None]) -> None:
        async with self._calls:
            try:
                self._check()
            except DatabaseClosed:
                work.close()
                raise
            await work

    async def end(self) -> None:
        """Roll back."""
        self._ended = True
        async with self._calls:
            await self.transaction.rollback()

    def _check(self) -> None:
        if self._ended:
            raise _over()


class Part(EngineTransaction):
    """A transaction of the test, which is a savepoint; alone as it is, it is as isolated as anybody could want."""

    def __init__(self, whole: Whole, wanted: Isolation | None) -> None:
        own = whole.transaction.isolation
        level = LEVELS.index(own) if wanted is None else max(LEVELS.index(own), LEVELS.index(wanted))
        self.isolation: Isolation = LEVELS[level]
        self._whole = whole
        self._ended = False

    async def execute(self, statement: Statement) -> Result:
        self._check()
        return await self._whole.execute(statement)

    async def savepoint(self, name: str) -> None:
        self._check()
        await self._whole.step(self._whole.transaction.savepoint(name))

    async def release(self, name: str) -> None:
        self._check()
        await self._whole.step(self._whole.transaction.release(name))

    async def rollback_to(self, name: str) -> None:
        self._check()
        await self._whole.step(self._whole.transaction.rollback_to(name))

    async def commit(self) -> None:
        self._check()
        await self._end(self._whole.transaction.release(_OUTERMOST))

    async def rollback(self) -> None:
        if not self._ended:
            await self._end(self._whole.transaction.rollback_to(_OUTERMOST))

    async def _end(self, work: Coroutine[object, object, None]) -> None:
        self._ended = True
        try:
            await self._whole.step(work)
        finally:
            self._whole.turn.release()

    def _check(self) -> None:
        if self._ended:
            raise TransactionMisuse("The transaction has ended; begin another.")


def _over() -> DatabaseClosed:
    return DatabaseClosed("The test to which this database was given has ended.")
