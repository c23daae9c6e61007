"""``Transactional``: what a database has transactions by, and the functions to call after their end."""

from __future__ import annotations

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from tabor.database.callbacks import Callback, Outcome
from tabor.database.lock import Lock, Turns
from tabor.database.transaction import Running, TransactionBlock
from tabor.engines.interface import LEVELS, Characteristics, Engine, Isolation
from tabor.errors import DatabaseUnavailable, IntegrityViolation, QueryError, TransactionConflict, TransactionMisuse

R = TypeVar("R")
ATTEMPTS = 5


class Transactional(ABC):
    """What a database has transactions by; ``Database`` is the only class that it is a part of."""

    def __init__(self) -> None:
        self._turns = Turns()
        self._transaction: ContextVar[Running | None] = ContextVar(f"tabor_transaction_{id(self)}", default=None)

    @abstractmethod
    def _opened(self) -> Engine:
        """The engine; raises ``DatabaseClosed`` where the database is not open."""

    @abstractmethod
    def _told(self, error: IntegrityViolation) -> IntegrityViolation:
        """The refusal of a constraint by the names that the program has for what it is about."""

    def transaction(
        self,
        *,
        isolation: Isolation | None = None,
        read_only: bool = False,
        deferred_constraints: bool = False,
        timeout: float | None = None,
        statement_timeout: float | None = None,
    ) -> TransactionBlock:
        """A transaction for a block: committed at its end, rolled back when it raises; nested, a savepoint.

        It belongs to the task that begins it.  ``isolation`` is the least that it has; SQLite gives ``"serializable"``
        to everybody, PostgreSQL ``"read committed"`` to those who ask for nothing.  With ``read_only`` it sees one
        state of the database throughout, holds nobody up and refuses to write with ``ReadOnlyTransaction``.
        ``deferred_constraints`` puts the check of deferrable foreign keys off to the commit.  ``timeout`` is how many
        seconds it may last, the wait for its beginning included, before it is rolled back with ``TransactionExpired``;
        ``statement_timeout`` the same for each statement, with ``StatementTimeout``.  What is not given is as the
        options of the database say.

        Raises ``QueryError`` for an unknown level or a deadline that is not above zero, and where it is entered
        ``TransactionMisuse`` for an inner block that asks for what only the outermost can have.

        Example: ``async with db.transaction(isolation="serializable"): ...``.
        """
        if isolation is not None and isolation not in LEVELS:
            raise QueryError(f"There is no isolation level {isolation!r}; there are {', '.join(LEVELS)}.")
        for name, seconds in (("timeout", timeout), ("statement_timeout", statement_timeout)):
            if seconds is not None and not seconds > 0:
                raise QueryError(f"{name}={seconds!r} is no number of seconds above 0.")
        asked = Characteristics(isolation, read_only, deferred_constraints, timeout, statement_timeout)
        return TransactionBlock(self._opened, self._transaction, asked, self._told)

    async def transact(
        self,
        work: Callable[[], Awaitable[R]],
        *,
        isolation: Isolation | None = None,
        read_only: bool = False,
        deferred_constraints: bool = False,
        timeout: float | None = None,  # noqa: ASYNC109  # a deadline that the database keeps, unlike asyncio.timeout
        statement_timeout: float | None = None,
    ) -> R:
        """Run ``work`` in a transaction, and again (five times at most) where it conflicts with another.

        It is also run again after a lost connection, where nothing can have been kept.  The parameters are those of
        ``transaction()``; the deadlines are for each run.  Inside a transaction it runs once, in a savepoint.

        Example: ``await db.transact(book_seat, isolation="serializable")``.
        """
        attempt = 1
        while True:
            try:
                async with self.transaction(
                    isolation=isolation,
                    read_only=read_only,
                    deferred_constraints=deferred_constraints,
                    timeout=timeout,
                    statement_timeout=statement_timeout,
                ):
                    return await work()
            except (TransactionConflict, DatabaseUnavailable) as error:
                if isinstance(error, DatabaseUnavailable) and not error.not_applied:
                    raise
                if attempt == ATTEMPTS or self._transaction.get() is not None:
                    raise
                await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - jitter, no secret
                attempt += 1

    @contextmanager
    def outside(self) -> Generator[None]:
        """Leave the current transaction aside for the block: tasks started in it are not part of it."""
        token = self._transaction.set(None)
        try:
            yield
        finally:
            self._transaction.reset(token)

    @property
    def in_transaction(self) -> bool:
        """Whether the code that asks runs inside a transaction of this database."""
        return self._transaction.get() is not None

    def remember(self, rows: Iterable[object], /) -> None:
        """Have these rows know again what they know now should the current transaction be undone."""
        running = self._transaction.get()
        if running is not None:
            running.remember(rows)

    def after_commit(self, call: Callback, /) -> None:
        """Call ``call()`` once the outermost transaction has been committed, and await what it gives, if that can be.

        The calls come in the order in which they were registered, after the end, in the same task and outside of any
        transaction.  One that was registered in a savepoint which has been undone is not called.  One that raises
        keeps no other from its turn; at the end the block raises ``CallbackFailed``.  None is called where nobody knows
        whether the commit took place, because the connection was lost or the task cancelled meanwhile.

        Raises ``TransactionMisuse`` where the task has no transaction.

        Example: ``db.after_commit(lambda: mail.send(order))``.
        """
        self._register(call, "committed")

    def after_rollback(self, call: Callback, /) -> None:
        """Call ``call()`` once what was done here has been undone: by its savepoint, or with the whole transaction.

        The calls come after the end of the outermost transaction, as those of ``after_commit``; an error in one is
        told to the event loop's exception handler, because the one that led to the rollback is on its way.

        Raises ``TransactionMisuse`` where the task has no transaction.

        Example: ``db.after_rollback(uploaded.unlink)``.
        """
        self._register(call, "rolled back")

    def lock(self, name: str, /, *, wait: float | None = None) -> Lock:
        """A lock for a block: of all tasks in all processes that use the database one at a time has it.

        It has nothing to do with transactions or tables, and is given back when the process dies.  ``wait`` is how many
        seconds to wait for it (0 to try only), else as long as it takes; tasks of one process have it in the order in
        which they came.  Take it before a transaction begins, not inside.

        Raises ``LockBusy`` after the wait, ``LockLost`` at the end of a block that lost its connection meanwhile, and
        ``InvalidValue`` for a name that is empty or longer than 200 characters.

        Example: ``async with db.lock("nightly-report", wait=5): ...``.
        """
        return Lock(self._opened, self._turns, name, wait)

    def _register(self, call: Callback, wants: Outcome) -> None:
        running = self._transaction.get()
        if running is None:
            raise TransactionMisuse(
                "There is no transaction whose end could be waited for; call the function right here, or open a "
                "transaction first (in_transaction tells)."
            )
        running.register(call, wants)
