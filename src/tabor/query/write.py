"""Update and delete as immutable values, and the settings that they share with inserts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self, TypeVar, cast

from tabor.datatypes import brief
from tabor.errors import QueryError
from tabor.expression.expr import Expr
from tabor.expression.operand import condition
from tabor.query.returning import Returned, Writing
from tabor.query.shape import COUNT, Shape
from tabor.tree.nodes import Assignment, Entity, Node
from tabor.tree.writes import Delete, Update

M = TypeVar("M")


class _Changing(Writing[M]):
    """What update and delete share: conditions, and the refusal to touch every row by accident."""

    __slots__ = ("_everything",)

    statement: Update | Delete  # pyright: ignore[reportIncompatibleVariableOverride]  # set as the query is made and never again

    def __init__(self, statement: Update | Delete, entity: Entity, *, everything: bool = False) -> None:
        super().__init__(statement, COUNT)
        self._entity = entity
        self._everything = everything

    def where(self, *conditions: Expr[bool]) -> Self:
        """Touch only rows for which every condition is true; several calls add up."""
        old = self.statement
        where = (*old.where, *[condition(c) for c in conditions])
        new = Update(old.source, old.assignments, where) if isinstance(old, Update) else Delete(old.source, where)
        return type(self)(new, self._entity, everything=self._everything)

    def everything(self) -> Self:
        """Say that every row of the table is meant."""
        return type(self)(self.statement, self._entity, everything=True)

    def checked(self) -> None:
        """Raise ``QueryError`` where neither ``where()`` nor ``everything()`` was said."""
        if not self.statement.where and not self._everything:
            verb = "update" if isinstance(self.statement, Update) else "delete"
            raise QueryError(
                f"This {verb} has no where() and would touch every row of {self.statement.source.table}; "
                f"add where(...), or everything() if that is meant."
            )

    def _given_back(self, nodes: tuple[Node, ...], shape: Shape) -> Returned[Any]:
        self.checked()
        return super()._given_back(nodes, shape)


class UpdateQuery(_Changing[M]):
    """An UPDATE; awaited, it gives the number of rows changed.

    Example: ``await Event.update(Event.capacity.to(Event.capacity - 1)).where(Event.id == 5)``.
    """

    __slots__ = ()


class DeleteQuery(_Changing[M]):
    """A DELETE; awaited, it gives the number of rows deleted.

    Example: ``await Event.delete().where(Event.id == 5)``.
    """

    __slots__ = ()


class Setting:
    """A new value for a column, made by ``Event.title.to(...)``."""

    __slots__ = ("assignment",)

    def __init__(self, assignment: Assignment) -> None:
        self.assignment: Assignment = assignment

    def __repr__(self) -> str:
        column = self.assignment.column
        return f"<Setting of {column.source.table}.{column.name}>"


def updating(entity: Entity, settings: Sequence[Setting]) -> UpdateQuery[Any]:
    """The update of a table with these settings; raises ``QueryError`` for none, a foreign or a repeated column."""
    table = entity.source.table
    if not settings:
        raise QueryError(f"update() of {table} needs at least one {table.title()}.<column>.to(value).")
    return UpdateQuery(Update(entity.source, assigned(entity, settings, "update()")), entity)


def assigned(entity: Entity, settings: Sequence[Setting], method: str) -> tuple[Assignment, ...]:
    """The assignments in settings; raises ``QueryError`` for what is none, a foreign or a repeated column."""
    table = entity.source.table
    seen: set[str] = set()
    for setting in settings:
        if not isinstance(setting, Setting):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without a checker
            raise QueryError(f"{method} takes settings such as Event.title.to('x'), got {brief(setting)}.")
        column = setting.assignment.column
        if column.source is not entity.source:
            raise QueryError(f"{column.source.table}.{column.name} is not a column of {table}, which is being updated.")
        if column.name in seen:
            raise QueryError(f"{table}.{column.name} is set twice in one update.")
        seen.add(column.name)
    # Who sets nothing else sets no stamp either: on a conflict that is to take over all columns.
    return (*[setting.assignment for setting in settings], *(entity.source.touch if settings else ()))


def as_rows(rows: Sequence[object]) -> list[object]:
    """The given rows as a list, one level of list taken apart: ``insert(a, b)`` and ``insert([a, b])`` are alike."""
    if len(rows) == 1 and isinstance(rows[0], (list, tuple)):
        return list(cast("Sequence[object]", rows[0]))
    return list(rows)
