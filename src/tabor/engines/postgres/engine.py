"""The PostgreSQL engine: a pool for the primary, one for each replica, and the ways of running statements on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic
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
from tabor.engines.postgres import driver
from tabor.engines.postgres.advisory import AdvisoryLock, AdvisoryLocks
from tabor.engines.postgres.codecs import PostgresCodecs
from tabor.engines.postgres.connecting import Target, milliseconds
from tabor.engines.postgres.driver import Connection, Driver, rows_of
from tabor.engines.postgres.failures import Context, translate, unavailable
from tabor.engines.postgres.features import Features, detect
from tabor.engines.postgres.hosts import may_come_up
from tabor.engines.postgres.lease import Lease
from tabor.engines.postgres.options import PostgresOptionChanges, PostgresOptions
from tabor.engines.postgres.pool import Pool, refused
from tabor.engines.postgres.recovery import Lost, Recovery
from tabor.engines.postgres.replicas import Replicas
from tabor.engines.postgres.terms import Terms, times_of
from tabor.engines.postgres.traits import traits_of
from tabor.engines.postgres.transaction import SET_MARK, PostgresTransaction
from tabor.engines.postgres.units import Units
from tabor.errors import DatabaseClosed, TaborError, UnsupportedDatabase

_MAX_PARAMETERS = 32_767  # the driver counts them in a signed number of 16 bits


class _Open(NamedTuple):
    """The parts of an open database."""

    pool: Pool
    replicas: Replicas
    units: Units
    features: Features
    locks: Pool
    home: Home


class PostgresEngine(Engine):
    """One PostgreSQL database, on one server or on several with one primary.

    The options may be given as one ``PostgresOptions``, as keywords, or as both; a keyword wins.

    >>> engine = PostgresEngine("postgresql://app@localhost/planner", pool_size=5)
    >>> engine.health().ok
    False
    """

    capabilities: Capabilities = Capabilities(
        dialect="postgresql", max_parameters=_MAX_PARAMETERS, row_locks=True, builds_json=True
    )
    codecs: Codecs = PostgresCodecs()

    def __init__(
        self, url: str, options: PostgresOptions | None = None, **changes: Unpack[PostgresOptionChanges]
    ) -> None:
        chosen = replace(options or PostgresOptions(), **changes)
        self._options = chosen
        self._target = Target(url, chosen)
        self.schema: str = self._target.schema
        self._replica_targets = [Target(replica, chosen, replica=True) for replica in chosen.replicas]
        self._recovery = Recovery(chosen.retry_deadline, times_of(chosen))
        self._opening = False
        self._parts: _Open | None = None
        self._refusal: Callable[[], TaborError] = _not_open

    async def open(self) -> None:
        """Connect and find out what the server can do; afterwards the engine belongs to this loop.

        Raises ``DatabaseUnavailable`` where no server answers or it refuses the user, ``ConfigurationError`` where
        the driver is not installed.
        """
        if self._opening or (self._parts is not None and not self._parts.home.loop.is_closed()):
            raise opened_already(self._target.label)
        self._opening = True
        try:
            await self.close()
            await self._opened()
        finally:
            self._opening = False

    async def _opened(self) -> None:
        module = driver.load()
        pool = self._pool(module, self._target)
        try:
            lease = await pool.wait("(opening)")
            features = await detect(lease.connection, pool.patience)
            pool.release(lease)
        except Exception as error:
            await pool.close(refused)
            if may_come_up(error):
                raise unavailable(error, not_applied=True) from error
            failure = translate(error, Context("", self._recovery.times))
            raise failure from failure.__cause__
        except BaseException:
            await pool.close(refused)
            raise
        replicas = Replicas([self._pool(module, target) for target in self._replica_targets], self._recovery)
        opening = f"BEGIN ISOLATION LEVEL {self._options.isolation.upper()}{self._local()}"
        units = Units(pool, self._recovery, opening, ddl_alone=features.ddl_alone)
        self._parts = _Open(pool, replicas, units, features, self._pool(module, self._target), Home())
        watch(self)

    async def close(self) -> None:
        parts = self._parts
        if parts is not None:
            forget(self)
            self._parts, self._refusal = None, refused
            await parts.replicas.close()
            await parts.locks.close(refused)
            await parts.pool.close(refused)

    async def read(self, sql: str, parameters: Parameters) -> list[Row]:
        parts = self._parts
        if parts is None:
            raise self._refusal()
        parts.home.check()
        traits = traits_of(sql)
        if self._replica_targets and traits.harmless:
            rows = await parts.replicas.read(sql, parameters)
            if rows is not None:
                return rows
        pool = parts.pool
        lease = pool.take(sql) or await self._recovery.lease(pool, sql)
        pool.watch.begin(lease)
        if traits.dirties:
            lease.dirty = True
        try:
            records = await lease.fetch(sql, parameters)
        except BaseException as error:
            failure = self._recovery.failed(pool, lease, error, sql, not_applied=traits.harmless)
            if not isinstance(failure, Lost):
                raise failure from failure.__cause__
            return await self._read_again(pool, sql, parameters, failure)
        pool.release(lease)
        return rows_of(records)

    async def write(self, statements: Sequence[Statement]) -> list[Result]:
        parts = self._here()
        if not statements:
            return []
        parts.replicas.wrote()
        return await parts.units.run(statements)

    async def begin(self, asked: Characteristics = PLAIN) -> PostgresTransaction:
        pool, replicas, *_ = self._here()
        began = monotonic()
        if not asked.read_only:
            replicas.wrote()
        terms = Terms.of(asked, self._options)
        opening = terms.opening
        sql = f"{opening}{self._local()}{terms.settings}; {SET_MARK}"

        async def started() -> Lease:
            lease = pool.take(opening) or await self._recovery.lease(pool, opening)
            pool.watch.wake()
            try:
                await lease.connection.execute(sql, timeout=pool.patience)
            except BaseException as error:
                failure = self._recovery.failed(pool, lease, error, sql, not_applied=True)
                raise failure from failure.__cause__
            return lease

        lease = await self._recovery.repeated(started)
        return PostgresTransaction(pool, lease, terms, began)

    async def lock(self, name: str, wait: float | None) -> AdvisoryLock:
        parts = self._here()
        if not parts.features.advisory_locks:
            raise UnsupportedDatabase(
                "This database has no advisory locks, which db.lock() needs.",
                found="no pg_advisory_xact_lock()",
                needed="pg_advisory_xact_lock()",
            )
        return await AdvisoryLocks(parts.locks, self._recovery).take(name, wait)

    def health(self) -> Health:
        trouble = self._refusal() if self._parts is None else self._recovery.trouble
        return Health(ok=True) if trouble is None else Health(ok=False, reason=str(trouble))

    def after_fork(self) -> None:
        """Called in a child process: refuse every use from here on, and have no part in the parent's connections."""
        parts = self._parts
        if parts is not None:
            self._parts, self._refusal = None, forked
            for pool in (parts.pool, parts.locks, *parts.replicas.pools):
                pool.after_fork()

    @property
    def features(self) -> Features:
        """What the server can do; raises ``DatabaseClosed`` where the engine is not open."""
        return self._open().features

    def gauges(self) -> Gauges:
        """The numbers of the primary's pool."""
        return self._open().pool.gauges()

    async def _read_again(self, pool: Pool, sql: str, parameters: Parameters, first: Lost) -> list[Row]:
        waiting: list[Lost] = [first]
        traits = traits_of(sql)

        async def attempt() -> list[Row]:
            if waiting:
                raise waiting.pop()
            lease = await self._recovery.lease(pool, sql)
            pool.watch.begin(lease)
            if traits.dirties:
                lease.dirty = True
            try:
                records = await lease.fetch(sql, parameters)
            except BaseException as error:
                failure = self._recovery.failed(pool, lease, error, sql, not_applied=traits.harmless)
                raise failure from failure.__cause__
            pool.release(lease)
            return rows_of(records)

        return await self._recovery.repeated(attempt)

    def _open(self) -> _Open:
        if self._parts is None:
            raise self._refusal()
        return self._parts

    def _here(self) -> _Open:
        """The open parts, for what waits for them on the running loop."""
        parts = self._open()
        parts.home.check()
        return parts

    def _pool(self, module: Driver, target: Target) -> Pool:
        options = self._options

        async def connect() -> Connection:
            return await target.connect(module)

        return Pool(
            connect,
            size=options.pool_size,
            deadline=options.pool_deadline,
            idle_lifetime=options.idle_lifetime,
            patience=target.patience,
            watches=target.watched,
            keeps=target.keeps,
        )

    def _local(self) -> str:
        """The settings of a session, for one transaction, where sessions are shared by a pooler."""
        options = self._options
        if options.pooler != "transaction":
            return ""
        settings = (
            ("statement_timeout", options.statement_timeout),
            ("lock_timeout", options.lock_timeout),
            ("idle_in_transaction_session_timeout", options.transaction_idle + 1),
        )
        return "".join([f"; SET LOCAL {name} = {milliseconds(seconds)}" for name, seconds in settings])


def _not_open() -> TaborError:
    return DatabaseClosed("The database is not open. Open it first, with `async with` or `await open()`.")
