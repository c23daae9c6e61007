"""A lease on a connection with the reads prepared there, and the watch over leases whose answer should be there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from operator import attrgetter
from time import monotonic

from tabor.engines.interface import Parameters
from tabor.engines.postgres.driver import Connection, Prepared, Record, address_of, is_outdated, is_unread
from tabor.engines.postgres.hosts import says_nothing

# How often in the time that an answer may take the watch looks for late ones, and how many seconds apart at most.
_LOOKS = 10
_STEP = 0.75
# How many characters a statement has at most that is kept prepared.
_LONGEST = 15_360


class Lease:
    """A connection, and who has it for what; kept with the connection and used again.

    While it is ``watched`` the pool cuts it where no answer comes; it is ``silent`` from then on.  ``keeps`` is how
    many reads it keeps prepared: asking the driver's own statement costs a tenth less than asking its connection.
    ``cancelled`` is how many statements were cut off on it.
    """

    __slots__ = (
        "_prepared",
        "cancelled",
        "connection",
        "dirty",
        "generation",
        "keeps",
        "silent",
        "since",
        "statement",
        "task",
        "watched",
    )

    def __init__(self, connection: Connection, generation: int, keeps: int) -> None:
        self.connection: Connection = connection
        self.keeps: int = keeps
        self._prepared: dict[str, Prepared] = {}
        self.generation: int = generation
        self.since: float = 0.0
        self.statement: str = ""
        self.task: asyncio.Task[object] | None = None
        self.dirty: bool = False
        self.cancelled: int = 0
        self.watched: bool = False
        self.silent: bool = False

    def fetch(self, sql: str, parameters: Parameters) -> Awaitable[list[Record]]:
        """The records of a read outside of a transaction."""
        prepared = self._prepared.get(sql)
        return self._fetch_first(sql, parameters) if prepared is None else prepared.fetch(*parameters)

    async def _fetch_first(self, sql: str, parameters: Parameters) -> list[Record]:
        if not self.keeps or len(sql) > _LONGEST:
            return await self.connection.fetch(sql, *parameters)
        if len(self._prepared) >= self.keeps:
            del self._prepared[next(iter(self._prepared))]
        prepared = self._prepared[sql] = await self.connection.prepare(sql)
        return await prepared.fetch(*parameters)

    def outdated(self, sql: str, error: BaseException, *, harmless: bool) -> bool:
        """Prepare a read that failed anew the next time; whether it is to be asked again, as its table has changed.

        One whose rows could not be read was run: it is asked again where that is ``harmless``.
        """
        if self._prepared.pop(sql, None) is None:
            return False
        return is_outdated(error) or (harmless and is_unread(error))


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
