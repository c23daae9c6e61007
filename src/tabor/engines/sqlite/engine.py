"""The SQLite engine: one writer thread, reads on the loop, and reader threads for the longer ones."""

from __future__ import annotations

import os
from asyncio import AbstractEventLoop, shield, to_thread
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple, Unpack

from tabor.engines.forks import forget, forked, watch
from tabor.engines.interface import (
    PLAIN,
    Capabilities,
    Characteristics,
    Codecs,
    Engine,
    Gauges,
    Health,
    Parameters,
    Result,
    Row,
    Statement,
)
from tabor.engines.loops import Home, opened_already
from tabor.engines.sqlite.checkpoints import Checkpoints
from tabor.engines.sqlite.codecs import SqliteCodecs
from tabor.engines.sqlite.connection import Location, check_version, connect, create_file, locate
from tabor.engines.sqlite.execution import Runner, Watch
from tabor.engines.sqlite.file_at_path import FileAtPath
from tabor.engines.sqlite.forks import inherit, refuse_inherited
from tabor.engines.sqlite.gate import Gate
from tabor.engines.sqlite.inline import InlineReads
from tabor.engines.sqlite.lock_file import LockFile, locked
from tabor.engines.sqlite.options import SqliteOptionChanges, SqliteOptions
from tabor.engines.sqlite.readers import Readers
from tabor.engines.sqlite.texts import check_single
from tabor.engines.sqlite.transaction import Limits, SqliteTransaction, opened
from tabor.engines.sqlite.writer import Connected, Writer
from tabor.errors import DatabaseClosed, TaborError

_MAX_PARAMETERS = 32_766  # SQLITE_MAX_VARIABLE_NUMBER, https://sqlite.org/limits.html


class _Open(NamedTuple):
    """The parts of an open database."""

    writer: Writer
    inline: InlineReads | None
    readers: Readers
    snapshots: Readers
    home: Home


