"""The slot through which a query finds its database: who claims which table, and who overrides that.

``database`` fills it; nothing here knows a database.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar
from weakref import WeakValueDictionary

from tabor.errors import DatabaseClosed, TransactionMisuse
from tabor.query.explanation import Explanation
from tabor.query.shape import Shape
from tabor.tree.nodes import Source
from tabor.tree.statements import Statement

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
Steps = Callable[["Runner", "Question[Any]", Callable[[], Awaitable[Any]]], Awaitable[Any]]
"""How a question runs that one statement does not answer: by a runner, which could run the statement by itself."""


class Question(Protocol[R_co]):
    """What a runner is given: a statement, the shape of its result, and the last step in Python, if there is one."""

    def __hash__(self) -> int: ...

    def checked(self) -> None:
        """Raise ``QueryError`` where it must not run as it is; a runner asks before it writes."""
        ...

    @property
    def steps(self) -> Steps | None:
        """How to run a write that is more than its statement; ``None`` where it is not."""
        ...

    @property
    def statement(self) -> Statement:
        """The statement to run."""
        ...

    @property
    def shape(self) -> Shape:
        """What each raw row becomes."""
        ...

    @property
    def finish(self) -> Callable[[list[Any]], R_co] | None:
        """The function from the results by shape to what the caller gets; ``None`` where they are the same."""
        ...


class Runner(Protocol):
    """What runs queries and keeps rows: a database, or a stand-in for one."""

    @property
    def in_transaction(self) -> bool:
        """Whether the code that asks runs inside a transaction of this runner."""
        ...

    def run(self, question: Question[R], /) -> Coroutine[object, object, R]:
        """Run a query and give its result."""
        ...

    def run_sync(self, work: Callable[[], Awaitable[R]], /) -> R:
        """Run asynchronous work to its end from code that is not asynchronous."""
        ...

    def run_bound(self, question: Question[R], values: tuple[object, ...], /) -> Coroutine[object, object, R]:
        """Run a prepared query with these values in place of its own."""
        ...

    def explain(self, question: Question[object], /, *, analyze: bool) -> Coroutine[object, object, Explanation]:
        """The plan of a query, which does not run unless ``analyze``."""
        ...

    def together(self, work: Callable[[], Awaitable[R]], /) -> Coroutine[object, object, R]:
        """Run ``work`` in a transaction of its own, or in a savepoint of the current one: all of it or nothing."""
        ...

    def remember(self, rows: Iterable[object], /) -> None:
        """Have these rows know again what they know now should the current transaction be undone."""
        ...

    def stream(self, question: Question[list[R]], size: int, /) -> AsyncIterator[R]:
        """Give the rows of a query one by one, ``size`` of them in memory at a time."""
        ...

    def get(self, question: Question[list[R]], key: object, /) -> Coroutine[object, object, R]:
        """Run the query that reads one row by key, or raise ``NotFound``."""
        ...

    def save(self, row: object, /) -> Coroutine[object, object, None]:
        """Insert a new row, or write the changed columns of a stored one."""
        ...

    def remove(self, row: object, /) -> Coroutine[object, object, None]:
        """Delete a stored row."""
        ...

    def restore(self, row: object, /) -> Coroutine[object, object, None]:
        """Take back the mark of deletion of a stored row."""
        ...

    def refresh(self, row: object, /, *names: str) -> Coroutine[object, object, None]:
        """Read a stored row's columns again."""
        ...


override: ContextVar[Runner | None] = ContextVar("tabor_runner", default=None)
claims: dict[int, Runner] = {}
"""The runner that a table's queries go to: the last one that claimed it."""
_all_claims: dict[int, list[Runner]] = {}
_shared: set[int] = set()
"""The tables that several runners claim."""
known: WeakValueDictionary[int, Runner] = WeakValueDictionary()
"""Runners by table that may not be open yet; code that is not asynchronous lets them open themselves."""
renderers: list[Callable[[Statement], str]] = []


def claim(token: int, runner: Runner) -> None:
    """Send the queries of a table to ``runner`` until it releases the table or another one claims it."""
    claimants = _all_claims.setdefault(token, [])
    claimants.append(runner)
    if len(claimants) > 1:
        _shared.add(token)
    claims[token] = runner


def release(token: int, runner: Runner) -> None:
    """Take a claim back; the table goes to the runner that claimed it before and still does."""
    others = [other for other in _all_claims.pop(token, []) if other is not runner]
    if len(others) < 2:
        _shared.discard(token)
    if others:
        _all_claims[token] = others
        claims[token] = others[-1]
    else:
        claims.pop(token, None)


def runner_for(source: Source) -> Runner:
    """The runner for a table: the current override, else the database that claims the table.

    Of several databases that claim it, the one in whose transaction the code runs, else the last one that did.

    Raises ``DatabaseClosed`` where there is none, ``TransactionMisuse`` inside of transactions of several.
    """
    runner = override.get()
    if runner is not None:
        return runner
    runner = _of_several(source) if _shared and source.token in _shared else claims.get(source.token)
    if runner is None:
        raise DatabaseClosed(
            f"No open database holds the table {source.table!r}. Open one that lists it first: "
            f"`db = Database(url, tables=[...])` and `async with db:`, or run the query with `.run(db)`."
        )
    return runner


def _of_several(source: Source) -> Runner:
    inside = [runner for runner in _all_claims[source.token] if runner.in_transaction]
    if len(inside) > 1:
        raise TransactionMisuse(
            f"Several databases hold the table {source.table!r}, and a transaction is open in {len(inside)} of them: "
            "say which one is meant, with `.run(db)` or within `with db.use():`."
        )
    return inside[0] if inside else claims[source.token]


def render(statement: Statement) -> str:
    """The statement as SQL text with its values, for people to read."""
    return renderers[-1](statement) if renderers else repr(statement.key)
