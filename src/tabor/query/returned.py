"""The rows that a write gives back, in the forms in which a select gives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

from typing_extensions import TypeVarTuple, Unpack

from tabor.datatypes import ModelLike
from tabor.errors import MultipleFound, NotFound, QueryError
from tabor.query.records import fitted
from tabor.query.runnable import Runnable
from tabor.query.selection import named, selected
from tabor.query.shape import TUPLE, VALUE, Shape
from tabor.tree.nodes import Node
from tabor.tree.statements import Statement

R_co = TypeVar("R_co", covariant=True)
A = TypeVar("A")
S = TypeVar("S")
N = TypeVar("N", bound=ModelLike)
Ts = TypeVarTuple("Ts")
Giving = Callable[[tuple[Node, ...]], Statement]
"""The write, giving these columns back."""


class Returned(Runnable[list[R_co]], Generic[R_co]):  # pyright: ignore[reportInvalidTypeArguments]  # every await gives a list of its own, so that rows may be covariant
    """A write that gives back what was asked of each row that it wrote; ``await`` gives ``list[R_co]``.

    Example: ``await Event.update(Event.seats.to(5)).where(Event.id == 3).returning(Event.title).values()``.
    """

    __slots__ = ("_columns", "_giving")

    def __init__(
        self,
        giving: Giving,
        columns: tuple[Node, ...],
        shape: Shape,
        finish: Callable[[list[Any]], list[R_co]] | None = None,
    ) -> None:
        super().__init__(giving(columns), shape, finish)
        self._giving = giving
        self._columns = columns

    def values(self: Returned[tuple[A]]) -> Returned[A]:
        """The single returned thing of each row, without a tuple around it; raises ``QueryError`` for several."""
        if len(self._columns) != 1 or self.shape is not TUPLE or self.finish is not None:
            raise QueryError("values() follows a returning() of exactly one column.")
        return Returned(self._giving, self._columns, VALUE)

    @overload
    def into(self: Returned[tuple[*Ts]], make: type[N], /) -> Returned[N]: ...
    @overload
    def into(self: Returned[tuple[*Ts]], make: Callable[[Unpack[Ts]], S], /) -> Returned[S]: ...
    def into(self: Returned[tuple[*Ts]], make: Callable[..., object], /) -> Returned[Any]:
        """Pass the returned values of each row to a class, a function or a pydantic model, as after a select.

        Raises ``QueryError`` where number, order, types, or None, do not fit its parameters.
        """
        if self.shape is not TUPLE or self.finish is not None:
            raise QueryError("into() follows returning(column, ...) directly.")
        taking = fitted(make, self._columns, tuple([node.key for node in self._columns]))

        def finish(rows: list[tuple[*Ts]]) -> list[Any]:
            return [taking(*row) for row in rows]

        return Returned(self._giving, self._columns, TUPLE, finish)

    def dicts(self) -> Returned[dict[str, object]]:
        """Each row as a dict by the names of the columns, secrets left out."""
        if self.shape is not TUPLE or self.finish is not None:
            raise QueryError("dicts() follows returning(column, ...) directly.")
        pairs = named(self._columns)
        shape = Shape("dict", tuple([name for name, _ in pairs]))
        return Returned(self._giving, tuple([node for _, node in pairs]), shape)

    def first(self) -> Runnable[R_co | None]:
        """What the first row gives, or None where none was written; every row is written all the same."""
        return self._ending(lambda rows: rows[0] if rows else None)

    def one(self) -> Runnable[R_co]:
        """What the only row gives; raises ``NotFound`` where none was written, ``MultipleFound`` for several.

        Several were written by then: where that must not be, do it in a transaction, which the error undoes.
        """
        table = self.statement.source.table

        def only(rows: list[R_co]) -> R_co:
            if not rows:
                raise NotFound(table)
            if len(rows) > 1:
                raise MultipleFound(table)
            return rows[0]

        return self._ending(only)

    def _ending(self, last: Callable[[list[R_co]], S]) -> Runnable[S]:
        own = self.finish
        return Runnable(self.statement, self.shape, last if own is None else lambda rows: last(own(rows)))


def returning(giving: Giving, columns: tuple[object, ...]) -> Returned[Any]:
    """The write with what ``returning()`` was given; raises ``QueryError`` for nothing."""
    if not columns:
        raise QueryError("returning() needs at least one column.")
    return Returned(giving, tuple([selected(item) for item in columns]), TUPLE)
