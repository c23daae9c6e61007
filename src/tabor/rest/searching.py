"""The fields that ``search=`` looks through, found by the columns that a resource names."""

from __future__ import annotations

from collections.abc import Sequence

from tabor.datatypes import Text
from tabor.errors import SchemaError
from tabor.query.conditions import Expression
from tabor.query.selection import name_of
from tabor.rest.names import Field, Names


def search_fields(columns: Sequence[Expression], names: Names) -> tuple[Field, ...]:
    """The fields of the columns; raises ``SchemaError`` for one that holds no text or does not exist for callers."""
    return tuple([_field(name_of(column.node), names) for column in columns])


def _field(path: str, names: Names) -> Field:
    found = names.find(tuple(path.split(".")))
    if found.field is None or found.rest or not isinstance(found.field.facts.datatype, Text):
        raise SchemaError(f"search names {path!r}, which holds no text or does not exist for callers.", column=path)
    return found.field
