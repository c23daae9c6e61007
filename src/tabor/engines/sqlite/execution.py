"""Running statements on one connection: their rows and counts, savepoints, transactions, and when to stop.

A ``Runner`` is used by the one thread that has its connection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import cast

from tabor.compile.sqlite.compiler import INSERTED, NO_ROWID
from tabor.engines.interface import Parameters, Result, Row, Statement
from tabor.engines.sqlite.connection import Permissions
from tabor.engines.sqlite.delivery import AnyFuture
from tabor.engines.sqlite.driver import Connection
from tabor.engines.sqlite.file_at_path import FileAtPath

# The trailing comment makes these texts the engine's own, so that the statement cache keeps them apart from a
# caller's "COMMIT", which is then refused while it is prepared.
BEGIN = "BEGIN IMMEDIATE -- tabor"
BEGIN_READ = "BEGIN -- tabor"
COMMIT = "COMMIT -- tabor"
ROLLBACK = "ROLLBACK -- tabor"
SAVEPOINT = "SAVEPOINT tabor -- tabor"
RELEASE = "RELEASE tabor -- tabor"
ROLLBACK_TO = "ROLLBACK TO tabor -- tabor"

_SNAPSHOT = "SELECT 1 FROM sqlite_schema LIMIT 1"
_WATCH_STEPS = 10_000
# A named tuple's own constructor is a Python function and takes twice as long.
_make = cast("Callable[[type[Result], tuple[list[Row], int]], Result]", tuple.__new__)  # pyright: ignore[reportUnknownMemberType]  # builtin's stub


class Watch:
    """Stops the running statement at its deadline, or as soon as nobody waits for it.

    SQLite calls it every few thousand steps.  ``limit`` is the time from the first call where no ``deadline`` is set,
    which spares short statements the look at the clock.
    """

    __slots__ = ("armed", "deadline", "limit", "stopped", "waiter")

    def __init__(self, limit: float) -> None:
        self.limit: float = limit
        self.deadline: float = 0.0
        self.waiter: AnyFuture | None = None
        self.stopped: str = ""
        self.armed: bool = True

    def start(self, deadline: float, waiter: AnyFuture | None) -> None:
        """Watch a statement until ``deadline`` (of ``perf_counter``) for ``waiter``."""
        self.deadline = deadline
        self.waiter = waiter
        self.stopped = ""

    def __call__(self) -> bool:
        if not self.armed:
            return False
        now = perf_counter()
        if self.waiter is not None and self.waiter.cancelled():
            self.stopped = "cancelled"
        elif not self.deadline:
            self.deadline = now + self.limit
        elif now > self.deadline:
            self.stopped = "deadline"
        return bool(self.stopped)


class Runner:
    """Runs statements on one connection; one that writes to a ``file`` begins only while that is at its path."""

    __slots__ = (
        "_changes",
        "_connection",
        "_execute",
        "_permissions",
        "_total_changes",
        "broken",
        "commits",
        "failed_row",
        "failed_sql",
        "file",
        "watch",
    )

    def __init__(self, connection: Connection, watch: Watch) -> None:
        self._connection = connection
        # One cursor for everything: rows are always read to the end before the next statement.
        self._execute = connection.cursor().execute
        self._changes = connection.changes
        self._total_changes = connection.total_changes
        self._permissions = Permissions(connection)
        self.watch: Watch = watch
        self.broken: bool = False
        self.commits: int = 0
        self.failed_sql: str = ""
        self.failed_row: int | None = None
        self.file: FileAtPath | None = None
        connection.set_progress_handler(watch, _WATCH_STEPS)

    @property
    def connection(self) -> Connection:
        """The connection, for what only its owner does: checkpoints, upkeep, closing."""
        return self._connection

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open; SQLite may have ended it with the failure of a statement."""
        return not self._connection.get_autocommit()

    def control(self, sql: str) -> None:
        """Run a statement of the engine's own, for transactions and savepoints; no deadline stops it."""
        permissions, watch = self._permissions, self.watch
        permissions.granted = True
        watch.armed = False
        try:
            self._execute(sql, None).fetchall()
            if sql is COMMIT:
                self.commits += 1
        finally:
            permissions.granted = False
            watch.armed = True

    def defer_foreign_keys(self, wanted: bool) -> None:
        """Put the check of foreign keys off to the commit, or no longer.

        SQLite ends this by itself with the transaction.  But a statement that was prepared meanwhile would go on
        without a check of its own and keep a row that it was refused, until the setting is given anew: that alone has
        SQLite prepare its statements again.
        """
        self._permissions.granted = True
        try:
            self._connection.pragma("defer_foreign_keys", int(wanted))
        finally:
            self._permissions.granted = False

    def begin_read(self) -> None:
        """Start a read transaction and fix what it sees."""
        self.control(BEGIN_READ)
        self._execute(_SNAPSHOT, None).fetchall()

    def roll_back(self) -> None:
        """End the transaction, if SQLite has not ended it already."""
        if self.in_transaction:
            self.control(ROLLBACK)

    def rows(self, sql: str, parameters: Parameters) -> list[Row]:
        """The rows of one statement."""
        return self._execute(sql, parameters).fetchall()

    def run(self, statements: Sequence[Statement]) -> list[Result]:
        """Run one request inside the open transaction: all of it or nothing.

        ``broken`` says after an exception that this could not be kept: the transaction is gone or holds a part of
        the request, and has to be rolled back.
        """
        if len(statements) == 1:
            statement = statements[0]
            if statement[2] is None:
                return [self._one(statement)]
        return self._under_savepoint(statements)

    def run_guarded(self, statement: Statement) -> Result:
        """Run one statement under a savepoint, whatever its conflict clauses do; what succeeded can still be undone.

        The savepoint stays open until ``keep`` or ``undo``; one of them has to come before anything else does.
        """
        return self._under_savepoint((statement,), keep=False)[0]

    def keep(self) -> None:
        """Keep what ``run_guarded`` did last."""
        self.control(RELEASE)

    def undo(self) -> None:
        """Undo what ``run_guarded`` did last."""
        self.control(ROLLBACK_TO)
        self.control(RELEASE)

    def _one(self, statement: Statement) -> Result:
        total_changes = self._total_changes
        before = total_changes()
        sql = statement[0]
        if sql.endswith(INSERTED):
            self._connection.set_last_insert_rowid(NO_ROWID)
        try:
            rows = self._execute(sql, statement[1]).fetchall()
        except BaseException:
            self.failed_sql = sql
            self.failed_row = None
            # A statement with OR FAIL, or a text of several statements, keeps what it did before it failed.
            self.broken = not self.in_transaction or total_changes() != before or ";" in sql
            raise
        # changes() speaks of the last INSERT, UPDATE or DELETE, which may have been an earlier statement.
        return _make(Result, (rows, self._changes() if total_changes() != before else 0))

    def _under_savepoint(self, statements: Sequence[Statement], *, keep: bool = True) -> list[Result]:
        self.control(SAVEPOINT)
        try:
            results = [self._one(s) if s.parameter_sets is None else self._many(s) for s in statements]
            if keep:
                self.keep()
        except BaseException:
            self.broken = not self.in_transaction
            if not self.broken:
                self.undo()
            raise
        return results

    def _many(self, statement: Statement) -> Result:
        before = self._total_changes()
        counts: list[int] = []
        sets = self._counting(statement.parameter_sets or (), counts)
        cursor = self._connection.cursor()
        try:
            rows = cursor.executemany(statement.sql, sets).fetchall()
        except BaseException:
            self.failed_sql, self.failed_row = statement.sql, len(counts)
            raise
        return Result(rows, sum(counts) if self._total_changes() != before else 0)

    def _counting(self, parameter_sets: Sequence[Parameters], counts: list[int]) -> Iterator[Parameters]:
        """The sets, noting after each how many rows its run changed: SQLite tells only of the last run."""
        changes = self._changes
        for parameters in parameter_sets:
            yield parameters
            counts.append(changes())
