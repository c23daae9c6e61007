"""Which line of the user's own code made the database do something."""

from __future__ import annotations

import sysconfig
from functools import cache
from inspect import currentframe
from typing import NamedTuple

_PACKAGE = __file__.rpartition("watch")[0]
# One query that reads page by page, or one list of related rows in slices, is no repetition of the user's.
_ONE_QUERY = frozenset({"tabor.database.streaming", "tabor.database.related"})

# Beyond the loop stands who started it, which is no caller of what runs in it.
_LOOPS = frozenset({"asyncio.events", "asyncio.base_events", "asyncio.runners"})


class Line(NamedTuple):
    """A line of code."""

    file: str
    number: int
    function: str

    def __str__(self) -> str:
        return f"{self.file}:{self.number} in {self.function}"


@cache
def _not_the_users() -> tuple[str, ...]:
    """How the files of Tabor and of installed libraries begin."""
    installed = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return (_PACKAGE, "<frozen", *installed)


def calling_line() -> Line | None:
    """The innermost line on the way here that belongs neither to Tabor nor to an installed library.

    ``None`` where the statement is one part of a larger query.  A line without a file (``?``) stands for a task that
    was made directly of a query, whose caller has gone on.
    """
    frame = currentframe()
    while frame is not None:
        module = frame.f_globals.get("__name__")
        if module in _ONE_QUERY:
            return None
        if module in _LOOPS:
            break
        file = frame.f_code.co_filename
        if not file.startswith(_not_the_users()):
            return Line(file, frame.f_lineno, frame.f_code.co_qualname)
        frame = frame.f_back
    return Line("?", 0, "a task made of a query")
