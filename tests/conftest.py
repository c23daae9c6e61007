"""What every test shares: the event loop, Hypothesis's profile, the long forms, and the browser."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import HealthCheck, settings

# No deadline and no complaint about slow examples: how long one takes depends on who else uses the machine.
UNTIMED = settings(deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("deterministic", UNTIMED, derandomize=True, max_examples=100)
settings.register_profile("long", UNTIMED, max_examples=5_000)

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--long``."""
    parser.addoption("--long", action="store_true", help="run the long forms: more examples, more kills, more load")


def pytest_configure(config: pytest.Config) -> None:
    """Choose Hypothesis's profile and name the marker."""
    config.addinivalue_line("markers", "long: runs with --long only, because it makes no sense at a short length")
    settings.load_profile("long" if config.getoption("--long") else "deterministic")


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
