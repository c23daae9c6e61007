"""SQL by hand within a query: ``raw("{} % 7", Event.id, kind=int)``; values in it are always bound."""

from __future__ import annotations

import re
from decimal import Decimal as PythonDecimal
from typing import Literal, TypeVar, overload

from tabor.datatypes import SIMPLE, DataType, brief
from tabor.errors import QueryError
from tabor.expression.expr import Expr
from tabor.expression.operand import Operand
from tabor.expression.values import type_of
from tabor.tree.calls import Fragment
from tabor.tree.nodes import Node, Value

T = TypeVar("T")

_PLACE = re.compile(r"\{\{|\}\}|\{\}|\{|\}")
_UNSENDABLE = re.compile("[\0\ud800-\udfff]")
_KINDS: dict[type, DataType] = {kind: datatype for kind, datatype in SIMPLE.items() if kind is not PythonDecimal}


@overload
def raw(text: str, /, *operands: object, kind: type[T], nullable: Literal[False] = False) -> Expr[T]: ...
@overload
def raw(text: str, /, *operands: object, kind: type[T], nullable: bool) -> Expr[T | None]: ...
def raw(text: str, /, *operands: object, kind: type[object], nullable: bool = False) -> Expr[object]:
    """A piece of SQL as an expression of the plain Python type ``kind``; ``nullable`` says that it may give null.

    Each ``{}`` in it stands for a column, an expression or a value: columns are quoted and values bound.  ``{{`` and
    ``}}`` are braces.  What the text says is the database's own language, over values as that database keeps them:
    nothing checks that another one reads it alike, or that it gives a ``kind``.

    Raises ``QueryError`` where places and operands differ in number, for a value that cannot be bound, and for
    ``Decimal``, which databases keep in different forms.

    Example: ``Event.select(Event.title).where(raw("{} % {}", Event.id, 7, kind=int) == 3)``.
    """
    datatype = _KINDS.get(kind) if isinstance(kind, type) else None  # type: ignore[redundant-expr]  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without a checker
    if datatype is None:
        raise QueryError(f"raw() gives one of {', '.join(known.__name__ for known in _KINDS)}, got {brief(kind)}.")
    parts = split(text, len(operands))
    return Expr(Fragment(parts, tuple([_node(given) for given in operands]), datatype, nullable=nullable))


def _node(given: object) -> Node:
    if isinstance(given, Operand):
        return given.node
    return Value(type_by_hand(given, "raw()"), given)


def type_by_hand(value: object, where: str) -> DataType:
    """The datatype of a value bound to SQL that somebody wrote by hand, with the function ``where``.

    Raises ``QueryError`` for what cannot be bound, and for ``Decimal``: SQLite keeps it as a whole number of units of
    the column's last place, and nobody knows here which column it meets.
    """
    if isinstance(value, PythonDecimal):
        raise QueryError(
            f"{where} binds no Decimal such as {value}, which databases keep in different forms: compare and compute "
            "with decimals outside of it, or bind the form that this database keeps."
        )
    return type_of(value)


def split(text: str, count: int) -> tuple[str, ...]:
    """The parts of SQL text between its ``{}``, of which there are ``count``; ``{{`` and ``}}`` stand for braces.

    Raises ``QueryError`` for another number of places, for a lone brace, and for what no statement can be sent with.
    """
    if _UNSENDABLE.search(text):
        raise QueryError("SQL text may not contain NUL or lone surrogates; give values as {}.")
    parts = [""]
    end = 0
    for match in _PLACE.finditer(text):
        place = match.group()
        parts[-1] += text[end : match.start()]
        end = match.end()
        if place == "{}":
            parts.append("")
        elif len(place) == 1:
            raise QueryError(f"A single {place} in the SQL text; write {{}} for a value, {{{{ or }}}} for a brace.")
        else:
            parts[-1] += place[0]
    parts[-1] += text[end:]
    if len(parts) - 1 != count:
        raise QueryError(f"Places {{}} in the SQL text: {len(parts) - 1}, values given: {count}; they must be as many.")
    return tuple(parts)
