"""Which values can be compared with one another, and which have an order: what every database agrees on.

Checked once for each shape, when it is compiled.
"""

from __future__ import annotations

from tabor.datatypes import Array, DataType, Decimal, Enumeration, Float, Integer, Json, Pattern, Text
from tabor.errors import QueryError
from tabor.tree.nodes import ColumnNode, Node, Operation
from tabor.tree.statements import Subquery

_BY_ORDER = frozenset({"lt", "lte", "gt", "gte", "between", "min", "max"})
_COMPARED = frozenset(
    {"eq", "ne", "lt", "lte", "gt", "gte", "between", "in", "not_in", "distinct_from", "not_distinct_from"}
)


def check_operands(node: Operation) -> None:
    """Raise ``QueryError`` where an operation compares what cannot be compared."""
    if node.op in _BY_ORDER:
        check_order(node.args[0].datatype)
    if node.op in _COMPARED:
        one = node.args[0].datatype
        for arg in node.args[1:]:
            _check_alike(one, arg.datatype)
        row, *listed = node.args
        if isinstance(row, Operation) and row.op == "row":
            for query in listed:
                assert isinstance(query, Subquery)
                for part, column in zip(row.args, query.statement.columns, strict=True):
                    _check_alike(part.datatype, column.datatype)


def _check_alike(one: DataType, other: DataType) -> None:
    if other is not one and _family(other) != _family(one):
        raise QueryError(f"{one.label} cannot be compared with {other.label}; cast() one of them first.")


def check_set(column: ColumnNode, node: Node) -> None:
    """Raise ``QueryError`` where a column is set to an expression of another kind of value, or could lose a part of it.

    One database would refuse it, another round it or keep what the column cannot hold.
    """
    want, have = column.datatype, node.datatype
    if have is want or (_family(have) == _family(want) and not (isinstance(want, Integer) and isinstance(have, Float))):
        return
    raise QueryError(
        f"{column.source.table}.{column.name} holds {want.label} and is set to {have.label}; cast() it first."
    )


def check_order(datatype: DataType) -> None:
    """Raise ``QueryError`` for values without an order that is the same on every database."""
    if isinstance(datatype, (Json, Array)):
        raise QueryError(
            f"{datatype.label} has no order that databases share; compare or sort by something in it, or by its length."
        )


def _family(datatype: DataType) -> object:
    """Equal for types whose values can be compared."""
    if isinstance(datatype, (Integer, Float, Decimal)):
        return "number"
    if isinstance(datatype, Enumeration):
        return "number" if datatype.integers else "text"
    if isinstance(datatype, (Text, Pattern)):
        return "text"
    if isinstance(datatype, Array):
        return ("list", _family(datatype.item))
    return "json" if isinstance(datatype, Json) else type(datatype)
