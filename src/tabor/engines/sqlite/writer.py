"""The one door to writing: a thread that takes what is queued and commits it in batches.

On the loop's side requests that arrive in one turn travel to the thread together, so that a batch is not cut short by
the thread waking up for the first of them.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, Future
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from itertools import chain
from queue import Empty, SimpleQueue
from sys import getsizeof
from threading import Thread
from time import monotonic
from typing import NamedTuple

import apsw

from tabor.engines.interface import PLAIN, Characteristics, Parameters, Result, Statement
from tabor.engines.sqlite.checkpoints import Checkpoints
from tabor.engines.sqlite.delivery import Outcome, resolve, send, unavailable
from tabor.engines.sqlite.execution import Runner
from tabor.engines.sqlite.failures import translate
from tabor.engines.sqlite.gate import Gate
from tabor.engines.sqlite.group_commit import GroupCommit, WriteRequest, begin_immediate, busy
from tabor.engines.sqlite.inline import InlineReads
from tabor.engines.sqlite.options import SqliteOptions
from tabor.engines.sqlite.transaction import Channel, Limits, TransactionService
from tabor.errors import Overloaded, TaborError

_REQUEST_BYTES = 500
_LARGE = frozenset((str, bytes))
_OPTIMIZE_AT_OPEN = 0x10002
_RETRY_AFTER = 1.0


class Connected(NamedTuple):
    """What the writer's thread works with once the database is open, and what is used on the loop.

    A database in memory has no checkpoints, and a ``gate`` to keep readers out while a transaction is open.
    """

    runner: Runner
    checkpoints: Checkpoints | None
    gate: Gate | None
    inline: InlineReads | None
    close_others: Callable[[], None]


class Load(NamedTuple):
    """How many writes are accepted and not answered, their bytes, how many batches were run and commits made."""

    queued: int
    queued_bytes: int
    batches: int
    commits: int


class Writer:
    """Queue, thread and life of the writer; its methods are called on the loop.

    ``connect`` runs first on the thread and opens every connection of the database.
    """

    def __init__(self, loop: AbstractEventLoop, options: SqliteOptions, connect: Callable[[], Connected]) -> None:
        self._loop = loop
        self._options = options
        self._connect = connect
        self._limits = Limits(options.transaction_idle, options.transaction_total)
        self._arrivals: list[WriteRequest | Channel | None] = []
        self._inbox: SimpleQueue[list[WriteRequest | Channel | None]] = SimpleQueue()
        self._backlog: deque[WriteRequest | Channel | None] = deque()
        self._queue_size = options.queue_size
        self._queue_bytes = options.queue_bytes
        self._entries = 0
        self._bytes = 0
        self._batches = 0
        self._next_upkeep = 0.0
        self._connected: Connected | None = None
        self._death: BaseException | None = None
        self.opened: Future[Connected] = loop.create_future()
        self._thread = Thread(target=self._live, name="tabor-sqlite-writer", daemon=True)

    def start(self) -> None:
        """Start the thread; ``opened`` says when and how the database has opened."""
        self._thread.start()

    def submit(self, statements: Sequence[Statement]) -> Future[list[Result]]:
        """Queue one request; raises ``Overloaded`` where the queue is full."""
        size = _REQUEST_BYTES
        for _, parameters, parameter_sets, _ in statements:
            for value in parameters:
                if type(value) in _LARGE:
                    size += getsizeof(value)
            if parameter_sets is not None:
                size += _size(parameter_sets)
        future: Future[list[Result]] = self._loop.create_future()
        self._enqueue(WriteRequest(statements, future, size), size)
        return future

    def begin(self, asked: Characteristics = PLAIN) -> Channel:
        """Queue for the writer as a whole; the channel's ``begun`` says when it is there."""
        channel = Channel(self._loop, asked)
        self._enqueue(channel, _REQUEST_BYTES)
        return channel

    def stop(self) -> None:
        """Finish what is queued, close every connection, end."""
        self._arrivals.append(None)
        self._flush()

    def join(self) -> None:
        """Wait for the end, on another thread than the loop's."""
        self._thread.join()
        if self._death is not None and self._connected is not None:
            self._connected.close_others()

    @property
    def load(self) -> Load:
        """What is queued in this moment, and what was done since the start."""
        commits = self._connected.runner.commits if self._connected is not None else 0
        return Load(self._entries, self._bytes, self._batches, commits)

    def failure(self) -> TaborError | None:
        """Why nothing can be written any more, or ``None``."""
        return None if self._death is None else unavailable("writer", self._death)

    def _enqueue(self, item: WriteRequest | Channel, size: int) -> None:
        if self._death is not None:
            raise unavailable("writer", self._death)
        if self._entries >= self._queue_size or (self._bytes and self._bytes + size > self._queue_bytes):
            message = f"{self._entries} writes of {self._bytes:,} bytes are waiting."
            raise Overloaded(message, retry_after=_RETRY_AFTER)
        if not self._arrivals:
            self._loop.call_soon(self._flush)
        self._arrivals.append(item)
        self._entries += 1
        self._bytes += size

    def _flush(self) -> None:
        """Send what has arrived in this turn of the loop to the thread."""
        if self._arrivals:
            self._inbox.put(self._arrivals)
            self._arrivals = []
        if self._death is not None:
            self._fail_waiting()

    def _answered(self, outcomes: list[Outcome], entries: int, size: int) -> None:
        """Take in the answers of one batch, on the loop."""
        self._entries -= entries
        self._bytes -= size
        resolve(outcomes)

    def _fail_waiting(self) -> None:
        """After the thread's death: answer everybody who is in the queue, on the loop."""
        death = self._death
        assert death is not None
        waiting = [*self._backlog]
        self._backlog.clear()
        while not self._inbox.empty():
            waiting += self._inbox.get()
        outcomes: list[Outcome] = []
        for item in waiting:
            if isinstance(item, WriteRequest):
                outcomes.append((item.future, unavailable("writer", death)))
            elif item is not None:
                item.end(lambda: unavailable("writer", death))
                outcomes.append((item.begun, unavailable("writer", death)))
        resolve(outcomes)

    # What follows runs on the thread.

    def _live(self) -> None:
        try:
            connected = self._connect()
        except BaseException as error:
            bare = error.with_traceback(None)
            failure = translate(bare) if isinstance(bare, Exception) else unavailable("writer", bare)
            send(self._loop, resolve, [(self.opened, failure)])
            return
        self._connected = connected
        send(self._loop, resolve, [(self.opened, connected)])
        try:
            self._work(connected)
            # The last connection to close clears the write-ahead log away, so the others go first.
            connected.close_others()
            _close(connected.runner, optimize=True)
        except BaseException as death:
            self._death = death.with_traceback(None)
            send(self._loop, self._fail_waiting)
            _close(connected.runner, optimize=False)

    def _work(self, connected: Connected) -> None:
        options = self._options
        group = GroupCommit(
            connected.runner, busy_deadline=options.busy_deadline, write_deadline=options.write_deadline
        )
        self._keep_up(connected.runner, _OPTIMIZE_AT_OPEN)
        backlog = self._backlog
        while True:
            self._collect(connected.runner)
            item = backlog[0]
            if item is None:
                return
            with connected.gate.alone(options.busy_deadline) if connected.gate is not None else nullcontext():
                answers = self._commit(group) if isinstance(item, WriteRequest) else self._serve(connected.runner, item)
            send(self._loop, self._answered, *answers)
            if connected.checkpoints is not None:
                connected.checkpoints.run_if_due()
            if monotonic() >= self._next_upkeep:
                self._keep_up(connected.runner, None)

    def _collect(self, runner: Runner) -> None:
        """Move what has arrived to the backlog; wait where there is nothing to do."""
        backlog, inbox = self._backlog, self._inbox
        while not backlog:
            try:
                backlog.extend(inbox.get(timeout=max(0.0, self._next_upkeep - monotonic())))
            except Empty:
                self._keep_up(runner, None)
        with suppress(Empty):
            while True:
                backlog.extend(inbox.get_nowait())

    def _commit(self, group: GroupCommit) -> tuple[list[Outcome], int, int]:
        """Run one batch; it stays at the head of the backlog until it is answered, so that a death finds it there."""
        backlog = self._backlog
        batch: list[WriteRequest] = []
        for item in backlog:
            if not isinstance(item, WriteRequest) or len(batch) == self._options.batch:
                break
            batch.append(item)
        outcomes = group.run(batch)
        self._batches += 1
        for _ in batch:
            backlog.popleft()
        return outcomes, len(batch), sum([request.size for request in batch])

    def _serve(self, runner: Runner, channel: Channel) -> tuple[list[Outcome], int, int]:
        """Give the writer to one interactive transaction until its end."""
        begun = channel.begun
        refusal: TaborError | None = None
        if not begun.cancelled():
            try:
                if not begin_immediate(runner, self._options.busy_deadline, begun.cancelled):
                    refusal = busy(self._options.busy_deadline)
            except apsw.Error as error:
                refusal = translate(error.with_traceback(None))
            if refusal is None:
                TransactionService(runner, channel, self._limits).serve()
        self._backlog.popleft()
        return [(begun, refusal)], 1, _REQUEST_BYTES

    def _keep_up(self, runner: Runner, mask: int | None) -> None:
        """Have SQLite refresh its statistics; what fails here is tried again an interval later and has lost nothing."""
        self._next_upkeep = monotonic() + self._options.optimize_interval
        runner.watch.start(0.0, None)
        with suppress(apsw.Error):
            runner.connection.pragma("optimize", mask)


def _size(parameter_sets: Sequence[Parameters]) -> int:
    return sum(map(getsizeof, chain.from_iterable(parameter_sets)))


def _close(runner: Runner, *, optimize: bool) -> None:
    with suppress(Exception):
        runner.roll_back()
    with suppress(Exception):
        if optimize:
            runner.connection.pragma("optimize")
    with suppress(Exception):
        runner.connection.close(force=True)
