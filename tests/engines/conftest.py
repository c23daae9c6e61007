"""What the tests of the SQLite engine share: a file, open engines that are closed again, and a small table."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Protocol, Unpack

import pytest

from tabor.engines.interface import Statement
from tabor.engines.sqlite import driver
from tabor.engines.sqlite.driver import Connection
from tabor.engines.sqlite.engine import SqliteEngine
from tabor.engines.sqlite.options import SqliteOptionChanges

TABLE = (
    "CREATE TABLE gig (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL UNIQUE, "
    "seats INTEGER CONSTRAINT gig_seats_positive CHECK (seats > 0), "
    "next INTEGER REFERENCES gig (id) DEFERRABLE INITIALLY DEFERRED) STRICT"
)
INSERT = "INSERT INTO gig (title, seats, next) VALUES (?1, ?2, ?3) RETURNING id"
SLOW_COUNT = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < ?1) SELECT count(*) FROM n"


def gig(title: str, seats: int | None = None, next_gig: int | None = None) -> Statement:
    """A statement that adds one row."""
    return Statement(INSERT, (title, seats, next_gig))


class OpenEngine(Protocol):
    """Opens an engine on the test's own file, with the table in it."""

    def __call__(
        self, path: str | Path | None = None, **changes: Unpack[SqliteOptionChanges]
    ) -> Awaitable[SqliteEngine]: ...


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database file that does not exist yet."""
    return tmp_path / "gigs.db"


@pytest.fixture
def raw(path: Path) -> Callable[[], Connection]:
    """Opens a bare connection to the test's file, as another process would."""

    def connect() -> Connection:
        return driver.connect(str(path), 6, None, 100)

    return connect


@pytest.fixture
async def open_engine(path: Path) -> AsyncGenerator[OpenEngine, None]:
    """Opens engines and closes them after the test."""
    engines: list[SqliteEngine] = []
    file = path

    async def start(path: str | Path | None = None, **changes: Unpack[SqliteOptionChanges]) -> SqliteEngine:
        engine = SqliteEngine(path or file, **changes)
        await engine.open()
        engines.append(engine)
        if not await engine.read("SELECT 1 FROM sqlite_schema WHERE name = 'gig'", ()):
            await engine.write([Statement(TABLE)])
        return engine

    yield start
    for engine in engines:
        await engine.close()


@pytest.fixture
async def engine(open_engine: OpenEngine) -> SqliteEngine:
    """An open engine with an empty table."""
    return await open_engine()


async def titles(engine: SqliteEngine) -> list[str]:
    """The titles of all rows, in order of their keys, past every memory of the inline connection."""
    return [str(row[0]) for row in await engine.read("SELECT title FROM gig ORDER BY id", ())]
