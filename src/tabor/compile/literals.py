"""Values as text within table definitions, where nothing can be bound: quoted, never as somebody else wrote them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from enum import Enum
from uuid import UUID

from tabor.datatypes import brief
from tabor.errors import QueryError


def quoted_text(text: str) -> str:
    """A text in single quotes; raises ``QueryError`` for one with NUL, which no statement can hold."""
    if "\0" in text:
        raise QueryError("Text with NUL cannot stand in a table definition.")
    return "'" + text.replace("'", "''") + "'"


def plain_text(value: object) -> str | None:
    """The text of a value that databases write alike in quotes: text, days, times, moments in UTC, UUIDs."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat("T", "microseconds")[:26] + "Z"
    if isinstance(value, time):
        return value.isoformat("microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else None


def no_literal(value: object) -> QueryError:
    """The refusal of a value that has no literal."""
    return QueryError(f"{brief(value)} cannot stand in a table definition.")
