"""What is told about each statement, to whom, and how the engine is watched while somebody listens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Final, TypeVar

from tabor.database.plans import Plans
from tabor.database.url import Place
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

R = TypeVar("R")
LOG = logging.getLogger("tabor.watch")


class Hidden:
    """The type of ``HIDDEN``: what stands in an event for a value that nobody should read."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<hidden>"


HIDDEN: Final = Hidden()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementEvent:
    """One statement that a database has run.

    ``sql`` is its text without values, ``parameters`` are its values as the driver got them, where ``HIDDEN`` stands
    for the value of a secret column and for every value of SQL written by hand.  A bulk write runs the text ``sets``
    times; ``parameters`` are those of the first.  ``rows`` is how many rows came back or were changed.  ``seconds`` is
    the time from the call to the answer, waiting included, ``finished`` the Unix time of the answer in nanoseconds.
    ``operation`` is the first word of the statement, ``table`` the table that it starts from (empty for SQL by hand),
    ``task`` the name of the task that ran it, ``error`` what it failed with.

    Example: ``StatementEvent(sql='DELETE FROM "event" WHERE ...', parameters=(5,), rows=1, seconds=0.0004, ...)``.
    """

    sql: str
    parameters: tuple[object, ...]
    sets: int
    rows: int
    seconds: float
    finished: int
    operation: str
    table: str
    task: str
    error: BaseException | None
    database: Place


Listener = Callable[[StatementEvent], object]
"""What is called after each statement, in the task that ran it, with no wait in between: it must be quick."""


class Watch:
    """Who listens to a database, and what they are told."""

    __slots__ = ("_clock", "_plans", "listeners", "place")

    def __init__(self, place: Place, plans: Plans, clock: Callable[[], int]) -> None:
        self.listeners: tuple[Listener, ...] = ()
        self.place: Place = place
        self._plans = plans
        self._clock = clock

    async def step(self, sql: str, work: Callable[[], Awaitable[R]]) -> R:
        """Do ``work``, a step of a transaction without values and rows, and tell of it where somebody listens."""
        if not self.listeners:
            return await work()
        return await self.told(Statement(sql), work, _no_rows)

    async def told(self, statement: Statement, work: Callable[[], Awaitable[R]], count: Callable[[R], int]) -> R:
        """Do ``work``, tell the listeners of it as this statement, and give its result."""
        start = perf_counter()
        try:
            result = await work()
        except BaseException as error:
            self.tell(statement, 0, start, error)
            raise
        self.tell(statement, count(result), start)
        return result

    def tell(self, statement: Statement, rows: int, start: float, error: BaseException | None = None) -> None:
        """Tell the listeners; what one of them raises is logged and harms nobody."""
        seconds = perf_counter() - start
        plan = self._plans.by_sql.get(statement.sql)
        sets = statement.parameter_sets
        event = StatementEvent(
            sql=statement.sql,
            parameters=_shown(
                statement.parameters if sets is None else next(iter(sets), ()), plan.secret if plan else None
            ),
            sets=1 if sets is None else len(sets),
            rows=rows,
            seconds=seconds,
            finished=self._clock(),
            operation=_first_word(statement.sql),
            table=plan.table if plan is not None else "",
            task=_task_name(),
            error=error,
            database=self.place,
        )
        for listener in self.listeners:
            try:
                listener(event)
            except Exception:
                LOG.exception("A listener failed on the statement %s", event.sql)


class WatchedTransaction(EngineTransaction):
    """A transaction that tells a watch about its statements and steps while somebody listens."""

    def __init__(self, transaction: EngineTransaction, watch: Watch) -> None:
        self.isolation: Isolation = transaction.isolation
        self._transaction = transaction
        self._watch = watch

    async def execute(self, statement: Statement) -> Result:
        if not self._watch.listeners:
            return await self._transaction.execute(statement)
        return await self._watch.told(statement, lambda: self._transaction.execute(statement), changed)

    async def savepoint(self, name: str) -> None:
        await self._watch.step("SAVEPOINT", lambda: self._transaction.savepoint(name))

    async def release(self, name: str) -> None:
        await self._watch.step("RELEASE SAVEPOINT", lambda: self._transaction.release(name))

    async def rollback_to(self, name: str) -> None:
        await self._watch.step("ROLLBACK TO SAVEPOINT", lambda: self._transaction.rollback_to(name))

    async def commit(self) -> None:
        await self._watch.step("COMMIT", self._transaction.commit)

    async def rollback(self) -> None:
        await self._watch.step("ROLLBACK", self._transaction.rollback)


class WatchedEngine(Engine):
    """An engine that tells a watch about each statement.

    A database uses it in place of its engine for as long as somebody listens, so that nobody pays for it before;
    transactions are always begun by it, so that one that is open already is watched too.
    """

    def __init__(self, engine: Engine, watch: Watch) -> None:
        self.capabilities: Capabilities = engine.capabilities
        self.codecs: Codecs = engine.codecs
        self._engine = engine
        self._watch = watch

    async def open(self) -> None:
        await self._engine.open()

    async def close(self) -> None:
        await self._engine.close()

    def read_now(self, sql: str, parameters: Parameters) -> list[Row] | None:
        start = perf_counter()
        try:
            rows = self._engine.read_now(sql, parameters)
        except Exception as error:
            self._watch.tell(Statement(sql, parameters), 0, start, error)
            raise
        if rows is not None:
            self._watch.tell(Statement(sql, parameters), len(rows), start)
        return rows

    async def read(self, sql: str, parameters: Parameters) -> list[Row]:
        return await self._watch.told(Statement(sql, parameters), lambda: self._engine.read(sql, parameters), len)

    async def write(self, statements: Sequence[Statement]) -> list[Result]:
        start = perf_counter()
        try:
            results = await self._engine.write(statements)
        except BaseException as error:
            for statement in statements:
                self._watch.tell(statement, 0, start, error)
            raise
        for statement, result in zip(statements, results, strict=True):
            self._watch.tell(statement, changed(result), start)
        return results

    async def begin(self, asked: Characteristics = PLAIN) -> EngineTransaction:
        return WatchedTransaction(await self._watch.step("BEGIN", lambda: self._engine.begin(asked)), self._watch)

    async def lock(self, name: str, wait: float | None) -> HeldLock:
        return await self._engine.lock(name, wait)

    def health(self) -> Health:
        return self._engine.health()

    def gauges(self) -> Gauges:
        return self._engine.gauges()


def changed(result: Result) -> int:
    """The number of rows that a statement gave or changed."""
    return len(result.rows) or result.count


def _no_rows(_: object) -> int:
    return 0


def _shown(parameters: Sequence[object], secret: frozenset[int] | None) -> tuple[object, ...]:
    if secret is None:
        # Nobody knows which columns these values belong to.
        return (HIDDEN,) * len(parameters)
    if not secret:
        return tuple(parameters)
    return tuple([HIDDEN if i in secret else value for i, value in enumerate(parameters)])


def _first_word(sql: str) -> str:
    return sql.lstrip()[:32].partition(" ")[0].upper()


def _task_name() -> str:
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return ""
    return task.get_name() if task is not None else ""
