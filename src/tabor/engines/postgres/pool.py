"""The connections of one target and the leases on them.

A lease costs no statement: a connection is looked at when it comes back, and only one that was left changed is reset.
Whatever happened to a connection in an unknown way is never used again.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic

from tabor.engines.forks import forked
from tabor.engines.interface import Gauges
from tabor.engines.postgres.driver import Connection, socket_of
from tabor.engines.postgres.failures import code_of
from tabor.engines.postgres.lease import Lease, Watch
from tabor.errors import DatabaseClosed, PoolExhausted, TaborError

_RESET = (
    "CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; "
    "SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD TEMP"
)
_CANCELLED = "57014"
_SALVAGE_SECONDS = 2.0
_CLOSE_SECONDS = 5.0
# How many statements are cancelled on one connection: one that was cut off while it was prepared stays on the server.
_CANCELLATIONS = 100


# Connections that a parent process has open: collecting one would close it.
_kept: list[Connection] = []


class Pool:
    """At most ``size`` connections made by ``connect``; used from the loop in which it is made.

    ``patience`` is how many seconds a statement may wait for its answer; the pool ``watches`` for late answers to
    reads, or the driver does.  A connection ``keeps`` so many reads prepared.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        *,
        size: int,
        deadline: float,
        idle_lifetime: float,
        patience: float,
        watches: bool,
        keeps: int,
    ) -> None:
        self._loop = asyncio.get_running_loop()  # named, it need not be asked for by each current_task()
        self._connect = connect
        self._size = size
        self._deadline = deadline
        self._keeps = keeps
        self._idle_lifetime = idle_lifetime
        self.patience: float = patience
        self._idle: list[Lease] = []
        self._leased: set[Lease] = set()
        self.watch: Watch = Watch(self._leased, patience if watches else None, self.expire)
        self._waiters: deque[asyncio.Future[Lease | None]] = deque()
        self._chores: set[asyncio.Task[None]] = set()
        self._connecting: set[asyncio.Task[Lease]] = set()
        self._count = 0
        self._generation = 0
        self.forked: bool = False
        self._closed: Callable[[], TaborError] | None = None
        self._drained: asyncio.Future[None] | None = None

    def gauges(self) -> Gauges:
        """The numbers of this moment."""
        idle = len(self._idle)
        return Gauges(connections=self._count, in_use=self._count - idle, idle=idle, waiting=len(self._waiters))

    @property
    def crowded(self) -> bool:
        """Whether every connection that there may be is made, and at work."""
        return self._count >= self._size and not self._idle and not self._connecting

    # --- taking and giving back ---

    def take(self, statement: str) -> Lease | None:
        """A connection that nobody uses, at once, or ``None``: then ``await wait(statement)``."""
        idle = self._idle
        while idle:
            lease = idle.pop()
            now = monotonic()
            if (
                lease.generation != self._generation
                or lease.connection.is_closed()
                or now - lease.since > self._idle_lifetime
            ):
                self._drop(lease)
                continue
            lease.since = now
            lease.statement = statement
            lease.task = asyncio.current_task(self._loop)
            self._leased.add(lease)
            return lease
        return None

    async def wait(self, statement: str) -> Lease:
        """A connection, made or waited for; raises ``PoolExhausted`` after the deadline, or what connecting raises."""
        deadline = monotonic() + self._deadline
        first = True
        while True:
            if self._closed is not None:
                raise self._closed()
            lease = self.take(statement)
            if lease is not None:
                return lease
            if self._count < self._size:
                return await self._made(statement)
            handed = await self._handed(deadline, first=first)
            first = False
            if handed is not None:
                handed.since = monotonic()
                handed.statement = statement
                handed.task = asyncio.current_task(self._loop)
                return handed

    async def _made(self, statement: str) -> Lease:
        """A new connection.  One whose caller is cancelled meanwhile is made all the same, for the next."""
        self._count += 1
        task = self._loop.create_task(self._connected(), name="tabor-postgres-connect")
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)
        try:
            lease = await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(self._adopt)
            raise
        if self._closed is not None:
            self.discard(lease)
            raise self._closed()
        lease.since, lease.statement, lease.task = monotonic(), statement, asyncio.current_task(self._loop)
        return lease

    async def _connected(self) -> Lease:
        generation = self._generation
        try:
            connection = await self._connect()
        except BaseException:
            self._count -= 1
            self._wake()
            raise
        lease = Lease(connection, generation, self._keeps)
        self._leased.add(lease)
        return lease

    def _adopt(self, task: asyncio.Task[Lease]) -> None:
        if not task.cancelled() and task.exception() is None:
            self.release(task.result())

    async def _handed(self, deadline: float, *, first: bool) -> Lease | None:
        """A connection that another task gave back, or ``None`` where there is room to make one."""
        future: asyncio.Future[Lease | None] = self._loop.create_future()
        if first:
            self._waiters.append(future)
        else:
            self._waiters.appendleft(future)
        try:
            async with asyncio.timeout(max(0.0, deadline - monotonic())):
                return await future
        except BaseException as error:
            if future in self._waiters:
                self._waiters.remove(future)
            if future.done() and not future.cancelled() and future.exception() is None:
                # Handed over in the very moment in which the wait ended: on to the next.
                lease = future.result()
                if lease is None:
                    self._wake()
                else:
                    self.release(lease)
            if isinstance(error, TimeoutError):
                raise self._exhausted() from None
            raise

    def _exhausted(self) -> PoolExhausted:
        now = monotonic()
        oldest = sorted(self._leased, key=lambda lease: lease.since)
        holders = tuple([(_name(lease.task), lease.statement, round(now - lease.since, 3)) for lease in oldest])
        message = f"All {self._size} connections were in use for {self._deadline:g} s:"
        return PoolExhausted(message, holders=holders)

    def release(self, lease: Lease) -> None:
        """Give a connection back after its work has ended in a known way."""
        lease.watched = False
        connection = lease.connection
        if lease.generation != self._generation or connection.is_closed() or self._closed is not None:
            self.discard(lease)
        elif lease.dirty or connection.is_in_transaction():
            self._chore(self._reset(lease))
        else:
            self._free(lease)

    def discard(self, lease: Lease) -> None:
        """Never use a connection again."""
        self._leased.discard(lease)
        self._drop(lease)
        if self._drained is not None and not self._leased and not self._drained.done():
            self._drained.set_result(None)

    async def rolled_back(self, lease: Lease) -> None:
        """Roll back on a connection whose work has failed; leaves it open where that fails too."""
        try:
            with suppress(Exception):
                async with asyncio.timeout(_SALVAGE_SECONDS):
                    await lease.connection.execute("ROLLBACK")
        except BaseException:
            self.salvage(lease)
            raise

    def salvage(self, lease: Lease) -> None:
        """Give a connection back whose work was cancelled: it is used again only once it has proved to be clean."""
        lease.watched = False
        lease.cancelled += 1
        if lease.connection.is_closed():
            self.discard(lease)
        else:
            self._chore(self._salvaged(lease))

    def expire(self) -> None:
        """Use no connection that exists now for anything new: the server behind them changed or went away."""
        self._generation += 1
        while self._idle:
            self._drop(self._idle.pop())

    def _free(self, lease: Lease) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(lease)
                return
        self._leased.discard(lease)
        lease.task = None
        lease.since = monotonic()
        self._idle.append(lease)

    def _drop(self, lease: Lease) -> None:
        if self.forked:
            return
        lease.connection.terminate()
        self._count -= 1
        self._wake()

    def _wake(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    # --- chores: tasks of the pool's own ---

    def _chore(self, work: Awaitable[None]) -> None:
        async def done() -> None:
            await work

        task = self._loop.create_task(done(), name="tabor-postgres-reset")
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    async def _reset(self, lease: Lease) -> None:
        lease.statement = "(reset)"
        try:
            async with asyncio.timeout(_SALVAGE_SECONDS):
                if lease.connection.is_in_transaction():
                    await lease.connection.execute("ROLLBACK")
                if lease.dirty:
                    await lease.connection.execute(_RESET)
        except Exception:
            self.discard(lease)
            return
        except BaseException:
            self.discard(lease)
            raise
        lease.dirty = False
        self._returned(lease)

    async def _salvaged(self, lease: Lease) -> None:
        lease.statement = f"(cancelled) {lease.statement}"
        try:
            async with asyncio.timeout(_SALVAGE_SECONDS):
                # The driver waits here until the server has confirmed the end of the cancelled statement.
                await _rolled_back(lease.connection)
        except Exception:
            self.discard(lease)
            return
        except BaseException:
            self.discard(lease)
            raise
        self._returned(lease)

    def _returned(self, lease: Lease) -> None:
        if lease.connection.is_in_transaction() or lease.cancelled >= _CANCELLATIONS:
            self.discard(lease)
        else:
            self.release(lease)

    def after_fork(self) -> None:
        """Called in a child process: cut its copies of the connections, so that they end with the parent."""
        self._closed, self.forked = forked, True
        nowhere = os.open(os.devnull, os.O_RDWR)
        for lease in (*self._idle, *self._leased):
            # Closing a connection in the ordinary way would end the parent's conversation and stop its loop's watching.
            os.dup2(nowhere, socket_of(lease.connection), inheritable=False)
            _kept.append(lease.connection)
        os.close(nowhere)

    async def close(self, refusal: Callable[[], TaborError]) -> None:
        """Take no more work, wait a while for what is under way, and disconnect."""
        self._closed = refusal
        self.watch.stop()
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_exception(refusal())
        self._waiters.clear()
        if self._connecting:
            _, late = await asyncio.wait(self._connecting, timeout=_CLOSE_SECONDS)
            for task in late:
                task.cancel()
        if self._leased:
            self._drained = self._loop.create_future()
            with suppress(TimeoutError):
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await self._drained
        leases = [*self._idle, *self._leased]
        self._idle.clear()
        self._leased.clear()
        await asyncio.gather(*[_closed(lease.connection) for lease in leases])
        self._count = 0


async def _rolled_back(connection: Connection) -> None:
    try:
        await connection.execute("ROLLBACK")
    except Exception as error:
        # The cancellation came late and hit this statement instead.
        if code_of(error) != _CANCELLED:
            raise
        await connection.execute("ROLLBACK")


async def _closed(connection: Connection) -> None:
    try:
        await connection.close(timeout=_SALVAGE_SECONDS)
    except (OSError, TimeoutError):
        connection.terminate()
    except Exception:
        with suppress(Exception):
            connection.terminate()


def _name(task: asyncio.Task[object] | None) -> str:
    return "no task" if task is None else task.get_name()


def refused() -> TaborError:
    """The error for a use after the end."""
    return DatabaseClosed("The database has been closed. Open it again to use it.")
