"""The names of tables that are in a schema of the database."""

from __future__ import annotations

from typing import Self


class TableName(str):
    """The name of a table in a schema: one name that holds both, and stands wherever the name of a table does.

    ``schema`` and ``bare`` are what a database with schemas calls it by.

    >>> name = TableName("planning", "event")
    >>> name, name.schema, name.bare
    ('planning_event', 'planning', 'event')
    """

    __slots__ = ("bare", "schema")

    schema: str
    bare: str

    def __new__(cls, schema: str, bare: str) -> Self:
        """The one name of the table ``bare`` in ``schema``."""
        made = super().__new__(cls, f"{schema}_{bare}")
        made.schema, made.bare = schema, bare
        return made

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]  # what __new__ takes
        return (self.schema, self.bare)


def schema_of(name: str) -> str:
    """The schema that a table says it is in; empty where it says none."""
    return name.schema if isinstance(name, TableName) else ""


def bare_name(name: str) -> str:
    """The name of a table within its schema."""
    return name.bare if isinstance(name, TableName) else name
