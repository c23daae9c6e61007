"""``tuple_``: several columns together, looked for in a list of tuples or in what a query selects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal as PythonDecimal
from functools import reduce
from typing import Generic, TypeVar, cast, overload

from tabor.datatypes import BOOLEAN, Decimal, brief
from tabor.errors import QueryError
from tabor.expression.decimals import aligned, without_too_precise
from tabor.expression.expr import Expr
from tabor.expression.operand import Operand, comparison, operand
from tabor.expression.rows import Rows
from tabor.tree.nodes import Comparison, Node, Operation, Value
from tabor.tree.statements import Subquery

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
Item = TypeVar("Item")
Row = TypeVar("Row")

MOST_VALUES = 30_000
"""How many values the tuples of one list may have together: a statement has places for not many more."""


class ColumnTuple(Generic[Item, Row]):
    """Several columns together, made by ``tuple_()``: tuples ``Item`` are looked for, or rows ``Row`` of a query."""

    __slots__ = ("_row",)

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self._row = Operation("row", nodes, BOOLEAN)

    def is_in(self, values: Sequence[Item] | Rows[Row]) -> Expr[bool]:
        """True where the columns hold one of these tuples, or a row that a query selects; of none, nowhere.

        Rows with a null in them are left out.  Raises ``QueryError`` for tuples of another length, for None in them,
        and for more than 30,000 values.

        Example: ``tuple_(Seat.row, Seat.number).is_in([("A", 1), ("A", 2)])``.
        """
        return Expr(_membership("in", self._row, values))

    def not_in(self, values: Sequence[Item] | Rows[Row]) -> Expr[bool]:
        """True where the columns hold none of these tuples or rows, which are as for ``is_in``; of none, everywhere."""
        return Expr(_membership("not_in", self._row, values))


@overload
def tuple_(a: Expr[A], b: Expr[B], /) -> ColumnTuple[tuple[A, B], tuple[A | None, B | None]]: ...
@overload
def tuple_(
    a: Expr[A], b: Expr[B], c: Expr[C], /
) -> ColumnTuple[tuple[A, B, C], tuple[A | None, B | None, C | None]]: ...
@overload
def tuple_(
    a: Expr[A], b: Expr[B], c: Expr[C], d: Expr[D], /
) -> ColumnTuple[tuple[A, B, C, D], tuple[A | None, B | None, C | None, D | None]]: ...
def tuple_(*expressions: object) -> object:
    """Two to four columns or expressions together, to be looked for as one.

    Raises ``QueryError`` for anything else.

    Example: ``Seat.select().where(tuple_(Seat.row, Seat.number).is_in([("A", 1), ("B", 7)]))``.
    """
    if not 2 <= len(expressions) <= 4:
        raise QueryError(f"tuple_() takes two to four columns, got {len(expressions)}.")
    return ColumnTuple[object, object](tuple([operand(one) for one in expressions]))


def _membership(op: str, row: Operation, values: object) -> Node:
    given = values
    if isinstance(values, Rows):
        return _within(op, row, cast("Rows[object]", values))
    if isinstance(values, (str, bytes, Operand)) or not isinstance(values, Iterable):
        raise QueryError(f"is_in and not_in of tuple_() take a list of tuples, or a query, got {brief(given)}.")
    items = [_checked(row, item) for item in cast("Iterable[object]", values)]
    if len(items) * len(row.args) > MOST_VALUES:
        raise QueryError(
            f"{len(items)} tuples are more than the {MOST_VALUES // len(row.args)} that one list may have; ask for "
            "them in parts."
        )
    fine = [item for item in items if _is_fine(row, item)]
    parts = [_alone(op, row, item) for item in items if not _is_fine(row, item)]
    if fine or not parts:
        parts.append(_together(op, row, fine))
    return reduce(lambda left, right: Comparison("or" if op == "in" else "and", left, right), parts)


def _within(op: str, row: Operation, query: Rows[object]) -> Node:
    """The condition on the rows of a query."""
    listed: object = getattr(query, "_tabor_tuples_", None)
    if not isinstance(listed, Subquery) or len(listed.statement.columns) != len(row.args):
        raise QueryError(f"is_in and not_in need a query of {len(row.args)} columns, as many as tuple_() has.")
    for node, column in zip(row.args, listed.statement.columns, strict=True):
        if any(part is not node and part is not column for part in aligned(node, column)):
            raise QueryError("Decimals with different decimal_places cannot be looked for in a query.")
    return Operation(op, (row, listed), BOOLEAN)


def _checked(row: Operation, item: object) -> tuple[object, ...]:
    """An item of the list, which is a tuple of as many values as there are columns."""
    given = item
    parts = cast("tuple[object, ...]", item) if isinstance(item, tuple) else ()
    if len(parts) != len(row.args):
        got = f"one of {len(parts)}" if isinstance(given, tuple) else type(given).__name__
        raise QueryError(f"is_in and not_in of tuple_() take tuples of {len(row.args)} values, got {got}.")
    if any(part is None for part in parts):
        raise QueryError("None in is_in or not_in never matches in SQL; use .is_null() beside it.")
    if any(isinstance(part, Operand) for part in parts):
        raise QueryError("is_in and not_in of tuple_() take tuples of values, not of expressions.")
    return parts


def _is_fine(row: Operation, item: tuple[object, ...]) -> bool:
    """Whether no decimal has more places than its column."""
    return not any(
        isinstance(part, PythonDecimal) and isinstance(node.datatype, Decimal) and not without_too_precise(node, [part])
        for node, part in zip(row.args, item, strict=True)
    )


def _alone(op: str, row: Operation, item: tuple[object, ...]) -> Node:
    """The condition on one tuple, its parts compared one by one."""
    sign, word = ("eq", "and") if op == "in" else ("ne", "or")
    parts = [comparison(sign, node, part) for node, part in zip(row.args, item, strict=True)]
    return reduce(lambda left, right: Comparison(word, left, right), parts)


def _together(op: str, row: Operation, items: Sequence[tuple[object, ...]]) -> Node:
    """The condition on a list, padded to a power of two so that few lengths need a statement of their own."""
    if not items:
        return Operation(op, (row,), BOOLEAN)
    size = 1 << (len(items) - 1).bit_length()
    if size * len(row.args) <= MOST_VALUES:
        items = [*items, *[items[-1]] * (size - len(items))]
    types = [node.datatype for node in row.args]
    given = [tuple([Value(kind, part) for kind, part in zip(types, item, strict=True)]) for item in items]
    rows = Operation("rows", tuple([Operation("row", values, BOOLEAN) for values in given]), BOOLEAN)
    return Operation(f"{op}_rows", (row, rows), BOOLEAN)
