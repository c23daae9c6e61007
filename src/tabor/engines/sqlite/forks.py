"""What ``fork()`` leaves in a child: connections that it must neither use nor close, on files it must not open.

SQLite says so itself: https://sqlite.org/howtocorrupt.html, "Carrying an open database connection across a fork".
The child's copy of the library believes that it holds the locks its parent holds, for new connections to the file too.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol
from weakref import WeakSet

import apsw

from tabor.errors import ForkedProcess


class Forkable(Protocol):
    """Something that keeps a database open."""

    def after_fork(self) -> str | None:
        """Called in the child: refuse everything from now on; gives the path of the file, if there is one."""
        ...


_open: WeakSet[Forkable] = WeakSet()
_inherited: set[tuple[int, int]] = set()
_kept: list[apsw.Connection] = []


def watch(forkable: Forkable) -> None:
    """Tell ``forkable`` of every fork from now on."""
    _open.add(forkable)


def forget(forkable: Forkable) -> None:
    """Tell it no more."""
    _open.discard(forkable)


def refuse_inherited(path: str) -> None:
    """Raise ``ForkedProcess`` where the parent process had this file open when it forked."""
    if _inherited and _identity(path) in _inherited:
        raise ForkedProcess(
            f"{path} was open in the parent process before fork(), so this process cannot open it safely. "
            'Open it after the fork, or start processes with the method "spawn".'
        )


def forked() -> ForkedProcess:
    """The error for a use of what was opened before the fork."""
    return ForkedProcess(
        "This database was opened before fork() and cannot be used in the child process. Open it after the fork, "
        'or start processes with the method "spawn".'
    )


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = Path(path).stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _in_child() -> None:
    if not _open:
        return
    for forkable in list(_open):
        identity = _identity(forkable.after_fork() or "")
        if identity is not None:
            _inherited.add(identity)
    _open.clear()
    # A connection that is collected is closed, and that would touch the parent's locks and its write-ahead log.
    _kept.extend(apsw.connections())


os.register_at_fork(after_in_child=_in_child)
