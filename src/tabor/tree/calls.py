"""Calls that look at many rows: aggregates with more than an operand, functions over a window; and SQL by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tabor.datatypes import DataType
from tabor.tree.nodes import Key, Node, Operation, Ordering, Values


class Frame(NamedTuple):
    """Which rows around the current one count: a unit (``ROWS``, ``RANGE``), and where it starts and ends.

    Each end is its words, with how far it is where they need that.
    """

    unit: str
    start: tuple[str, Node | None]
    end: tuple[str, Node | None]


class Window(NamedTuple):
    """The rows that a call looks at: those like the current one in ``partition``, in an order, within a frame."""

    partition: tuple[Node, ...]
    order: tuple[Ordering, ...]
    frame: Frame | None


class Call(Operation):
    """An aggregate or a window function with what it has beside its ``operands``.

    ``distinct`` counts equal values of the first operand once; ``order`` is then by that operand alone.
    """

    __slots__ = ("condition", "distinct", "operands", "order", "window")

    def __init__(
        self,
        op: str,
        operands: tuple[Node, ...],
        datatype: DataType,
        *,
        nullable: bool = False,
        distinct: bool = False,
        order: tuple[Ordering, ...] = (),
        condition: Node | None = None,
        window: Window | None = None,
    ) -> None:
        args = [*operands, *[term.node for term in order]]
        shape: list[Key] = [len(operands), distinct, _turns(order), condition is not None]
        if condition is not None:
            args.append(condition)
        if window is not None:
            args += [*window.partition, *[term.node for term in window.order]]
            shape += [len(window.partition), _turns(window.order)]
            if window.frame is not None:
                unit, *ends = window.frame
                args += [node for _, node in ends if node is not None]
                shape += [unit, *[words for words, _ in ends]]
        super().__init__(op, tuple(args), datatype, nullable=nullable)
        self.key: Key = (tuple(shape), self.key)
        self.operands: tuple[Node, ...] = operands
        self.distinct: bool = distinct
        self.order: tuple[Ordering, ...] = order
        self.condition: Node | None = condition
        self.window: Window | None = window

    def of(self, other: Callable[[Node], Node]) -> Call:
        """The same call of other nodes in place of its own."""
        window = self.window
        if window is not None:
            frame = window.frame
            if frame is not None:
                ends = [(words, node and other(node)) for words, node in (frame.start, frame.end)]
                frame = Frame(frame.unit, *ends)
            window = Window(tuple([other(node) for node in window.partition]), _ordered(window.order, other), frame)
        return Call(
            self.op,
            tuple([other(node) for node in self.operands]),
            self.datatype,
            nullable=self.nullable,
            distinct=self.distinct,
            order=_ordered(self.order, other),
            condition=self.condition and other(self.condition),
            window=window,
        )


def _ordered(order: tuple[Ordering, ...], other: Callable[[Node], Node]) -> tuple[Ordering, ...]:
    return tuple([Ordering(other(term.node), descending=term.descending, nulls_last=term.nulls_last) for term in order])


def _turns(order: tuple[Ordering, ...]) -> Key:
    return tuple([(term.descending, term.nulls_last) for term in order])


class Fragment(Operation):
    """SQL by hand within a query: its ``parts``, with an operand between each two of them."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[str, ...], args: tuple[Node, ...], datatype: DataType, *, nullable: bool) -> None:
        super().__init__("fragment", args, datatype, nullable=nullable)
        self.key: Key = (parts, datatype.key, self.key)
        self.parts: tuple[str, ...] = parts


class Named(Operation):
    """An expression with its name in dicts, JSON and the like; to the database it is the expression itself."""

    __slots__ = ("name",)

    def __init__(self, name: str, node: Node) -> None:
        node = unnamed(node)
        self.op: str = "named"
        self.args: tuple[Node, ...] = (node,)
        self.datatype: DataType = node.datatype
        self.nullable: bool = node.nullable
        self.key: Key = node.key
        self.values: Values = node.values
        self.name: str = name


def unnamed(node: Node) -> Node:
    """The expression itself."""
    return node.args[0] if isinstance(node, Named) else node
