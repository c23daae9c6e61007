"""Reading on from where a page ended, by the values of the last row instead of an offset."""

from __future__ import annotations

from collections.abc import Sequence

from tabor.datatypes import BOOLEAN
from tabor.tree.nodes import ColumnNode, Comparison, Constant, Node, Operation, Ordering, Value
from tabor.tree.nulls import may_be_null
from tabor.tree.statements import Select

_FALSE = Comparison("eq", Constant(BOOLEAN, 1), Constant(BOOLEAN, 0))


def total_order(statement: Select, keys: Sequence[ColumnNode]) -> tuple[Ordering, ...]:
    """The order of the query with the key columns added as tie-breakers, so that no two rows are equal in it."""
    present = {term.node.key for term in statement.order}
    return (*statement.order, *[Ordering(key) for key in keys if key.key not in present])


def after(terms: Sequence[Ordering], values: Sequence[object]) -> Node:
    """The condition that a row comes after the row with these values of the ordering terms."""
    condition: Node | None = None
    for term, value in zip(reversed(terms), reversed(values), strict=True):
        beyond = _beyond(term, value)
        if condition is not None:
            beyond = Comparison("or", beyond, Comparison("and", _same(term, value), condition))
        condition = beyond
    assert condition is not None
    return condition


def _same(term: Ordering, value: object) -> Node:
    if value is None:
        return Operation("is_null", (term.node,), BOOLEAN)
    return Comparison("eq", term.node, Value(term.node.datatype, value))


def _beyond(term: Ordering, value: object) -> Node:
    nulls_last = term.descending if term.nulls_last is None else term.nulls_last
    if value is None:
        return _FALSE if nulls_last else Operation("is_not_null", (term.node,), BOOLEAN)
    further: Node = Comparison("lt" if term.descending else "gt", term.node, Value(term.node.datatype, value))
    if nulls_last and may_be_null(term.node):
        return Comparison("or", further, Operation("is_null", (term.node,), BOOLEAN))
    return further
