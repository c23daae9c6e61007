"""What the tests of queries share: a database with the festival's tables."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from tabor import Database
from tabor.query.runner import Question
from tests.festival import opened


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """An open database with empty tables."""
    async with opened(database_url) as database:
        yield database


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The shapes of the statements that databases run from now on."""
    seen: list[object] = []
    run = Database.run

    def recorded(self: Database, question: Question[Any]) -> Coroutine[object, object, Any]:
        seen.append(question.statement.key)
        return run(self, question)

    monkeypatch.setattr(Database, "run", recorded)
    return seen
