"""How one transaction begins and how long it may last: what was asked for it, and the options for the rest."""

from __future__ import annotations

from typing import NamedTuple, Self

from tabor.engines.interface import Characteristics, Isolation
from tabor.engines.postgres.connecting import milliseconds
from tabor.engines.postgres.failures import Times
from tabor.engines.postgres.options import PostgresOptions

_SNAPSHOT: Isolation = "repeatable read"


class Terms(NamedTuple):
    """The isolation level of a transaction, whether it only reads, and its deadlines in seconds.

    ``idle`` is for its owner, ``total`` for the whole, ``limited`` says that the caller has set the deadline of a
    statement himself, and ``times`` are the deadlines that errors name.
    """

    isolation: Isolation
    read_only: bool
    deferred_constraints: bool
    idle: float
    total: float
    limited: bool
    times: Times

    @classmethod
    def of(cls, asked: Characteristics, options: PostgresOptions) -> Self:
        """The terms for what was asked."""
        times = times_of(options)
        limited = asked.statement_timeout is not None
        if asked.statement_timeout is not None:
            times = times._replace(statement=asked.statement_timeout)
        return cls(
            # One state of the database throughout is what reading in a transaction is for.
            isolation=asked.isolation or (_SNAPSHOT if asked.read_only else options.isolation),
            read_only=asked.read_only,
            deferred_constraints=asked.deferred_constraints,
            idle=options.transaction_idle,
            total=options.transaction_total if asked.timeout is None else asked.timeout,
            limited=limited,
            times=times,
        )

    @property
    def opening(self) -> str:
        """The statement that begins the transaction."""
        return f"BEGIN ISOLATION LEVEL {self.isolation.upper()}{' READ ONLY' if self.read_only else ''}"

    @property
    def settings(self) -> str:
        """What follows it in the same breath."""
        timeout = f"; SET LOCAL statement_timeout = {milliseconds(self.times.statement)}" if self.limited else ""
        return timeout + ("; SET CONSTRAINTS ALL DEFERRED" if self.deferred_constraints else "")


def times_of(options: PostgresOptions) -> Times:
    """The deadlines of the options."""
    return Times(options.statement_timeout, options.lock_timeout, options.transaction_idle)
