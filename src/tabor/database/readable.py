"""Statements as SQL text with their values in it, but for secret ones: as it could be run by hand."""

from __future__ import annotations

import re

from tabor.compile.compiler import Compiler
from tabor.database.watching import HIDDEN
from tabor.datatypes import brief
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
        if place > len(values) or isinstance(values[place - 1], Placeholder):
            return "?"
        if place - 1 in compiled.secret:
            return str(HIDDEN)
        try:
            return compiler.literal(values[place - 1], compiled.datatypes[place - 1])
        except Exception:  # what is refused when the query runs is looked at before, too
            return _shown(values[place - 1])

    return _PLACE.sub(shown, compiled.sql)


def _shown(value: object) -> str:
    """A value that has no literal of its own."""
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    try:
        text = str(value)
    except Exception:  # as above
        text = brief(value)
    return "'" + text.replace("'", "''") + "'"