class SqliteEngine(Engine):
    """One SQLite database: a file, or ``":memory:"`` for one that lives until ``close()``.

    The options may be given as one ``SqliteOptions``, as keywords, or as both; a keyword wins.

    A file is created with mode 0600 where there is none.  In memory there is no write-ahead log: while a transaction
    is open, reads outside it wait for its end.

    >>> engine = SqliteEngine("planner.db", reads="threads", batch=64)
    >>> engine.health().ok
    False
    """

    capabilities: Capabilities = Capabilities(
        dialect="sqlite",
        max_parameters=_MAX_PARAMETERS,
        row_locks=False,
        builds_json=True,
        reads_at_once=True,
        second_name="{}:1",
    )
    codecs: Codecs = SqliteCodecs()

    def __init__(
        self,
        path: str | os.PathLike[str],
        options: SqliteOptions | None = None,
        **changes: Unpack[SqliteOptionChanges],
    ) -> None:
        self._path = path
        self._options = replace(options or SqliteOptions(), **changes)
        self._location: Location | None = None
        self._opening = False
        self._parts: _Open | None = None
        self._last_writer: Writer | None = None
        self._refusal: Callable[[], TaborError] = _not_open
        self._read_now: Callable[[str, Parameters], list[Row] | None] = self._refuse_read

    def check(self, sql: str) -> None:
        check_single(sql)

    async def open(self) -> None:
        """Open the database, creating the file where there is none; afterwards the engine belongs to this loop.

        Raises ``UnsupportedDatabase`` for a SQLite older than 3.51.3, ``DatabaseUnavailable`` for a file that cannot
        be opened or is no database, ``ForkedProcess`` for a file that the parent process had open at a ``fork()``.
        """
        if self._opening or (self._parts is not None and not self._parts.home.loop.is_closed()):
            raise opened_already(os.fspath(self._path))
        self._opening = True
        try:
            await self.close()
            await self._opened()
        finally:
            self._opening = False

    async def _opened(self) -> None:
        check_version()
        location = locate(self._path)
        refuse_inherited(location.name)
        home, gate = Home(), Gate()
        loop = home.loop
        readers = self._readers(loop, location, gate)
        snapshots = self._readers(loop, location, gate)

        def connect_all() -> Connected:
            return _connect_all(loop, location, self._options, gate, (readers, snapshots))

        writer = Writer(loop, self._options, connect_all)
        writer.start()
        try:
            connected = await shield(writer.opened)
        except BaseException:
            # Cancelled or failed: nothing may stay open that nobody can close.
            writer.stop()
            raise
        self._location = location
        self._parts = _Open(writer, connected.inline, readers, snapshots, home)
        self._last_writer = writer
        self._read_now = connected.inline.read_now if connected.inline is not None else _never
        watch(self)

    async def close(self) -> None:
        parts, writer = self._parts, self._last_writer
        if parts is not None:
            forget(self)
            self._refuse(_closed)
            if parts.inline is not None:
                # Futures of a loop that is closed cannot be answered and have nobody who waits.
                with suppress(RuntimeError):
                    parts.inline.stop(_closed)
            parts.readers.stop()
            parts.snapshots.stop()
            parts.writer.stop()
        if writer is not None:
            try:
                await to_thread(writer.join)
            except RuntimeError:
                # The interpreter ends and starts no thread any more: wait right here.
                writer.join()

    def read_now(self, sql: str, parameters: Parameters) -> list[Row] | None:
        return self._read_now(sql, parameters)

    async def read(self, sql: str, parameters: Parameters) -> list[Row]:
        inline = self._open().inline
        if inline is not None:
            rows = inline.read_now(sql, parameters)
            if rows is None and inline.can_wait(sql):
                self._open().home.check()
                rows = await inline.later(sql, parameters)
            if rows is not None:
                return rows
        parts = self._open()
        parts.home.check()
        return await parts.readers.read(sql, parameters)

    async def write(self, statements: Sequence[Statement]) -> list[Result]:
        parts = self._parts
        if parts is None:
            raise self._refusal()
        parts.home.check()
        if not statements:
            return []
        return await parts.writer.submit(statements)

    async def begin(self, asked: Characteristics = PLAIN) -> SqliteTransaction:
        parts = self._open()
        parts.home.check()
        channel = parts.snapshots.begin(asked) if asked.read_only else parts.writer.begin(asked)
        return await opened(channel, self._is_forked)

    async def lock(self, name: str, wait: float | None) -> LockFile:
        self._open()
        location = self._location
        assert location is not None
        # In memory there is nobody but this process, whose tasks take their turns before they come here.
        return LockFile() if location.memory else await locked(location.name, name, wait)

    def health(self) -> Health:
        if self._parts is None:
            return Health(ok=False, reason=str(self._refusal()))
        failure = self._parts.writer.failure()
        return Health(ok=True) if failure is None else Health(ok=False, reason=str(failure))

    def gauges(self) -> Gauges:
        """The numbers of the writer, the inline reads and the reader threads, each with its connection."""
        parts = self._open()
        writer, readers, snapshots = parts.writer.load, parts.readers.load, parts.snapshots.load
        connections = 1 + (parts.inline is not None) + readers.threads + snapshots.threads
        in_use = min(1, writer.queued) + readers.working + snapshots.working
        return Gauges(
            connections=connections,
            in_use=in_use,
            idle=connections - in_use,
            waiting=readers.waiting + snapshots.waiting,
            **writer._asdict(),
        )

    def after_fork(self) -> None:
        """Called in a child process: refuse every use from here on; see ``forks.py``."""
        self._refuse(forked)
        self._last_writer = None
        inherit(None if self._location is None or self._location.memory else self._location.name)

    def _is_forked(self) -> bool:
        return self._refusal is forked

    def _refuse(self, refusal: Callable[[], TaborError]) -> None:
        self._parts = None
        self._refusal = refusal
        self._read_now = self._refuse_read

    def _refuse_read(self, sql: str, parameters: Parameters) -> None:
        raise self._refusal()

    def _open(self) -> _Open:
        if self._parts is None:
            raise self._refusal()
        return self._parts

    def _readers(self, loop: AbstractEventLoop, location: Location, gate: Gate) -> Readers:
        options = self._options

        def connect_reader() -> Runner:
            connection = connect(location, options, writer=False, busy_seconds=options.busy_deadline)
            return Runner(connection, Watch(options.read_deadline))

        return Readers(
            loop,
            connect_reader,
            gate,
            size=options.reader_threads,
            queue_size=options.read_queue,
            deadline=options.read_deadline,
            limits=Limits(options.transaction_idle, options.transaction_total),
        )


def _connect_all(
    loop: AbstractEventLoop, location: Location, options: SqliteOptions, gate: Gate, readers: Sequence[Readers]
) -> Connected:
    """Open the connections of the writer and of the inline reads; runs on the writer's thread."""
    create_file(location)
    connection = connect(location, options, writer=True, busy_seconds=options.busy_deadline)
    try:
        runner = Runner(connection, Watch(options.write_deadline))
        checkpoints = None
        if not location.memory:
            # The writer naps by itself between its tries; in memory a commit waits for readers, which SQLite does.
            connection.set_busy_timeout(0)
            runner.file = FileAtPath(location.name)
            checkpoints = Checkpoints(connection, gate, every=options.checkpoint_pages, limit=options.wal_limit)
        inline = _connect_inline(loop, location, options, gate) if options.reads == "inline" else None
    except BaseException:
        connection.close(force=True)
        raise

    def close_others() -> None:
        for pool in readers:
            pool.join()
        if inline is not None:
            inline.close()

    return Connected(runner, checkpoints, gate if location.memory else None, inline, close_others)


def _connect_inline(loop: AbstractEventLoop, location: Location, options: SqliteOptions, gate: Gate) -> InlineReads:
    connection = connect(location, options, writer=False, busy_seconds=options.busy_deadline)
    connection.set_busy_timeout(0)
    return InlineReads(
        loop,
        connection,
        gate,
        budget=options.inline_budget,
        turn_budget=options.inline_turn,
        queue_size=options.read_queue,
    )


def _never(sql: str, parameters: Parameters) -> None:
    return None


def _not_open() -> TaborError:
    return DatabaseClosed("The database is not open. Open it first, with `async with` or `await open()`.")


def _closed() -> TaborError:
    return DatabaseClosed("The database has been closed. Open it again to use it.")
