"""Which datatype a plain Python value is bound under, and how several values and expressions get one type."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal as PythonDecimal
from enum import Enum
from typing import cast
from uuid import UUID

from tabor.datatypes import JSON_DEPTH, SIMPLE, Array, DataType, Decimal, Enumeration, Float, Integer, Json, brief
from tabor.errors import QueryError
from tabor.expression.decimals import decimal_value, places_of, rescaled
from tabor.expression.operand import Operand
from tabor.tree.nodes import Node, Operation, Value


def type_of(value: object, depth: int = 0) -> DataType:
    """The datatype under which a plain value is bound; raises ``QueryError`` for what no column can hold."""
    given = value
    if isinstance(value, Enum):
        return Enumeration(type(value), integers=isinstance(value.value, int))
    if isinstance(value, PythonDecimal):
        return Decimal(places_of(value))
    for kind in (bool, int, float, str, bytes, datetime, date, time, timedelta, UUID):
        if isinstance(value, kind):
            return SIMPLE[kind]
    if value is None:
        return SIMPLE[str]
    if isinstance(value, dict):
        return Json()
    if isinstance(value, list) and depth < JSON_DEPTH:
        items = cast("list[object]", value)
        return Array(type_of(items[0], depth + 1)) if items else Json()
    raise QueryError(f"A value of the type {type(given).__name__} cannot be bound: {brief(given)}.")


def unified(items: Sequence[object], function: str) -> tuple[tuple[Node, ...], DataType]:
    """Values and expressions as nodes of one type; raises ``QueryError`` where they have none in common."""
    kinds = _kinds(items)
    common = _common([kind for kind in kinds if kind is not None], function)
    nodes = [item.node if isinstance(item, Operand) else Value(common, item) for item in items]
    return tuple([_as(node, common) for node in nodes]), common


def _kinds(items: Sequence[object]) -> list[DataType | None]:
    """The type of each; a plain list is JSON beside JSON, and an empty one is a list of whatever the others are."""
    kinds = [item.node.datatype if isinstance(item, Operand) else _kind(item) for item in items]
    expressed = [item.node.datatype for item in items if isinstance(item, Operand)]
    if any(isinstance(kind, Json) for kind in expressed):
        return [Json() if isinstance(item, list) else kind for item, kind in zip(items, kinds, strict=True)]
    if any(isinstance(kind, Array) for kind in kinds):
        return [None if isinstance(item, list) and not item else kind for item, kind in zip(items, kinds, strict=True)]
    return kinds


def _kind(value: object) -> DataType | None:
    if isinstance(value, PythonDecimal):
        return decimal_value(value, 0).datatype
    return None if value is None else type_of(value)


def _common(kinds: Sequence[DataType], function: str) -> DataType:
    if not kinds:
        raise QueryError(f"{function}() needs one expression or value at least that is not None.")
    names = {kind.key: kind for kind in kinds}
    if len(names) == 1:
        return kinds[0].bare
    if all(isinstance(kind, (Integer, Decimal)) for kind in kinds):
        return Decimal(max([kind.places for kind in kinds if isinstance(kind, Decimal)]))
    if all(isinstance(kind, (Integer, Float)) for kind in kinds):
        return Float()
    labels = sorted({kind.label for kind in kinds})
    raise QueryError(
        f"{function}() needs one type for all its values, got {' and '.join(labels)}; cast() some of them."
    )


def _as(node: Node, datatype: DataType) -> Node:
    if node.datatype.key == datatype.key:
        return node
    if isinstance(datatype, Decimal):
        return rescaled(node, datatype.places)
    if isinstance(datatype, Float):
        return Operation("to_float", (node,), datatype, nullable=node.nullable)
    return node
