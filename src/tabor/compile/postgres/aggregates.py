"""Aggregates and window functions as PostgreSQL spells them, with the types that every database gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tabor.compile.dialect import Around
from tabor.compile.postgres.numbers import checked, scaled
from tabor.compile.postgres.texts import ordered
from tabor.datatypes import Boolean, Bytes, Decimal, Integer, Json, Uuid
from tabor.tree.nodes import Operation
from tabor.tree.nulls import may_be_null
from tabor.tree.walk import has_aggregate

RowSpell = Callable[[Sequence[str], Operation, Around], str]


def _sum(args: Sequence[str], node: Operation, around: Around) -> str:
    datatype, text = node.args[0].datatype, f"sum({around.word}{args[0]}){around.tail}"
    return f"{text}::bigint" if isinstance(datatype, Integer) else checked(text, datatype)


def _average(args: Sequence[str], node: Operation, around: Around) -> str:
    text, datatype, tail = args[0], node.args[0].datatype, around.tail
    number = f"nullif(count({around.word}{text}){tail}, 0)"
    if isinstance(datatype, Decimal):
        total = f"sum({around.word}{scaled(text, datatype)}){tail}::double precision"
        return f"({total} / ({number} * {10**datatype.places}))"
    if isinstance(datatype, Integer):
        # Not avg(), which rounds to 16 digits before it is a float.
        return f"(sum({around.word}{text}){tail}::double precision / {number})"
    # Nor here, which refuses floats whose squares do not fit.
    return f"(sum({around.word}{text}){tail} / {number})"


def _extreme(args: Sequence[str], node: Operation, around: Around) -> str:
    text, datatype, op, tail = args[0], node.args[0].datatype, node.op, around.tail
    if isinstance(datatype, Boolean):
        return f"{'bool_and' if op == 'min' else 'bool_or'}({text}){tail}"
    if isinstance(datatype, Uuid):
        return f'({op}(({text})::text COLLATE "C"){tail})::uuid'
    if isinstance(datatype, Bytes):
        return f"decode({op}(encode({text}, 'hex') COLLATE \"C\"){tail}, 'hex')"
    return f"{op}({text}){tail}"


def _listed(args: Sequence[str], node: Operation, around: Around) -> str:
    item = node.args[0]
    json = isinstance(item.datatype, Json)
    items = f"{'jsonb_agg' if json else 'array_agg'}({around.word}{args[0]}{around.order}){around.tail}"
    if may_be_null(item) and has_aggregate(item):
        # The filter of a window may not test what is computed of a group.
        items = f"array_remove({items}, NULL)"
    return f"coalesce({items}, '{'[]' if json else '{}'}')"


def _joined(args: Sequence[str], node: Operation, around: Around) -> str:
    return ordered(f"string_agg({around.word}{', '.join(args)}{around.order}){around.tail}", node.datatype)


def _numbered(args: Sequence[str], node: Operation, around: Around) -> str:
    """A function of a row and a number, which is of the smaller type here."""
    value, number, *default = args
    return f"{node.op}({', '.join([value, f'({number})::int', *default])}){around.tail}"


ROW_FUNCTIONS: dict[str, RowSpell] = {
    "avg": _average,
    "lag": _numbered,
    "lead": _numbered,
    "list_agg": _listed,
    "max": _extreme,
    "min": _extreme,
    "nth_value": _numbered,
    "ntile": lambda args, node, around: f"ntile(({args[0]})::int){around.tail}::bigint",
    "string_agg": _joined,
    "sum": _sum,
}
