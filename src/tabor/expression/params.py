"""``param()``: a place in a query for a value that comes later."""

from __future__ import annotations

from enum import Enum
from types import GenericAlias
from typing import TypeVar, get_args, get_origin, overload

from tabor.datatypes import SIMPLE, Array, DataType, brief
from tabor.errors import QueryError
from tabor.expression.expr import Expr
from tabor.expression.operand import Operand
from tabor.expression.values import type_of
from tabor.tree.nodes import Placeholder, Value

T = TypeVar("T")


@overload
def param(kind: Expr[T], /) -> Expr[T]: ...
@overload
def param(kind: type[T], /) -> Expr[T]: ...
def param(kind: object, /) -> Expr[object]:
    """A place in a query for a value that comes later, when the prepared query is called.

    ``kind`` is the type of the value: a plain Python type (``int``, ``str``, ``datetime`` and so on), an enumeration,
    a list of one of them, or a column, whose type it has, with None where the column may be empty.  Wherever it is
    used, the same ``param()`` is one value.  Raises ``QueryError`` for a type that no column can hold.

    Example: ``by_creator = Event.select().where(Event.creator.id == param(int)).prepare(); await by_creator(7)``.
    """
    if isinstance(kind, Operand):
        return _place(kind.node.datatype.bare, nullable=kind.node.nullable)
    return _place(_datatype(kind), nullable=False)


def _place(datatype: DataType, *, nullable: bool) -> Expr[object]:
    node = Value(datatype, Placeholder(datatype, nullable=nullable))
    node.nullable = nullable
    return Expr(node)


def _datatype(kind: object) -> DataType:
    """The datatype of what ``param()`` was given; raises ``QueryError`` where there is none."""
    given = kind
    if isinstance(kind, GenericAlias) and get_origin(kind) is list:
        return Array(_datatype(get_args(kind)[0]))
    if isinstance(kind, type):
        if kind in SIMPLE:
            return SIMPLE[kind]
        if issubclass(kind, Enum) and len(kind):
            return type_of(next(iter(kind)))
    raise QueryError(
        f"param() takes one of {', '.join(t.__name__ for t in SIMPLE)}, an enumeration, a list of one of them, or a "
        f"column, got {brief(given)}."
    )
