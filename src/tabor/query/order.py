"""A total order of rows as a value: sorting by it, and reading on in it from where a page ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from tabor.expression.expr import Expr
from tabor.expression.order import Order
from tabor.query.conditions import Condition, Expression
from tabor.query.keyset import after
from tabor.query.select import Query
from tabor.tree.nodes import Ordering

R = TypeVar("R")


class TotalOrder:
    """Terms of which no two rows are equal in all, each an expression and whether it descends.

    order = TotalOrder([(Event.starts_at, True), (Event.id, False)])
    first = order.sorted(Event.select().limit(10))
    more = first.where(order.after([last.starts_at, last.id]))
    """

    __slots__ = ("_terms", "expressions")

    def __init__(self, terms: Sequence[tuple[Expression, bool]]) -> None:
        self.expressions: tuple[Expression, ...] = tuple([expression for expression, _ in terms])
        self._terms = tuple([Ordering(expression.node, descending=descending) for expression, descending in terms])

    def sorted(self, query: Query[R]) -> Query[R]:
        """The query in this order."""
        return query.order_by(*[Order(term) for term in self._terms])

    def after(self, values: Sequence[object]) -> Condition:
        """The condition that a row comes after the one with these values of the terms."""
        return Expr(after(self._terms, values))
