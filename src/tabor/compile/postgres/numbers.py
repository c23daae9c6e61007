"""Arithmetic as PostgreSQL spells it, within the 64 bits that every database has."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tabor.datatypes import DataType, Decimal, Duration, Float
from tabor.tree.nodes import Operation

Spell = Callable[[Sequence[str], Operation], str]


def unit(places: int) -> str:
    """The smallest decimal with this many places."""
    return f"1e-{places}::numeric({places + 1}, {places})"


def checked(text: str, datatype: DataType) -> str:
    """A decimal of arithmetic, refused where it would not fit into 64 bits of its smallest unit."""
    if not isinstance(datatype, Decimal):
        return text
    return f"({scaled(text, datatype)} * {unit(datatype.places)})"


def scaled(text: str, datatype: Decimal) -> str:
    """A decimal as the whole number of its smallest units."""
    return f"({text} * {10**datatype.places}::numeric)::bigint"


def as_float(text: str, datatype: DataType) -> str:
    """A number as a float, rounded as databases do that keep decimals as whole numbers."""
    if isinstance(datatype, Decimal) and datatype.places:
        return f"({scaled(text, datatype)}::double precision / {10**datatype.places})"
    return text if isinstance(datatype, Float) else f"{text}::double precision"


def _divide(args: Sequence[str], node: Operation) -> str:
    one, two = [as_float(text, arg.datatype) for text, arg in zip(args, node.args, strict=True)]
    # A zero has no sign.
    return f"({one} / {two} + 0.0)"


def _floor_divide(args: Sequence[str], node: Operation) -> str:
    a, b = args
    # Division cuts off towards zero; one less where a remainder has another sign than the divisor.
    return f"({a} / {b} - ({a} % {b} <> 0 AND ({a} < 0) <> ({b} < 0))::int)"


def _modulo(args: Sequence[str], node: Operation) -> str:
    a, b = args
    return f"({a} % {b} + CASE WHEN {a} % {b} <> 0 AND ({a} < 0) <> ({b} < 0) THEN {b} ELSE 0 END)"


def _rescale(args: Sequence[str], node: Operation) -> str:
    return checked(args[0], node.datatype)


def _round_decimal(args: Sequence[str], node: Operation) -> str:
    assert isinstance(node.datatype, Decimal)
    return f"round({args[0]}, {node.datatype.places})"


def _round_float(args: Sequence[str], node: Operation) -> str:
    x, y = args[0], f"abs({args[0]} * {args[1]})"
    rounded = f"(sign({x}) * (floor({y}) + ({y} - floor({y}) >= 0.5)::int) / {args[1]} + 0.0)"
    # A number too large to have places is itself, and must not be multiplied out of range.
    return f"CASE WHEN abs({x}) < 4503599627370496.0 / {args[1]} THEN {rounded} ELSE {x} END"


def _to_whole(args: Sequence[str], node: Operation) -> str:
    return f"{node.op}({args[0]})::bigint"


def _absolute(args: Sequence[str], node: Operation) -> str:
    if isinstance(node.datatype, Duration):
        return f"CASE WHEN {args[0]} < interval '0' THEN -{args[0]} ELSE {args[0]} END"
    return f"abs({args[0]})"


NUMBERS: dict[str, Spell] = {
    "align": lambda args, node: args[0],
    "abs": _absolute,
    "at_least": lambda args, node: f"CASE WHEN {args[0]} < {args[1]} THEN {args[1]} ELSE {args[0]} END",
    "ceil": _to_whole,
    "divide": _divide,
    "exp": lambda args, node: f"exp({args[0]})",
    "floor": _to_whole,
    "floor_divide": _floor_divide,
    "ln": lambda args, node: f"ln({args[0]})",
    "modulo": _modulo,
    "power": lambda args, node: f"power({args[0]}, {args[1]})",
    "random": lambda args, node: "random()",
    "rescale": _rescale,
    "round_decimal": _round_decimal,
    "round_float": _round_float,
    "sign": lambda args, node: f"sign({args[0]})::bigint",
    "sqrt": lambda args, node: f"sqrt({args[0]})",
    "to_float": lambda args, node: as_float(args[0], node.args[0].datatype),
    "truth": lambda args, node: f"{args[0]}::int::bigint",
    "to_whole": lambda args, node: f"trunc({args[0]})::bigint",
}
