"""Statements that run only where something is not there yet, for what has no ``IF NOT EXISTS`` of its own."""

from __future__ import annotations

from tabor.errors import QueryError

_QUOTES = "$do$"


def unless(there: str, statement: str) -> str:
    """The statement, run where the query ``there`` finds nothing.

    Raises ``QueryError`` for a name in it that would end the block.

    >>> unless("SELECT 1", "DROP TABLE x")
    'DO $do$ BEGIN IF NOT EXISTS (SELECT 1) THEN DROP TABLE x; END IF; END $do$'
    """
    body = f"BEGIN IF NOT EXISTS ({there}) THEN {statement}; END IF; END"
    if _QUOTES in body:
        raise QueryError(f"A name holds {_QUOTES}, which this database cannot take here: {statement}")
    return f"DO {_QUOTES} {body} {_QUOTES}"
