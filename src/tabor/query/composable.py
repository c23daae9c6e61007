"""What a query can be for others: a part of a combination, a list to look through, one value."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from tabor.errors import QueryError
from tabor.expression.expr import Expr
from tabor.expression.rows import Rows
from tabor.query.combining import Named, combined
from tabor.query.results import Results
from tabor.query.subqueries import list_of, tuples_of, value_of
from tabor.tree.derived import SetOperator
from tabor.tree.nodes import Node
from tabor.tree.statements import Select

R_co = TypeVar("R_co", covariant=True)
A = TypeVar("A")

_new = object.__new__


class Composable(Results[R_co], Rows[R_co]):
    """A select that other queries are made of."""

    __slots__ = ()

    statement: Select  # pyright: ignore[reportIncompatibleVariableOverride]  # set as the query is made and never again

    def _with(self, statement: Select) -> Self:
        new = _new(type(self))
        new.statement = statement
        new.shape = self.shape
        new.finish = self.finish
        return new

    def union(self, other: Composable[R_co]) -> Self:
        """The rows of this query and of another one of the same row type, each different row once.

        ``order_by()`` and ``limit()`` after it are about the whole, and name what was selected first.

        Example: ``Event.select(Event.title).union(Draft.select(Draft.title)).order_by(Event.title).limit(20)``.
        """
        return self._combined("union", other)

    def union_all(self, other: Composable[R_co]) -> Self:
        """The rows of this query and of another one of the same row type, equal rows as often as they are there."""
        return self._combined("union all", other)

    def intersect(self, other: Composable[R_co]) -> Self:
        """The different rows that this query and another one of the same row type both have."""
        return self._combined("intersect", other)

    def except_(self, other: Composable[R_co]) -> Self:
        """The different rows of this query that another one of the same row type does not have."""
        return self._combined("except", other)

    def _combined(self, operator: SetOperator, other: Composable[Any]) -> Self:
        if self.finish is not None or other.finish is not None or self.shape.key != other.shape.key:
            raise QueryError("Combined queries give the same: combine first, then use into(), values() or dicts().")
        return self._with(combined(operator, self.statement, other.statement))

    def beside(self, *tables: Named) -> Self:
        """Add named queries, made by ``cte()``, to the tables of this one; ``where()`` says which rows belong together.

        Example: ``User.select(User.name, busy[count]).beside(busy).where(busy[Event.creator.id] == User.id)``.
        """
        sources = (*self.statement.outline.beside, *[table.source for table in tables])
        return self._with(self.statement.arranged(beside=sources))

    def scalar(self: Composable[tuple[A]]) -> Expr[A | None]:
        """The value that the first row gives, to be used within another query; null where there is no row.

        Columns of the query around it may stand in its conditions.  Raises ``QueryError`` where more than one thing
        is selected.

        Example: ``User.select(User.name, Event.select(Event.id.count()).where(Event.creator.id == User.id).scalar())``.
        """
        return Expr(value_of(self.statement, self.shape, self.finish))

    @property
    def _tabor_rows_(self) -> Node:
        return list_of(self.statement, self.shape, self.finish)

    @property
    def _tabor_tuples_(self) -> Node:
        return tuples_of(self.statement, self.shape, self.finish)
