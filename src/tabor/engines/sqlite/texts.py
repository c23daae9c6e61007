"""One text is one statement: SQLite would run whatever follows the first one too."""

from __future__ import annotations

import re

import apsw

from tabor.errors import StatementFailed

_NOTHING = re.compile(r"(?:[\s;]|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)


def check_single(sql: str) -> None:
    """Raise ``StatementFailed`` for a text with more than one statement in it.

    >>> check_single("select 1; -- that is all")
    """
    end = sql.find(";")
    # A semicolon may stand in quotes, in a comment, or in the body of a trigger.
    while end >= 0 and not apsw.complete(sql[: end + 1]):
        end = sql.find(";", end + 1)
    if end >= 0 and _NOTHING.fullmatch(sql, end + 1) is None:
        raise StatementFailed("one text is one statement, and another one follows in it", sql=sql)
