"""What texts are searched for: patterns, and texts that stand for themselves, known now, later or by the database."""

from __future__ import annotations

from typing import Literal

from tabor.datatypes import Pattern, brief
from tabor.errors import QueryError
from tabor.expression.kinds import ILIKE, LIKE, TEXT
from tabor.expression.operand import Operand, is_place, text_node
from tabor.tree.nodes import Comparison, Node, Operation, Value


def like(node: Node, pattern: object, datatype: Pattern = LIKE) -> Node:
    """The condition that a text fits a pattern, which is text or ``param(str)``; raises ``QueryError`` for another."""
    op = "ilike" if datatype.ignore_case else "like"
    node = text_node(node, op)
    if isinstance(pattern, Operand):
        if not is_place(pattern.node):
            raise QueryError(
                f"{op}() takes a pattern that is text or param(str), and got an expression; contains(), starts_with() "
                f"and ends_with() take expressions."
            )
        return Comparison(op, node, Value(datatype, text_node(pattern.node, op).values[0]))
    return Comparison(op, node, Value(datatype, pattern))


def contains(node: Node, text: object) -> Node:
    """The condition that another text stands in a text."""
    node = text_node(node, "contains")
    other = _expressed(text, "contains")
    return Comparison("contains", node, Value(TEXT, text) if other is None else other)


def icontains(node: Node, text: object) -> Node:
    """The same, whatever the case of the letters A to Z."""
    node = text_node(node, "icontains")
    other = _expressed(text, "icontains")
    if other is None:
        return Comparison("ilike", node, Value(ILIKE, f"%{escaped(text)}%"))
    return Comparison("contains", _lower(node), _lower(other))


def at_end(op: Literal["starts_with", "ends_with"], node: Node, text: object) -> Node:
    """The condition that a text begins or ends with another."""
    node = text_node(node, op)
    other = _expressed(text, op)
    if other is not None:
        return Comparison(op, node, other)
    pattern = f"{escaped(text)}%" if op == "starts_with" else f"%{escaped(text)}"
    return Comparison("like", node, Value(LIKE, pattern))


def escaped(text: object) -> str:
    """Text as a pattern that stands for itself."""
    if not isinstance(text, str):
        raise QueryError(f"Text was expected, got {brief(text)}.")
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _expressed(text: object, method: str) -> Node | None:
    """The node of an expression of text, None for a plain value; raises ``QueryError`` for another expression."""
    return text_node(text.node, method) if isinstance(text, Operand) else None


def _lower(node: Node) -> Node:
    return Operation("lower", (node,), TEXT, nullable=node.nullable)
