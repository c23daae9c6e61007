"""One transaction of a task: begun, nested by savepoints, ended with the block."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import ContextVar, Token
from types import TracebackType

from tabor.engines.interface import Engine, EngineTransaction, Result, Statement
from tabor.errors import TransactionMisuse


class Running:
    """The open transaction of a task and the depth of its savepoints."""

    __slots__ = ("depth", "ended", "engine_transaction", "read_only", "task")

    def __init__(self, engine_transaction: EngineTransaction, task: object, *, read_only: bool) -> None:
        self.engine_transaction: EngineTransaction = engine_transaction
        self.task: object = task
        self.read_only: bool = read_only
        self.depth: int = 0
        self.ended: bool = False

    async def execute(self, statement: Statement) -> Result:
        """Run one statement in the transaction; raises ``TransactionMisuse`` in another task or after its end."""
        self.check()
        return await self.engine_transaction.execute(statement)

    def check(self) -> None:
        """Raise ``TransactionMisuse`` unless this task owns the transaction and it is still open."""
        if self.ended:
            raise TransactionMisuse(
                "This task was started inside a transaction that has ended. Start it outside of the block, or wait "
                "for it inside."
            )
        if asyncio.current_task() is not self.task:
            raise TransactionMisuse(
                "A transaction belongs to the task that began it, and this is another task. Await the work in the "
                "same task, or start the task where no transaction is open: `with db.outside():` around create_task()."
            )


Current = ContextVar[Running | None]


class TransactionBlock:
    """``async with db.transaction():`` begins, commits at the end, and rolls back when the block raises.

    Inside another block of the same task it is a savepoint: an error rolls back to its start only.
    """

    __slots__ = ("_current", "_engine", "_read_only", "_running", "_savepoint", "_token")

    def __init__(self, engine: Callable[[], Engine], current: Current, *, read_only: bool = False) -> None:
        self._engine = engine
        self._current = current
        self._read_only = read_only
        self._running: Running | None = None
        self._savepoint: str | None = None
        self._token: Token[Running | None] | None = None

    async def __aenter__(self) -> None:
        if self._running is not None:
            raise TransactionMisuse("A transaction block is used once; write db.transaction() again for another.")
        running = self._current.get()
        if running is not None:
            running.check()
            name = f"tabor_{running.depth + 1}"
            await running.engine_transaction.savepoint(name)
            running.depth += 1
            self._savepoint, self._running = name, running
            return
        begun = await self._engine().begin(read_only=self._read_only)
        self._running = Running(begun, asyncio.current_task(), read_only=self._read_only)
        self._token = self._current.set(self._running)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        running = self._running
        assert running is not None
        if self._savepoint is not None:
            await self._end_savepoint(running, self._savepoint, failed=kind is not None)
            return
        assert self._token is not None
        running.ended = True
        self._current.reset(self._token)
        if kind is None:
            await running.engine_transaction.commit()
        else:
            await running.engine_transaction.rollback()

    @staticmethod
    async def _end_savepoint(running: Running, name: str, *, failed: bool) -> None:
        running.depth -= 1
        if failed:
            await running.engine_transaction.rollback_to(name)
        else:
            await running.engine_transaction.release(name)
