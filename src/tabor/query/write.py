"""Insert, update and delete as immutable values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, Self, TypeVar, cast, overload

from tabor.errors import NotFound, QueryError
from tabor.expression.expr import Expr, condition, operand
from tabor.query.runnable import Runnable
from tabor.query.selection import selected
from tabor.query.shape import COUNT, ROW, TUPLE
from tabor.tree.nodes import Assignment, ColumnNode, Entity, Node
from tabor.tree.statements import Conflict, Delete, Insert, Update

M = TypeVar("M")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")


class InsertQuery(Runnable[int], Generic[M]):
    """An INSERT of one or many rows; awaited, it gives the number of rows inserted, all of them or none.

    Example: ``event = await Event.insert(Event(title="Pyramid Stage", ...)).one()``.
    """

    __slots__ = ("_entity",)

    statement: Insert  # pyright: ignore[reportIncompatibleVariableOverride]  # set as the query is made and never again

    def __init__(self, statement: Insert, entity: Entity, finish: Callable[[list[Any]], int] | None = None) -> None:
        super().__init__(statement, COUNT, finish)
        self._entity = entity

    def _returning(self, nodes: tuple[Node, ...]) -> Insert:
        old = self.statement
        return Insert(old.source, old.columns, old.rows, nodes, columns_key=old.columns_key, conflict=old.conflict)

    def on_conflict(self, *columns: Expr[Any]) -> OnConflict[M]:
        """What to do with rows that are there already by these columns, which a unique constraint covers.

        Example: ``await User.insert(*users).on_conflict(User.email).update(User.name)``, or ``.ignore()``.
        """
        if not columns:
            raise QueryError("on_conflict() needs the unique column or columns by which a row is there already.")
        return OnConflict(self.statement, self._entity, _own_columns(self._entity, columns))

    def one(self) -> Runnable[M]:
        """Insert exactly one row and give it as stored, with its key and the database's defaults."""
        if len(self.statement.rows) != 1:
            raise QueryError(f"one() needs exactly one row to insert, got {len(self.statement.rows)}; use all().")
        return Runnable(self._returning((self._entity,)), ROW, _only(self.statement.source.table))

    def all(self) -> Runnable[list[M]]:
        """Insert the rows and give them as stored, in the order given."""
        return Runnable(self._returning((self._entity,)), ROW)

    @overload
    def returning(self, a: Expr[A] | type[A], /) -> Runnable[list[tuple[A]]]: ...
    @overload
    def returning(self, a: Expr[A] | type[A], b: Expr[B] | type[B], /) -> Runnable[list[tuple[A, B]]]: ...
    @overload
    def returning(
        self, a: Expr[A] | type[A], b: Expr[B] | type[B], c: Expr[C] | type[C], /
    ) -> Runnable[list[tuple[A, B, C]]]: ...
    def returning(self, *columns: object) -> Runnable[Any]:
        """Insert and give these columns of each stored row, as tuples."""
        return Runnable(self._returning(_returned(columns)), TUPLE)


class OnConflict(Generic[M]):
    """An insert that still has to be told what to do with rows that are there already: update or ignore."""

    __slots__ = ("_entity", "_statement", "_target")

    def __init__(self, statement: Insert, entity: Entity, target: tuple[ColumnNode, ...]) -> None:
        self._statement = statement
        self._entity = entity
        self._target = target

    def update(self, *columns: Expr[Any]) -> InsertQuery[M]:
        """Give the stored row the new values of these columns (of none given: of all that are inserted)."""
        named = {column.name for column in self._target}
        chosen = _own_columns(self._entity, columns)
        return self._deciding(chosen or tuple([c for c in self._statement.columns if c.name not in named]))

    def ignore(self) -> InsertQuery[M]:
        """Leave the stored row as it is; it is not counted and not given back."""
        return self._deciding(())

    def _deciding(self, update: tuple[ColumnNode, ...]) -> InsertQuery[M]:
        old = self._statement
        conflict = Conflict(self._target, update)
        insert = Insert(old.source, old.columns, old.rows, columns_key=old.columns_key, conflict=conflict)
        return InsertQuery(insert, self._entity)


def _own_columns(entity: Entity, columns: Sequence[Expr[Any]]) -> tuple[ColumnNode, ...]:
    """The columns of the table itself; raises ``QueryError`` for anything else."""
    found: list[ColumnNode] = []
    for column in columns:
        node = operand(column)
        if not isinstance(node, ColumnNode) or node.source.key != entity.source.key:
            raise QueryError(f"on_conflict() takes columns of {entity.source.table} itself, got {column!r}.")
        found.append(node)
    return tuple(found)


