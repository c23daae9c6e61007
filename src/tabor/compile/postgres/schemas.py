"""Schemas as PostgreSQL has them: how they are made, and which tables of a statement are in one."""

from __future__ import annotations

from tabor.compile.dialect import quoted
from tabor.compile.literals import quoted_text
from tabor.compile.postgres.conditional import unless
from tabor.tree.names import TableName


def create_schema(name: str) -> str:
    """The statement that makes a schema where it is not there: only then the user needs the right to make one."""
    there = f"SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = {quoted_text(name)}"
    return unless(there, f"CREATE SCHEMA IF NOT EXISTS {quoted(name)}")


def place_of(name: str) -> tuple[str | None, str]:
    """The schema that a table says it is in, None where it says none, and its name there."""
    return (name.schema, name.bare) if isinstance(name, TableName) else (None, name)


def qualified(name: str) -> str:
    """A table as a statement names it.

    >>> qualified("event"), qualified(TableName("planning", "event"))
    ('"event"', '"planning"."event"')
    """
    return f"{quoted(name.schema)}.{quoted(name.bare)}" if isinstance(name, TableName) else quoted(name)


def name_in(sql: str, schema: str, table: str, constraint: str = "") -> str:
    """What Tabor calls a table that the server tells of, ``constraint`` among what it tells.

    With its schema where the statement says that, or where the constraint is called so: any other table may have been
    found by the search path.

    >>> name_in('SELECT 1 FROM "planning"."event"', "planning", "event"), name_in("COMMIT", "public", "event")
    ('planning_event', 'event')
    """
    name = TableName(schema, table)
    return name if qualified(name) in sql or constraint.startswith(f"{name}_") else table


def missing_in(sql: str, told: str) -> str:
    """The same for a table that is not there, of which the server tells ``planning.event`` or ``event``."""
    schema, _, table = told.partition(".")
    named = name_in(sql, schema, table)
    return told if named == table else named
