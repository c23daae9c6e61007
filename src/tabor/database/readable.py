"""Statements as SQL text with their values in it: for people to read, never to be run."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import Enum

from tabor.database.url import COMMON
from tabor.tree.nodes import Placeholder
from tabor.tree.statements import Statement

_PLACE = re.compile(r"\?(\d+)")


def readable(statement: Statement) -> str:
    """The SQL of a statement with its values put in; places of prepared values stay ``?``."""
    values = statement.values
    return _PLACE.sub(lambda match: _shown(values[int(match.group(1)) - 1]), COMMON.compile(statement).sql)


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