class _Changing(Runnable[int]):
    """What update and delete share: conditions, and the refusal to touch every row by accident."""

    __slots__ = ("_everything",)

    statement: Update | Delete  # pyright: ignore[reportIncompatibleVariableOverride]  # set as the query is made and never again

    def __init__(self, statement: Update | Delete, *, everything: bool = False) -> None:
        super().__init__(statement, COUNT)
        self._everything = everything

    def _rebuilt(self, where: tuple[Node, ...], returning: tuple[Node, ...]) -> Update | Delete:
        old = self.statement
        if isinstance(old, Update):
            return Update(old.source, old.assignments, where, returning)
        return Delete(old.source, where, returning)

    def where(self, *conditions: Expr[bool]) -> Self:
        """Touch only rows for which every condition is true; several calls add up."""
        where = (*self.statement.where, *[condition(c) for c in conditions])
        return type(self)(self._rebuilt(where, ()), everything=self._everything)

    def everything(self) -> Self:
        """Say that every row of the table is meant."""
        return type(self)(self.statement, everything=True)

    def checked(self) -> None:
        """Raise ``QueryError`` where neither ``where()`` nor ``everything()`` was said."""
        if not self.statement.where and not self._everything:
            verb = "update" if isinstance(self.statement, Update) else "delete"
            raise QueryError(
                f"This {verb} has no where() and would touch every row of {self.statement.source.table}; "
                f"add where(...), or everything() if that is meant."
            )

    @overload
    def returning(self, a: Expr[A] | type[A], /) -> Runnable[list[tuple[A]]]: ...
    @overload
    def returning(self, a: Expr[A] | type[A], b: Expr[B] | type[B], /) -> Runnable[list[tuple[A, B]]]: ...
    @overload
    def returning(
        self, a: Expr[A] | type[A], b: Expr[B] | type[B], c: Expr[C] | type[C], /
    ) -> Runnable[list[tuple[A, B, C]]]: ...
    def returning(self, *columns: object) -> Runnable[Any]:
        """Give these columns of each touched row as tuples: after an update, before a delete."""
        self.checked()
        return Runnable(self._rebuilt(self.statement.where, _returned(columns)), TUPLE)


class UpdateQuery(_Changing):
    """An UPDATE; awaited, it gives the number of rows changed.

    Example: ``await Event.update(Event.capacity.to(Event.capacity - 1)).where(Event.id == 5)``.
    """

    __slots__ = ()


class DeleteQuery(_Changing):
    """A DELETE; awaited, it gives the number of rows deleted.

    Example: ``await Event.delete().where(Event.id == 5)``.
    """

    __slots__ = ()


class Setting:
    """A new value for a column, made by ``Event.title.to(...)``."""

    __slots__ = ("assignment",)

    def __init__(self, assignment: Assignment) -> None:
        self.assignment: Assignment = assignment


def updating(entity: Entity, settings: Sequence[Setting]) -> UpdateQuery:
    """The update of a table with these settings; raises ``QueryError`` for none, a foreign or a repeated column."""
    table = entity.source.table
    if not settings:
        raise QueryError(f"update() of {table} needs at least one {table.title()}.<column>.to(value).")
    seen: set[str] = set()
    for setting in settings:
        if not isinstance(setting, Setting):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without a checker
            raise QueryError(f"update() takes settings such as Event.title.to('x'), got {setting!r}.")
        column = setting.assignment.column
        if column.source is not entity.source:
            raise QueryError(f"{column.source.table}.{column.name} is not a column of {table}, which is being updated.")
        if column.name in seen:
            raise QueryError(f"{table}.{column.name} is set twice in one update.")
        seen.add(column.name)
    return UpdateQuery(Update(entity.source, tuple([s.assignment for s in settings])))


def _returned(columns: tuple[object, ...]) -> tuple[Node, ...]:
    if not columns:
        raise QueryError("returning() needs at least one column.")
    return tuple([selected(item) for item in columns])


def _only(table: str) -> Callable[[list[M]], M]:
    def only(rows: list[M]) -> M:
        if not rows:
            raise NotFound(table)
        return rows[0]

    return only


def as_rows(rows: Sequence[object]) -> list[object]:
    """The given rows as a list, one level of list taken apart: ``insert(a, b)`` and ``insert([a, b])`` are alike."""
    if len(rows) == 1 and isinstance(rows[0], (list, tuple)):
        return list(cast("Sequence[object]", rows[0]))
    return list(rows)
