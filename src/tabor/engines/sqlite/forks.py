"""What ``fork()`` leaves in a child: connections that it must neither use nor close, on files it must not open.

SQLite says so itself: https://sqlite.org/howtocorrupt.html, "Carrying an open database connection across a fork".
The child's copy of the library believes that it holds the locks its parent holds, for new connections to the file too.
"""

from __future__ import annotations

import apsw

from tabor.engines.sqlite.file_at_path import identity
from tabor.errors import ForkedProcess

_inherited: set[tuple[int, int]] = set()
_kept: list[apsw.Connection] = []


def inherit(path: str | None) -> None:
    """Called in the child for each engine: note its file, if it has one, and keep its connections for good."""
    file = identity(path) if path is not None else None
    if file is not None:
        _inherited.add(file)
    # A connection that is collected is closed, and that would touch the parent's locks and its write-ahead log.
    _kept.extend(apsw.connections())


def refuse_inherited(path: str) -> None:
    """Raise ``ForkedProcess`` where the parent process had this file open when it forked."""
    if _inherited and identity(path) in _inherited:
        raise ForkedProcess(
            f"{path} was open in the parent process before fork(), so this process cannot open it safely. "
            'Open it after the fork, or start processes with the method "spawn".'
        )
