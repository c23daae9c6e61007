"""Interactive transactions: the owner's end on the loop, the serving end on a database thread, and their deadlines.

The serving thread is the only one that ends a transaction, and it does so by itself when the owner is silent for too
long.  Every command is answered: the channel's lock makes sure that none is put in after the thread has left.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, CancelledError, Future
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Lock
from time import perf_counter
from typing import Any, Literal, NamedTuple

from tabor.engines.interface import PLAIN, Characteristics, EngineTransaction, Isolation, Result, Statement
from tabor.engines.sqlite.delivery import AnyFuture, Outcome, resolve, send, unavailable
from tabor.engines.sqlite.execution import COMMIT, Runner
from tabor.engines.sqlite.failures import is_read_only, translate
from tabor.errors import (
    ForkedProcess,
    ReadOnlyTransaction,
    StatementTimeout,
    TaborError,
    TransactionError,
    TransactionExpired,
    TransactionMisuse,
)

Verb = Literal["execute", "control", "commit", "rollback", "forgo"]
Ending = Callable[[], TaborError]
"""Makes the error for one use of a transaction after its end."""


class Command(NamedTuple):
    """One thing the owner wants done."""

    verb: Verb
    statement: Statement | None
    controls: tuple[str, ...]
    future: AnyFuture


@dataclass(frozen=True, slots=True)
class Limits:
    """The deadlines of an interactive transaction, in seconds."""

    idle: float
    total: float


class Channel:
    """What both ends of a transaction share; ``begun`` answers the owner once the transaction is open."""

    def __init__(self, loop: AbstractEventLoop, asked: Characteristics = PLAIN) -> None:
        self.loop = loop
        self.asked: Characteristics = asked
        self.asked_at: float = perf_counter()
        self.begun: Future[None] = loop.create_future()
        self._commands: SimpleQueue[Command] = SimpleQueue()
        self._lock = Lock()
        self.ending: Ending | None = None

    def put(self, command: Command) -> bool:
        """Hand a command over, from the loop; ``False`` where the transaction has ended."""
        with self._lock:
            if self.ending is not None:
                return False
            self._commands.put(command)
            return True

    def take(self, timeout: float) -> Command | None:
        """The next command, or ``None`` after ``timeout`` seconds."""
        try:
            return self._commands.get(timeout=max(0.0, timeout))
        except Empty:
            return None

    def end(self, ending: Ending) -> None:
        """Take no more commands, and answer those that came too late."""
        late: list[Outcome] = []
        with self._lock:
            self.ending = ending
            while not self._commands.empty():
                command = self._commands.get()
                late.append((command.future, None if command.verb == "rollback" else ending()))
        if late:
            send(self.loop, resolve, late)

    def abandon(self) -> None:
        """Have the transaction rolled back without waiting for it."""
        self.put(Command("rollback", None, (), self.loop.create_future()))

    def forgo(self, command: Command) -> None:
        """Have a command undone whose answer nobody waits for any more: its statement, or else the transaction.

        Nobody could tell whether it took place, and what follows it may rely on either.
        """
        if command.verb == "execute":
            self.put(Command("forgo", None, (), command.future))
        else:
            self.abandon()


class SqliteTransaction(EngineTransaction):
    """The owner's end of an interactive transaction.

    There is one writer, and a reader sees one state of the database, so that every transaction is serializable.
    """

    isolation: Isolation = "serializable"

    def __init__(self, channel: Channel, is_forked: Callable[[], bool]) -> None:
        self._channel = channel
        self._is_forked = is_forked

    async def execute(self, statement: Statement) -> Result:
        result: Result = await self._send("execute", statement)
        return result

    async def savepoint(self, name: str) -> None:
        await self._send("control", None, f"SAVEPOINT {_identifier(name)}")

    async def release(self, name: str) -> None:
        await self._send("control", None, f"RELEASE {_identifier(name)}")

    async def rollback_to(self, name: str) -> None:
        quoted = _identifier(name)
        await self._send("control", None, f"ROLLBACK TO {quoted}", f"RELEASE {quoted}")

    async def commit(self) -> None:
        await self._send("commit")

    async def rollback(self) -> None:
        if self._channel.ending is None:
            await self._send("rollback")

    async def _send(self, verb: Verb, statement: Statement | None = None, *controls: str) -> Any:
        if self._is_forked():
            raise ForkedProcess("This transaction was begun before fork(); begin one in this process.")
        channel = self._channel
        future: AnyFuture = channel.loop.create_future()
        command = Command(verb, statement, controls, future)
        if channel.put(command):
            try:
                return await future
            except CancelledError:
                channel.forgo(command)
                raise
        if verb != "rollback" and channel.ending is not None:
            raise channel.ending()
        return None


async def opened(channel: Channel, is_forked: Callable[[], bool]) -> SqliteTransaction:
    """Wait until the transaction is open; a cancelled wait leaves none behind."""
    try:
        await channel.begun
    except CancelledError:
        channel.abandon()
        raise
    return SqliteTransaction(channel, is_forked)


def _identifier(name: str) -> str:
    if not name.isidentifier():
        raise TransactionMisuse(f"A savepoint's name is an identifier, not {name!r}.")
    # The comment keeps the text apart from a caller's own in the statement cache; see execution.py.
    return f'"{name}" -- tabor'


class TransactionService:
    """Serves one open transaction on the thread that has its connection, to its end.

    ``serve`` comes back with no transaction open on the connection.
    """

    def __init__(self, runner: Runner, channel: Channel, limits: Limits) -> None:
        self._runner = runner
        self._channel = channel
        self._limits = limits
        asked = channel.asked
        self._total = limits.total if asked.timeout is None else asked.timeout
        self._expires = (perf_counter() if asked.timeout is None else channel.asked_at) + self._total
        self._statement = asked.statement_timeout
        self._undoable: AnyFuture | None = None
        """Who waits for the statement that can still be undone."""

    def serve(self) -> None:
        """Obey the owner's commands until one of them, a deadline or SQLite ends the transaction."""
        asked = self._channel.asked
        if asked.read_only or not asked.deferred_constraints:
            self._serve()
            return
        self._runner.defer_foreign_keys(True)
        try:
            self._serve()
        finally:
            self._runner.defer_foreign_keys(False)

    def _serve(self) -> None:
        channel = self._channel
        send(channel.loop, resolve, [(channel.begun, None)])
        waiter = channel.begun
        try:
            while channel.ending is None:
                command = channel.take(min(self._limits.idle, self._expires - perf_counter()))
                if command is None:
                    self._give_up(self._expired_total if perf_counter() >= self._expires else self._expired_idle)
                elif command.verb == "forgo":
                    self._forgo(command)
                elif command.verb == "rollback" or not command.future.cancelled():
                    waiter = command.future
                    answer = self._obey(command)
                    send(channel.loop, resolve, [(waiter, answer)])
        except BaseException as error:
            death = error.with_traceback(None)
            channel.end(lambda: unavailable("transaction", death))
            send(channel.loop, resolve, [(waiter, unavailable("transaction", death))])
            raise

    def _forgo(self, command: Command) -> None:
        if self._undoable is command.future:
            self._undoable = None
            self._runner.undo()

    def _obey(self, command: Command) -> object:
        if perf_counter() >= self._expires and command.verb != "rollback":
            return self._give_up(self._expired_total)
        if command.verb == "rollback":
            self._runner.roll_back()
            self._channel.end(_over)
            return None
        if command.verb == "commit":
            return self._commit()
        return self._run(command)

    def _commit(self) -> object:
        runner = self._runner
        try:
            runner.control(COMMIT)
        except Exception as error:
            failure = translate(error.with_traceback(None))
            runner.roll_back()
            self._channel.end(_over)
            return failure
        self._channel.end(_over)
        return None

    def _run(self, command: Command) -> object:
        runner = self._runner
        watch = runner.watch
        limit = self._statement
        watch.start(self._expires if limit is None else min(self._expires, perf_counter() + limit), command.future)
        answer: object = None
        try:
            if self._undoable is not None:
                self._undoable = None
                runner.keep()
            if command.statement is not None:
                answer = runner.run_guarded(command.statement)
                self._undoable = command.future
            for control in command.controls:
                runner.control(control)
        except Exception as error:
            if watch.stopped == "deadline" and perf_counter() >= self._expires:
                return self._give_up(self._expired_total)
            answer = self._failure(error.with_traceback(None), runner.failed_sql if command.statement else "")
        if not runner.in_transaction:
            self._channel.end(lambda: _lost(answer))
        return answer

    def _failure(self, error: Exception, sql: str) -> TaborError:
        if self._runner.watch.stopped == "deadline" and self._statement is not None:
            timeout = StatementTimeout(self._statement, sql=sql)
            timeout.__cause__ = error
            return timeout
        if self._channel.asked.read_only and is_read_only(error):
            refusal = ReadOnlyTransaction(sql=sql)
            refusal.__cause__ = error
            return refusal
        return translate(error, sql, self._runner.failed_row if sql else None)

    def _give_up(self, ending: Ending) -> TaborError:
        self._runner.roll_back()
        self._channel.end(ending)
        return ending()

    def _expired_idle(self) -> TransactionExpired:
        seconds = self._limits.idle
        return TransactionExpired(
            f"The transaction was rolled back: it did nothing for {seconds:g} s. "
            "Do slow work before or after it (transaction_idle is the limit).",
            seconds=seconds,
        )

    def _expired_total(self) -> TransactionExpired:
        seconds = self._total
        return TransactionExpired(
            f"The transaction was rolled back: it was open for more than {seconds:g} s. "
            "Make it shorter, or several of them (transaction_total is the limit, or its own timeout=).",
            seconds=seconds,
        )


def _over() -> TaborError:
    return TransactionMisuse("The transaction is over: it was committed or rolled back. Begin a new one.")


def _lost(answer: object) -> TaborError:
    failure = TransactionError("The database rolled the transaction back when a statement failed. Begin a new one.")
    failure.__cause__ = answer if isinstance(answer, BaseException) else None
    return failure
