"""Texts as SQLite spells them, and choices between values."""

from __future__ import annotations

from collections.abc import Sequence

from tabor.compile.sqlite.numbers import Spell
from tabor.datatypes import Decimal, Integer, Pattern
from tabor.errors import QueryError
from tabor.tree.nodes import Operation, Value

REVERSE, REPEAT, PAD_LEFT, PAD_RIGHT = "tabor_reverse", "tabor_repeat", "tabor_lpad", "tabor_rpad"
"""Functions that the engine gives to each connection: SQLite has none like them."""


def decimal_text(text: str, places: int) -> str:
    """A decimal, kept as a whole number of its smallest unit, with all its places."""
    if places == 0:
        return f"CAST({text} AS TEXT)"
    unit = 10**places
    return (
        f"CASE WHEN {text} IS NOT NULL THEN printf('%s%d.%0{places}d', CASE WHEN {text} < 0 THEN '-' ELSE '' END, "
        f"abs({text}) / {unit}, abs({text}) % {unit}) END"
    )


def _like(args: Sequence[str], node: Operation) -> str:
    pattern = node.args[1]
    if not (isinstance(pattern, Value) and isinstance(pattern.datatype, Pattern)):
        raise QueryError("A pattern of like() is text, not an expression.")
    # LIKE ignores the case of A to Z here and GLOB does not; the codec spells the pattern for either.
    return f"({args[0]} GLOB {args[1]})" if node.op == "like" else f"({args[0]} LIKE {args[1]} ESCAPE '\\')"


def _to_text(args: Sequence[str], node: Operation) -> str:
    inner = node.args[0].datatype
    if isinstance(inner, Decimal):
        return decimal_text(args[0], inner.places)
    return f"CAST({args[0]} AS TEXT)" if isinstance(inner, Integer) else args[0]


TEXTS: dict[str, Spell] = {
    "contains": lambda args, node: f"(instr({args[0]}, {args[1]}) > 0)",
    "distinct_from": lambda args, node: f"({args[0]} IS NOT {args[1]})",
    "ends_with": lambda args, node: f"(substr({args[0]}, -length({args[1]}), length({args[1]})) = {args[1]})",
    "greatest": lambda args, node: f"max({', '.join(args)})",
    "ilike": _like,
    "least": lambda args, node: f"min({', '.join(args)})",
    "like": _like,
    "lpad": lambda args, node: f"{PAD_LEFT}({', '.join(args)})",
    "lstrip": lambda args, node: f"ltrim({args[0]}, {args[1]})",
    "not_distinct_from": lambda args, node: f"({args[0]} IS {args[1]})",
    "position": lambda args, node: f"instr({args[0]}, {args[1]})",
    "repeat": lambda args, node: f"{REPEAT}({', '.join(args)})",
    "replace": lambda args, node: f"replace({', '.join(args)})",
    "reverse": lambda args, node: f"{REVERSE}({args[0]})",
    "right": lambda args, node: f"substr({args[0]}, -{args[1]}, {args[1]})",
    "rpad": lambda args, node: f"{PAD_RIGHT}({', '.join(args)})",
    "rstrip": lambda args, node: f"rtrim({args[0]}, {args[1]})",
    "starts_with": lambda args, node: f"(substr({args[0]}, 1, length({args[1]})) = {args[1]})",
    "strip": lambda args, node: f"trim({args[0]}, {args[1]})",
    "substring": lambda args, node: f"substr({', '.join(args)})",
    "to_text": _to_text,
}
