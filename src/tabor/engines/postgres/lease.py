"""A lease on a connection, and the watch over leases whose statement should have been answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from operator import attrgetter
from time import monotonic

from tabor.engines.postgres.driver import Connection, address_of
from tabor.engines.postgres.hosts import says_nothing

# How often in the time that an answer may take the watch looks for late ones, and how many seconds apart at most.
_LOOKS = 10
_STEP = 0.75


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
    """Cuts connections of ``leases`` on which nobody answers any more; without ``patience`` it watches nothing.

    A statement may take ``patience`` seconds.  Where one takes longer than a tenth of that, or three quarters of a
    second, the server is asked from outside whether it is there: one that stands still is found out in a few seconds,
    and ``silent`` is called.

    One timer for all: one for each statement costs a tenth of the time of the shortest ones.
    """

    def __init__(self, leases: AbstractSet[Lease], patience: float | None, silent: Callable[[], None]) -> None:
        self._leases = leases
        self._patience = patience
        self._silent = silent
        self._step = min(_STEP, (patience or 0.0) / _LOOKS)
        self._timer: asyncio.TimerHandle | None = None
        self._asking: asyncio.Task[None] | None = None
        self._calm_until = 0.0

    def begin(self, lease: Lease) -> None:
        """Watch a lease, on which one statement is run from now on, until it is given back."""
        if self._patience is not None:
            lease.watched = True
            if self._timer is None:
                self._later()

    def wake(self) -> None:
        """See to it that the server of all leases is watched, where statements have deadlines of their own."""
        if self._timer is None and self._patience is not None:
            self._later()

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._asking is not None:
            self._asking.cancel()

    def _later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._step, self._look)

    def _look(self) -> None:
        self._timer = None
        if not self._leases:
            return
        now = monotonic()
        oldest = min(self._leases, key=attrgetter("since"))
        self._cut([lease for lease in self._leases if lease.watched and now - lease.since > (self._patience or 0.0)])
        if now - oldest.since > self._step and now > self._calm_until and self._asking is None:
            self._asking = asyncio.get_running_loop().create_task(self._ask(oldest), name="tabor-postgres-watch")
        self._later()

    async def _ask(self, oldest: Lease) -> None:
        """Ask the server of a lease for a sign, twice: the first answer may be late because this process was busy."""
        try:
            address = address_of(oldest.connection)
            if address is None:
                return
            for _ in range(2):
                if not await says_nothing(address, self._step):
                    self._calm_until = monotonic() + 2 * self._step
                    return
            self._cut([lease for lease in self._leases if address_of(lease.connection) == address])
            self._silent()
        finally:
            self._asking = None

    @staticmethod
    def _cut(leases: Sequence[Lease]) -> None:
        for lease in leases:
            lease.silent = True
            lease.connection.terminate()
