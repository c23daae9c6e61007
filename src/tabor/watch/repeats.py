"""Finds the line of code that asks a database the same question again and again, once for each row of another one.

For development and tests: it looks at the calling code of every statement.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from tabor.database.driven import Driven
from tabor.database.watching import StatementEvent
from tabor.errors import ConfigurationError, RepeatedStatements
from tabor.watch.callers import Line, calling_line

LOG = logging.getLogger("tabor.repeats")
THRESHOLD = 5
_STEPS = frozenset({"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"})


@dataclass(frozen=True, slots=True)
class Repeat:
    """A line that ran one statement ``times`` times; ``sql`` is its text without values."""

    line: Line
    times: int
    sql: str

    def __str__(self) -> str:
        return f"{self.line} ran the same statement {self.times} times: {self.sql}"


class Repeats:
    """Counts statements by their text and the line that runs them; a listener for ``db.on_statement``."""

    def __init__(self, threshold: int = THRESHOLD) -> None:
        if threshold < 2:
            raise ConfigurationError(
                f"A statement is repeated from its second time on; the threshold cannot be {threshold}.",
                setting="threshold",
            )
        self._threshold = threshold
        self._counts: dict[tuple[Line, str], int] = {}

    def __call__(self, event: StatementEvent) -> None:
        if event.operation in _STEPS:
            return
        line = calling_line()
        if line is not None:
            place = (line, event.sql)
            self._counts[place] = self._counts.get(place, 0) + 1

    @property
    def found(self) -> tuple[Repeat, ...]:
        """The statements that one line ran ``threshold`` times or more, in the order of their first run."""
        return tuple(
            [Repeat(line, times, sql) for (line, sql), times in self._counts.items() if times >= self._threshold]
        )

    def check(self) -> None:
        """Raise ``RepeatedStatements`` where there are any."""
        if self.found:
            raise RepeatedStatements("; ".join(map(str, self.found)), repeats=self.found)


@contextmanager
def detect_repeats(db: Driven, *, threshold: int = THRESHOLD, raises: bool = True) -> Generator[Repeats]:
    """Watch the statements of a block, and of the tasks that it starts, for one line that repeats itself.

    Raises ``RepeatedStatements`` at the end of the block, naming each line that ran the same statement ``threshold``
    times or more; with ``raises=False`` it warns on the logger ``tabor.repeats`` instead.

    Example::

        with detect_repeats(db):
            for event in await Event.select():
                print((await event.creator).name)  # named: one statement for each event
    """
    repeats = Repeats(threshold)
    # Only what runs in this context counts: on a server others run the same lines for requests of their own.
    inside: ContextVar[bool] = ContextVar("tabor_detecting_repeats", default=False)

    def listener(event: StatementEvent) -> None:
        if inside.get():
            repeats(event)

    stop = db.on_statement(listener)
    token = inside.set(True)
    try:
        yield repeats
    finally:
        inside.reset(token)
        stop()
    if raises:
        repeats.check()
    for repeat in repeats.found:
        LOG.warning("%s", repeat)
