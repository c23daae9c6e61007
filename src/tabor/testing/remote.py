"""An engine that asks another one on the loop where that lives, so that tests on every loop can use it."""

from __future__ import annotations

from collections.abc import Sequence

from tabor.engines.interface import (
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
from tabor.errors import DatabaseClosed
from tabor.testing.loop_thread import LoopThread


class RemoteEngine(Engine):
    """Stands in for the engine of a database in tests: it is opened and closed by the tests' fixtures alone.

    ``engine`` is the one that answers right now; between tests there is none.
    """

    def __init__(self, thread: LoopThread, capabilities: Capabilities, codecs: Codecs) -> None:
        self.capabilities: Capabilities = capabilities
        self.codecs: Codecs = codecs
        self.engine: Engine | None = None
        self._thread = thread

    async def open(self) -> None:
        """Nothing: a program under test opens its database as it always does."""

    async def close(self) -> None:
        """Nothing either."""

    async def read(self, sql: str, parameters: Parameters) -> list[Row]:
        return await self._thread.there(self._answering().read(sql, parameters))

    async def write(self, statements: Sequence[Statement]) -> list[Result]:
        return await self._thread.there(self._answering().write(statements))

    async def begin(self, asked: Characteristics = PLAIN) -> EngineTransaction:
        begun = await self._thread.there(self._answering().begin(asked), _rolled_back)
        return RemoteTransaction(begun, self._thread)

    async def lock(self, name: str, wait: float | None) -> HeldLock:
        return RemoteLock(await self._thread.there(self._answering().lock(name, wait), _released), self._thread)

    def health(self) -> Health:
        return Health(ok=False, reason=_BETWEEN) if self.engine is None else self.engine.health()

    def gauges(self) -> Gauges:
        return self._answering().gauges()

    def _answering(self) -> Engine:
        if self.engine is None:
            raise DatabaseClosed(_BETWEEN)
        return self.engine


_BETWEEN = "The database is used outside of a test that has asked for it; the fixture `tabor` opens it for one test."


class RemoteTransaction(EngineTransaction):
    """A transaction of the other engine."""

    def __init__(self, transaction: EngineTransaction, thread: LoopThread) -> None:
        self.isolation: Isolation = transaction.isolation
        self._transaction = transaction
        self._thread = thread

    async def execute(self, statement: Statement) -> Result:
        return await self._thread.there(self._transaction.execute(statement))

    async def savepoint(self, name: str) -> None:
        await self._thread.there(self._transaction.savepoint(name))

    async def release(self, name: str) -> None:
        await self._thread.there(self._transaction.release(name))

    async def rollback_to(self, name: str) -> None:
        await self._thread.there(self._transaction.rollback_to(name))

    async def commit(self) -> None:
        await self._thread.there(self._transaction.commit())

    async def rollback(self) -> None:
        await self._thread.there(self._transaction.rollback())


class RemoteLock(HeldLock):
    """A lock of the other engine."""

    def __init__(self, lock: HeldLock, thread: LoopThread) -> None:
        self._lock = lock
        self._thread = thread

    async def release(self) -> None:
        await self._thread.there(self._lock.release())


async def _rolled_back(transaction: EngineTransaction) -> None:
    await transaction.rollback()


async def _released(lock: HeldLock) -> None:
    await lock.release()
