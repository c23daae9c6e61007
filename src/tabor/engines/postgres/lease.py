"""A lease on a connection, and the watch over leases whose statement should have been answered."""

from __future__ import annotations

import asyncio
from collections.abc import Set as AbstractSet
from time import monotonic

from tabor.engines.postgres.driver import Connection

# How often in the time that an answer may take the watch looks for late ones.
_LOOKS = 10


class Lease:
    """A connection, and who has it for what; kept with the connection and used again.

    While it is ``watched`` the pool cuts it where no answer comes; it is ``silent`` from then on.
    """

    __slots__ = ("connection", "dirty", "generation", "silent", "since", "statement", "task", "watched")

    def __init__(self, connection: Connection, generation: int) -> None:
        self.connection: Connection = connection
        self.generation: int = generation
        self.since: float = 0.0
        self.statement: str = ""
        self.task: asyncio.Task[object] | None = None
        self.dirty: bool = False
        self.watched: bool = False
        self.silent: bool = False


class Watch:
    """Cuts connections of ``leases`` on which nobody answered for ``patience`` seconds; ``None`` watches nothing.

    One timer for all: one for each statement costs a tenth of the time of the shortest ones.
    """

    def __init__(self, leases: AbstractSet[Lease], patience: float | None) -> None:
        self._leases = leases
        self._patience = patience
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, lease: Lease) -> None:
        """Watch a lease, on which one statement is run from now on, until it is not ``watched`` any more."""
        patience = self._patience
        if patience is not None:
            lease.watched = True
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(patience / _LOOKS, self._look, patience)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self, patience: float) -> None:
        late = monotonic() - patience
        watched = [lease for lease in self._leases if lease.watched]
        for lease in watched:
            if lease.since < late:
                lease.silent = True
                lease.connection.terminate()
        again = asyncio.get_running_loop().call_later
        self._timer = again(patience / _LOOKS, self._look, patience) if watched else None
