"""The PostgreSQL type in which each datatype is kept and in which its values travel."""

from __future__ import annotations

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
    JsonPath,
    Pattern,
    SearchQuery,
    Text,
    Time,
    Uuid,
)
from tabor.errors import QueryError

_TYPES: dict[type[DataType], str] = {
    Boolean: "boolean",
    Bytes: "bytea",
    Date: "date",
    DateTime: "timestamptz",
    Decimal: "numeric",
    Duration: "interval",
    Float: "double precision",
    Integer: "bigint",
    JsonPath: "jsonpath",
    Pattern: "text",
    SearchQuery: "text",
    Text: "text",
    Time: "time",
    Uuid: "uuid",
}


def native_array(datatype: Array) -> bool:
    """Whether a list is kept as an array; lists of lists (which may be ragged) and of JSON are kept as ``jsonb``."""
    return not isinstance(datatype.item, (Array, Json))


def value_type(datatype: DataType) -> str:
    """The type of a value without limits: what a place is cast to."""
    if isinstance(datatype, Enumeration):
        return "bigint" if datatype.integers else "text"
    if isinstance(datatype, Array):
        return f"{value_type(datatype.item)}[]" if native_array(datatype) else "jsonb"
    if isinstance(datatype, Json):
        return "jsonb"
    try:
        return _TYPES[type(datatype)]
    except KeyError:
        raise QueryError(f"This database has no type for {datatype.label}.") from None


def column_type(datatype: DataType) -> str:
    """The type of a column: with a decimal's digits, and with an order of texts by code point, as everywhere else.

    >>> from tabor.datatypes import Text
    >>> column_type(Text(max_length=80))
    'text COLLATE "C"'
    """
    if isinstance(datatype, Decimal):
        return f"numeric({datatype.max_digits}, {datatype.places})"
    if isinstance(datatype, Array) and isinstance(datatype.item, Decimal):
        return f"{column_type(datatype.item)}[]"
    text = value_type(datatype)
    return f'{text} COLLATE "C"' if text in ("text", "text[]") else text
