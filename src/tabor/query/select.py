"""``Query``: the immutable, typed SELECT that ``Table.select()`` starts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Literal, Self, TypeVar, cast, overload

from typing_extensions import TypeVarTuple, Unpack

from tabor.datatypes import INT64_MAX, Integer, ModelLike, brief
from tabor.errors import NotFound, QueryError
from tabor.expression.expr import Expr
from tabor.expression.operand import Operand, condition, is_place, operand
from tabor.expression.order import Order
from tabor.expression.selectable import Selectable
from tabor.query.composable import Composable
from tabor.query.joining import Joining, joined
from tabor.query.results import first_of, only_of, then
from tabor.query.runnable import Runnable, runnable
from tabor.query.runner import runner_for
from tabor.query.selection import key_parts, selected, wrong_key
from tabor.query.shape import ROW, TUPLE, VALUE, Shape
from tabor.tree.nodes import Entity, Node, Ordering, Placeholder
from tabor.tree.statements import Asks, Lock, Select
from tabor.tree.walk import has_aggregate

R_co = TypeVar("R_co", covariant=True)
A = TypeVar("A")
S = TypeVar("S")
N = TypeVar("N", bound=ModelLike)
Ts = TypeVarTuple("Ts")


class Query(Composable[R_co], Joining):
    """A SELECT whose rows are ``R_co``; every method gives a new query and leaves this one as it is.

    ``await query`` gives ``list[R_co]``.

    Example::

        coming = Event.select().where(Event.starts_at > now()).order_by(Event.starts_at)
        await coming.limit(20)          # list[Event]
        await coming.count()            # int
    """

    __slots__ = ()

    def where(self, *conditions: Expr[bool]) -> Self:
        """Keep only rows for which every condition is true; several calls add up.

        Raises ``QueryError`` for anything that is not a condition.
        """
        statement = self.statement.copy()
        if len(conditions) == 1:
            statement.where += (condition(conditions[0]),)
        else:
            statement.where += tuple([condition(c) for c in conditions])
        return self._with(statement)

    def _joined(self, table: object, on: object, *, optional: bool) -> Self:
        return self._with(joined(self.statement, table, on, optional=optional))

    def group_by(self, *expressions: Expr[object]) -> Self:
        """Put rows with the same values of these expressions together; select aggregates and these expressions only.

        Raises ``QueryError``, when it runs, for a selected column that is neither.

        Example: ``await Event.select(Event.location, Event.id.count()).group_by(Event.location)``.
        """
        group = (*self.statement.group, *[operand(e) for e in expressions])
        return self._with(self.statement.arranged(group=group))

    def having(self, *conditions: Expr[bool | None]) -> Self:
        """Keep only groups for which every condition is true; here aggregates may be compared.

        Example: ``... .group_by(Event.location).having(Event.id.count() > 3)``.
        """
        having = (*self.statement.having, *[condition(c) for c in conditions])
        return self._with(self.statement.arranged(having=having))

    def order_by(self, *terms: Expr[Any] | Order) -> Self:
        """Sort by these expressions, after any that were given before; ``.desc()`` turns one round."""
        statement = self.statement.copy()
        statement.order += tuple([t.term if isinstance(t, Order) else Ordering(operand(t)) for t in terms])
        return self._with(statement)

    def limit(self, count: int | Expr[int]) -> Self:
        """Give at most ``count`` rows: a whole number from 0 up or ``param(int)``; raises ``QueryError`` for others."""
        statement = self.statement.copy()
        statement.limit = rows_wanted("limit", count)
        return self._with(statement)

    def offset(self, count: int | Expr[int]) -> Self:
        """Leave out the first ``count`` rows, given as for ``limit()``."""
        return self._with(self.statement.arranged(offset=rows_wanted("offset", count)))

    def distinct(self, *, on: Sequence[Expr[Any]] = ()) -> Self:
        """Give each different row once, or with ``on`` the first row of those with the same values of ``on``.

        Which row is the first, and the order of the result, is that of ``order_by()``, which has to be said.

        Example: ``Event.select().distinct(on=[Event.location]).order_by(Event.starts_at.desc(), Event.id)``.
        """
        if not on:
            return self._with(self.statement.arranged(distinct=True))
        return self._with(self.statement.arranged(distinct_on=tuple([operand(e) for e in on])))

    def for_update(
        self, *, skip_locked: bool = False, nowait: bool = False, of: Sequence[type[Any] | Selectable[Any]] = ()
    ) -> Self:
        """Lock the rows that the query gives until the transaction around it ends.

        Rows that another transaction has locked are waited for, left out (``skip_locked``), or raise
        ``Overloaded`` (``nowait``).  Locked are the rows of the query's own table, or those ``of`` others
        that it reaches, such as ``of=[Event, Event.creator]``.

        Raises ``TransactionMisuse``, when it runs, outside of a transaction, and ``UnsupportedFeature`` on a database
        that locks no single rows.

        Example: ``await Event.select().where(Event.id == 5).for_update().one()``.
        """
        if skip_locked and nowait:
            raise QueryError("for_update() leaves locked rows out (skip_locked) or raises (nowait), not both.")
        entities = [selected(item) for item in of]
        sources = [entity.source for entity in entities if isinstance(entity, Entity)]
        if len(sources) != len(entities):
            raise QueryError("for_update(of=...) takes tables such as Event or Event.creator.")
        others: Literal["wait for", "skip", "refuse"] = "skip" if skip_locked else "refuse" if nowait else "wait for"
        lock = Lock(tuple(sources) or (self.statement.source,), others)
        return self._with(self.statement.arranged(lock=lock))

    def also(self: Query[tuple[*Ts]], item: Selectable[A] | type[A], /) -> Query[tuple[*Ts, A]]:
        """Select one thing more; for more columns than ``select`` has places for.

        Raises ``QueryError`` on a query of whole rows, which has no tuple to extend.
        """
        statement = self.statement.arranged(columns=self._with_also(item))
        return cast("Query[tuple[*Ts, A]]", self._with(statement))

    @overload
    def into(self: Query[tuple[*Ts]], make: type[N], /) -> Query[N]: ...
    @overload
    def into(self: Query[tuple[*Ts]], make: Callable[[Unpack[Ts]], S], /) -> Query[S]: ...
    def into(self: Query[tuple[*Ts]], make: Callable[..., object], /) -> Query[Any]:
        """Pass the selected values of each row to ``make`` and give what it returns.

        It is a class (a dataclass or NamedTuple, say) or a function, or a pydantic model, whose fields take the values
        in their order.  Raises ``QueryError`` where number, order, types, or None, do not fit its parameters.

        Example: ``await Event.select(Event.title, Event.creator.email).into(Card)`` gives ``list[Card]``.
        """
        finish = self._made_into(make, self.statement.columns_key)
        new = cast("Query[Any]", self._with(self.statement))
        new.finish = finish
        return new

    def _ending(self, statement: Select, last: Callable[[list[Any]], S]) -> Runnable[S]:
        """A runnable of another statement whose rows go through this query's own finish and then ``last``."""
        return runnable(statement, self.shape, then(self.finish, last))

    def first(self) -> Runnable[R_co | None]:
        """The first row, or None where there is none."""
        statement = self.statement.copy()
        wanted = statement.limit
        statement.limit = 1 if wanted is None else wanted if isinstance(wanted, Placeholder) else min(wanted, 1)
        return runnable(statement, self.shape, first_of if self.finish is None else then(self.finish, first_of))

    def one(self) -> Runnable[R_co]:
        """The only row; raises ``NotFound`` where there is none, ``MultipleFound`` where there are more."""
        statement = self.statement.copy()
        statement.limit = 2 if statement.limit is None else statement.limit
        return self._ending(statement, only_of(statement.source.table))

    def with_deleted(self) -> Self:
        """Rows that are marked as deleted too; raises ``QueryError`` for a table that marks none.

        Example: ``await Event.select().with_deleted().where(Event.deleted_at.is_not_null())``.
        """
        live = self.statement.source.live
        if live is None:
            raise QueryError(f'{self.statement.source.table} has no column(stamp="deleted"); no row of it is marked.')
        statement = self.statement.copy()
        statement.where = tuple([node for node in statement.where if node is not live])
        return self._with(statement)

    def get(self, key: object) -> Runnable[R_co]:
        """The row of this query with the primary key ``key``; raises ``NotFound`` where the query has none.

        ``key`` is one value, or a tuple for a key of several columns.
        """
        entity = self.statement.columns[0]
        identity = self.statement.source.identity
        if not isinstance(entity, Entity) or entity.source.parent is not None or not identity:
            raise QueryError("get() needs a query of whole rows of a table with a primary key.")
        keys = key_parts(key, len(identity))
        if len(keys) != len(identity):
            raise QueryError(wrong_key(self.statement.source, key))
        columns = {column.name: column for column in entity.columns}
        query = self.where(*[Expr[object](columns[name]) == value for name, value in zip(identity, keys, strict=True)])
        table = self.statement.source.table

        def only(rows: list[R_co]) -> R_co:
            if not rows:
                raise NotFound(table, key)
            return rows[0]

        return query._ending(query.statement, only)

    def count(self) -> Runnable[int]:
        """How many rows the query has (with its limit and offset, if any)."""
        return Runnable(_ask(self.statement, "count"), VALUE, first_of)

    def exists(self) -> Runnable[bool]:
        """Whether the query has any row."""
        return Runnable(_ask(self.statement, "exists"), VALUE, first_of)

    def values(self: Query[tuple[A]]) -> Query[A]:
        """The single selected thing of each row, without a tuple around it.

        Raises ``QueryError`` where more than one thing is selected.
        """
        self._check_single()
        new = cast("Query[A]", self._with(self.statement))
        new.shape = VALUE
        return new

    def dicts(self) -> Query[dict[str, object]]:
        """Each row as a dict; names follow the attributes (``creator.email`` across a key), secrets are left out.

        Rows behind keys are dicts in the dict, None where the key is empty, and related rows are lists of dicts.

        Example: ``Event.select(Event, Event.creator).dicts()`` gives ``{"id": 1, ..., "creator": {"id": 7, ...}}``.
        """
        form = self._as_dicts()
        new = cast("Query[dict[str, object]]", self._with(self.statement.arranged(columns=form.columns)))
        new.shape, new.finish = form.shape, form.finish
        return new

    @property
    def _selected(self) -> tuple[Node, ...]:
        return self.statement.columns

    def _asking(self, columns: tuple[Node, ...], shape: Shape, finish: Callable[[list[Any]], S]) -> Runnable[S]:
        return Runnable(self.statement.arranged(columns=columns), shape, finish)

    def stream(self, size: int = 500) -> AsyncIterator[R_co]:
        """The rows one by one with constant memory, fetched ``size`` at a time in the order of the query.

        No lock and no snapshot is held between pages: a row changed meanwhile is seen as it is when its page is
        read.  Raises ``QueryError`` for a query whose rows have no key to continue from.

        Example: ``async for event in Event.select().stream(): ...``.
        """
        return runner_for(self.statement.source).stream(self, size)


