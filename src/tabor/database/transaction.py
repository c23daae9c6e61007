"""One transaction of a task: begun, nested by savepoints, ended with the block."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from contextvars import ContextVar, Token
from types import TracebackType
from typing import TypeAlias

from tabor.database.callbacks import Callback, Callbacks, Outcome
from tabor.database.remembered import Remembered, remembered
from tabor.engines.interface import (
    LEVELS,
    Characteristics,
    Engine,
    EngineTransaction,
    Parameters,
    Result,
    Row,
    Statement,
)
from tabor.errors import (
    DatabaseUnavailable,
    IntegrityViolation,
    ReadOnlyTransaction,
    TransactionExpired,
    TransactionMisuse,
)

_LEFT = (
    "A transaction was rolled back because a block of it was left in another task than it was entered in, as happens "
    "to an async generator that is not read to its end. Close such a generator in its own task: `async with "
    "contextlib.aclosing(rows()) as rows:`."
)


Current: TypeAlias = "ContextVar[Running | None]"


class Running:
    """The open transaction of a task, the depth of its savepoints, the rows it wrote, what to call after its end."""

    __slots__ = (
        "asked",
        "callbacks",
        "current",
        "depth",
        "ended",
        "engine_transaction",
        "left",
        "read_only",
        "rows",
        "task",
    )

    def __init__(self, engine_transaction: EngineTransaction, current: Current, asked: Characteristics) -> None:
        self.engine_transaction: EngineTransaction = engine_transaction
        self.task: object = asyncio.current_task()
        self.current: Current = current
        self.asked: Characteristics = asked
        self.read_only: bool = asked.read_only
        self.depth: int = 0
        self.ended: bool = False
        self.left: bool = False
        self.callbacks: Callbacks | None = None
        self.rows: list[Remembered] = []

    async def read(self, sql: str, parameters: Parameters) -> list[Row]:
        """Run a read in the transaction; raises ``TransactionMisuse`` in another task or after its end."""
        self.check()
        return (await self.engine_transaction.execute(Statement(sql, parameters))).rows

    async def write(self, statement: Statement) -> Result:
        """Run what writes; raises ``ReadOnlyTransaction`` too, where the transaction only reads."""
        self.check()
        if self.read_only:
            raise ReadOnlyTransaction(sql=statement.sql)
        return await self.engine_transaction.execute(statement)

    def check(self) -> None:
        """Raise ``TransactionMisuse`` unless this task owns the transaction and it is still open."""
        if self.left and asyncio.current_task() is self.task:
            if self.ended:
                # The task is told once; it has no block to leave, and could do nothing ever after.
                self.current.set(None)
            raise TransactionMisuse(_LEFT)
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

    def register(self, call: Callback, wants: Outcome) -> None:
        """Have ``call`` called after the end; raises ``TransactionMisuse`` in another task or after its end."""
        self.check()
        if self.callbacks is None:
            self.callbacks = Callbacks()
        self.callbacks.add(call, wants)

    def remember(self, rows: Iterable[object]) -> None:
        """Have these rows, which were just written, know again what they know now should that be undone."""
        self.rows += [remembered(row) for row in rows]

    def give_back(self, start: int = 0) -> None:
        """What was written since the place ``start`` has been undone: its rows know again what they knew before."""
        for row in reversed(self.rows[start:]):
            row.give_back()
        del self.rows[start:]

    def must_allow(self, asked: Characteristics) -> None:
        """Raise ``TransactionMisuse`` where an inner block asks for what only the outermost can have."""
        own = self.engine_transaction.isolation
        wanted = asked.isolation
        if wanted is not None and LEVELS.index(wanted) > LEVELS.index(own):
            raise TransactionMisuse(
                f"This block asks for the isolation level {wanted!r} inside a transaction that has {own!r}; ask for it "
                "where the outermost block begins."
            )
        if asked.deferred_constraints and not self.asked.deferred_constraints:
            raise TransactionMisuse("Constraints are deferred for a whole transaction; say so at the outermost block.")
        if asked.timeout is not None or asked.statement_timeout is not None:
            raise TransactionMisuse("A deadline is for a whole transaction; give it to the outermost block.")

    async def commit(self) -> None:
        """Commit, then call what wants to hear of the end."""
        callbacks = self.callbacks
        try:
            await self.engine_transaction.commit()
        except Exception as error:
            # Where the connection was lost nobody knows which end it was, so that nobody hears of one.
            if not (isinstance(error, DatabaseUnavailable) and not error.not_applied):
                self.give_back()
                if callbacks is not None:
                    await callbacks.rolled_back()
            raise
        if callbacks is not None:
            await callbacks.committed()

    async def roll_back(self) -> None:
        """Roll back, then call what wants to hear of that."""
        try:
            await self.engine_transaction.rollback()
        finally:
            self.give_back()
            if self.callbacks is not None:
                await self.callbacks.rolled_back()


class Savepoint:
    """A block within a block: where it began, and what it changed of the transaction."""

    __slots__ = ("_name", "_read_only", "_rows", "_running", "_start")

    def __init__(self, running: Running) -> None:
        self._running = running
        self._name = f"tabor_{running.depth + 1}"
        self._start = self._rows = 0
        self._read_only = running.read_only

    async def begin(self, *, read_only: bool) -> None:
        """Set the savepoint; with ``read_only`` nothing may be written before its end."""
        running = self._running
        await running.engine_transaction.savepoint(self._name)
        running.depth += 1
        running.read_only = running.read_only or read_only
        self._start = 0 if running.callbacks is None else len(running.callbacks)
        self._rows = len(running.rows)

    async def end(self, *, failed: bool) -> None:
        """Keep its work, or undo it."""
        running = self._running
        if asyncio.current_task() is not running.task:
            # What its owner has done meanwhile would be undone too: all of it, then, and loudly.
            running.left = True
            return
        running.depth -= 1
        running.read_only = self._read_only
        if not failed:
            await running.engine_transaction.release(self._name)
            return
        if running.callbacks is not None:
            running.callbacks.undo(self._start)
        running.give_back(self._rows)
        await running.engine_transaction.rollback_to(self._name)


class TransactionBlock:
    """``async with db.transaction():`` begins, commits at the end, and rolls back when the block raises.

    Inside another block of the same task it is a savepoint: an error rolls back to its start only.
    """

    __slots__ = ("_asked", "_current", "_engine", "_running", "_savepoint", "_token", "_told")

    def __init__(
        self,
        engine: Callable[[], Engine],
        current: Current,
        asked: Characteristics,
        told: Callable[[IntegrityViolation], IntegrityViolation],
    ) -> None:
        self._engine = engine
        self._told = told
        self._current = current
        self._asked = asked
        self._running: Running | None = None
        self._savepoint: Savepoint | None = None
        self._token: Token[Running | None] | None = None

    async def __aenter__(self) -> None:
        if self._running is not None:
            raise TransactionMisuse("A transaction block is used once; write db.transaction() again for another.")
        running = self._current.get()
        if running is not None:
            running.check()
            running.must_allow(self._asked)
            savepoint = Savepoint(running)
            await savepoint.begin(read_only=self._asked.read_only)
            self._savepoint, self._running = savepoint, running
            return
        begun = await _begun(self._engine(), self._asked)
        self._running = Running(begun, self._current, self._asked)
        self._token = self._current.set(self._running)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        running = self._running
        assert running is not None
        if self._savepoint is not None:
            await self._savepoint.end(failed=kind is not None)
            return
        assert self._token is not None
        running.ended = True
        running.left = running.left or asyncio.current_task() is not running.task
        with suppress(ValueError):  # in the context of another task there is nothing to reset
            self._current.reset(self._token)
        if kind is None and not running.left:
            try:
                await running.commit()
            except IntegrityViolation as refused:
                raise self._told(refused) from refused.__cause__
            return
        await running.roll_back()
        if kind is None:
            raise TransactionMisuse(_LEFT)


async def _begun(engine: Engine, asked: Characteristics) -> EngineTransaction:
    """Begin; where there is a deadline, the wait for the database is a part of it."""
    seconds = asked.timeout
    if seconds is None:
        return await engine.begin(asked)
    try:
        async with asyncio.timeout(seconds):
            return await engine.begin(asked)
    except TimeoutError as error:
        raise TransactionExpired(
            f"The transaction could not begin within {seconds:g} s, because others kept the database.", seconds=seconds
        ) from error
