"""Conditions on lists, and their length, as nodes."""

from __future__ import annotations

from collections.abc import Sequence

from tabor.datatypes import BOOLEAN, Array, Bytes, Enumeration, Integer, Text, brief
from tabor.errors import QueryError
from tabor.expression.operand import STORED_OTHERWISE, item_type
from tabor.tree.nodes import Comparison, Node, Operation, Value

INTEGER = Integer()


def length(node: Node) -> Node:
    """The number of characters, bytes or items."""
    if isinstance(node.datatype, Array):
        return Operation("list_length", (node,), INTEGER, nullable=node.nullable)
    if not isinstance(node.datatype, (Text, Bytes, Enumeration)):
        raise QueryError(f"length() needs text, bytes or a list, and this expression gives {node.datatype.label}.")
    return Operation("length", (node,), INTEGER, nullable=node.nullable)


def has(node: Node, item: object) -> Node:
    """Whether the list contains the item."""
    datatype = item_type(node, "has()")
    if isinstance(datatype, STORED_OTHERWISE):
        return compared("has_all", node, [item])
    return Comparison("has", node, Value(datatype, item))


def compared(op: str, node: Node, items: Sequence[object]) -> Node:
    """Whether the list contains any, or all, of the items."""
    datatype = item_type(node, f"{op}()")
    if not isinstance(items, (list, tuple)):
        raise QueryError(f"{op}() takes a list of items, got {brief(items)}.")
    return Operation(op, (node, Value(Array(datatype), list(items))), BOOLEAN, nullable=node.nullable)
