"""What the differential tests share: a database on each engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres_databases import Databases


@pytest.fixture(scope="module")
def urls(postgres_databases: Databases) -> Iterator[list[str]]:
    """A database on each engine that all examples share, one after the other."""
    url = postgres_databases.create()
    yield ["sqlite:///:memory:", url]
    postgres_databases.drop(url)
