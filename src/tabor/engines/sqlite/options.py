"""The settings of one SQLite engine: plain frozen data, checked once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, TypedDict

from tabor.errors import ConfigurationError

MEGABYTE = 1024 * 1024
_POSITIVE_WHOLE = (
    "queue_size",
    "queue_bytes",
    "batch",
    "reader_threads",
    "read_queue",
    "checkpoint_pages",
    "wal_limit",
)
_POSITIVE_SECONDS = (
    "transaction_idle",
    "transaction_total",
    "busy_deadline",
    "inline_budget",
    "inline_turn",
    "read_deadline",
    "write_deadline",
    "optimize_interval",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteOptions:
    """How a SQLite engine behaves; every duration is in seconds, every size in bytes.

    - ``reads``: ``"inline"`` answers quick reads on the event loop, ``"threads"`` never does.
    - ``queue_size``, ``queue_bytes``: how many writes may be accepted and not yet answered, and how much memory
      their values may take; past either a write raises ``Overloaded``.
    - ``batch``: how many writes share one commit at most.
    - ``synchronous``: SQLite's setting of that name; at ``"NORMAL"`` the last commits may be lost with the power.
    - ``transaction_idle``, ``transaction_total``: how long an interactive transaction may wait for its owner, and
      how long it may last; past either it is rolled back with ``TransactionExpired``.
    - ``busy_deadline``: how long a write waits for another process before ``Overloaded``.
    - ``inline_budget``, ``inline_turn``: how long one inline read may take, and all of them in one turn of the loop.
    - ``reader_threads``, ``read_queue``: how many threads answer the other reads, and how many reads may wait.
    - ``read_deadline``, ``write_deadline``: when a running statement is stopped with ``StatementTimeout``.
    - ``checkpoint_pages``: how many pages the write-ahead log grows between checkpoints.
    - ``wal_limit``: the size past which readers are held back for a moment to cut the log.
    - ``optimize_interval``: how often SQLite refreshes what its query planner knows.

    >>> SqliteOptions(batch=64).batch
    64
    """

    reads: Literal["inline", "threads"] = "inline"
    queue_size: int = 1_000
    queue_bytes: int = 16 * MEGABYTE
    batch: int = 128
    synchronous: Literal["NORMAL", "FULL", "EXTRA"] = "FULL"
    transaction_idle: float = 1.0
    transaction_total: float = 5.0
    busy_deadline: float = 5.0
    inline_budget: float = 0.0002
    inline_turn: float = 0.002
    reader_threads: int = 2
    read_queue: int = 10_000
    read_deadline: float = 5.0
    write_deadline: float = 30.0
    checkpoint_pages: int = 1_000
    wal_limit: int = 64 * MEGABYTE
    optimize_interval: float = 3_600.0

    def __post_init__(self) -> None:
        if self.reads not in ("inline", "threads"):
            raise ConfigurationError(f'reads is {self.reads!r}; it must be "inline" or "threads".', setting="reads")
        if self.synchronous not in ("NORMAL", "FULL", "EXTRA"):
            message = f'synchronous is {self.synchronous!r}; it must be "NORMAL", "FULL" or "EXTRA".'
            raise ConfigurationError(message, setting="synchronous")
        for option in fields(self):
            value: object = getattr(self, option.name)
            if option.name in _POSITIVE_WHOLE and not (type(value) is int and value > 0):
                message = f"{option.name} is {value!r}; it must be a whole number above 0."
                raise ConfigurationError(message, setting=option.name)
            if option.name in _POSITIVE_SECONDS and not (type(value) in (int, float) and 0 < float(str(value)) < 1e9):
                message = f"{option.name} is {value!r}; it must be a number of seconds above 0."
                raise ConfigurationError(message, setting=option.name)


class SqliteOptionChanges(TypedDict, total=False):
    """The options by name, for those who give a few of them as keywords."""

    reads: Literal["inline", "threads"]
    queue_size: int
    queue_bytes: int
    batch: int
    synchronous: Literal["NORMAL", "FULL", "EXTRA"]
    transaction_idle: float
    transaction_total: float
    busy_deadline: float
    inline_budget: float
    inline_turn: float
    reader_threads: int
    read_queue: int
    read_deadline: float
    write_deadline: float
    checkpoint_pages: int
    wal_limit: int
    optimize_interval: float
