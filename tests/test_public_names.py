"""Tests of what ``import tabor`` gives: its names, and how little it loads."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from inspect import isclass, isroutine
from pathlib import Path

import tabor

ROOT = Path(__file__).resolve().parent.parent

# What `import tabor` must not load, and the room that loads it when it is needed.
HEAVY = {
    "argon2": "auth",
    "asyncpg": "engines/postgres",
    "fastapi": "web",
    "jinja2": "web",
    "jwt": "auth",
    "opentelemetry": "watch/spans",
    "pyarrow": "rows/arrow",
    "pydantic": "web and rest",
    "rich": "cli",
    "sqlite3": "no room at all: apsw alone reaches SQLite",
    "starlette": "web",
    "typer": "cli",
    "uvicorn": "cli",
}


def exported() -> list[str]:
    """The names that the package root promises."""
    return list(getattr(tabor, "__all__", ()))


def definitions() -> Iterator[tuple[str, object]]:
    """Every exported class and function with its name."""
    for name in exported():
        value: object = getattr(tabor, name)
        if isclass(value) or isroutine(value):
            yield name, value


def test_public_names_are_sorted_and_named_once() -> None:
    """The list of public names is in order and free of repetition, so that a change to it is easy to read."""
    assert exported() == sorted(set(exported()))


def test_every_public_name_exists() -> None:
    """Every promised name can be imported from the root."""
    assert [name for name in exported() if not hasattr(tabor, name)] == []


def test_every_public_name_is_documented() -> None:
    """Every public class and function carries a docstring of its own, not one that it inherits."""
    own = {name: vars(value).get("__doc__") if isclass(value) else value.__doc__ for name, value in definitions()}
    assert [name for name, text in own.items() if not (text or "").strip()] == []


def test_every_public_name_is_told() -> None:
    """Every public name stands in the documentation, where people look for what there is."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    told = set(re.findall(r"\w+", " ".join([page.read_text(encoding="utf-8") for page in pages])))
    assert [name for name in exported() if name not in told] == []


def test_every_public_name_is_our_own() -> None:
    """Every public class and function is defined in Tabor, not passed on from a dependency."""
    strangers = {name: value.__module__ for name, value in definitions() if value.__module__.split(".")[0] != "tabor"}
    assert strangers == {}


def test_importing_tabor_loads_nothing_heavy() -> None:
    """A fresh interpreter that imports the root has loaded no web, sign-in or command-line library, nor pydantic."""
    program = "import sys, tabor; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert {name: HEAVY[name] for name in loaded if name in HEAVY} == {}
