"""Promises of ``python -m movies``: what it prints, that a second run says what is there, and clear errors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from movies.__main__ import main

ROOT = Path(__file__).resolve().parents[2]

PRINTED = r"""In the database: films 3,200, of these without a director 1,330; directors 550.

Not loaded, by record number (the first record is 1)
  record 3054: Title: a film needs a title, and this one has none

Repaired while reading (--repairs lists each one)
    9 titles that are numbers, read as text; record 22: 1776 -> "1776"
   22 years a century ahead, put back; record 10: "Dec 31 2046" -> "1946-12-31"
   18 texts with garbled letters, restored; record 41: "AstÈrix aux Jeux Olympiques" -> "Astérix aux Jeux Olympiques"
    6 titles with the article at the end, put in front; record 71: "Barbarians, The" -> "The Barbarians"
    3 texts with doubled spaces or quotes, made single; record 118: "Jeff \"\"King Jeff\"\" Hollins" -> @
   47 films that are said to have earned 0 in the whole world, read as unknown; record 20: 0 -> null
"""


def test_first_and_second_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first run loads, the second finds all there; the rest of the report is the same."""
    arguments = ["--file", str(tmp_path / "movies.db")]
    assert main(arguments) == 0
    first = capsys.readouterr().out.splitlines()
    assert main(arguments) == 0
    second = capsys.readouterr().out.splitlines()
    assert first[0] == "3,201 records: 3,200 loaded, 1 not loaded."
    assert second[0] == "3,201 records: 0 loaded, 1 not loaded, 3,200 there already."
    assert first[1:] == second[1:]
    assert first[1:13] == PRINTED.replace("@", r'"Jeff \"King Jeff\" Hollins"').splitlines()
    assert "     23  Steven Spielberg: Schindler's List" in first
    assert "  1990s    769      67,689" in first


def test_repairs_one_by_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--repairs`` lists each of the 107 repaired values and the 23 doubtful pairs by record number."""
    assert main(["--file", str(tmp_path / "movies.db"), "--repairs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("  record ") and "->" in line for line in lines) == 107
    assert sum(line.startswith("  records ") for line in lines) == 23
    assert '  record 1091: 300 -> "300"  (titles that are numbers, read as text)' in lines
    assert "  records 86 and 87: Ben-Hur" in lines


def test_a_damaged_data_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A data file that cannot be read stops the run with one sentence before a database is made."""
    data, file = tmp_path / "cut.json", tmp_path / "movies.db"
    data.write_text("[{", encoding="utf-8")
    assert main(["--file", str(file), "--data", str(data)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"{data} cannot be read: it is not JSON (")
    assert printed.err.count("\n") == 1
    assert not file.exists()


def test_a_file_that_is_no_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file with other content is refused with one sentence and stays as it is."""
    file = tmp_path / "movies.db"
    file.write_bytes(b"not a database at all\n" * 200)
    assert main(["--file", str(file)]) == 1
    assert "is not a database" in capsys.readouterr().err
    assert file.read_bytes() == b"not a database at all\n" * 200


def test_any_file_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file name may have signs that mean something in a URL."""
    data = tmp_path / "one.json"
    data.write_text('[{"Title": "Dune", "Release Date": "Dec 14 1984"}]', encoding="utf-8")
    file = tmp_path / "my films? 100%20.db"
    assert main(["--file", str(file), "--data", str(data)]) == 0
    assert capsys.readouterr().out.splitlines()[:6] == [
        "1 records: 1 loaded, 0 not loaded.",
        "In the database: films 1, of these without a director 1; directors 0.",
        "",
        "No record was refused.",
        "",
        "No record needed repair.",
    ]
    assert file.exists()


def test_as_a_program(tmp_path: Path) -> None:
    """The command of the documentation works, also where the terminal knows ASCII only."""
    paths = os.pathsep.join([str(ROOT / "examples"), str(ROOT / "src")])
    environment = os.environ | {"PYTHONPATH": paths, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "movies"], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"3,201 records: 3,200 loaded, 1 not loaded.")
    assert b'"Ast?rix aux Jeux Olympiques"' in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["movies.db"]
