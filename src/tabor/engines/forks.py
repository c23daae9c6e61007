"""Telling open engines of a ``fork()``: in the child they must touch nothing that they inherited, so they refuse."""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet

from tabor.errors import ForkedProcess


class Forkable(Protocol):
    """Something that keeps a database open."""

    def after_fork(self) -> None:
        """Called in the child: refuse everything from now on, and let go of nothing in a way that the parent feels."""
        ...


_open: WeakSet[Forkable] = WeakSet()


def watch(forkable: Forkable) -> None:
    """Tell ``forkable`` of every fork from now on."""
    _open.add(forkable)


def forget(forkable: Forkable) -> None:
    """Tell it no more."""
    _open.discard(forkable)


def forked() -> ForkedProcess:
    """The error for a use of what was opened before the fork."""
    return ForkedProcess(
        "This database was opened before fork() and cannot be used in the child process. Open it after the fork, "
        'or start processes with the method "spawn".'
    )


def _in_child() -> None:
    for forkable in list(_open):
        forkable.after_fork()
    _open.clear()


os.register_at_fork(after_in_child=_in_child)
