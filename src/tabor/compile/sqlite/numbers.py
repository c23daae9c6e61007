"""Arithmetic as SQLite spells it, with the errors that SQLite itself does not raise.

SQLite turns a whole number that does not fit into a float, a float that does not fit into infinity, one that is too
small into zero, and a division by zero into null.  A call of
``json_extract`` with a word for a path is refused with that word in the message, which the engine's errors know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tabor.compile.dialect import Around
from tabor.datatypes import DataType, Decimal, Float
from tabor.tree.nodes import Operation
from tabor.tree.nulls import may_be_null

Spell = Callable[[Sequence[str], Operation], str]

OUT_OF_RANGE = "json_extract('0', 'out of range')"
BY_ZERO = "json_extract('0', 'division by zero')"
UNDEFINED = "json_extract('0', 'undefined')"
_LOWEST, _BEYOND = "-9223372036854775808.0", "9223372036854775808.0"
_SUSPECT = "(0.0, 9e999)"
"""What a float becomes that is too small or too large, without its sign."""


def checked(text: str, datatype: DataType) -> str:
    """The text of an arithmetic expression that is refused where its result does not fit its type."""
    if isinstance(datatype, Float):
        return f"CASE abs({text}) WHEN 9e999 THEN {OUT_OF_RANGE} ELSE {text} END"
    return f"CASE typeof({text}) WHEN 'real' THEN {OUT_OF_RANGE} ELSE {text} END"


def product(factors: Sequence[str]) -> str:
    """The product of floats, which is zero only where one of them is, and then without a sign."""
    text, wrong = factors[0], list[str]()
    for place, factor in enumerate(factors[1:], 2):
        text = f"({text} * {factor})"
        wrong.append(" AND ".join([f"abs({text}) IN {_SUSPECT}", *factors[:place]]))
    return f"CASE WHEN {' OR '.join(wrong)} THEN {OUT_OF_RANGE} ELSE {text} + 0.0 END"


def mean_of_floats(text: str) -> str:
    """The mean of floats, which is zero only where their sum is."""
    return (
        f"CASE WHEN abs({text}) IN {_SUSPECT} AND sum({text.removeprefix('avg(')} THEN {OUT_OF_RANGE} ELSE {text} END"
    )


def mean_of_decimals(text: str, datatype: Decimal, around: Around) -> str:
    """The mean of decimals as the nearest float: one division of the sum, which is of their smallest unit."""
    total, number = [f"{name}({around.word}{text}){around.tail}" for name in ("total", "count")]
    return f"({total} / ({number} * {10**datatype.places}.0))"


def as_float(text: str, datatype: DataType) -> str:
    """A number as a float."""
    if isinstance(datatype, Decimal) and datatype.places:
        return f"({text} / {10**datatype.places}.0)"
    return text if isinstance(datatype, Float) else f"CAST({text} AS REAL)"


def _divide(args: Sequence[str], node: Operation) -> str:
    a, b = args
    one, two = [as_float(text, arg.datatype) for text, arg in zip(args, node.args, strict=True)]
    text, wrong = f"({one} / {two})", f"WHEN {_by_zero(node, a, b)} THEN {BY_ZERO}"
    if any(isinstance(arg.datatype, Float) for arg in node.args):
        wrong += f" WHEN abs({text}) IN {_SUSPECT} AND {a} THEN {OUT_OF_RANGE}"
    return f"CASE {wrong} ELSE {text} + 0.0 END"


def _by_zero(node: Operation, a: str, b: str) -> str:
    """Whether ``a`` is divided by zero; null is null whatever it is divided by."""
    return f"{b} = 0 AND {a} IS NOT NULL" if may_be_null(node.args[0]) else f"{b} = 0"


def _power(args: Sequence[str], node: Operation) -> str:
    x, y = args
    text = f"pow({x}, {y})"
    undefined = f"{x} = 0.0 AND {y} < 0.0 OR {x} < 0.0 AND {y} <> floor({y})"
    wrong = f"abs({text}) = 9e999 OR {text} = 0.0 AND {x} <> 0.0"
    return f"CASE WHEN {undefined} THEN {UNDEFINED} WHEN {wrong} THEN {OUT_OF_RANGE} ELSE {text} END"


def _exp(args: Sequence[str], node: Operation) -> str:
    return f"CASE WHEN exp({args[0]}) IN {_SUSPECT} THEN {OUT_OF_RANGE} ELSE exp({args[0]}) END"


def _floor_divide(args: Sequence[str], node: Operation) -> str:
    a, b = args
    # Division cuts off towards zero; one less where a remainder has another sign than the divisor.
    whole = f"({a} / {b} - ({a} % {b} <> 0 AND ({a} < 0) <> ({b} < 0)))"
    return f"CASE WHEN {_by_zero(node, a, b)} THEN {BY_ZERO} ELSE {checked(whole, node.datatype)} END"


def _modulo(args: Sequence[str], node: Operation) -> str:
    a, b = args
    rest = f"({a} % {b} + CASE WHEN {a} % {b} <> 0 AND ({a} < 0) <> ({b} < 0) THEN {b} ELSE 0 END)"
    return f"CASE WHEN {_by_zero(node, a, b)} THEN {BY_ZERO} ELSE {rest} END"


def _rescale(args: Sequence[str], node: Operation) -> str:
    return checked(align(args, node), node.datatype)


def align(args: Sequence[str], node: Operation) -> str:
    """A decimal in smaller units; where that does not fit, the float is larger than all that do."""
    inner, own = node.args[0].datatype, node.datatype
    assert isinstance(own, Decimal)
    return f"({args[0]} * {10 ** (own.places - (inner.places if isinstance(inner, Decimal) else 0))})"


def _round_decimal(args: Sequence[str], node: Operation) -> str:
    inner, own = node.args[0].datatype, node.datatype
    assert isinstance(inner, Decimal)
    assert isinstance(own, Decimal)
    unit = 10 ** (inner.places - own.places)
    x = args[0]
    return f"({x} / {unit} + ({x} % {unit} >= {unit // 2}) - ({x} % {unit} <= {-(unit // 2)}))"


def _round_float(args: Sequence[str], node: Operation) -> str:
    x, y = args[0], f"abs({args[0]} * {args[1]})"
    rounded = f"(sign({x}) * (floor({y}) + ({y} - floor({y}) >= 0.5)) / {args[1]} + 0.0)"
    return f"CASE WHEN {y} < 4503599627370496.0 THEN {rounded} ELSE {x} END"


def _to_whole(args: Sequence[str], node: Operation) -> str:
    inner, x = node.args[0].datatype, args[0]
    if isinstance(inner, Decimal):
        unit = 10**inner.places
        step = f"- ({x} % {unit} < 0)" if node.op == "floor" else f"+ ({x} % {unit} > 0)"
        return f"({x} / {unit} {step})"
    made = f"{node.op}({x})"
    fits = f"{made} >= {_LOWEST} AND {made} < {_BEYOND}"
    return f"CASE WHEN {fits} THEN CAST({made} AS INTEGER) WHEN {x} IS NOT NULL THEN {OUT_OF_RANGE} END"


def _truncated(args: Sequence[str], node: Operation) -> str:
    inner, x = node.args[0].datatype, args[0]
    if isinstance(inner, Decimal):
        return f"({x} / {10**inner.places})"
    fits = f"{x} > {_LOWEST} AND {x} < {_BEYOND}"
    return f"CASE WHEN {fits} THEN CAST({x} AS INTEGER) WHEN {x} IS NOT NULL THEN {OUT_OF_RANGE} END"


NUMBERS: dict[str, Spell] = {
    "align": align,
    "abs": lambda args, node: f"abs({args[0]})",
    "at_least": lambda args, node: f"max({args[0]}, {args[1]})",
    "ceil": _to_whole,
    "divide": _divide,
    "exp": _exp,
    "floor": _to_whole,
    "floor_divide": _floor_divide,
    "ln": lambda args, node: f"CASE WHEN {args[0]} <= 0.0 THEN {UNDEFINED} ELSE ln({args[0]}) END",
    "modulo": _modulo,
    "power": _power,
    # As many bits as a float has.
    "random": lambda args, node: "((random() & 9007199254740991) / 9007199254740992.0)",
    "rescale": _rescale,
    "round_decimal": _round_decimal,
    "round_float": _round_float,
    "sign": lambda args, node: f"sign({args[0]})",
    "sqrt": lambda args, node: f"CASE WHEN {args[0]} < 0.0 THEN {UNDEFINED} ELSE sqrt({args[0]}) END",
    "to_float": lambda args, node: as_float(args[0], node.args[0].datatype),
    "truth": lambda args, node: args[0],
    "to_whole": _truncated,
}
