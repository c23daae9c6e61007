"""What can be awaited: a statement, the shape of its result, and the last step in Python."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Generic, TypeVar

from tabor.errors import QueryError
from tabor.query.explanation import Explanation
from tabor.query.runner import Runner, claims, known, override, render, runner_for
from tabor.query.shape import Shape
from tabor.tree.nodes import Placeholder
from tabor.tree.statements import Statement

R_co = TypeVar("R_co", covariant=True)
S = TypeVar("S")


class Runnable(Generic[R_co]):
    """A question to a database that gives ``R_co`` when awaited.

    ``await it`` uses the database that claims the table; ``it.run(db)`` a given one; ``it.run_sync()`` works where
    nothing is asynchronous (scripts, notebooks).
    """

    __slots__ = ("finish", "shape", "statement")

    def __init__(self, statement: Statement, shape: Shape, finish: Callable[[list[Any]], R_co] | None = None) -> None:
        self.statement: Statement = statement
        self.shape: Shape = shape
        self.finish: Callable[[list[Any]], R_co] | None = finish

    def checked(self) -> None:
        """Raise ``QueryError`` where the query must not run as it is; a runner asks before it writes."""

    def __await__(self) -> Generator[Any, None, R_co]:
        return runner_for(self.statement.source).run(self).__await__()

    def run(self, db: Runner) -> Awaitable[R_co]:
        """Run on the database ``db``, whatever database claims the table.

        Example: ``await Event.select().run(archive)``.
        """
        return db.run(self)

    def run_sync(self, db: Runner | None = None) -> R_co:
        """Run and wait, outside of any event loop; raises ``QueryError`` inside one (use ``await`` there).

        A database that is not open yet is opened, and stays open until the program ends.
        """
        source = self.statement.source
        runner = db or override.get() or claims.get(source.token) or known.get(source.token) or runner_for(source)
        return runner.run_sync(lambda: runner.run(self))

    def explain(self, db: Runner | None = None, *, analyze: bool = False) -> Coroutine[object, object, Explanation]:
        """How the database means to run this; it does not run, and so nothing is ever written.

        ``analyze`` runs it and measures the steps: on PostgreSQL, and only where it reads.  ``db`` is the database to
        ask, if not the one that claims the table.

        Raises ``UnsupportedFeature`` for ``analyze`` on SQLite, ``QueryError`` for a write or a lock to be analyzed and
        for a query with ``param()`` in it.

        Example: ``print(await Event.select().where(Event.title == "Dance").explain())``.
        """
        return (db or runner_for(self.statement.source)).explain(self, analyze=analyze)

    def prepare(self) -> Prepared[R_co]:
        """A query to be called with the values of its ``param()`` places, with nothing left to build.

        Example: ``latest = Event.select().where(Event.creator.id == param(int)).prepare(); await latest(7)``.
        """
        return Prepared(self)

    def __str__(self) -> str:
        return render(self.statement)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>"


class Prepared(Generic[R_co]):
    """A query with places for values; call it with one value for each ``param()``, in the order they were written."""

    __slots__ = ("_places", "_runnable", "_simple", "_template")

    def __init__(self, runnable: Runnable[R_co]) -> None:
        self._runnable = runnable
        self._template = runnable.statement.values
        self._places = [i for i, value in enumerate(self._template) if isinstance(value, Placeholder)]
        self._simple = len(self._places) == len(self._template)

    def __call__(self, *values: object) -> Awaitable[R_co]:
        if len(values) != len(self._places):
            raise QueryError(f"This prepared query takes {len(self._places)} values, got {len(values)}.")
        runnable = self._runnable
        if not self._simple:
            filled = list(self._template)
            for place, value in zip(self._places, values, strict=True):
                filled[place] = value
            values = tuple(filled)
        return runner_for(runnable.statement.source).run_bound(runnable, values)
