"""What the program's own ``conftest.py`` would hold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tabor import Database
from tests.testing.trial.program import Account, db


@pytest.fixture(scope="session")
def tabor_database() -> Database:
    """The program's database."""
    return db


@pytest.fixture(scope="session")
def tabor_prepare() -> Callable[[Database], Awaitable[object]]:
    """Tables, and one row that every test finds."""

    async def prepare(database: Database) -> None:
        await database.create_tables()
        await Account.insert(Account(owner="Ann", cents=100))

    return prepare


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The one loop that Tabor supports."""
    return "asyncio"
