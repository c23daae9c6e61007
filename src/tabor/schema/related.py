"""``Related``: the related rows of each selected row, as something to select and to ask about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self, TypeVar, cast, overload

from typing_extensions import TypeVarTuple, Unpack

from tabor.datatypes import ModelLike
from tabor.errors import QueryError
from tabor.expression.expr import Expr
from tabor.expression.operand import condition, name_given, operand
from tabor.expression.order import Order
from tabor.expression.selectable import Selectable
from tabor.query.correlated import any_related, number_of, value_of_related
from tabor.query.records import fitted
from tabor.query.select import count_of_rows
from tabor.query.selection import selected
from tabor.schema.annotations import table_with
from tabor.schema.facts import facts_of
from tabor.tree.nodes import Entity, Ordering
from tabor.tree.related import Collection, Finish
from tabor.tree.statements import Select

R = TypeVar("R")
S = TypeVar("S")
N = TypeVar("N", bound=ModelLike)
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")
Ts = TypeVarTuple("Ts")


class Related(Expr[list[R]]):
    """The related rows of each selected row: ``select(User, User.events)`` gives each user a list of events.

    They are fetched by one statement more, however many rows there are.

    Example::

        latest = User.events.where(Event.seats > 0).order_by(Event.starts_at.desc()).limit(3)
        await User.select(User, latest)     # list[tuple[User, list[Event]]], three events a user at most
    """

    __slots__ = ()

    def __repr__(self) -> str:
        related = self._collection()
        return f"<Related {related.place.table}.{related.name}>"

    def where(self, *conditions: Expr[bool]) -> Self:
        """Only related rows for which every condition is true; several calls add up."""
        child = self._collection().child.copy()
        child.where += tuple([condition(c) for c in conditions])
        return self._with(child)

    def order_by(self, *terms: Expr[Any] | Order) -> Self:
        """Sort each list by these expressions, after any that were given before."""
        child = self._collection().child.copy()
        child.order += tuple([t.term if isinstance(t, Order) else Ordering(operand(t)) for t in terms])
        return self._with(child)

    def limit(self, count: int) -> Self:
        """At most ``count`` related rows for each row, the first in their order (which the key completes)."""
        child = self._collection().child.copy()
        child.limit = count_of_rows("limit", count)
        return self._with(child)

    def offset(self, count: int) -> Self:
        """Leave out the first ``count`` related rows of each row."""
        child = self._collection().child.arranged(offset=count_of_rows("offset", count))
        return self._with(child)

    def named(self, name: str) -> Self:
        """The same lists, called ``name`` in dicts and JSON; two of one relation need names to stand there.

        Raises ``QueryError`` for a name that is no identifier.

        Example: ``User.select(User, User.events.where(Event.starts_at > now()).named("coming")).dicts()``.
        """
        old = self._collection()
        return type(self)(old.giving(old.child, single=old.single, finish=old.finish, name=name_given(name)))

    def count(self, *, distinct: bool = False) -> Expr[int]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]  # counted beside each row: nothing is put together
        """How many related rows each row has, to be selected, compared and sorted by.

        After ``select(column)``, ``distinct`` counts the different values of that column.  Raises ``QueryError`` for
        ``distinct`` without one.

        Example: ``User.select(User.name, User.events.count()).order_by(User.events.count().desc())``.
        """
        return number_of(self._collection(), distinct=distinct)

    def any(self, *conditions: Expr[bool]) -> Expr[bool]:
        """True for each row that has a related row for which every condition is true, or any at all.

        Raises ``QueryError`` for conditions after ``limit()`` or ``offset()``.

        Example: ``User.select().where(User.events.any(Event.seats > 100))``.
        """
        return any_related(self._collection(), [condition(c) for c in conditions])

    def none(self, *conditions: Expr[bool]) -> Expr[bool]:
        """True for each row that has no related row for which every condition is true, or none at all.

        Example: ``User.select().where(User.events.none(Event.starts_at > now()))``.
        """
        return ~self.any(*conditions)

    def scalar(self: Related[tuple[A]]) -> Expr[A | None]:
        """One value for each row: an aggregate of its related rows, or what is selected of the first of them.

        The order is that of ``order_by()``, completed by the key; of no related rows it is null.  Raises ``QueryError``
        where more than one thing is selected, and for an aggregate after ``limit()`` or ``offset()``.

        Example: ``User.select(User.name, User.events.select(Event.seats.sum()).scalar())``.
        """
        collection = self._tuples("scalar")
        identity = facts_of(table_with(collection.child.source.token))
        keys = [identity.nodes[name] for name in identity.primary_key]
        return cast("Expr[A | None]", value_of_related(collection, keys))

    @overload
    def select(self, a: Selectable[A] | type[A], /) -> Related[tuple[A]]: ...
    @overload
    def select(self, a: Selectable[A] | type[A], b: Selectable[B] | type[B], /) -> Related[tuple[A, B]]: ...
    @overload
    def select(
        self, a: Selectable[A] | type[A], b: Selectable[B] | type[B], c: Selectable[C] | type[C], /
    ) -> Related[tuple[A, B, C]]: ...
    @overload
    def select(
        self,
        a: Selectable[A] | type[A],
        b: Selectable[B] | type[B],
        c: Selectable[C] | type[C],
        d: Selectable[D] | type[D],
        /,
    ) -> Related[tuple[A, B, C, D]]: ...
    def select(self, *columns: object) -> Related[Any]:
        """Tuples of these columns, rows behind keys and further related rows instead of whole related rows.

        Up to four things here; more with ``.also(...)``.

        Example: ``await User.select(User, User.events.select(Event, Event.tickets))`` gives
        ``list[tuple[User, list[tuple[Event, list[Ticket]]]]]``, by three statements.
        """
        collection = self._collection()
        if not collection.single or not isinstance(collection.child.columns[0], Entity):
            raise QueryError("select() of related rows is said once; add more to it with also(...).")
        if not columns:
            raise QueryError("select() of related rows needs at least one thing to select.")
        child = collection.child.arranged(columns=tuple([selected(item) for item in columns]))
        return cast("Related[Any]", self._with(child, single=False))

    def also(self: Related[tuple[*Ts]], item: Selectable[A] | type[A], /) -> Related[tuple[*Ts, A]]:
        """Select one thing more of each related row, after ``select(...)``."""
        collection = self._tuples("also")
        child = collection.child.arranged(columns=(*collection.child.columns, selected(item)))
        return cast("Related[tuple[*Ts, A]]", self._with(child, single=False))

    @overload
    def into(self: Related[tuple[*Ts]], make: type[N], /) -> Related[N]: ...
    @overload
    def into(self: Related[tuple[*Ts]], make: Callable[[Unpack[Ts]], S], /) -> Related[S]: ...
    def into(self: Related[tuple[*Ts]], make: Callable[..., object], /) -> Related[Any]:
        """Pass the selected values of each related row to ``make``, checked as in ``Query.into()``.

        Example: ``User.events.select(Event.title, Event.place).into(Card)`` gives each user a ``list[Card]``.
        """
        child = self._tuples("into").child
        taking = fitted(make, child.columns, child.columns_key)

        def finish(items: list[tuple[*Ts]]) -> list[Any]:
            return [taking(*item) for item in items]

        return cast("Related[Any]", self._with(child, single=False, finish=finish))

    def values(self: Related[tuple[A]]) -> Related[A]:
        """The single selected thing of each related row, without a tuple around it."""
        collection = self._tuples("values")
        if len(collection.child.columns) != 1:
            raise QueryError("values() of related rows follows a select() of exactly one column.")
        return cast("Related[A]", self._with(collection.child, single=True))

    def _tuples(self, method: str) -> Collection:
        collection = self._collection()
        if collection.single or collection.finish is not None:
            raise QueryError(
                f"{method}() of related rows follows select(column, ...), such as User.events.select(...)."
            )
        return collection

    def _with(self, child: Select, *, single: bool | None = None, finish: Finish | None = None) -> Self:
        old = self._collection()
        kept = old.single if single is None else single
        return type(self)(old.giving(child, single=kept, finish=finish or old.finish))

    def _collection(self) -> Collection:
        assert isinstance(self.node, Collection)
        return self.node
