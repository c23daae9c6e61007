"""One core for two processes that answer each other."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager

from benchmarks.progress import notice


@contextmanager
def one_core() -> Generator[str | None]:
    """Keep this process, and those that it starts in the block, on one core; gives a notice where that is impossible.

    A client and a server on two cores wake each other up each time, and how long that takes depends on the machine's
    mood: the same read takes 33 or 100 us, for minutes, for one contender and not for another.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield notice("Client and server share no core on this system: single reads vary by three, from run to run.")
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield None
    finally:
        os.sched_setaffinity(0, before)
