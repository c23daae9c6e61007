"""The contract between the data half and a database engine: what goes in, what comes out, what is promised.

An engine takes SQL text with numbered parameters that are already encoded by its own codecs, and gives raw
tuples.  It raises only errors of ``tabor.errors``, each chained to the driver's.  It knows nothing of tables,
queries or rows.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from tabor.datatypes import DataType

Parameters = tuple[object, ...]
"""Encoded values of one statement, in the order of its numbered placeholders."""
Row = tuple[object, ...]
"""One raw row as the driver gives it, before decoding."""
Codec = Callable[[object], object]


class Statement(NamedTuple):
    """One statement with its values.

    ``parameter_sets`` (for a bulk write) runs the same text once for each set; ``parameters`` is then empty.
    ``into`` says that the text is a plain insert into this table and these columns that gives nothing back, for an
    engine that has a quicker way to do the same.
    """

    sql: str
    parameters: Parameters = ()
    parameter_sets: Sequence[Parameters] | None = None
    into: tuple[str, tuple[str, ...]] | None = None


class Result(NamedTuple):
    """What a written statement gave: its RETURNING rows and how many rows it changed."""

    rows: list[Row]
    count: int  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]  # nobody counts in a Result


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a database can do, asked instead of its name.

    ``reads_at_once``: ``read_now`` may answer, so that it is worth being asked first.  ``second_name``: what the later
    of two columns ``{}`` of a subquery is called, where the name alone is that of the first; empty where it is refused.
    """

    dialect: str
    max_parameters: int
    row_locks: bool
    builds_json: bool
    reads_at_once: bool = False
    second_name: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether an engine can serve: ``ok``, and if not, ``reason`` in one sentence."""

    ok: bool
    reason: str = ""


Isolation = Literal["read committed", "repeatable read", "serializable"]
"""How far transactions that run at the same time are kept apart, by the names of the SQL standard."""
LEVELS: tuple[Isolation, ...] = ("read committed", "repeatable read", "serializable")
"""The levels, each stricter than the one before."""


class Characteristics(NamedTuple):
    """What is asked of one transaction; ``None`` leaves it to the engine's own settings.

    ``isolation`` is the least that it must have, ``deferred_constraints`` puts the check of deferrable keys off to the
    commit, ``timeout`` is how many seconds the transaction may last and ``statement_timeout`` each of its statements.
    """

    isolation: Isolation | None = None
    read_only: bool = False
    deferred_constraints: bool = False
    timeout: float | None = None
    statement_timeout: float | None = None


PLAIN = Characteristics()
"""A transaction of which nothing special is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """The load of an engine in this moment; a name means the same on every engine.

    ``connections`` are open, ``in_use`` of them at work and ``idle`` ready; ``waiting`` is how many callers wait for
    one.  The numbers of the one writer that commits for everybody are ``None`` where each connection commits by
    itself: ``queued`` writes (of ``queued_bytes`` bytes) are accepted and not answered yet, ``batches`` were run and
    ``commits`` made since the engine was opened.

    Example: ``Gauges(connections=4, in_use=1, idle=3, waiting=0)``.
    """

    connections: int
    in_use: int
    idle: int
    waiting: int
    queued: int | None = None
    queued_bytes: int | None = None
    batches: int | None = None
    commits: int | None = None


class Codecs(ABC):
    """How values of each datatype travel to and from this database's driver."""

    @abstractmethod
    def encoder(self, datatype: DataType) -> Codec | None:
        """The function from a checked, non-null Python value to the driver's; ``None`` where they are the same."""

    @abstractmethod
    def decoder(self, datatype: DataType) -> Codec | None:
        """The function from the driver's non-null value to the Python value; ``None`` where they are the same."""

    def same(self, datatype: DataType) -> str:
        """Source of a quick test that the non-null value ``{0}`` is the Python value already; empty for none."""
        return ""


class EngineTransaction(ABC):
    """One interactive transaction, owned by one task until commit or rollback.

    ``isolation`` is the level that it really has, which may be stricter than what was asked for.
    """

    isolation: Isolation

    @abstractmethod
    async def execute(self, statement: Statement) -> Result:
        """Run one statement, reading or writing; a failed one rolls back itself and leaves the transaction usable."""

    @abstractmethod
    async def savepoint(self, name: str) -> None:
        """Start a savepoint; ``name`` is an identifier made by Tabor."""

    @abstractmethod
    async def release(self, name: str) -> None:
        """End a savepoint and keep its work."""

    @abstractmethod
    async def rollback_to(self, name: str) -> None:
        """End a savepoint and undo its work."""

    @abstractmethod
    async def commit(self) -> None:
        """Commit; a refusal (a deferred foreign key) rolls back and raises."""

    @abstractmethod
    async def rollback(self) -> None:
        """Roll back; safe to call after a failure and more than once."""


class HeldLock(ABC):
    """A lock by name that somebody has."""

    @abstractmethod
    async def release(self) -> None:
        """Give it back; raises ``LockLost`` where it was lost before."""


class Engine(ABC):
    """One database, driven for one event loop."""

    capabilities: Capabilities
    codecs: Codecs
    schema: str = ""
    """Where tables are found that say no schema themselves, as far as that is known and there are schemas."""

    def check(self, sql: str) -> None:
        """Look at a text before it is run for the first time.

        Raises ``StatementFailed`` for more than one statement, where the database does not refuse that by itself.
        """
        return

    @abstractmethod
    async def open(self) -> None:
        """Connect, check the version, set the database up; bound to the running loop from here on."""

    @abstractmethod
    async def close(self) -> None:
        """Stop the intake, finish what is queued, disconnect; safe to call more than once."""

    def read_now(self, sql: str, parameters: Parameters) -> list[Row] | None:
        """Answer a read-only statement at once, or ``None`` where that would wait or take long: then ``await read``.

        Never blocks the loop for more than the engine's inline budget, and raises what the statement deserves.
        """
        return None

    @abstractmethod
    async def read(self, sql: str, parameters: Parameters) -> list[Row]:
        """Run one read-only statement outside a transaction."""

    @abstractmethod
    async def write(self, statements: Sequence[Statement]) -> list[Result]:
        """Run the statements as one atomic, durable unit and answer each; all or none are kept."""

    @abstractmethod
    async def begin(self, asked: Characteristics = PLAIN) -> EngineTransaction:
        """Start an interactive transaction with at least these characteristics."""

    @abstractmethod
    async def lock(self, name: str, wait: float | None) -> HeldLock:
        """Take a lock that one holder at a time has, among all processes; it ends with the process at the latest.

        Raises ``TimeoutError`` where it is not free within ``wait`` seconds; ``None`` waits for as long as it takes.
        """

    @abstractmethod
    def health(self) -> Health:
        """Whether the engine can serve right now."""

    @abstractmethod
    def gauges(self) -> Gauges:
        """How busy the engine is right now; raises ``DatabaseClosed`` where it is not open."""
