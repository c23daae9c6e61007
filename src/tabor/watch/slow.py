"""A log of the statements that took too long."""

from __future__ import annotations

import logging

from tabor.database.watching import Listener, StatementEvent
from tabor.errors import ConfigurationError

LOG = logging.getLogger("tabor.slow")


def log_slow(seconds: float) -> Listener:
    """A listener that warns on the logger ``tabor.slow`` of each statement that took ``seconds`` or more.

    A record has the ``StatementEvent`` as its attribute ``event``.  The time counts from the call to the answer, so
    a statement may be slow because it waited.  Raises ``ConfigurationError`` for a threshold below 0.

    Example: ``Database("sqlite:///planner.db", tables=[Event], watch=[log_slow(0.2)])``.
    """
    if seconds < 0:
        raise ConfigurationError(f"log_slow() takes a number of seconds from 0 up, got {seconds!r}.", setting="seconds")

    def listener(event: StatementEvent) -> None:
        if event.seconds >= seconds:
            failed = f", failed with {type(event.error).__name__}" if event.error is not None else ""
            LOG.warning(
                "%.3f s, %d rows%s, in %s: %s",
                event.seconds,
                event.rows,
                failed,
                event.task or "no task",
                event.sql,
                extra={"event": event},
            )

    return listener
