"""Moving the write-ahead log into the database file: by the writer, between batches, after the answers are out."""

from __future__ import annotations

from contextlib import suppress
from time import monotonic

import apsw

from tabor.engines.sqlite.driver import Connection
from tabor.engines.sqlite.gate import Gate

_PATIENCE = 0.25
_PAUSE_AFTER_FAILURE = 2.0


class Checkpoints:
    """Checkpoints one database: PASSIVE each time the log has grown by ``every`` pages, TRUNCATE past ``limit`` bytes.

    A passive one waits for nobody, so that readers that never pause let the log grow; past the limit the gate keeps
    new readers of this process out until the log is cut.
    """

    def __init__(self, connection: Connection, gate: Gate, *, every: int, limit: int) -> None:
        self._connection = connection
        self._gate = gate
        self._every = every
        self._limit_pages = max(1, limit // int(str(connection.pragma("page_size"))))
        self._pages = 0
        self._done_at = 0
        self._not_before = 0.0
        connection.set_wal_hook(self._note)

    def _note(self, connection: object, database: str, pages: int) -> int:
        self._pages = pages
        return apsw.SQLITE_OK

    def run_if_due(self) -> None:
        """Checkpoint where the log has grown enough; what fails here is tried again later and has lost nothing."""
        if self._pages < self._done_at:
            self._done_at = 0
        if self._pages - self._done_at < self._every:
            return
        with suppress(apsw.Error):
            self._connection.wal_checkpoint("main", apsw.SQLITE_CHECKPOINT_PASSIVE)
        self._done_at = self._pages
        if self._pages >= self._limit_pages and monotonic() >= self._not_before:
            self._truncate()

    def _truncate(self) -> None:
        self._not_before = monotonic() + _PAUSE_AFTER_FAILURE
        with self._gate.alone(_PATIENCE) as alone, suppress(apsw.Error):
            if alone:
                # An inline read may still be under way; it is short, so a short wait is enough.
                self._connection.set_busy_timeout(int(_PATIENCE * 1000))
                self._connection.wal_checkpoint("main", apsw.SQLITE_CHECKPOINT_TRUNCATE)
                self._pages = self._done_at = 0
                self._not_before = 0.0
        self._connection.set_busy_timeout(0)
