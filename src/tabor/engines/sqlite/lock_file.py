"""Locks by name between processes: an empty file beside the database for each name that is taken.

The operating system gives ``flock`` back when a process dies, however it dies.  The file is never the database's own,
so that closing it touches none of the locks that SQLite has (see ``connection.py``).
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import random
from hashlib import blake2b
from pathlib import Path
from time import monotonic

from tabor.engines.interface import HeldLock
from tabor.errors import DatabaseUnavailable, ForkedProcess

_SHORTEST_NAP = 0.002
_LONGEST_NAP = 0.1
_held: set[int] = set()


class LockFile(HeldLock):
    """A lock that this process has; without a file where no other process could want it."""

    def __init__(self, path: Path | None = None, descriptor: int = -1) -> None:
        self._path = path
        self._descriptor = descriptor
        self._process = os.getpid()

    async def release(self) -> None:
        if self._process != os.getpid():
            raise ForkedProcess("This lock was taken before fork(); the parent process has it.")
        if self._path is not None:
            # Removed while it is still locked: who has opened it meanwhile finds out and opens another.
            self._path.unlink(missing_ok=True)
            _held.discard(self._descriptor)
            os.close(self._descriptor)


async def locked(database: str, name: str, wait: float | None) -> LockFile:
    """The lock ``name`` of the database file; raises ``TimeoutError`` where it is not free within ``wait`` seconds."""
    digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    path = Path(f"{database}-lock-{digest}")
    until = None if wait is None else monotonic() + wait
    nap = _SHORTEST_NAP
    while True:
        descriptor = _taken(path)
        if descriptor is not None:
            return LockFile(path, descriptor)
        left = nap if until is None else until - monotonic()
        if left <= 0:
            raise TimeoutError
        await asyncio.sleep(min(left, nap * (0.5 + random.random())))  # noqa: S311  # it only has to differ between processes
        nap = min(_LONGEST_NAP, nap * 2)


def _taken(path: Path) -> int | None:
    """The open file with its lock, or ``None`` where another process or database has it."""
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            reason = f"{error.strerror or error}"
            message = f"The lock file {path} cannot be made: {reason}. See to the folder's permissions, then try again."
            raise DatabaseUnavailable(message, reason=reason) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(descriptor, path):
                _held.add(descriptor)
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            return None
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether the file is still the one of that name: who had its lock before has removed it."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _in_child() -> None:
    # A copy that stays open in a child would keep the lock after the parent's death; closing a copy takes nothing away.
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_in_child)
