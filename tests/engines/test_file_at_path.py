"""The file of an open database that is moved, removed or replaced: nothing is written into the void."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabor.engines.sqlite.engine import SqliteEngine
from tabor.errors import DatabaseUnavailable
from tests.engines.conftest import OpenEngine, gig, titles

pytestmark = pytest.mark.anyio


def _move(path: Path, to: Path) -> None:
    path.replace(to)


def _remove(path: Path) -> None:
    path.unlink()


async def _is_refused(engine: SqliteEngine, path: Path) -> None:
    for work in (engine.write([gig("lost")]), engine.begin()):
        with pytest.raises(DatabaseUnavailable) as refused:
            await work
        assert refused.value.not_applied
        assert str(refused.value) == (
            f"The file {path} was moved, removed or replaced while it was open, and what is written now would be "
            "lost. Nothing was changed; put the file back, or close the database, remove the -wal and -shm beside the "
            "file, and open it again."
        )


async def test_a_removed_file_takes_no_writes(engine: SqliteEngine, path: Path) -> None:
    """What would go into a file that has no name any more is refused, and what was read can be read still."""
    await engine.write([gig("a")])
    _remove(path)
    await _is_refused(engine, path)
    assert await titles(engine) == ["a"]


async def test_a_file_that_is_put_back_takes_writes_again(engine: SqliteEngine, path: Path) -> None:
    """Moved away and back, the file is the same one, and writing goes on."""
    away = path.with_name("away.db")
    _move(path, away)
    await _is_refused(engine, path)
    _move(away, path)
    await engine.write([gig("b")])
    assert await titles(engine) == ["b"]


async def test_a_replaced_file_takes_no_writes(open_engine: OpenEngine, path: Path) -> None:
    """A backup that is moved over the open file is not mixed with it; opened again, it is what counts."""
    backup = path.with_name("backup.db")
    other = await open_engine(backup)
    await other.write([gig("of the backup")])
    await other.close()
    engine = await open_engine()
    await engine.write([gig("a")])
    _move(backup, path)
    await _is_refused(engine, path)
    await engine.close()
    _remove(Path(f"{path}-wal"))
    _remove(Path(f"{path}-shm"))
    await engine.open()
    await engine.write([gig("b")])
    assert await titles(engine) == ["of the backup", "b"]
