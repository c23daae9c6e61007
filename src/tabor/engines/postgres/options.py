"""The settings of one PostgreSQL engine: plain frozen data, checked once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, TypedDict

from tabor.engines.interface import LEVELS, Isolation
from tabor.errors import ConfigurationError

_WHOLE = ("pool_size", "statement_cache")
_SECONDS = (
    "pool_deadline",
    "connect_deadline",
    "retry_deadline",
    "statement_timeout",
    "lock_timeout",
    "transaction_idle",
    "transaction_total",
    "idle_lifetime",
)
_WORDS: dict[str, tuple[str, ...]] = {
    "pooler": ("session", "transaction"),
    "isolation": LEVELS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresOptions:
    """How a PostgreSQL engine behaves; every duration is in seconds.

    - ``pool_size``: how many connections there may be, for each server.
    - ``pool_deadline``: how long to wait for a free one before ``PoolExhausted``.
    - ``connect_deadline``: how long making a connection may take.
    - ``retry_deadline``: how long work that is known not to have been applied is tried again after a lost connection.
    - ``statement_timeout``, ``lock_timeout``: when the server stops a statement, or its wait for a lock.
    - ``transaction_idle``, ``transaction_total``: how long a transaction may wait for its owner, and how long it may
      last; past either it is rolled back with ``TransactionExpired``.
    - ``idle_lifetime``: a connection that nobody used for so long is replaced.
    - ``isolation``: of transactions, where they do not say so themselves.
    - ``search_path``: the schemas in which tables are found, whatever the user's own setting.
    - ``pooler``: ``"transaction"`` behind PgBouncer or the like in transaction mode: no named statements, no settings
      of a session.
    - ``replicas``: URLs of servers that answer reads outside of transactions, for tasks that have not written.
    - ``statement_cache``: how many prepared statements a connection keeps, of reads and of writes each.

    >>> PostgresOptions(pool_size=20).pool_size
    20
    """

    pool_size: int = 10
    pool_deadline: float = 5.0
    connect_deadline: float = 10.0
    retry_deadline: float = 5.0
    statement_timeout: float = 5.0
    lock_timeout: float = 2.0
    transaction_idle: float = 5.0
    transaction_total: float = 30.0
    idle_lifetime: float = 300.0
    isolation: Isolation = "read committed"
    search_path: str = "public, pg_temp"
    pooler: Literal["session", "transaction"] = "session"
    replicas: tuple[str, ...] = ()
    statement_cache: int = 500

    def __post_init__(self) -> None:
        for option in fields(self):
            value: object = getattr(self, option.name)
            allowed = _WORDS.get(option.name)
            if allowed is not None and value not in allowed:
                words = " or ".join(f'"{word}"' for word in allowed)
                raise ConfigurationError(f"{option.name} is {value!r}; it must be {words}.", setting=option.name)
            if option.name in _WHOLE and not (type(value) is int and value > 0):
                message = f"{option.name} is {value!r}; it must be a whole number above 0."
                raise ConfigurationError(message, setting=option.name)
            if option.name in _SECONDS and not (type(value) in (int, float) and 0 < float(str(value)) < 1e6):
                message = f"{option.name} is {value!r}; it must be a number of seconds above 0."
                raise ConfigurationError(message, setting=option.name)
        if type(self.replicas) is not tuple:
            raise ConfigurationError("replicas must be a tuple of URLs.", setting="replicas")


class PostgresOptionChanges(TypedDict, total=False):
    """The options by name, for those who give a few of them as keywords."""

    pool_size: int
    pool_deadline: float
    connect_deadline: float
    retry_deadline: float
    statement_timeout: float
    lock_timeout: float
    transaction_idle: float
    transaction_total: float
    idle_lifetime: float
    isolation: Isolation
    search_path: str
    pooler: Literal["session", "transaction"]
    replicas: tuple[str, ...]
    statement_cache: int
