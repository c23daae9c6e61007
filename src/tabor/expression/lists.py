"""Conditions on lists, their length, and lists made of them, as nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from tabor.datatypes import BOOLEAN, Array, Bytes, Enumeration, Integer, Text, brief
from tabor.errors import QueryError
from tabor.expression.operand import STORED_OTHERWISE, Operand, item_type
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


def beside(node: Node, other: object) -> Node:
    """What is added to a list: an expression of one like it, or a list of values; raises ``QueryError`` for others."""
    datatype = node.datatype.bare
    if isinstance(other, Operand):
        if other.node.datatype.bare.key != datatype.key:
            raise QueryError(f"A list is added to one with items of the same type, not to {other.node.datatype.label}.")
        return other.node
    if not isinstance(other, (list, tuple)):
        raise QueryError(
            f"A list of a column takes items by append('late'), and another list by +, got {brief(other)}."
        )
    return Value(datatype, list(cast("Sequence[object]", other)))


def joined(left: Node, right: Node) -> Node:
    """The items of the first list and then those of the second; null where one of them is."""
    return Operation("list_joined", (left, right), left.datatype.bare, nullable=left.nullable or right.nullable)


def without(node: Node, item: object) -> Node:
    """The list without an item, however often it is there."""
    datatype = Array(item_type(node, "without()").bare, nullable_items=True)
    return Operation("list_without", (node, Value(datatype, [item])), node.datatype.bare, nullable=node.nullable)