def count_of_rows(clause: str, count: int) -> int:
    """The number of rows given to ``clause``; raises ``QueryError`` for anything but a whole number from 0 up."""
    if type(count) is int and 0 <= count <= INT64_MAX:
        return count
    raise QueryError(f"{clause}() takes a whole number of rows from 0 up, got {brief(count)}.")


def rows_wanted(clause: str, count: int | Expr[int]) -> int | Placeholder:
    """The number of rows, or the place of a ``param()`` for it; raises ``QueryError`` for anything else."""
    if type(count) is int and 0 <= count <= INT64_MAX:
        return count
    if isinstance(count, Operand):
        if is_place(count.node) and isinstance(count.node.datatype, Integer) and not count.node.nullable:
            return cast("Placeholder", count.node.values[0])
        raise QueryError(f"{clause}() takes a whole number of rows from 0 up or param(int), not another expression.")
    return count_of_rows(clause, count)


def selecting(columns: tuple[object, ...], source_entity: Entity) -> Query[Any]:
    """The query that starts with these selected things (none: whole rows of ``source_entity``)."""
    nodes = tuple([selected(item) for item in columns]) or (source_entity,)
    statement = Select(source_entity.source, nodes)
    if source_entity.source.live is not None:
        statement.where = (source_entity.source.live,)
    return Query(statement, TUPLE if columns else ROW)


def _ask(old: Select, what: Asks) -> Select:
    """The select that asks how many rows there are, or whether there are any."""
    outline = old.outline
    if outline.lock:
        raise QueryError("for_update() locks the rows that a query gives; count() and exists() give none.")
    # Where rows are told apart or put together by what is selected, the selection decides how many there are.
    decides = (
        *(outline.distinct, outline.distinct_on, outline.beside, outline.group, outline.having),
        *map(has_aggregate, old.columns),
    )
    statement = old.arranged(columns=old.columns if any(decides) else (), asks=what)
    statement.order = ()
    return statement
