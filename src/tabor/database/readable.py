"""Statements as SQL text with their values in it: for people to read, never to be run."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import Enum

from tabor.compile.compiler import Compiler
from tabor.tree.nodes import Placeholder
from tabor.tree.statements import Statement

# ?1 or $1, the latter with the type that it is cast to.
_PLACE = re.compile(r"[?$](\d+)(?:::(?:double precision|[a-z]+)(?:\[\])?)?")


def readable(statement: Statement, compiler: Compiler) -> str:
    """The SQL of a statement by this compiler with its values put in; places of prepared values stay ``?``."""
    compiled = compiler.compile(statement)
    values = statement.values
    if compiled.picks:
        values = tuple([values[place] for place in compiled.picks])

    def shown(match: re.Match[str]) -> str:
        place = int(match.group(1))
        # An insert of no rows has places and no values.
        return _shown(values[place - 1]) if place <= len(values) else "?"

    return _PLACE.sub(shown, compiled.sql)


def _shown(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, Placeholder):
        return "?"
    if isinstance(value, Enum):
        return _shown(value.value)
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, (int, float, Decimal)):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
