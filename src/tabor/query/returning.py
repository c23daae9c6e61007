"""What writes give back: ``returning()`` of inserts, updates and deletes, in every form that a query has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar, cast, overload

from typing_extensions import TypeVarTuple, Unpack

from tabor.datatypes import ModelLike
from tabor.expression.expr import Expr
from tabor.query.results import Results, first_of, only_of, then
from tabor.query.runnable import Runnable
from tabor.query.runner import Question, Runner, Steps
from tabor.query.selection import selected
from tabor.query.shape import ROW, TUPLE, VALUE, Shape
from tabor.tree.giving import giving
from tabor.tree.insert_from import InsertFrom
from tabor.tree.nodes import ColumnNode, Comparison, Entity, Node, Value
from tabor.tree.statements import Statement
from tabor.tree.update_many import UpdateMany
from tabor.tree.writes import Delete, Insert, Update

M = TypeVar("M")
N = TypeVar("N", bound=ModelLike)
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
S = TypeVar("S")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")
Ts = TypeVarTuple("Ts")

Finish = Callable[[list[Any]], R]


class Stepped(Runnable[R_co]):
    """A question that may run by steps of its own."""

    __slots__ = ("_steps",)

    def __init__(
        self, statement: Statement, shape: Shape, finish: Finish[R_co] | None = None, steps: Steps | None = None
    ) -> None:
        super().__init__(statement, shape, finish)
        self._steps: Steps | None = steps

    @property
    def steps(self) -> Steps | None:
        return self._steps


class Returned(Stepped[list[R_co]], Results[R_co]):  # pyright: ignore[reportInvalidTypeArguments]  # every await gives a list of its own, so that rows may be covariant
    """The write that gives back rows: awaited, it writes and gives ``list[R_co]``, in any form that a query has.

    Example: ``await Event.update(Event.seats.to(0)).where(Event.id == 5).returning(Event.title).values()``.
    """

    __slots__ = ()

    statement: Insert | Update | Delete | UpdateMany  # pyright: ignore[reportIncompatibleVariableOverride]  # set as the query is made and never again

    @property
    def _selected(self) -> tuple[Node, ...]:
        return self.statement.returning

    def _asking(self, columns: tuple[Node, ...], shape: Shape, finish: Finish[S]) -> Runnable[S]:
        return Stepped(giving(self.statement, columns), shape, finish, self._steps)

    def _giving(self, columns: tuple[Node, ...], shape: Shape, finish: Finish[list[Any]] | None) -> Returned[Any]:
        return Returned(giving(self.statement, columns), shape, finish, self._steps)

    def also(self: Returned[tuple[*Ts]], item: Expr[A] | type[A], /) -> Returned[tuple[*Ts, A]]:
        """Give one thing more; for more columns than ``returning`` has places for.

        Raises ``QueryError`` where whole rows are given, which are no tuples to extend.
        """
        return self._giving(self._with_also(item), TUPLE, None)

    @overload
    def into(self: Returned[tuple[*Ts]], make: type[N], /) -> Returned[N]: ...
    @overload
    def into(self: Returned[tuple[*Ts]], make: Callable[[Unpack[Ts]], S], /) -> Returned[S]: ...
    def into(self: Returned[tuple[*Ts]], make: Callable[..., object], /) -> Returned[Any]:
        """Pass the values of each row to ``make``, a class, function or pydantic model, and give what it returns.

        Raises ``QueryError`` where number, order, types, or None, do not fit its parameters.

        Example: ``await Event.insert(event).returning(Event.id, Event.title).into(Card)`` gives ``list[Card]``.
        """
        columns = self._selected
        return self._giving(columns, TUPLE, self._made_into(make, tuple([column.key for column in columns])))

    def values(self: Returned[tuple[A]]) -> Returned[A]:
        """The single thing of each row, without a tuple around it; raises ``QueryError`` where there are more."""
        self._check_single()
        return self._giving(self._selected, VALUE, None)

    def dicts(self) -> Returned[dict[str, object]]:
        """Each row as a dict, secrets left out; names and nesting are those of a query's ``dicts()``."""
        return self._giving(*self._as_dicts())

    def first(self) -> Runnable[R_co | None]:
        """The first row that was written, or None where none was; the others are written as well."""
        return Stepped(self.statement, self.shape, then(self.finish, first_of), self._steps)

    def one(self) -> Runnable[R_co]:
        """The only row that was written.

        Raises ``NotFound`` where none was, and ``MultipleFound``, with nothing written, where there are more.

        Example: ``left = await Event.update(...).where(Event.id == 5).returning(Event.seats).values().one()``.
        """
        last = then(self.finish, only_of(self.statement.source.table))
        steps = self._steps or (None if _one_at_most(self.statement) else _undone_if_refused)
        return Stepped(self.statement, self.shape, last, steps)


