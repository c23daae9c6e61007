"""Tests of the pytest plugin, by runs of pytest on small sets of tests that use it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.postgres_databases import Databases

ROOT = Path(__file__).resolve().parent.parent.parent
TRIAL = ROOT / "tests" / "testing" / "trial"
INI = """
[pytest]
addopts = -p anyio.pytest_plugin -p pytest_asyncio.plugin -p xdist.plugin -p pytest_tabor --strict-markers -ra
filterwarnings = error
asyncio_mode = strict
asyncio_default_fixture_loop_scope = function
"""
# Marked as `py`, so that test_docs.py, which runs what is marked as `python`, leaves these to the test here.
FILE = re.compile(r"^```py\n# (?P<name>(?:conftest|test_\w+)\.py)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SUMMARY = re.compile(r"(\d+) (passed|failed|errors?|warnings?|skipped|deselected)")


class Folder:
    """A folder with tests of somebody else, and runs of pytest in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.output = ""
        self.write("pytest.ini", INI)

    def write(self, name: str, text: str) -> None:
        """Add a file."""
        (self.path / name).write_text(text, encoding="utf-8")

    def program(self, cases: str) -> None:
        """Add the tests of the small program."""
        shutil.copy(TRIAL / "fixtures.py", self.path / "conftest.py")
        shutil.copy(TRIAL / f"{cases}.py", self.path / f"test_{cases}.py")

    def run(self, *arguments: str, **environment: str) -> dict[str, int]:
        """How many tests ended how."""
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")])
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "TABOR_"))}
        command = [sys.executable, "-m", "pytest", "--basetemp", str(self.path / "temporary"), *arguments]
        done = subprocess.run(
            command,
            cwd=self.path,
            env={**inherited, "PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment},
            check=False,
            capture_output=True,
            text=True,
        )
        self.output = done.stdout + done.stderr
        found = SUMMARY.findall("".join(done.stdout.splitlines()[-1:]))
        return {word.removesuffix("s") if word.startswith("error") else word: int(count) for count, word in found}

    def failed(self) -> set[str]:
        """The names of the tests that failed or could not begin."""
        return set(re.findall(r"^(?:FAILED|ERROR) [^:]+::(\S+)", self.output, re.MULTILINE))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """An empty folder for tests."""
    return Folder(tmp_path)


@pytest.fixture
def both(postgres_databases: Databases) -> tuple[str, ...]:
    """The arguments that have the tests run on both engines."""
    return "--tabor-url", "sqlite://", "--tabor-url", postgres_databases.url


def test_with_anyio(folder: Folder, both: tuple[str, ...], postgres_databases: Databases) -> None:
    """Commits, failures, tasks, cancellations and copies of one test reach no other, on both engines; nothing stays."""
    folder.program("anyio_cases")
    assert folder.run(*both) == {"passed": 22, "failed": 2}, folder.output
    assert folder.failed() == {"test_fails_on_purpose[sqlite]", "test_fails_on_purpose[postgresql]"}
    assert list(folder.path.rglob("*.db*")) == []
    assert postgres_databases.names("tabor\\_test\\_%") == []


def test_with_pytest_asyncio(folder: Folder, both: tuple[str, ...]) -> None:
    """Tests and fixtures on loops of every scope use the same database, on both engines."""
    folder.program("asyncio_cases")
    assert folder.run(*both) == {"passed": 18}, folder.output


def test_in_several_processes(folder: Folder, both: tuple[str, ...]) -> None:
    """Processes of pytest-xdist have databases of their own."""
    folder.program("anyio_cases")
    assert folder.run(*both, "-n", "2") == {"passed": 22, "failed": 2}, folder.output


def test_a_server_is_started(folder: Folder) -> None:
    """Without a server to go to, one is started from the installed wheel, and ended."""
    folder.program("anyio_cases")
    with TemporaryDirectory() as temporary:
        Path(temporary).chmod(0o711)  # the server may run as another user
        found = folder.run("--tabor-url", "postgresql://", "-k", "commits or on_a_copy", TMPDIR=temporary)
        assert found == {"passed": 2, "deselected": 10}, folder.output
        assert list(Path(temporary).iterdir()) == []


def test_the_page_about_testing(folder: Folder) -> None:
    """The files that the page about testing shows do what it says."""
    page = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    files = {match["name"]: match["text"] for match in FILE.finditer(page)}
    assert list(files) == ["conftest.py", "test_stage.py"]
    for name, text in files.items():
        folder.write(name, text)
    folder.write("planner.py", program_of(page))
    assert folder.run() == {"passed": 4}, folder.output


def program_of(page: str) -> str:
    """The tables and the database of the page."""
    return page.partition("```python\n")[2].partition("await db.open()")[0]


FORGETFUL = """
import pytest
from tabor.testing import factory
from tests.testing.trial.program import Account

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("tabor")]


async def test_forgets_await():
    factory(Account).create()


async def test_after_it():
    assert await Account.select(Account.owner).values() == ["Ann"]
"""
PLAIN = """
async def test_nobody_awaits_it(tabor):
    pass
"""


def test_a_forgotten_await(folder: Folder) -> None:
    """Python's warning fails a test that awaits nothing, pytest one that nobody awaits, and the next one runs."""
    shutil.copy(TRIAL / "fixtures.py", folder.path / "conftest.py")
    folder.write("test_forgetful.py", FORGETFUL)
    folder.write("test_plain.py", PLAIN)
    assert folder.run() == {"passed": 1, "failed": 2}, folder.output
    assert "async def functions are not natively supported" in folder.output
    assert "coroutine 'Factory.create' was never awaited" in folder.output
    assert folder.failed() == {"test_forgets_await", "test_nobody_awaits_it"}


UNUSED = """
import sys


def test_nothing_is_loaded():
    assert [name for name in sys.modules if name.partition(".")[0] == "tabor"] == []
"""


def test_unused_it_loads_nothing(folder: Folder) -> None:
    """A run that asks for no database imports nothing of Tabor beside the plugin's own module."""
    folder.write("test_unused.py", UNUSED)
    assert folder.run() == {"passed": 1}, folder.output


def test_it_is_an_entry_point() -> None:
    """Pytest finds the plugin by itself where Tabor is installed, under the name of its module."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"pytest_tabor": "pytest_tabor"}


WRONG = """
import pytest

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("tabor")]


@pytest.mark.tabor(copied=True)
async def test_wrong_mark():
    pass
"""


def test_wrong_use_is_explained(folder: Folder) -> None:
    """A missing fixture and a mark that says something else are refused."""
    folder.write("test_wrong.py", WRONG)
    assert folder.run() == {"error": 1}
    assert "define a fixture tabor_database in conftest.py" in folder.output
    shutil.copy(TRIAL / "fixtures.py", folder.path / "conftest.py")
    assert folder.run() == {"error": 1}
    assert "The mark takes copy=True or copy=False" in folder.output
