"""What can be awaited: a statement, the shape of its result, and the last step in Python."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, overload

from typing_extensions import ParamSpec

from tabor.errors import QueryError
from tabor.expression.expr import Expr
from tabor.expression.operand import Operand, is_place
from tabor.query.explanation import Explanation
from tabor.query.runner import Runner, Steps, claims, known, override, render, runner_for
from tabor.query.shape import Shape
from tabor.tree.insert_from import InsertValues
from tabor.tree.nodes import Placeholder
from tabor.tree.related import Collection
from tabor.tree.statements import Select, Statement

R_co = TypeVar("R_co", covariant=True)
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")
P = ParamSpec("P", default=...)

_new = object.__new__


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

    @property
    def steps(self) -> Steps | None:
        """How to run a write that is more than its statement; ``None`` where it is not."""
        return None

    def __await__(self) -> Generator[Any, None, R_co]:
        return runner_for(self.statement.source).run(self).__await__()

    if not TYPE_CHECKING:

        def __iter__(self):
            raise TypeError("A query gives nothing until it is awaited: for row in await query.")

        def __aiter__(self):
            raise TypeError("A query is awaited as a whole: for row in await query; or row by row: query.stream().")

        def __getitem__(self, item):
            raise TypeError("A query has no places: cut it by limit() and offset(), or await it for a list.")

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

    @overload
    def prepare(self) -> Prepared[R_co]: ...
    @overload
    def prepare(self, a: Expr[A], /) -> Prepared[R_co, [A]]: ...
    @overload
    def prepare(self, a: Expr[A], b: Expr[B], /) -> Prepared[R_co, [A, B]]: ...
    @overload
    def prepare(self, a: Expr[A], b: Expr[B], c: Expr[C], /) -> Prepared[R_co, [A, B, C]]: ...
    @overload
    def prepare(self, a: Expr[A], b: Expr[B], c: Expr[C], d: Expr[D], /) -> Prepared[R_co, [A, B, C, D]]: ...
    @overload
    def prepare(
        self, a: Expr[A], b: Expr[B], c: Expr[C], d: Expr[D], e: Expr[E], /
    ) -> Prepared[R_co, [A, B, C, D, E]]: ...
    @overload
    def prepare(
        self, a: Expr[A], b: Expr[B], c: Expr[C], d: Expr[D], e: Expr[E], f: Expr[F], /
    ) -> Prepared[R_co, [A, B, C, D, E, F]]: ...
    def prepare(self, *params: Expr[Any]) -> Prepared[R_co, ...]:
        """A query to be called with the values of its ``param()`` places, with nothing left to build.

        The values come in the order of ``params``, up to six, whose types type checkers know then; without them in the
        order in which the places stand in the query.  Raises ``QueryError`` for ``params`` that are not those of the
        query.

        Example: ``latest = Event.select().where(Event.creator.id == param(int)).prepare(); await latest(7)``.
        """
        return Prepared(self, params)

    def __str__(self) -> str:
        return render(self.statement)

    def __repr__(self) -> str:
        try:
            return f"<{type(self).__name__}: {self}>"
        except QueryError as error:
            # A query that cannot run can still be looked at: in a debugger, in the message of a failed test.
            return f"<{type(self).__name__} that is refused: {error}>"


def runnable(statement: Statement, shape: Shape, finish: Callable[[list[Any]], R_co]) -> Runnable[R_co]:
    """A ``Runnable`` made without a call of its ``__init__``: ``first()`` and ``one()`` end queries on the hot path."""
    made: Runnable[R_co] = _new(Runnable)  # pyright: ignore[reportUnknownVariableType]  # a class is not told its argument
    made.statement, made.shape, made.finish = statement, shape, finish
    return made


class Prepared(Generic[R_co, P]):
    """A query with places for values; call it with one value for each ``param()``, however often that is used.

    They are taken in the order that ``prepare()`` was given, or in which they stand in the query.  Called, it raises
    ``QueryError`` for another number of values; awaited, ``InvalidValue`` for one of the wrong type or out of range,
    which names the column that the value stands beside, or else the value, counted from 1.
    """

    __slots__ = ("_asked", "_count", "_fills", "_simple", "_template")

    def __init__(self, runnable: Runnable[R_co], params: Sequence[Expr[Any]] = ()) -> None:
        _check_preparable(runnable.statement)
        self._template = runnable.statement.values
        places = [(i, value) for i, value in enumerate(self._template) if isinstance(value, Placeholder)]
        found = list(dict.fromkeys([value for _, value in places]))
        order = _named(params, found) if params else found
        self._count = len(order)
        self._fills = [(place, order.index(value)) for place, value in places]
        self._simple = [number for _, number in self._fills] == list(range(len(self._template)))
        self._asked = Asked(
            runnable, {place: Argument(order.index(value) + 1, value.nullable) for place, value in places}
        )

    if TYPE_CHECKING:

        def __call__(self, *values: P.args, **named: P.kwargs) -> Awaitable[R_co]: ...

    else:

        def __call__(self, *values):
            if len(values) != self._count:
                raise QueryError(f"This prepared query takes {self._count} values, got {len(values)}.")
            asked = self._asked
            if not self._simple:
                filled = list(self._template)
                for place, number in self._fills:
                    filled[place] = values[number]
                values = tuple(filled)
            return runner_for(asked.statement.source).run_bound(asked, values)


class Argument(NamedTuple):
    """A value of a prepared query: its number, counted from 1, and whether it may be None."""

    number: int
    nullable: bool


class Asked(Runnable[R_co]):
    """What a prepared query asks; ``arguments`` are the values to come, by their places."""

    __slots__ = ("_runnable", "arguments")

    def __init__(self, runnable: Runnable[R_co], arguments: Mapping[int, Argument]) -> None:
        super().__init__(runnable.statement, runnable.shape, runnable.finish)
        self._runnable = runnable
        self.arguments: Mapping[int, Argument] = arguments

    def checked(self) -> None:
        self._runnable.checked()

    @property
    def steps(self) -> Steps | None:
        return self._runnable.steps


def _check_preparable(statement: Statement) -> None:
    """Raise ``QueryError`` for a statement that holds what each call would need anew."""
    if isinstance(statement, InsertValues) and statement.made:
        raise QueryError(
            f"A prepared insert would give each row the same {', '.join(statement.made)}, made by a "
            f"default_factory; name it in insert(), with a param() of its own."
        )
    for column in statement.columns if isinstance(statement, Select) else ():
        if isinstance(column, Collection) and any(isinstance(value, Placeholder) for value in column.child.values):
            raise QueryError(
                "param() cannot stand among the conditions of related rows; read them by a query of their own."
            )


def _named(params: Sequence[object], found: Sequence[Placeholder]) -> list[Placeholder]:
    """The places in the order in which ``prepare()`` was given them; raises ``QueryError`` where it names others."""
    named: list[Placeholder] = []
    for number, param in enumerate(params, 1):
        place = param.node.values[0] if isinstance(param, Operand) and is_place(param.node) else None
        if not isinstance(place, Placeholder) or place not in found or place in named:
            raise QueryError(f"prepare() takes each param() of the query once; {number} of what it got is {param!r}.")
        named.append(place)
    if len(named) < len(found):
        raise QueryError(f"The query has {len(found)} values to come, and prepare() names {len(named)} of them.")
    return named