class Writing(Runnable[int], Generic[M]):
    """A write of rows of one table; awaited, it gives their number."""

    __slots__ = ("_entity",)

    _entity: Entity

    @overload
    def returning(self) -> Returned[M]: ...
    @overload
    def returning(self, a: Expr[A] | type[A], /) -> Returned[tuple[A]]: ...
    @overload
    def returning(self, a: Expr[A] | type[A], b: Expr[B] | type[B], /) -> Returned[tuple[A, B]]: ...
    @overload
    def returning(
        self, a: Expr[A] | type[A], b: Expr[B] | type[B], c: Expr[C] | type[C], /
    ) -> Returned[tuple[A, B, C]]: ...
    @overload
    def returning(
        self, a: Expr[A] | type[A], b: Expr[B] | type[B], c: Expr[C] | type[C], d: Expr[D] | type[D], /
    ) -> Returned[tuple[A, B, C, D]]: ...
    @overload
    def returning(
        self,
        a: Expr[A] | type[A],
        b: Expr[B] | type[B],
        c: Expr[C] | type[C],
        d: Expr[D] | type[D],
        e: Expr[E] | type[E],
        /,
    ) -> Returned[tuple[A, B, C, D, E]]: ...
    @overload
    def returning(
        self,
        a: Expr[A] | type[A],
        b: Expr[B] | type[B],
        c: Expr[C] | type[C],
        d: Expr[D] | type[D],
        e: Expr[E] | type[E],
        f: Expr[F] | type[F],
        /,
    ) -> Returned[tuple[A, B, C, D, E, F]]: ...
    def returning(self, *columns: object) -> Returned[Any]:
        """Write and give these columns of each row, as tuples, or with none named the whole rows.

        They are as stored after an insert or update, and as they were before a delete; rows that ``on_conflict`` left
        alone are not among them.  ``values()``, ``into()``, ``dicts()``, ``json()``, ``arrow()``, ``one()`` and
        ``first()`` follow as after ``select()``.

        Example: ``await Event.delete().where(Event.seats == 0).returning(Event.title).values()``.
        """
        nodes = tuple([selected(item) for item in columns])
        return self._given_back(nodes or (self._entity,), TUPLE if nodes else ROW)

    def _given_back(self, nodes: tuple[Node, ...], shape: Shape) -> Returned[Any]:
        return Returned(giving(self.statement, nodes), shape)


async def _undone_if_refused(runner: Runner, _: Question[Any], write: Callable[[], Awaitable[R]]) -> R:
    return await runner.together(write)


def _one_at_most(statement: Statement) -> bool:
    """Whether a write is known to touch no second row: an insert of one, or one by the whole primary key."""
    if isinstance(statement, Insert):
        return len(statement.rows) == 1 and not isinstance(statement, InsertFrom)
    if not isinstance(statement, (Update, Delete)) or not statement.source.identity:
        return False
    fixed = {_fixed(node, statement.source.key) for node in statement.where}
    return fixed.issuperset(statement.source.identity)


def _fixed(node: Node, source: str) -> str:
    """The table's own column that a condition sets to one value; empty for other conditions."""
    if not isinstance(node, Comparison) or node.op != "eq":
        return ""
    column, value = node.args
    own = isinstance(column, ColumnNode) and column.source.key == source and isinstance(value, Value)
    return cast("ColumnNode", column).name if own else ""
