"""Aggregates and window functions with a filter, a window and a frame, as nodes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal as PythonDecimal
from functools import reduce
from typing import NamedTuple, TypeAlias, cast

from tabor.datatypes import DataType, Decimal, Duration, Float, Integer, brief
from tabor.errors import InvalidValue, QueryError
from tabor.expression.operand import Operand, condition, operand
from tabor.expression.order import Order
from tabor.tree.calls import Call, Frame, Window
from tabor.tree.nodes import Comparison, Node, Operation, Ordering, Value
from tabor.tree.walk import IN_ORDER, has_aggregate, has_window

Partition: TypeAlias = Operand[object] | Sequence[Operand[object]]
Terms: TypeAlias = Operand[object] | Order | Sequence[Operand[object] | Order]
Rows: TypeAlias = tuple[int | None, int | None]
Distance: TypeAlias = int | float | PythonDecimal | timedelta | None
Range: TypeAlias = tuple[Distance, Distance]

_INTEGER = Integer()
_MEASURED = (Integer, Decimal, Float, Duration)
MOST_ROWS = 2**31 - 1


def ordering(terms: Terms) -> tuple[Ordering, ...]:
    """The terms of an order, given as one or as several."""
    given = (terms,) if isinstance(terms, (Operand, Order)) else terms
    return tuple([term.term if isinstance(term, Order) else Ordering(operand(term)) for term in given])


def aggregate(op: str, node: Node, datatype: DataType, distinct: bool) -> Operation:
    """An aggregate of a node that is null where there is no row, of its different values if ``distinct``."""
    if distinct:
        return Call(op, (node,), datatype, nullable=True, distinct=True)
    return Operation(op, (node,), datatype, nullable=True)


def called(node: Node) -> Call:
    """A plain aggregate as a call to which more can be said."""
    if isinstance(node, Call):
        return node
    assert isinstance(node, Operation)
    return Call(node.op, node.args, node.datatype, nullable=node.nullable)


def filtered(node: Node, conditions: Sequence[object]) -> Call:
    """The aggregate of the rows alone for which all conditions hold, and those before them."""
    call, tests = called(node), [condition(test) for test in conditions]
    if not tests:
        raise QueryError("filter() takes a condition, such as Event.seats > 3.")
    if any(has_aggregate(test) or has_window(test) for test in tests):
        raise QueryError("filter() chooses rows before they are put together: its condition is on columns alone.")
    if call.condition is not None:
        tests.insert(0, call.condition)
    return Call(
        call.op,
        call.operands,
        call.datatype,
        nullable=call.nullable,
        distinct=call.distinct,
        order=call.order,
        condition=reduce(lambda one, other: Comparison("and", one, other), tests),
    )


def over(node: Node, partition_by: Partition, order_by: Terms, rows: Rows | None, range_: Range | None) -> Call:
    """The call over a window; raises ``QueryError`` for what no database computes."""
    call = called(node)
    if call.distinct or call.op == "count_distinct":
        raise QueryError("distinct=True cannot be computed over a window; compute it in a grouped query and join that.")
    if call.order:
        raise QueryError("An aggregate over a window takes the order of the window: say order_by in over() alone.")
    columns = (partition_by,) if isinstance(partition_by, Operand) else partition_by
    partition = tuple([operand(column) for column in columns])
    order = ordering(order_by)
    if call.op in IN_ORDER and not order:
        raise QueryError(f"{call.op}() puts values in a row: give over() an order_by.")
    if any(has_window(part) for part in (*call.args, *partition, *[term.node for term in order])):
        raise QueryError("A window function cannot stand in another one; compute the inner one in a cte().")
    window = Window(partition, order, framed(order, rows, range_))
    return Call(call.op, call.operands, call.datatype, nullable=call.nullable, condition=call.condition, window=window)


def framed(order: tuple[Ordering, ...], rows: Rows | None, range_: Range | None) -> Frame | None:
    """The frame from ``rows`` or ``range_``; raises ``QueryError`` where it means nothing."""
    if rows is not None and range_ is not None:
        raise QueryError("A window has a frame of rows or one of a range, not both.")
    if range_ is not None:
        unit, given, ends = "RANGE", range_, _ends_of_range(range_, order)
    elif rows is not None:
        unit, given, ends = "ROWS", rows, _ends_of_rows(rows)
    else:
        return None
    start, end = ends
    if not order and (start or end):
        raise QueryError("A frame counts from the current row in an order: give over() an order_by.")
    if start and end and _turned(start, end):
        raise QueryError(f"A frame starts before it ends, got {brief(given)}.")
    return Frame(unit, _words(start, "PRECEDING"), _words(end, "FOLLOWING"))


def _ends_of_rows(rows: Rows) -> list[_End | None]:
    for distance in rows:
        if distance is not None and (type(distance) is not int or abs(distance) > MOST_ROWS):
            raise QueryError(f"rows=(start, end) takes whole numbers of rows or None, got {brief(distance)}.")
    return [None if distance is None else _end(distance, _INTEGER) for distance in rows]


def _ends_of_range(given: Range, order: tuple[Ordering, ...]) -> list[_End | None]:
    datatype = order[0].node.datatype.bare if len(order) == 1 else None
    if any(given) and not isinstance(datatype, _MEASURED):
        raise QueryError(
            "range_=(start, end) measures one order_by that gives numbers or durations; for moments order by the "
            "time since a fixed one, such as Event.starts_at - datetime(2000, 1, 1, tzinfo=UTC)."
        )
    try:
        return [None if distance is None else _end(distance, datatype or _INTEGER) for distance in given]
    except InvalidValue as error:
        raise QueryError(f"range_=(start, end) measures the values of order_by: {error.reason}.") from None


class _End(NamedTuple):
    """One end of a frame: before the current row, at it or after it (-1, 0, 1), and how far."""

    side: int
    distance: Value | None = None


def _end(distance: Distance, datatype: DataType) -> _End:
    if not distance:
        return _End(0)
    far = abs(distance)
    return _End(1 if far == distance else -1, Value(datatype, datatype.check(far)))


def _turned(start: _End, end: _End) -> bool:
    if start.side != end.side or start.distance is None or end.distance is None:
        return start.side > end.side
    (first,), (last,) = cast("tuple[tuple[int], tuple[int]]", (start.distance.values, end.distance.values))
    return first * start.side > last * end.side


def _words(end: _End | None, outward: str) -> tuple[str, Node | None]:
    if end is None:
        return (f"UNBOUNDED {outward}", None)
    return (("CURRENT ROW", "FOLLOWING", "PRECEDING")[end.side], end.distance)
