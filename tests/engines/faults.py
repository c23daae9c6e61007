"""Disks that fail on command: a layer between SQLite and its files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import apsw
import pytest

from tabor.engines.sqlite import engine as engine_module
from tabor.engines.sqlite.connection import Location, locate


@dataclass
class Faults:
    """What fails from now on: each function is called before the file's own and may raise."""

    sync: Callable[[], None] | None = None
    write: Callable[[], None] | None = None
    syncs: int = field(default=0)


class _File(apsw.VFSFile):
    def __init__(self, faults: Faults, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__("", name, flags)  # type: ignore[arg-type]  # apsw takes None for a temporary file
        self._faults = faults

    def xSync(self, flags: int) -> None:  # noqa: N802  # apsw's name
        self._faults.syncs += 1
        if self._faults.sync is not None:
            self._faults.sync()
        super().xSync(flags)

    def xWrite(self, data: object, offset: int) -> None:  # noqa: N802  # apsw's name
        if self._faults.write is not None:
            self._faults.write()
        super().xWrite(data, offset)  # type: ignore[arg-type]  # bytes, whatever the stub calls them


class _Vfs(apsw.VFS):
    def __init__(self, name: str, faults: Faults) -> None:
        self._faults = faults
        super().__init__(name, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802  # apsw's name
        return _File(self._faults, name, flags)

    def excepthook(self, *error: object) -> bool:
        """Keep the injected errors off the screen."""
        return True


@contextmanager
def faulty_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Faults]:
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
