"""Disks that fail on command: a layer between SQLite and its files."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

import apsw
import pytest

from tabor.engines.sqlite import engine as engine_module
from tabor.engines.sqlite.connection import Location, locate


@dataclass
class Faults:
    """What fails from now on: each function is called before the disk's own and may raise.

    ``commit`` stands before each sync of the log, ``checkpoint`` before each sync of the database file itself.
    """

    commit: Callable[[], None] | None = None
    checkpoint: Callable[[], None] | None = None
    commits: int = 0


class _File(apsw.VFSFile):
    def __init__(self, faults: Faults, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self._faults = faults
        self._is_database = bool(flags[0] & apsw.SQLITE_OPEN_MAIN_DB)

    def xSync(self, flags: int) -> None:  # noqa: N802  # apsw's name
        self._faults.commits += not self._is_database
        fault = self._faults.checkpoint if self._is_database else self._faults.commit
        if fault is not None:
            fault()
        super().xSync(flags)


class _Vfs(apsw.VFS):
    def __init__(self, name: str, faults: Faults) -> None:
        self._faults = faults
        super().__init__(name, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802  # apsw's name
        return _File(self._faults, name, flags)

    def excepthook(self, etype: object, evalue: object, etraceback: object) -> bool:
        """Keep the injected errors off the screen."""
        return True


@contextmanager
def faulty_disk(monkeypatch: pytest.MonkeyPatch) -> Generator[Faults, None, None]:
    """Put the engines that are opened in the block on a disk whose faults the block decides."""
    faults = Faults()
    vfs = _Vfs("tabor-faults", faults)

    def locate_on_faulty_disk(path: str) -> Location:
        return locate(path)._replace(vfs="tabor-faults")

    monkeypatch.setattr(engine_module, "locate", locate_on_faulty_disk)
    yield faults
    vfs.unregister()


def fail_with(error: type[apsw.Error]) -> Callable[[], None]:
    """A fault that raises."""

    def fault() -> None:
        raise error("injected")

    return fault
