"""Many writes in one transaction, so that they share one sync of the disk, and each still stands or falls alone."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Callable, Sequence
from random import random
from time import perf_counter, sleep

import apsw

from tabor.engines.interface import Result, Statement
from tabor.engines.sqlite.delivery import Outcome
from tabor.engines.sqlite.execution import BEGIN, COMMIT, Runner
from tabor.engines.sqlite.failures import translate
from tabor.errors import Overloaded, StatementTimeout, TaborError

_LONGEST_NAP = 0.002
_SHORTEST_NAP = 0.0002


class WriteRequest:
    """One unit of writing on its way through the queue; ``size`` is about the memory of its values in bytes."""

    __slots__ = ("future", "size", "statements")

    def __init__(self, statements: Sequence[Statement], future: Future[list[Result]], size: int) -> None:
        self.statements: Sequence[Statement] = statements
        self.future: Future[list[Result]] = future
        self.size: int = size


def begin_immediate(runner: Runner, busy_deadline: float, abandoned: Callable[[], bool] | None = None) -> bool:
    """Start a write transaction, waiting for another process at most ``busy_deadline`` seconds.

    Gives ``False`` where the time was not enough or the wait was ``abandoned``.  The naps grow shorter with the wait,
    so that of two processes the one that has waited longer has the better chance.
    """
    if runner.file is not None:
        runner.file.check()
    until = 0.0
    tries = 1
    while True:
        try:
            runner.control(BEGIN)
        except apsw.BusyError:
            now = perf_counter()
            until = until or now + busy_deadline
            if now >= until or (abandoned is not None and abandoned()):
                return False
            sleep(max(_SHORTEST_NAP, _LONGEST_NAP / tries) * (0.5 + random()))  # noqa: S311  # it only has to differ between processes
            tries += 1
        else:
            return True


def busy(busy_deadline: float) -> Overloaded:
    """A fresh refusal for one waiter after the wait for another process."""
    return Overloaded(f"Another process has kept the database for {busy_deadline:g} s.")


class GroupCommit:
    """Runs batches of write requests on the writer's connection."""

    __slots__ = ("_busy_deadline", "_runner", "_write_deadline")

    def __init__(self, runner: Runner, *, busy_deadline: float, write_deadline: float) -> None:
        self._runner = runner
        self._busy_deadline = busy_deadline
        self._write_deadline = write_deadline

    def run(self, requests: Sequence[WriteRequest]) -> list[Outcome]:
        """Run and commit the requests that somebody still waits for, and give each one's answer."""
        waiting = [request for request in requests if not request.future.cancelled()]
        if not waiting:
            return []
        try:
            begun = begin_immediate(self._runner, self._busy_deadline)
        except apsw.Error as error:
            return [(request.future, translate(error.with_traceback(None))) for request in waiting]
        if not begun:
            return [(request.future, busy(self._busy_deadline)) for request in waiting]
        outcomes, again = self._together(waiting)
        for request in again:
            outcomes.append((request.future, self._alone(request)))
        return outcomes

    def _together(self, requests: Sequence[WriteRequest]) -> tuple[list[Outcome], Sequence[WriteRequest]]:
        """Run all in the open transaction; the answers, and the requests that have to run again on their own.

        What cannot be kept of one request takes the whole transaction with it.  Then the others run again, those too
        that had failed: they may have failed over rows that are gone now.
        """
        runner = self._runner
        run, watch = runner.run, runner.watch
        watch.start(0.0, None)
        outcomes: list[Outcome] = []
        for index, request in enumerate(requests):
            watch.deadline = 0.0
            try:
                outcomes.append((request.future, run(request.statements)))
            except Exception as error:
                failure = self._failure(error)
                if runner.broken:
                    runner.roll_back()
                    return [(request.future, failure)], [*requests[:index], *requests[index + 1 :]]
                outcomes.append((request.future, failure))
        refusal = self._commit()
        if refusal is None:
            return outcomes, ()
        if len(requests) == 1:
            return [(requests[0].future, refusal)], ()
        return [], requests

    def _alone(self, request: WriteRequest) -> object:
        """Run one request in a transaction of its own and give its answer."""
        runner = self._runner
        if request.future.cancelled():
            return None
        runner.watch.start(0.0, None)
        try:
            if not begin_immediate(runner, self._busy_deadline):
                return busy(self._busy_deadline)
            answer = runner.run(request.statements)
        except Exception as error:
            failure = self._failure(error)
            runner.roll_back()
            return failure
        refusal = self._commit()
        return answer if refusal is None else refusal

    def _commit(self) -> TaborError | None:
        """Commit, or roll back and say why not."""
        runner = self._runner
        try:
            if not runner.in_transaction:
                raise apsw.AbortError("the transaction was ended by one of its statements")
            runner.control(COMMIT)
        except apsw.Error as error:
            failure = translate(error.with_traceback(None))
            runner.roll_back()
            return failure
        return None

    def _failure(self, error: Exception) -> TaborError:
        # The traceback would keep the whole batch alive for as long as somebody keeps the error.
        bare = error.with_traceback(None)
        watch = self._runner.watch
        if watch.stopped:
            watch.stopped = ""
            timeout = StatementTimeout(self._write_deadline, sql=self._runner.failed_sql)
            timeout.__cause__ = bare
            return timeout
        return translate(bare, self._runner.failed_sql, self._runner.failed_row)
