"""What every test shares: the event loop, the databases, Hypothesis's profile, the long forms, and the browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres_databases import Databases

# No deadline and no complaint about slow examples: how long one takes depends on who else uses the machine.
UNTIMED = settings(deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("deterministic", UNTIMED, derandomize=True, max_examples=100)
settings.register_profile("long", UNTIMED, max_examples=5_000)

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--long``, and ``--examples`` for a part of it."""
    parser.addoption("--long", action="store_true", help="run the long forms: more examples, more kills, more load")
    parser.addoption("--examples", type=int, help="how many examples a property tests, in place of 100 (5000 if long)")


def pytest_configure(config: pytest.Config) -> None:
    """Choose Hypothesis's profile and name the marker."""
    config.addinivalue_line("markers", "long: runs with --long only, because it makes no sense at a short length")
    settings.load_profile("long" if config.getoption("--long") else "deterministic")
    if (examples := config.getoption("--examples")) is not None:
        settings.register_profile("sized", settings(), max_examples=examples)
        settings.load_profile("sized")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tests marked ``long`` out of an ordinary run."""
    if config.getoption("--long"):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("long")]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, the one loop that Tabor supports."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[Databases]:
    """Databases on a PostgreSQL server that starts with the first of them and ends with the tests."""
    databases = Databases()
    yield databases
    databases.close()


@pytest.fixture
def postgres_url(postgres_databases: Databases) -> Iterator[str]:
    """A new, empty database on PostgreSQL."""
    url = postgres_databases.create()
    yield url
    postgres_databases.drop(url)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new, empty database on each engine in turn."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return f"sqlite:///{tmp_path}/test.db"


@pytest.fixture(params=["sqlite", "postgres"], scope="module")
def shared_database_url(request: pytest.FixtureRequest, postgres_databases: Databases) -> Iterator[str]:
    """A database on each engine in turn that all tests of a module share: for properties, which run many examples."""
    if request.param == "sqlite":
        yield "sqlite:///:memory:"
        return
    url = postgres_databases.create()
    yield url
    postgres_databases.drop(url)


@pytest.fixture(scope="session")
def long_run(request: pytest.FixtureRequest) -> bool:
    """Whether ``--long`` was given, for tests that only change their scale."""
    return bool(request.config.getoption("--long"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the installed Chromium; a test that asks for it skips where there is none (the only skip)."""
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found is None:
        pytest.skip("no Chromium on this machine; install it to run the browser tests")
    return found
