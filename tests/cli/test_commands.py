"""Tests of the command ``tabor``, each run as a process of its own."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest

from tabor.version import VERSION

ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = [sys.executable, "-c", "from tabor.cli.entry import main; main()"]
TABLES = """
from tabor import Column, Database, Table, column

class Note(Table):
    id: Column[int] = column(primary_key=True)
    text: Column[str]

db = Database("sqlite:///notes.db", tables=[Note])
other = 3
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What the processes see: Tabor's source, plain output, and no settings of the user's."""
    settings = {"PYTHONPATH": str(ROOT / "src"), "COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"}
    return {**os.environ, **settings, "IPYTHONDIR": str(tmp_path / "ipython"), "HOME": str(tmp_path)}


def tabor(environment: dict[str, str], folder: Path, *arguments: str, typed: str = "") -> tuple[int, str, str]:
    """The status, the output and the errors of one call."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        check=False,
        capture_output=True,
        text=True,
        input=typed,
        cwd=folder,
        env=environment,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


def test_help_and_version(environment: dict[str, str], tmp_path: Path) -> None:
    """--help names each command with what it does, --version the version, and both end well."""
    status, output, _ = tabor(environment, tmp_path, "--help")
    assert status == 0
    assert all(name in output for name in ("lint", "playground", "shell", "--version"))
    assert tabor(environment, tmp_path, "--version") == (0, f"tabor {VERSION}\n", "")


def test_the_command_is_installed() -> None:
    """The wheel brings the command and takes its version from the source."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["project"]["scripts"]["tabor"] == "tabor.cli.entry:main"
    assert "version" in settings["project"]["dynamic"]


def test_a_slip_gets_a_suggestion(environment: dict[str, str], tmp_path: Path) -> None:
    """A misspelled command or option is answered with the right one, without a traceback."""
    status, _, errors = tabor(environment, tmp_path, "lnit", "x")
    assert status == 2
    assert "Did you mean 'lint'?" in errors
    status, _, errors = tabor(environment, tmp_path, "lint", "--jsn", "x")
    assert status == 2
    assert "--json" in errors
    assert "Traceback" not in errors


def test_lint_prints_findings_and_says_so_by_its_status(environment: dict[str, str], tmp_path: Path) -> None:
    """Findings are lines that editors understand, or JSON; the status is 1 where there are any, else 0."""
    (tmp_path / "tables.py").write_text(TABLES, encoding="utf-8")
    assert tabor(environment, tmp_path, "lint", ".") == (0, "", "")
    (tmp_path / "query.py").write_text("from tables import Note\nx = not Note.text\n", encoding="utf-8")
    status, output, _ = tabor(environment, tmp_path, "lint", ".")
    assert status == 1
    assert output.startswith("query.py:2:5: TAB003 `not` asks for the truth of a condition")
    assert output.endswith("Write instead: ~Note.text\n")
    status, output, _ = tabor(environment, tmp_path, "lint", "query.py", "--json")
    assert status == 1
    (record,) = json.loads(output)
    assert (record["path"], record["line"], record["column"], record["code"]) == ("query.py", 2, 5, "TAB003")
    status, _, errors = tabor(environment, tmp_path, "lint", "nowhere")
    assert status == 2
    assert "There is no file or folder 'nowhere'." in errors


def test_playground_answers_await(environment: dict[str, str], tmp_path: Path) -> None:
    """The console awaits at the top level and has tables with rows; nothing is left behind."""
    typed = "await Event.select().count()\n"
    typed += "await Film.select(Film.title, Film.director.inner.name).where(Film.year == 1931)\n"
    status, output, errors = tabor(environment, tmp_path, "playground", typed=f"{typed}exit\n")
    assert (status, errors) == (0, "")
    assert "Tables User, Event, Director and Film" in output
    assert "Out[1]: 8" in output
    assert "('M', 'Fritz Lang')" in output
    assert [path.name for path in tmp_path.glob("*.db")] == []


def test_shell_opens_the_project(environment: dict[str, str], tmp_path: Path) -> None:
    """The console has the project's database open in its loop, and its tables by name."""
    (tmp_path / "notes.py").write_text(TABLES, encoding="utf-8")
    typed = "await db.create_tables()\nawait Note.insert(Note(text='from the shell')).one()\nexit\n"
    status, output, errors = tabor(environment, tmp_path, "shell", "notes:db", typed=typed)
    assert (status, errors) == (0, "")
    assert "db is notes:db; tables: Note" in output
    assert "Note(id=1, text='from the shell')" in output
    assert (tmp_path / "notes.db").exists()


