"""Opening SQLite: the version, the file, and the settings that every connection has."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from stat import S_IMODE
from threading import enumerate as all_threads

import pytest

from tabor.engines.interface import Characteristics, Statement
from tabor.engines.sqlite.connection import check_version, connect, create_file, locate
from tabor.engines.sqlite.driver import Connection
from tabor.engines.sqlite.engine import SqliteEngine
from tabor.engines.sqlite.options import SqliteOptions
from tabor.errors import DatabaseClosed, DatabaseError, DatabaseUnavailable, StatementFailed, UnsupportedDatabase
from tests.engines.conftest import TABLE, OpenEngine, gig, titles

pytestmark = pytest.mark.anyio


def _files(folder: Path) -> dict[str, int]:
    """The files in a folder with their modes."""
    return {file.name: S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


def _restrict(file: Path, mode: int) -> None:
    file.chmod(mode)


@pytest.mark.parametrize("found", ["3.51.2", "3.45.1", "3.9.0", "2.8.17"])
def test_an_old_sqlite_is_refused(found: str) -> None:
    """Below 3.51.3 the error says what was found and what is needed; versions compare as numbers."""
    with pytest.raises(UnsupportedDatabase) as refused:
        check_version(found)
    assert (refused.value.found, refused.value.needed) == (found, "3.51.3")


@pytest.mark.parametrize("found", ["3.51.3", "3.52.0", "3.100.0", "4.0.0"])
def test_a_new_sqlite_is_taken(found: str) -> None:
    """From the floor on every version is good."""
    check_version(found)


async def test_open_checks_the_version(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``open`` refuses an old library before it touches the file."""
    monkeypatch.setattr("apsw.sqlite_lib_version", lambda: "3.50.4")
    with pytest.raises(UnsupportedDatabase):
        await SqliteEngine(path).open()
    assert _files(path.parent) == {}


async def test_a_new_file_belongs_to_its_owner_alone(tmp_path: Path, open_engine: OpenEngine) -> None:
    """The database, its log and its index get mode 0600 whatever the umask, and no other file stays behind."""
    path = tmp_path / "odd ?name #%20.db"
    before = os.umask(0)
    try:
        await open_engine(path)
    finally:
        os.umask(before)
    assert _files(tmp_path) == {path.name: 0o600, f"{path.name}-wal": 0o600, f"{path.name}-shm": 0o600}


async def test_an_existing_file_keeps_its_mode(path: Path, raw: Callable[[], Connection]) -> None:
    """A file that is there already is opened as it is."""
    connection = raw()
    connection.cursor().execute(TABLE).fetchall()
    connection.close()
    _restrict(path, 0o640)
    engine = SqliteEngine(path)
    await engine.open()
    await engine.close()
    assert _files(path.parent) == {path.name: 0o640}


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """A path in no folder raises ``DatabaseUnavailable`` with the path and the reason."""
    engine = SqliteEngine(tmp_path / "nowhere" / "x.db")
    with pytest.raises(DatabaseUnavailable, match="nowhere") as refused:
        await engine.open()
    assert refused.value.reason == "No such file or directory"
    with pytest.raises(DatabaseClosed):
        engine.read_now("SELECT 1", ())
    await engine.close()


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    """Any other file raises ``DatabaseUnavailable`` and keeps its content."""
    path.write_text("no database " * 1_000)
    with pytest.raises(DatabaseUnavailable, match="not a database"):
        asyncio.run(SqliteEngine(path).open())
    assert path.read_text() == "no database " * 1_000


