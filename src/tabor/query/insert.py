"""Inserts as immutable values, and what they do with rows that are there already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from tabor.datatypes import brief
from tabor.errors import QueryError
from tabor.expression.expr import Expr
from tabor.expression.functions import excluded
from tabor.expression.operand import condition, operand
from tabor.query.results import first_of, only_of
from tabor.query.returning import Returned, Writing
from tabor.query.runnable import Runnable
from tabor.query.shape import COUNT, ROW
from tabor.query.write import Setting, assigned
from tabor.tree.insert_from import InsertFrom, rebuilt
from tabor.tree.nodes import Assignment, ColumnNode, Entity, Node
from tabor.tree.writes import Conflict, Insert

M = TypeVar("M")


class ConflictTarget(NamedTuple):
    """What a unique constraint or index covers: columns or expressions, of the rows for which ``where`` holds.

    ``nulls_distinct`` says whether it takes two nulls for different values.
    """

    terms: tuple[Node, ...]
    where: Node | None = None
    nulls_distinct: bool = True


Unique = Callable[[str, tuple[ColumnNode, ...]], ConflictTarget]
"""Gives what the unique constraint of a name covers, or the one over these columns."""


class InsertQuery(Writing[M]):
    """An INSERT of one or many rows; awaited, it gives the number of rows inserted, all of them or none.

    Example: ``event = await Event.insert(Event(title="Pyramid Stage", ...)).one()``.
    """

    __slots__ = ("_unique",)

    statement: Insert  # pyright: ignore[reportIncompatibleVariableOverride]  # set as the query is made and never again

    def __init__(self, statement: Insert, entity: Entity, unique: Unique) -> None:
        super().__init__(statement, COUNT)
        self._entity = entity
        self._unique = unique

    def on_conflict(self, *columns: Expr[Any], constraint: str = "") -> OnConflict[M]:
        """What to do with rows that are there already by these columns, which a unique constraint or the key covers.

        ``constraint`` is the name of a unique constraint or index instead, for one over expressions or a part of the
        rows.  With neither any unique constraint counts; such rows can only be ignored.

        Raises ``QueryError`` for columns of another table, a name that no unique constraint has, or both, and, when it
        runs, ``MissingConstraint`` for columns that no unique constraint is over.

        Example: ``await User.insert(*users).on_conflict(User.email).update(User.name)``, or ``.ignore()``.
        """
        if constraint and columns:
            raise QueryError("on_conflict() takes columns or the name of a constraint, not both.")
        target = self._unique(constraint, _own_columns(self._entity, columns))
        return OnConflict(self, self._entity, target)

    def deciding(self, conflict: Conflict) -> InsertQuery[M]:
        """The same insert with what it does on a conflict."""
        return InsertQuery(rebuilt(self.statement, conflict=conflict), self._entity, self._unique)

    def one(self) -> Runnable[M]:
        """Insert exactly one row and give it as stored, with its key and the database's defaults.

        Raises ``NotFound`` where ``on_conflict`` left a row alone that was there already; ``first()`` gives None then.
        """
        return Runnable(self._single("one"), ROW, only_of(self.statement.source.table))

    def first(self) -> Runnable[M | None]:
        """Insert exactly one row and give it as stored, or None where ``on_conflict`` left a stored row alone.

        Example: ``await User.insert(user).on_conflict(User.email).ignore().first()``.
        """
        return Runnable(self._single("first"), ROW, first_of)

    def _single(self, method: str) -> Insert:
        if isinstance(self.statement, InsertFrom):
            raise QueryError(f"{method}() needs exactly one row to insert, and a query may give any number; use all().")
        if len(self.statement.rows) != 1:
            raise QueryError(f"{method}() needs exactly one row to insert, got {len(self.statement.rows)}; use all().")
        return rebuilt(self.statement, (self._entity,), self.statement.conflict)

    def all(self) -> Returned[M]:
        """Insert the rows and give them as stored, in the order given; rows that ``on_conflict`` left alone are not."""
        return self.returning()


class OnConflict(Generic[M]):
    """An insert that still has to be told what to do with rows that are there already: update or ignore."""

    __slots__ = ("_entity", "_insert", "_target")

    def __init__(self, insert: InsertQuery[M], entity: Entity, target: ConflictTarget) -> None:
        self._insert = insert
        self._entity = entity
        self._target = target

    def update(self, *changes: Expr[Any] | Setting, where: Expr[bool] | None = None) -> InsertQuery[M]:
        """Change the stored row: a column takes its new value, ``column.to(...)`` any value or expression.

        In expressions a column is that of the stored row and ``excluded(column)`` that of the row that could not be
        inserted.  Of no changes given, all columns take their new values but those of the conflict.  A stored row for
        which ``where`` is not true is left alone: not counted and not given back.

        Raises ``QueryError`` where there is nothing to change or no column to tell rows by.

        Example::

            stock = Stock.insert(*delivery).on_conflict(Stock.item)
            await stock.update(Stock.count.to(Stock.count + excluded(Stock.count)), where=Stock.open == True)
        """
        table = self._entity.source.table
        if not self._target.terms:
            raise QueryError(f"on_conflict() needs the unique column of {table} by which a row is there, to update it.")
        chosen = assigned(self._entity, [self._setting(change) for change in changes], "on_conflict().update()")
        if not changes:
            named = {column.key for column in self._target.terms}
            taken_over = [_taken_over(c) for c in self._insert.statement.columns if c.key not in named]
            chosen = (*taken_over, *(self._entity.source.touch if taken_over else ()))
        if not chosen:
            raise QueryError(f"There is no other column of {table} to update on a conflict; use ignore().")
        return self._deciding(chosen, () if where is None else (condition(where),))

    def _setting(self, change: Expr[Any] | Setting) -> Setting:
        if isinstance(change, Setting):
            return change
        (column,) = _own_columns(self._entity, [change])
        return Setting(_taken_over(column))

    def ignore(self) -> InsertQuery[M]:
        """Leave the stored row as it is; it is not counted and not given back: rows that come back were inserted."""
        return self._deciding((), ())

    def _deciding(self, changes: tuple[Assignment, ...], where: tuple[Node, ...]) -> InsertQuery[M]:
        terms, only, nulls_distinct = self._target
        return self._insert.deciding(Conflict(terms, changes, where, only=only, nulls_distinct=nulls_distinct))


def _taken_over(column: ColumnNode) -> Assignment:
    return Assignment(column, excluded(Expr[object](column)).node)


def _own_columns(entity: Entity, columns: Sequence[Expr[Any]]) -> tuple[ColumnNode, ...]:
    """The columns of the table itself; raises ``QueryError`` for anything else."""
    found: list[ColumnNode] = []
    for column in columns:
        node = operand(column)
        if not isinstance(node, ColumnNode) or node.source.key != entity.source.key:
            raise QueryError(f"on_conflict() takes columns of {entity.source.table} itself, got {brief(column)}.")
        found.append(node)
    return tuple(found)
