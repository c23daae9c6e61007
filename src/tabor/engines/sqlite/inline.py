"""Reads answered on the event loop itself: for quick ones the thread hop would cost ten times the query.

Three budgets keep the loop alive.  A progress handler stops a statement that takes too long; the text of such a
statement is remembered and goes to the reader threads from then on.  All inline reads of one turn of the loop have a
budget together; past it the reads wait their turn.  And nothing here waits for a lock.

What counts against a statement is the processor time of its own: on a busy machine the clock runs on while others have
the processor.  Only a statement that waits far longer than it works (a cold disk) is stopped by the clock.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, Future
from collections import deque
from collections.abc import Callable
from time import perf_counter, thread_time

import apsw

from tabor.engines.interface import Parameters, Row
from tabor.engines.sqlite.connection import Permissions
from tabor.engines.sqlite.driver import Connection
from tabor.engines.sqlite.failures import translate
from tabor.engines.sqlite.gate import Gate
from tabor.engines.sqlite.slowness import Slowness
from tabor.errors import Overloaded, TaborError

_STEPS = 500
# A statement stopped after this many calls of the handler did the work itself: 4,000 steps are half the usual budget.
_CONVICTING_CALLS = 8
_WAITING = 10
"""Past this many budgets by the clock a statement is stopped, whatever it did meanwhile."""


class _StepBudget:
    """Stops a statement that has worked for ``seconds`` since ``started``; counts how often it was asked about it."""

    __slots__ = ("calls", "seconds", "seen", "started", "worked")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.started = 0.0
        self.seen = 0.0
        self.worked = 0.0
        self.calls = 0

    def __call__(self) -> bool:
        started = self.started
        if self.seen != started:
            # The first steps are not counted: most statements end before the processor's time need be asked for.
            self.seen = started
            self.calls = 1
            self.worked = thread_time()
            return False
        self.calls += 1
        waited = perf_counter() - started
        if waited <= self.seconds:
            return False
        return waited > _WAITING * self.seconds or thread_time() - self.worked > self.seconds

    def used(self, waited: float) -> float:
        """The seconds to hold against the statement just run, of those that it took by the clock."""
        if waited <= self.seconds or self.seen != self.started or waited > _WAITING * self.seconds:
            return waited
        return thread_time() - self.worked


class InlineReads:
    """Answers reads on the loop, within the budgets; its methods are called there."""

    def __init__(
        self,
        loop: AbstractEventLoop,
        connection: Connection,
        gate: Gate,
        *,
        budget: float,
        turn_budget: float,
        queue_size: int,
    ) -> None:
        self._connection = connection
        self._permissions = Permissions(connection)
        self._execute = connection.cursor().execute
        self._gate = gate
        self._budget = budget
        self._steps = _StepBudget(budget)
        connection.set_progress_handler(self._steps, _STEPS)
        self._turn_budget = turn_budget
        self._turn_used = 0.0
        self._queue_size = queue_size
        self._waiting: deque[tuple[str, Parameters, Future[list[Row] | None]]] = deque()
        self._loop = loop
        self._turn_spent = False
        self._slowness = Slowness(budget)
        self._watched = self._slowness.watched

    def stop(self, refusal: Callable[[], TaborError]) -> None:
        """Refuse the reads that wait; nobody asks for more."""
        while self._waiting:
            future = self._waiting.popleft()[2]
            if not future.done():
                future.set_exception(refusal())

    def close(self) -> None:
        """Close the connection; ``stop`` came before."""
        self._connection.close(force=True)

    def read_now(self, sql: str, parameters: Parameters) -> list[Row] | None:
        """The rows, or ``None`` where the statement would wait, takes too long, or the turn's budget is spent."""
        if self._turn_spent or self._gate.is_shut or (sql in self._watched and sql in self._slowness):
            return None
        return self._answer(sql, parameters)

    def can_wait(self, sql: str) -> bool:
        """Whether a later turn of the loop is the place for this statement, and not a reader thread."""
        return self._turn_spent and sql not in self._slowness and not self._gate.is_shut

    def later(self, sql: str, parameters: Parameters) -> Future[list[Row] | None]:
        """The answer of ``read_now`` in the next turn that has budget left, first come, first served."""
        if len(self._waiting) >= self._queue_size:
            raise Overloaded(f"{len(self._waiting)} reads are waiting.")
        future: Future[list[Row] | None] = self._loop.create_future()
        self._waiting.append((sql, parameters, future))
        return future

    def _answer(self, sql: str, parameters: Parameters) -> list[Row] | None:
        self._steps.started = started = perf_counter()
        rows: list[Row] | None = None
        try:
            rows = self._execute(sql, parameters).fetchall()
        except apsw.InterruptError:
            if self._steps.calls >= _CONVICTING_CALLS:
                self._slowness.convict(sql)
        except (apsw.BusyError, apsw.LockedError):
            # Only a reader thread may wait for a lock.
            return None
        except Exception as error:
            if self._gate.is_shut:
                # The schema could not be compared with the database's, so that a table may only seem to be missing.
                return None
            raise translate(error, sql) from error
        used = perf_counter() - started
        if used > self._budget or sql in self._watched:
            self._slowness.note(sql, self._steps.used(used))
        # Counted on until it is spent, not afresh for each turn: that is stricter, and spares a callback per turn.
        self._turn_used += used
        if self._turn_used > self._turn_budget and not self._turn_spent:
            self._turn_spent = True
            self._loop.call_soon(self._next_turn)
        return rows

    def _next_turn(self) -> None:
        """Serve those who wait, as far as this turn's budget goes; the budget is open to all again when none waits."""
        self._turn_used = 0.0
        while self._waiting and self._turn_used <= self._turn_budget and not self._gate.is_shut:
            sql, parameters, future = self._waiting.popleft()
            if future.done():
                continue
            try:
                future.set_result(None if sql in self._slowness else self._answer(sql, parameters))
            except TaborError as error:
                future.set_exception(error)
        if self._gate.is_shut:
            self._release_waiting()
        if self._waiting:
            self._loop.call_soon(self._next_turn)
        else:
            self._turn_spent = self._turn_used > self._turn_budget
            if self._turn_spent:
                self._loop.call_soon(self._next_turn)

    def _release_waiting(self) -> None:
        """Send everybody who waits to the reader threads."""
        while self._waiting:
            future = self._waiting.popleft()[2]
            if not future.done():
                future.set_result(None)