@pytest.mark.parametrize(
    ("place", "answer"),
    [
        ("nowhere:db", "There is no module 'nowhere'"),
        ("notes:bd", "notes:bd does not exist. Did you mean notes:db?"),
        ("notes:other", "notes:other is no Database. Did you mean notes:db?"),
        ("json", "json holds no database."),
        (":db", "'' is no name of a module"),
    ],
)
def test_shell_says_what_it_cannot_find(environment: dict[str, str], tmp_path: Path, place: str, answer: str) -> None:
    """A place that holds no database is answered in a sentence that names what was meant."""
    (tmp_path / "notes.py").write_text(TABLES, encoding="utf-8")
    status, _, errors = tabor(environment, tmp_path, "shell", place)
    assert status == 2
    assert answer in errors
    assert "Traceback" not in errors


def test_shell_on_a_database_that_cannot_be_opened(environment: dict[str, str], tmp_path: Path) -> None:
    """The reason is told in a sentence, without the way that led to it."""
    (tmp_path / "notes.py").write_text(TABLES, encoding="utf-8")
    (tmp_path / "notes.db").write_bytes(b"no database " * 500)
    status, _, errors = tabor(environment, tmp_path, "shell", "notes:db", typed="exit\n")
    assert status == 1
    assert "notes.db is not a database of SQLite, or is encrypted." in errors
    assert "Traceback" not in errors


def until(terminal: int, wanted: str) -> None:
    """Read from the terminal until what ``wanted`` describes has been shown."""
    seen = ""
    while not re.search(wanted, seen):
        ready, _, _ = select.select([terminal], [], [], 15)
        assert ready, f"nothing more comes after {seen!r}"
        seen += os.read(terminal, 4_096).decode("utf-8", "replace")


def drain(terminal: int) -> None:
    """Read what is left until the process has closed its end."""
    with suppress(OSError):
        while select.select([terminal], [], [], 15)[0] and os.read(terminal, 4_096):
            pass


def test_shell_in_a_terminal(environment: dict[str, str], tmp_path: Path) -> None:
    """In a real terminal the console reads keys, answers, and ends with the database closed."""
    (tmp_path / "notes.py").write_text(TABLES, encoding="utf-8")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "shell", "notes"], stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path, env=environment
    ) as process:
        os.close(theirs)
        try:
            until(ours, r"In \[")
            os.write(ours, b"await db.sql('select 6 * 7 as answer').values()\r")
            until(ours, r"(?s)\[42\].*In \[")
            os.write(ours, b"exit\r")
            drain(ours)
            status = process.wait(20)
        finally:
            process.kill()
    assert status == 0
    os.close(ours)


@pytest.mark.parametrize(
    ("missing", "arguments", "wanted"),
    [("typer", ["--version"], "pip install 'tabor[cli]'"), ("IPython", ["playground"], "pip install 'tabor[shell]'")],
)
def test_a_missing_extra_is_named(
    environment: dict[str, str], tmp_path: Path, missing: str, arguments: list[str], wanted: str
) -> None:
    """Without an extra the command says what to install, in one line."""
    program = f"import sys; sys.modules[{missing!r}] = None; from tabor.cli.entry import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
    )
    assert done.returncode == 1
    assert wanted in done.stderr
    assert done.stderr.count("\n") == 1
