"""Tests of what users' type checkers see: pyright and mypy, both strict, without plugin, on good.py and bad.py."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
GOOD, BAD, MODELS, TYPICAL = HERE / "good.py", HERE / "bad.py", HERE / "models.py", HERE / "typical.py"
MARK = re.compile(r"# error: (?P<checkers>[a-z ]+)$")
MYPY_LINE = re.compile(r"(?P<file>.+?):(?P<line>\d+): error: (?P<message>.*)")

Findings = dict[Path, dict[int, str]]
"""The first message about each line of each file."""


class Position(BaseModel):
    """A place in a file, counted from 0."""

    line: int


class Range(BaseModel):
    """From where to where."""

    start: Position


class Diagnostic(BaseModel):
    """One finding of pyright."""

    file: Path
    severity: str
    message: str
    range: Range


class Report(BaseModel):
    """What ``pyright --outputjson`` prints, as far as it matters here."""

    generalDiagnostics: list[Diagnostic]  # noqa: N815 - pyright's own name


def run(command: list[str], environment: Mapping[str, str] | None = None) -> str:
    """The output of a checker; it says 1 where it found errors and more where it could not work at all."""
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=ROOT, env={**os.environ, **(environment or {})}
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def by_pyright(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """What pyright reports in its strict mode, as it stands when it is installed."""
    config = tmp_path_factory.mktemp("pyright") / "pyrightconfig.json"
    config.write_text(
        json.dumps(
            {
                "include": [os.path.relpath(path, config.parent) for path in (GOOD, BAD, MODELS)],
                "extraPaths": [os.path.relpath(path, config.parent) for path in (ROOT / "src", ROOT)],
                "pythonVersion": "3.11",
                "typeCheckingMode": "strict",
            }
        ),
        encoding="utf-8",
    )
    program = str(Path(sys.executable).with_name("pyright"))
    output = run([program, "--project", str(config), "--pythonpath", sys.executable, "--outputjson"])
    found: Findings = {}
    for item in Report.model_validate_json(output).generalDiagnostics:
        found.setdefault(item.file, {}).setdefault(item.range.start.line + 1, item.message)
    return found


@pytest.fixture(scope="module")
def by_mypy(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """What mypy reports in its strict mode."""
    config = tmp_path_factory.mktemp("mypy") / "mypy.ini"
    config.write_text(
        "[mypy]\nstrict = true\npython_version = 3.11\nnamespace_packages = true\nexplicit_package_bases = true\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "mypy", "--config-file", str(config), "--cache-dir", ".mypy_cache/contract"]
    command += ["--no-error-summary", "--show-absolute-path", *[str(path) for path in (GOOD, BAD, MODELS)]]
    found: Findings = {}
    for line in run(command, {"MYPYPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}).splitlines():
        match = MYPY_LINE.fullmatch(line)
        if match:
            found.setdefault(Path(match["file"]), {}).setdefault(int(match["line"]), match["message"])
    return found


def marked(checker: str) -> set[int]:
    """The lines of bad.py that this checker must report."""
    lines = enumerate(BAD.read_text(encoding="utf-8").splitlines(), start=1)
    marks = {number: match["checkers"].split() for number, line in lines if (match := MARK.search(line))}
    return {number for number, checkers in marks.items() if checker in checkers}


def test_pyright_accepts_correct_code(by_pyright: Findings) -> None:
    """Pyright has nothing to say about declarations and queries that are right, nor about the types it infers."""
    assert {path: by_pyright.get(path, {}) for path in (GOOD, MODELS)} == {GOOD: {}, MODELS: {}}


def test_mypy_accepts_correct_code(by_mypy: Findings) -> None:
    """Mypy has nothing to say about declarations and queries that are right, nor about the types it infers."""
    assert {path: by_mypy.get(path, {}) for path in (GOOD, MODELS)} == {GOOD: {}, MODELS: {}}


def test_pyright_reports_each_mistake(by_pyright: Findings) -> None:
    """Pyright reports exactly the lines that are marked for it."""
    assert set(by_pyright.get(BAD, {})) == marked("pyright")


def test_mypy_reports_each_mistake(by_mypy: Findings) -> None:
    """Mypy reports exactly the lines that are marked for it."""
    assert set(by_mypy.get(BAD, {})) == marked("mypy")


def test_every_mistake_is_marked() -> None:
    """Each statement of bad.py below its imports names the checkers that report it, one at least."""
    body = BAD.read_text(encoding="utf-8").partition("async def mistakes")[2].splitlines()[1:]
    code = [line for line in body if line.strip() and not line.strip().startswith("#") and line.strip() != "return"]
    assert [line for line in code if not MARK.search(line)] == []


def by_ty(*paths: Path) -> list[str]:
    """What ty reports, with the settings of the project; without paths it looks at the file of typical use."""
    program = str(Path(sys.executable).with_name("ty"))
    command = [program, "check", "--project", str(ROOT), "--python", sys.prefix, "--output-format", "concise"]
    return [line for line in run([*command, *map(str, paths)]).splitlines() if ": error[" in line]


def test_ty_accepts_typical_use() -> None:
    """Ty has nothing to say about what programs typically do, nor about the types it infers."""
    assert by_ty() == []


def test_ty_looks_at_typical_use(tmp_path: Path) -> None:
    """The same file with a wrong type in it is reported, so that silence means something."""
    text = TYPICAL.read_text(encoding="utf-8")
    wrong = tmp_path / "typical.py"
    wrong.write_text(text.replace("await Event.get(5), Event", "await Event.get(5), User"), encoding="utf-8")
    assert [line.partition("error")[2] for line in by_ty(wrong)] == [
        "[type-assertion-failure] Type `Event` does not match asserted type `User`"
    ]
