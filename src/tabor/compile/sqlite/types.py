"""The type of a STRICT table in which SQLite keeps each datatype."""

from __future__ import annotations

from collections.abc import Sequence

from tabor.datatypes import Boolean, Bytes, DataType, Decimal, Duration, Enumeration, Float, Integer

STORED_AS_INTEGER = (Integer, Boolean, Decimal, Duration)


def stored_as(datatype: DataType) -> str:
    """The column type of a STRICT table for a datatype."""
    if isinstance(datatype, STORED_AS_INTEGER) or (isinstance(datatype, Enumeration) and datatype.integers):
        return "INTEGER"
    if isinstance(datatype, Float):
        return "REAL"
    return "BLOB" if isinstance(datatype, Bytes) else "TEXT"


def is_rowid(key: Sequence[DataType]) -> bool:
    """Whether a primary key of columns of these types is the rowid itself, which then never changes by itself."""
    return len(key) == 1 and stored_as(key[0]) == "INTEGER"
