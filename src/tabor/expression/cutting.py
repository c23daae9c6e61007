"""Texts cut to a length or brought to one, as nodes."""

from __future__ import annotations

from tabor.expression.arithmetic import made
from tabor.expression.kinds import INTEGER, TEXT
from tabor.expression.operand import Operand
from tabor.tree.nodes import Node, Operation, Value


def substring(node: Node, start: object, length: object) -> Node:
    """The part of a text from a character on, counted from 1."""
    return made("substring", (node, _bound(start, 1), *([] if length is None else [_bound(length, 0)])), TEXT)


def right(node: Node, length: object) -> Node:
    """The end of a text."""
    return made("right", (node, _bound(length, 0)), TEXT)


def padded(op: str, node: Node, width: object, fill: str) -> Node:
    """A text with another one before it (``lpad``) or after it (``rpad``), so often that it has this width."""
    return made(op, (node, _bound(width, 0), Value(TEXT, fill)), TEXT)


def repeated(node: Node, times: object) -> Node:
    """A text so many times."""
    return made("repeat", (node, _bound(times, 0)), TEXT)


def _bound(number: object, lowest: int) -> Node:
    if isinstance(number, Operand):
        return Operation("at_least", (number.node, Value(INTEGER, lowest)), INTEGER, nullable=number.node.nullable)
    return Value(INTEGER, max(number, lowest) if type(number) is int else number)