@pytest.mark.parametrize("writer", [True, False])
def test_every_connection_has_the_settings(path: Path, writer: bool) -> None:
    """The settings that SQLite tells are those of the design; only the writer's connection writes."""
    location = locate(path)
    create_file(location)
    connect(location, SqliteOptions(), writer=True, busy_seconds=1).close()
    connection = connect(location, SqliteOptions(), writer=writer, busy_seconds=1)
    settings = {
        name: connection.pragma(name)
        for name in (
            "busy_timeout",
            "foreign_keys",
            "trusted_schema",
            "temp_store",
            "cache_size",
            "mmap_size",
            "synchronous",
            "query_only",
            "wal_autocheckpoint",
            "journal_mode",
        )
    }
    assert settings == {
        "busy_timeout": 1_000,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "temp_store": 2,
        "cache_size": -16_384,
        "mmap_size": 0,
        "synchronous": 2,
        "query_only": 0 if writer else 1,
        "wal_autocheckpoint": 0,
        "journal_mode": "wal",
    }
    if writer:
        assert connection.pragma("journal_size_limit") == 64 * 1024 * 1024
    with pytest.raises(Exception, match="no such column"):
        connection.cursor().execute('SELECT "text"')
    with pytest.raises(Exception, match="not authorized"):
        connection.cursor().execute("SELECT load_extension('x')")
    connection.close()


async def test_the_schema_table_is_defended(engine: SqliteEngine) -> None:
    """Nobody rewrites the schema by hand."""
    with pytest.raises(StatementFailed):
        await engine.write([Statement("PRAGMA writable_schema = 1")])
    with pytest.raises(StatementFailed, match="may not be modified"):
        await engine.write([Statement("UPDATE sqlite_schema SET sql = ''")])


@pytest.mark.parametrize("setting", ["synchronous = OFF", "journal_mode = DELETE", "foreign_keys(0)", "query_only = 0"])
async def test_statements_do_not_change_settings(engine: SqliteEngine, setting: str) -> None:
    """A connection's settings are the engine's own."""
    with pytest.raises(StatementFailed, match="engine's own"):
        await engine.write([Statement(f"PRAGMA {setting}")])


async def test_pragmas_that_look_are_allowed(engine: SqliteEngine) -> None:
    """Looking at the schema works inline, on threads and through the writer."""
    names = [row[1] for row in await engine.read("PRAGMA table_info('gig')", ())]
    assert names == ["id", "title", "seats", "next"]
    assert await engine.read("SELECT name FROM pragma_table_info('gig') WHERE pk = 1", ()) == [("id",)]
    assert (await engine.write([Statement("PRAGMA user_version = 7")]))[0].count == 0
    assert engine.read_now("PRAGMA user_version", ()) == [(7,)]


async def test_a_database_in_memory_is_one_for_all_connections(open_engine: OpenEngine) -> None:
    """In memory, what was written is seen inline, by the reader threads and in transactions, and by no other engine."""
    engine = await open_engine(":memory:")
    other = await open_engine(":memory:", reads="threads")
    await engine.write([gig("mine")])
    assert engine.read_now("SELECT title FROM gig", ()) == [("mine",)]
    transaction = await engine.begin(Characteristics(read_only=True))
    assert (await transaction.execute(Statement("SELECT title FROM gig"))).rows == [("mine",)]
    await transaction.rollback()
    assert await titles(other) == []
    await other.write([gig("yours")])
    assert await titles(other) == ["yours"]
    assert await titles(engine) == ["mine"]


async def test_a_database_in_memory_ends_with_close(open_engine: OpenEngine) -> None:
    """A database in memory that is opened again is empty."""
    engine = await open_engine(":memory:")
    await engine.close()
    await engine.open()
    assert await engine.read("SELECT count(*) FROM sqlite_schema", ()) == [(0,)]


async def test_an_open_engine_does_not_open_again(engine: SqliteEngine) -> None:
    """A second ``open`` raises and harms nothing."""
    with pytest.raises(DatabaseError, match="open already"):
        await engine.open()
    assert engine.health().ok


async def test_a_cancelled_open_leaves_nothing(path: Path) -> None:
    """An engine whose ``open`` was cancelled is not open, has no thread, and may be opened again."""
    engine = SqliteEngine(path)
    opening = asyncio.ensure_future(engine.open())
    await asyncio.sleep(0)
    opening.cancel()
    await asyncio.gather(opening, return_exceptions=True)
    with pytest.raises(DatabaseClosed):
        await engine.write([gig("a")])
    for thread in all_threads():
        if thread.name == "tabor-sqlite-writer":
            thread.join(5)
    assert _files(path.parent) == {path.name: 0o600}
    await engine.open()
    await engine.close()
