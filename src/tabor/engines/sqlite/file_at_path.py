"""Whether the file that is open is still the one at its path: what is written to another is lost without a word."""

from __future__ import annotations

import os

import apsw


class FileMoved(apsw.CantOpenError):
    """Nothing is at the path of the database any more, or something else; ``path`` says where."""

    def __init__(self, path: str) -> None:
        super().__init__("the file was moved, removed or replaced while it was open")
        self.path = path


class FileAtPath:
    """The file at ``path``, which is open from now on.

    SQLite looks for itself only where it keeps a rollback journal, and not with a write-ahead log.
    """

    __slots__ = ("_file", "_path")

    def __init__(self, path: str) -> None:
        self._path = path
        self._file = identity(path)

    def check(self) -> None:
        """Raise ``FileMoved`` where the path leads to no file or another one; a look takes about a microsecond."""
        if identity(self._path) != self._file:
            raise FileMoved(self._path)


def identity(path: str) -> tuple[int, int] | None:
    """What tells the file at ``path`` from every other, None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116  # a Path would take twice as long
    except OSError:
        return None
    return found.st_dev, found.st_ino
