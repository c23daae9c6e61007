"""The event loop that an engine was opened in: what it is asked for from another one could not be answered."""

from __future__ import annotations

from asyncio import AbstractEventLoop, get_running_loop
from threading import get_ident

from tabor.errors import DatabaseError


class Home:
    """The loop in which it is made, and the thread that runs it."""

    __slots__ = ("_thread", "loop")

    def __init__(self) -> None:
        self.loop: AbstractEventLoop = get_running_loop()
        self._thread = get_ident()

    def check(self) -> None:
        """Raise ``DatabaseError`` in any other loop."""
        # Quicker than to ask for the running loop, for which Python 3.11 asks the system.
        if get_ident() == self._thread and self.loop.is_running():
            return
        if get_running_loop() is not self.loop:
            raise foreign(self.loop.is_closed())
        self._thread = get_ident()


def foreign(is_closed: bool) -> DatabaseError:
    """The error for a use in another event loop than the one that opened the database."""
    which = "an event loop that has ended" if is_closed else "another event loop"
    return DatabaseError(
        f"This database was opened in {which}, and can be used there only. Open it in each loop that uses it, with "
        "`async with db:` within asyncio.run(), or call run_sync() from a thread without a loop."
    )


def opened_already(label: str) -> DatabaseError:
    """The error for opening a database that is open."""
    return DatabaseError(
        f"The database {label} is open already. Open it once, around all that uses it, and close it before it is "
        "opened in another event loop."
    )
