"""``Order``: an expression with the direction in which it sorts."""

from __future__ import annotations

from tabor.tree.nodes import Ordering


class Order:
    """A term of ``order_by`` with its direction, made by ``asc()`` or ``desc()``."""

    __slots__ = ("term",)

    def __init__(self, term: Ordering) -> None:
        self.term: Ordering = term
