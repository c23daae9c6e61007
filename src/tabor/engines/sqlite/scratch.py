"""Databases for tests: files in a folder, copied by SQLite itself."""

from __future__ import annotations

import asyncio
from itertools import count
from pathlib import Path
from urllib.parse import quote, unquote

from tabor.engines.scratch import Scratch
from tabor.engines.sqlite import driver
from tabor.engines.sqlite.connection import create_file, locate
from tabor.engines.sqlite.engine import SqliteEngine
from tabor.engines.sqlite.options import SqliteOptions

_DAY = 86_400.0
_START = "sqlite:///"
# Nothing here has to outlive a loss of power.
_QUICK = SqliteOptions(synchronous="NORMAL")
_PATIENT = SqliteOptions(synchronous="NORMAL", transaction_idle=_DAY, transaction_total=_DAY)


class SqliteScratch(Scratch):
    """Database files in ``folder``, which belongs to the caller."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    async def create(self) -> str:
        return f"{_START}{quote(str(self._folder / f'{next(self._numbers)}.db'))}"

    async def copy(self, url: str) -> str:
        made = await self.create()
        await asyncio.to_thread(_copied, _file(url), _file(made))
        return made

    async def drop(self, url: str) -> None:
        file = _file(url)
        for path in file.parent.glob(f"{file.name}*"):
            path.unlink()

    def engine(self, url: str, *, patient: bool) -> SqliteEngine:
        return SqliteEngine(_file(url), _PATIENT if patient else _QUICK)

    async def close(self) -> None:
        for path in self._folder.glob("*.db*"):
            path.unlink()


def _file(url: str) -> Path:
    return Path(unquote(url.removeprefix(_START)))


def _copied(original: Path, copy: Path) -> None:
    location = locate(copy)
    create_file(location)
    source = driver.connect(locate(original).name, location.flags, None, 0)
    target = driver.connect(location.name, location.flags, None, 0)
    try:
        target.pragma("synchronous", 0)
        backup = target.backup("main", source, "main")
        backup.step()
        backup.finish()
    finally:
        target.close()
        source.close()
