"""The words of filters: for which columns each stands, what values it takes, and the condition that it makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tabor.datatypes import (
    BOOLEAN,
    Array,
    Boolean,
    Bytes,
    DataType,
    Date,
    DateTime,
    Decimal,
    Duration,
    Enumeration,
    Float,
    Integer,
    Json,
    Model,
    Text,
    Time,
    Uuid,
)
from tabor.query.conditions import Condition, Expression

Takes = Literal["one", "pair", "list"]

MAX_IN = 500
"""How many values ``in`` and ``not_in`` take."""

_EQUAL = (Integer, Float, Boolean, Text, Bytes, Decimal, Date, Time, DateTime, Duration, Uuid, Enumeration)
_ORDERED = (Integer, Float, Text, Decimal, Date, Time, DateTime, Duration, Uuid)
# What a database can look for in a list that it keeps as JSON.
_IN_LISTS = (Integer, Float, Boolean, Text, Date, Time, DateTime, Uuid, Enumeration)


@dataclass(frozen=True, slots=True)
class Operator:
    """One word: ``takes`` one value, a pair, or a list; ``build`` makes the condition of the values."""

    word: str
    takes: Takes
    types: tuple[type[DataType], ...]
    build: Callable[[Expression, Sequence[Any]], Condition]
    meaning: str

    def fits(self, datatype: DataType) -> bool:
        """Whether the word makes sense for values of this type."""
        if self.word == "has":
            return isinstance(datatype, Array) and isinstance(datatype.item, _IN_LISTS)
        return isinstance(datatype, self.types)

    def value_type(self, datatype: DataType) -> DataType:
        """The type of the values that the word takes for a column of this type."""
        if self.word == "is_null":
            return BOOLEAN
        if self.word == "has" and isinstance(datatype, Array):
            return datatype.item.bare
        return datatype.bare


def _is_null(expression: Expression, values: Sequence[Any]) -> Condition:
    return expression.is_null() if values[0] else expression.is_not_null()


_ALL = (*_EQUAL, Json, Model, Array)

OPERATORS: dict[str, Operator] = {
    operator.word: operator
    for operator in (
        Operator("eq", "one", _EQUAL, lambda e, v: e == v[0], "equal to the value"),
        Operator("ne", "one", _EQUAL, lambda e, v: e != v[0], "another value than this; no value is no other value"),
        Operator("gt", "one", _ORDERED, lambda e, v: e > v[0], "greater or later"),
        Operator("gte", "one", _ORDERED, lambda e, v: e >= v[0], "greater, later or equal"),
        Operator("lt", "one", _ORDERED, lambda e, v: e < v[0], "smaller or earlier"),
        Operator("lte", "one", _ORDERED, lambda e, v: e <= v[0], "smaller, earlier or equal"),
        Operator("between", "pair", _ORDERED, lambda e, v: e.between(v[0], v[1]), "from the one to the other"),
        Operator("in", "list", _EQUAL, lambda e, v: e.is_in(v), "one of these, separated by commas"),
        Operator("not_in", "list", _EQUAL, lambda e, v: e.not_in(v), "none of these, separated by commas"),
        Operator("is_null", "one", _ALL, _is_null, "without a value (true) or with one (false)"),
        Operator("like", "one", (Text,), lambda e, v: e.like(v[0]), "fits the pattern; % any text, _ one character"),
        Operator("ilike", "one", (Text,), lambda e, v: e.ilike(v[0]), "fits the pattern in either case"),
        Operator("contains", "one", (Text,), lambda e, v: e.contains(v[0]), "contains the text"),
        Operator("icontains", "one", (Text,), lambda e, v: e.icontains(v[0]), "contains the text in either case"),
        Operator("starts_with", "one", (Text,), lambda e, v: e.starts_with(v[0]), "begins with the text"),
        Operator("ends_with", "one", (Text,), lambda e, v: e.ends_with(v[0]), "ends with the text"),
        Operator("has", "one", (Array,), lambda e, v: e.has(v[0]), "the list contains the value"),
    )
}


def operators_for(datatype: DataType) -> list[Operator]:
    """The words that make sense for a column of this type."""
    return [operator for operator in OPERATORS.values() if operator.fits(datatype)]


def sortable(datatype: DataType) -> bool:
    """Whether rows can be sorted by a column of this type."""
    return isinstance(datatype, _EQUAL)
