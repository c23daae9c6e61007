"""``Order``: an expression with the direction in which it sorts."""

from __future__ import annotations

from typing import TypeVar

from tabor.expression.operand import Operand
from tabor.tree.nodes import Ordering

T_co = TypeVar("T_co", covariant=True)


class Order:
    """A term of ``order_by`` with its direction, made by ``asc()`` or ``desc()``."""

    __slots__ = ("term",)

    def __init__(self, term: Ordering) -> None:
        self.term: Ordering = term


class OrderMethods(Operand[T_co]):
    """How rows are sorted by an expression."""

    __slots__ = ()

    def asc(self, *, nulls_last: bool | None = None) -> Order:
        """Ascending; nulls come first unless ``nulls_last``."""
        return Order(Ordering(self.node, nulls_last=nulls_last))

    def desc(self, *, nulls_last: bool | None = None) -> Order:
        """Descending; nulls come last unless ``nulls_last=False``."""
        return Order(Ordering(self.node, descending=True, nulls_last=nulls_last))
