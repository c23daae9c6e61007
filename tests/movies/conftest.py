"""What the tests of the film example share: the real records, and a database on each engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

import pytest

from movies.datafile import read_records
from movies.tables import Director, Film
from tabor import Database


@pytest.fixture(scope="session")
def records() -> list[dict[str, object]]:
    """The 3,201 records of the file that comes with the example."""
    return cast("list[dict[str, object]]", read_records())


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database with empty tables."""
    async with Database(database_url, tables=[Director, Film]) as db:
        await db.create_tables()
        yield db
