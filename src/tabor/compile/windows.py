"""The emission of calls that look at many rows: filters, orders within aggregates, windows with their frames."""

from __future__ import annotations

from collections.abc import Sequence

from tabor.compile.comparable import check_order
from tabor.compile.dialect import Around
from tabor.compile.expressions import Expressions
from tabor.tree.calls import Call, Fragment, Frame, Window
from tabor.tree.nodes import Operation, Ordering
from tabor.tree.nulls import may_be_null
from tabor.tree.walk import IN_ORDER, has_aggregate


class Windows(Expressions):
    """Emits calls over many rows."""

    def _operation(self, node: Operation) -> str:
        if isinstance(node, Call):
            return self._call(node)
        if isinstance(node, Fragment):
            return self._fragment(node)
        return super()._operation(node)

    def _call(self, node: Call) -> str:
        operands = [self.node(operand) for operand in node.operands]
        order = self._order_within(node, operands[0]) if node.op in IN_ORDER and node.window is None else ""
        conditions: list[str] = []
        if self._leaves_out_nulls(node):
            conditions.append(f"({operands[0]} IS NOT NULL)")
        if node.condition is not None:
            conditions.append(self.node(node.condition))
        tail = f" FILTER (WHERE {' AND '.join(conditions)})" if conditions else ""
        if node.window is not None:
            tail += f" OVER ({self._window(node.window)})"
        return self._dialect.function(node.op, operands, node, Around(node.distinct, order, tail))

    def _leaves_out_nulls(self, node: Call) -> bool:
        """Whether the filter keeps nulls out of a list; else the dialect takes them out of it."""
        if node.op != "list_agg" or not may_be_null(node.operands[0]):
            return False
        return self._dialect.filters_groups or not has_aggregate(node.operands[0])

    def _order_within(self, node: Call, first: str) -> str:
        if node.distinct:
            # By the very text of what is told apart, with the same places for the same values.
            for term in node.order:
                self._pass_over(term.node.values)
            return f" ORDER BY {first}{''.join([self._turn(term) for term in node.order])}"
        return self._ordered(node.order) or f" ORDER BY {first}"

    def _window(self, window: Window) -> str:
        text = ""
        if window.partition:
            text = " PARTITION BY " + ", ".join([self.node(node) for node in window.partition])
        text += self._ordered(window.order)
        if window.frame is not None:
            text += self._frame(window.frame)
        return text.removeprefix(" ")

    def _frame(self, frame: Frame) -> str:
        start, end = [words if node is None else f"{self.node(node)} {words}" for words, node in frame[1:]]
        return f" {frame.unit} BETWEEN {start} AND {end}"

    def _fragment(self, node: Fragment) -> str:
        text = node.parts[0]
        for arg, part in zip(node.args, node.parts[1:], strict=True):
            text += self.node(arg) + part
        return self._dialect.fragment(f"({text})", node.datatype)

    def _ordered(self, order: Sequence[Ordering]) -> str:
        return " ORDER BY " + ", ".join([self._ordering(term) for term in order]) if order else ""

    def _ordering(self, term: Ordering) -> str:
        return self.node(term.node) + self._turn(term)

    def _turn(self, term: Ordering) -> str:
        check_order(term.node.datatype)
        return (" DESC" if term.descending else "") + self._dialect.nulls(term)
