"""What the tests of watching share: an open database with the festival's tables, and its events."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tabor import Database, StatementEvent
from tests.festival import opened


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """An open database with empty tables."""
    async with opened(database_url) as database:
        yield database


@pytest.fixture
def events(db: Database) -> list[StatementEvent]:
    """What the database tells of its statements from now on."""
    told: list[StatementEvent] = []
    db.on_statement(told.append)
    return told
