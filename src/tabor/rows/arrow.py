"""Makes the function that turns raw tuples into one Arrow table, column by column, with exact types.

pyarrow is optional and imported when the first such function is made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, cast

from tabor.datatypes import (
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
    Time,
    Uuid,
)
from tabor.engines.interface import Codecs, Row
from tabor.errors import ConfigurationError, InvalidValue
from tabor.rows.json_text import json_of
from tabor.rows.stored_values import Stored
from tabor.tree.nodes import Node
from tabor.tree.nulls import may_be_null

DIGITS = 38
"""The digits of Arrow's decimal128: room for a sum over a column, whose places stay the same."""

_SIMPLE: dict[type[DataType], str] = {
    Boolean: "bool_",
    Bytes: "binary",
    Date: "date32",
    Float: "float64",
    Integer: "int64",
}

_Convert = Callable[[Any], object]


def arrow_decoder(columns: Sequence[Node], names: Sequence[str], codecs: Codecs) -> Callable[[list[Row]], list[Any]]:
    """The function from the raw rows of these columns to a list of one Arrow table.

    Raises ``ConfigurationError`` where pyarrow is not installed.
    """
    arrow = _library()
    types = [_type_of(column.datatype, arrow) for column in columns]
    pairs = zip(names, types, columns, strict=True)
    schema = arrow.schema([arrow.field(name, kind, nullable=may_be_null(column)) for name, kind, column in pairs])
    converts = [_convert(column.datatype, codecs) for column in columns]

    stored = Stored()
    for place, column in enumerate(columns):
        codec = codecs.decoder(column.datatype)
        if codec is not None:
            stored.note(place, codec, column)

    def decode(rows: list[Row]) -> list[Any]:
        raw = list(zip(*rows, strict=True)) if rows else [()] * len(types)
        try:
            converted = [_converted(values, convert) for values, convert in zip(raw, converts, strict=True)]
        except InvalidValue as error:
            stored.refuse_first(rows, error)
        arrays = [arrow.array(values, kind) for values, kind in zip(converted, types, strict=True)]
        return [arrow.Table.from_arrays(arrays, schema=schema)]

    return decode


def _library() -> Any:
    try:
        return import_module("pyarrow")
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            'Arrow tables need the library pyarrow, which is not installed: pip install "tabor[arrow]".',
            setting="arrow",
        ) from error


def _converted(values: Sequence[object], convert: _Convert | None) -> Sequence[object]:
    return values if convert is None else [None if value is None else convert(value) for value in values]


def _type_of(datatype: DataType, arrow: Any) -> Any:
    """The Arrow type of a datatype; text for what Arrow has no type of its own for: UUIDs, members, JSON."""
    if isinstance(datatype, Decimal):
        return arrow.decimal128(DIGITS, datatype.places)
    if isinstance(datatype, DateTime):
        return arrow.timestamp("us", tz="UTC")
    if isinstance(datatype, Time):
        return arrow.time64("us")
    if isinstance(datatype, Duration):
        return arrow.duration("us")
    if isinstance(datatype, Array):
        return arrow.list_(_type_of(datatype.item, arrow))
    if isinstance(datatype, Enumeration) and datatype.integers:
        return arrow.int64()
    return getattr(arrow, _SIMPLE.get(type(datatype), "string"))()


def _convert(datatype: DataType, codecs: Codecs) -> _Convert | None:
    """The function from a raw value to what Arrow takes for it; ``None`` where they are the same."""
    decode = codecs.decoder(datatype)
    adapt = _adapt(datatype)
    if adapt is None:
        return decode
    return adapt if decode is None else lambda value: adapt(decode(value))


def _adapt(datatype: DataType) -> _Convert | None:
    if isinstance(datatype, Uuid):
        return str
    if isinstance(datatype, Enumeration):
        return _value
    if isinstance(datatype, (Json, Model)):
        return lambda value: json_of(value, datatype)
    if isinstance(datatype, Array):
        item = _adapt(datatype.item)
        return None if item is None else lambda values: _converted(cast("list[object]", values), item)
    return None


def _value(member: Any) -> object:
    return member.value
