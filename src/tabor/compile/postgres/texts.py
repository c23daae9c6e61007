"""Texts as PostgreSQL spells them, in the order of code points, and choices between values."""

from __future__ import annotations

from collections.abc import Sequence

from tabor.compile.dialect import LONGEST_MADE
from tabor.compile.postgres.moments import finite
from tabor.compile.postgres.numbers import Spell
from tabor.datatypes import DataType, Date, DateTime, Decimal, Text, Time
from tabor.tree.nodes import Operation
from tabor.tree.nulls import may_be_null

_LONGEST = 2**31 - 1


def plain_text(text: str, datatype: DataType) -> str:
    """A value as text, as every database writes it."""
    if isinstance(datatype, Decimal):
        return f"({text})::numeric(60, {datatype.places})::text"
    if isinstance(datatype, DateTime):
        made = f"to_char({text} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
        return finite(text, made, "'0001-01-01T00:00:00.000000Z'", "'9999-12-31T23:59:59.999999Z'")
    if isinstance(datatype, Date):
        return finite(text, f"{text}::text", "'0001-01-01'", "'9999-12-31'")
    return f"to_char({text}, 'HH24:MI:SS.US')" if isinstance(datatype, Time) else f"({text})::text"


def _extreme(args: Sequence[str], node: Operation) -> str:
    text = f"{node.op}({', '.join(args)})"
    # The server leaves nulls out of the comparison; elsewhere the answer is null where one of the values is.
    return f"CASE WHEN num_nulls({', '.join(args)}) = 0 THEN {text} END" if may_be_null(node) else text


def ordered(text: str, datatype: DataType) -> str:
    """A text that no column gives, in the order of code points."""
    return f'({text}) COLLATE "C"' if isinstance(datatype, Text) else text


def _bounded(number: str) -> str:
    """A whole number that is not negative with 32 bits; not ``least()``, which would take a null for the largest."""
    return f"CASE WHEN {number} > {_LONGEST} THEN {_LONGEST} ELSE ({number})::int END"


def _padded(args: Sequence[str], node: Operation) -> str:
    text, width, fill = args
    # The server refuses its largest number, before it makes anything.
    wanted = f"CASE WHEN {width} > {LONGEST_MADE} THEN {_LONGEST} ELSE ({width})::int END"
    return f"{node.op}({text}, {wanted}, {fill})"


def _repeated(args: Sequence[str], node: Operation) -> str:
    text, times = args
    some = f"CASE WHEN {times} > {LONGEST_MADE} / length({text}) THEN {_LONGEST} ELSE {_bounded(times)} END"
    return f"repeat({text}, CASE WHEN {text} <> '' THEN {some} WHEN {times} IS NOT NULL THEN 0 END)"


def _substring(args: Sequence[str], node: Operation) -> str:
    return f"substr({args[0]}, {', '.join(map(_bounded, args[1:]))})"


TEXTS: dict[str, Spell] = {
    "contains": lambda args, node: f"(strpos({args[0]}, {args[1]}) > 0)",
    "distinct_from": lambda args, node: f"({args[0]} IS DISTINCT FROM {args[1]})",
    "ends_with": lambda args, node: f"(right({args[0]}, length({args[1]})) = {args[1]})",
    "greatest": _extreme,
    "ilike": lambda args, node: f"({args[0]} ILIKE {args[1]})",
    "least": _extreme,
    "like": lambda args, node: f"({args[0]} LIKE {args[1]})",
    "lpad": _padded,
    "lstrip": lambda args, node: f"ltrim({args[0]}, {args[1]})",
    "not_distinct_from": lambda args, node: f"({args[0]} IS NOT DISTINCT FROM {args[1]})",
    "position": lambda args, node: f"strpos({args[0]}, {args[1]})::bigint",
    "repeat": _repeated,
    "replace": lambda args, node: f"replace({', '.join(args)})",
    "reverse": lambda args, node: f"reverse({args[0]})",
    "right": lambda args, node: f"right({args[0]}, {_bounded(args[1])})",
    "rpad": _padded,
    "rstrip": lambda args, node: f"rtrim({args[0]}, {args[1]})",
    "starts_with": lambda args, node: f"starts_with({args[0]}, {args[1]})",
    "strip": lambda args, node: f"btrim({args[0]}, {args[1]})",
    "substring": _substring,
    "to_text": lambda args, node: ordered(plain_text(args[0], node.args[0].datatype), node.datatype),
}
