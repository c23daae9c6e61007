"""Threads that answer the reads which are too long for the event loop, each with a connection that cannot write."""

from __future__ import annotations

from asyncio import AbstractEventLoop, Future
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from time import perf_counter
from typing import NamedTuple

from tabor.engines.interface import PLAIN, Characteristics, Parameters, Row
from tabor.engines.sqlite.delivery import AnyFuture, Outcome, resolve, send, unavailable
from tabor.engines.sqlite.execution import Runner
from tabor.engines.sqlite.failures import translate
from tabor.engines.sqlite.gate import Gate
from tabor.engines.sqlite.transaction import Channel, Limits, TransactionService
from tabor.errors import Overloaded, StatementTimeout, TaborError

_RETRY_AFTER = 1.0


class ReadRequest:
    """One read on its way to a thread."""

    __slots__ = ("future", "parameters", "sql")

    def __init__(self, sql: str, parameters: Parameters, future: Future[list[Row]]) -> None:
        self.sql: str = sql
        self.parameters: Parameters = parameters
        self.future: Future[list[Row]] = future


class Load(NamedTuple):
    """How many threads there are, how many of them work, and how many reads wait for one."""

    threads: int
    working: int
    waiting: int


class Readers:
    """Up to ``size`` threads, started as they are needed, with one queue; its methods are called on the loop.

    ``connect`` opens a connection, on the thread that will use it.
    """

    def __init__(
        self,
        loop: AbstractEventLoop,
        connect: Callable[[], Runner],
        gate: Gate,
        *,
        size: int,
        queue_size: int,
        deadline: float,
        limits: Limits,
    ) -> None:
        self._loop = loop
        self._connect = connect
        self._gate = gate
        self._size = size
        self._queue_size = queue_size
        self._deadline = deadline
        self._limits = limits
        self._inbox: SimpleQueue[ReadRequest | Channel | None] = SimpleQueue()
        self._threads: list[Thread] = []
        self._busy = 0

    def read(self, sql: str, parameters: Parameters) -> Future[list[Row]]:
        """Queue one read; raises ``Overloaded`` where too many wait.  A cancelled one is dropped or stopped."""
        future: Future[list[Row]] = self._loop.create_future()
        self._put(ReadRequest(sql, parameters, future))
        return future

    def begin(self, asked: Characteristics = PLAIN) -> Channel:
        """Queue a read transaction; the channel's ``begun`` says when it is open."""
        channel = Channel(self._loop, asked)
        self._put(channel)
        return channel

    @property
    def load(self) -> Load:
        """The threads and what they have to do in this moment."""
        threads, given = len(self._threads), self._busy
        return Load(threads, min(threads, given), max(0, given - threads))

    def stop(self) -> None:
        """Finish what is queued, close the connections, end."""
        for _ in self._threads:
            self._inbox.put(None)

    def join(self) -> None:
        """Wait for the end, on another thread than the loop's."""
        for thread in self._threads:
            thread.join()

    def _put(self, item: ReadRequest | Channel) -> None:
        if self._busy >= self._queue_size:
            raise Overloaded(f"{self._busy} reads are waiting.", retry_after=_RETRY_AFTER)
        if self._busy >= len(self._threads) < self._size:
            thread = Thread(target=self._live, name=f"tabor-sqlite-reader-{len(self._threads) + 1}", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._busy += 1
        self._inbox.put(item)

    def _answered(self, outcomes: list[Outcome]) -> None:
        self._busy -= 1
        resolve(outcomes)

    # What follows runs on the threads.

    def _live(self) -> None:
        runner: Runner | None = None
        while (item := self._inbox.get()) is not None:
            waiter: AnyFuture = item.future if isinstance(item, ReadRequest) else item.begun
            answer: object = None
            if not waiter.cancelled():
                try:
                    runner = runner or self._connect()
                    answer = self._serve(runner, item)
                except BaseException as error:
                    # Nothing of a connection that failed in an unknown way is used again.
                    _close(runner)
                    runner = None
                    bare = error.with_traceback(None)
                    answer = translate(bare) if isinstance(bare, Exception) else unavailable("reader", bare)
            send(self._loop, self._answered, [(waiter, answer)])
        _close(runner)

    def _serve(self, runner: Runner, item: ReadRequest | Channel) -> object:
        with self._gate:
            if isinstance(item, ReadRequest):
                return self._read(runner, item)
            runner.begin_read()
            TransactionService(runner, item, self._limits).serve()
            return None

    def _read(self, runner: Runner, request: ReadRequest) -> list[Row] | TaborError:
        watch = runner.watch
        watch.start(perf_counter() + self._deadline, request.future)
        try:
            return runner.rows(request.sql, request.parameters)
        except Exception as error:
            bare = error.with_traceback(None)
            if watch.stopped:
                timeout = StatementTimeout(self._deadline, sql=request.sql)
                timeout.__cause__ = bare
                return timeout
            return translate(bare, request.sql)


def _close(runner: Runner | None) -> None:
    if runner is not None:
        with suppress(Exception):
            runner.connection.close(force=True)
