"""Walks expression nodes: every node within one, which of them are aggregates, which columns come from outside."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from tabor.tree.calls import Call, Fragment
from tabor.tree.nodes import ColumnNode, Entity, JsonObject, Key, Node, Operation
from tabor.tree.statements import Select, Subquery

IN_ORDER = frozenset({"string_agg", "list_agg"})
"""Aggregates whose result depends on the order of the rows."""
AGGREGATES = frozenset({"count", "count_distinct", "count_rows", "min", "max", "sum", "avg"}) | IN_ORDER


def nodes_in(node: Node, known: Container[Key] = ()) -> Iterator[Node]:
    """The node and all nodes within it, but for those that are ``known``.

    A subquery is one node, whose own nodes belong to another scope.
    """
    if node.key in known:
        return
    yield node
    for part in _parts(node):
        yield from nodes_in(part, known)


def _parts(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Operation):
        return node.args
    if isinstance(node, Entity):
        return node.columns
    return tuple([field for _, field in node.fields]) if isinstance(node, JsonObject) else ()


def is_aggregate(node: Node) -> bool:
    """Whether the node itself computes one value of many rows."""
    return isinstance(node, Operation) and node.op in AGGREGATES and not is_window(node)


def is_window(node: Node) -> bool:
    """Whether the node itself is computed over a window of rows."""
    return isinstance(node, Call) and node.window is not None


def has_window(node: Node, known: Container[Key] = ()) -> bool:
    """Whether anything within the node is computed over a window, but for what is ``known``."""
    return any(is_window(part) for part in nodes_in(node, known))


def has_aggregate(node: Node, known: Container[Key] = ()) -> bool:
    """Whether an aggregate is anywhere within the node, but for what is ``known``."""
    return any(is_aggregate(part) for part in nodes_in(node, known))


def by_chance(node: Node) -> bool:
    """Whether the node gives another value each time that it is computed."""
    return any(isinstance(part, Operation) and part.op == "random" for part in nodes_in(node))


def of_one_row(node: Node) -> bool:
    """Whether the node is computed of one row alone, as far as anybody can tell: SQL by hand may be an aggregate."""
    return not any(_gathers(part) or is_window(part) for part in nodes_in(node))


def loose_columns(node: Node, group: Sequence[Node]) -> Iterator[ColumnNode]:
    """The columns within the node that stand outside of every aggregate and of all that is grouped by.

    SQL by hand may be an aggregate.  Within a subquery only a column itself is known to be grouped by.
    """
    if _gathers(node) or any(node.key == one.key and node.values == one.values for one in group):
        return
    if isinstance(node, ColumnNode):
        yield node
    elif isinstance(node, Subquery):
        keys = {one.key for one in group}
        yield from [column for column in free_columns(node.statement) if column.key not in keys]
    for part in _parts(node):
        yield from loose_columns(part, group)


def _gathers(node: Node) -> bool:
    return is_aggregate(node) or isinstance(node, Fragment)


def all_columns(node: Node) -> Iterator[ColumnNode]:
    """Every column within the node, those of subqueries too."""
    for part in nodes_in(node):
        if isinstance(part, ColumnNode):
            yield part
        elif isinstance(part, Subquery):
            for inner in parts_of(part.statement):
                yield from all_columns(inner)


def free_columns(statement: Select) -> Iterator[ColumnNode]:
    """The columns in a select of tables that are not its own: those of the queries around it."""
    own = statement.roots
    for node in parts_of(statement):
        for part in nodes_in(node):
            found = free_columns(part.statement) if isinstance(part, Subquery) else (part,)
            for column in found:
                if isinstance(column, ColumnNode) and column.source.root.key not in own:
                    yield column


def parts_of(statement: Select) -> tuple[Node, ...]:
    """The expressions that a select is made of."""
    ordered = [term.node for term in statement.order]
    ordered += statement.outline.distinct_on
    joined = [node for join in statement.joins for node in join.conditions]
    return (*joined, *statement.columns, *statement.where, *statement.group, *statement.having, *ordered)


def flat_fields(node: JsonObject) -> list[Node]:
    """The values that a row must bring for an object, in order; the column that tells presence comes first."""
    nodes: list[Node] = [node.present] if node.present is not None else []
    for _, field in node.fields:
        nodes += flat_fields(field) if isinstance(field, JsonObject) else [field]
    return nodes
