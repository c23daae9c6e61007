"""A planner with an empty database for each test."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient

from planner.app import create_app
from planner.tables import Event, User
from tabor import Database
from tabor.auth.secret import SecretKey
from tests.planner.harness import Planner


@pytest.fixture
async def planner(tmp_path: Path) -> AsyncGenerator[Planner]:
    """The planner's app, started, on a file of its own."""
    secret = SecretKey(secrets.token_bytes(32))
    app = create_app(Database(f"sqlite:///{tmp_path / 'planner.db'}", tables=[User, Event]), secret)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://planner") as client,
    ):
        yield Planner(client, secret)
