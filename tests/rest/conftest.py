"""Fixtures of the REST room: a client of the shared world, and its database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tabor import Database
from tests.rest.world import Client, memory, serving


@pytest.fixture
def db() -> Database:
    """A database in memory."""
    return memory()


@pytest.fixture
async def client(db: Database) -> AsyncIterator[Client]:
    """A client of the world, freshly filled."""
    async with serving(db) as client:
        yield client
