"""What the tests of this room share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from httpx import ASGITransport, AsyncClient

from tests.web.planner import make_app


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    """A client of the app."""
    async with AsyncClient(transport=ASGITransport(make_app()), base_url="http://planner") as client:
        yield client
