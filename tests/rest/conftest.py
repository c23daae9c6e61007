"""Fixtures of the REST room: a client of the shared world, and its database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tabor import Database
from tests.rest.world import TABLES, Client, serving


@pytest.fixture
def db(database_url: str) -> Database:
    """A database with the world's tables, on each engine in turn."""
    return Database(database_url, tables=TABLES)


@pytest.fixture
async def client(db: Database) -> AsyncIterator[Client]:
    """A client of the world, freshly filled."""
    async with serving(db) as client:
        yield client
