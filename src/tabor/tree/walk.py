"""Walks expression nodes: every node within one, and which of them are aggregates."""

from __future__ import annotations

from collections.abc import Iterator

from tabor.tree.nodes import ColumnNode, Entity, JsonObject, Node, Operation

AGGREGATES = frozenset({"count", "min", "max", "sum", "avg"})


def nodes_in(node: Node) -> Iterator[Node]:
    """The node and all nodes within it."""
    yield node
    parts: tuple[Node, ...] = ()
    if isinstance(node, Operation):
        parts = node.args
    elif isinstance(node, Entity):
        parts = node.columns
    elif isinstance(node, JsonObject):
        parts = tuple([field for _, field in node.fields])
    for part in parts:
        yield from nodes_in(part)


def is_aggregate(node: Node) -> bool:
    """Whether the node itself computes one value of many rows."""
    return isinstance(node, Operation) and node.op in AGGREGATES


def has_aggregate(node: Node) -> bool:
    """Whether an aggregate is anywhere within the node."""
    return any(is_aggregate(part) for part in nodes_in(node))


def plain_columns(node: Node) -> Iterator[ColumnNode]:
    """The columns within the node that stand outside of every aggregate."""
    if is_aggregate(node):
        return
    if isinstance(node, ColumnNode):
        yield node
        return
    for part in nodes_in(node):
        if part is not node and isinstance(part, ColumnNode) and not _within_aggregate(node, part):
            yield part


def _within_aggregate(node: Node, column: ColumnNode) -> bool:
    return any(is_aggregate(part) and any(inner is column for inner in nodes_in(part)) for part in nodes_in(node))
