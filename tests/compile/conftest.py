"""What the tests of compilers share: a database with the festival's tables."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tabor import Database
from tests.festival import opened


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """An open database with empty tables."""
    async with opened(database_url) as database:
        yield database
