"""Functions of texts for SQL that SQLite has not: turned round, repeated, padded.

Each takes one text and is done at once, because a text that would be too long is refused before it is made.
"""

from __future__ import annotations

from tabor.compile.dialect import LONGEST_MADE
from tabor.compile.sqlite.texts import PAD_LEFT, PAD_RIGHT, REPEAT, REVERSE
from tabor.engines.sqlite.driver import Connection
from tabor.errors import ValueOutOfRange


def reverse(text: str | None) -> str | None:
    """The characters from the last to the first."""
    return None if text is None else text[::-1]


def repeat(text: str | None, times: int | None) -> str | None:
    """The text so many times."""
    if text is None or times is None:
        return None
    _check(len(text) * times)
    return text * times


def lpad(text: str | None, width: int | None, fill: str | None) -> str | None:
    """The text, cut to its width or with others before it.

    >>> lpad("42", 6, "0")
    '000042'
    """
    return None if text is None or width is None or fill is None else _fill(text, width, fill) + text[:width]


def rpad(text: str | None, width: int | None, fill: str | None) -> str | None:
    """The text, cut to its width or with others after it."""
    return None if text is None or width is None or fill is None else text[:width] + _fill(text, width, fill)


def _fill(text: str, width: int, fill: str) -> str:
    """What is missing for the width; nothing where there is nothing to fill it with."""
    missing = width - len(text) if fill else 0
    if missing <= 0:
        return ""
    _check(width)
    return (fill * (missing // len(fill) + 1))[:missing]


def _check(length: int) -> None:
    if length > LONGEST_MADE:
        raise ValueOutOfRange(f"a text would have more than {LONGEST_MADE} characters", code="too_long")


def offer(connection: Connection) -> None:
    """Give the functions to a connection."""
    connection.create_scalar_function(REVERSE, reverse, 1, deterministic=True)
    connection.create_scalar_function(REPEAT, repeat, 2, deterministic=True)
    connection.create_scalar_function(PAD_LEFT, lpad, 3, deterministic=True)
    connection.create_scalar_function(PAD_RIGHT, rpad, 3, deterministic=True)
