"""The table of rooms, and the tests that hold the package to it; docs/architecture.md describes the rooms."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.architecture_rules import (
    Source,
    cycles,
    dialect_words,
    late_imports,
    over_budget,
    read,
    root_imports,
    undocumented,
    waived_complexity,
    wrong_libraries,
    wrong_rooms,
)

ROOT = Path(__file__).resolve().parent.parent
SOURCES = read(ROOT / "src" / "tabor")

# What each room may import beside itself, EVERYWHERE and the standard library.
ROOMS: dict[str, frozenset[str]] = {
    "errors": frozenset(),
    "datatypes": frozenset({"errors"}),
    "tree": frozenset(),
    "expression": frozenset({"tree"}),
    "query": frozenset({"expression", "tree"}),
    "schema": frozenset({"query", "expression", "tree"}),
    "compile": frozenset({"tree"}),
    "engines": frozenset({"compile"}),
    "rows": frozenset({"engines.interface", "query", "schema", "tree"}),
    "database": frozenset({"rows", "engines", "compile", "schema", "query", "expression", "tree"}),
    "migrations": frozenset({"database", "schema", "tree"}),
    "web": frozenset(),
    "auth": frozenset({"database", "query", "schema", "web"}),
    "rest": frozenset({"auth.policy", "database", "rows", "query", "schema", "web"}),
    "admin": frozenset({"rest", "auth", "rows", "schema", "web"}),
    "app": frozenset({"admin", "auth", "database", "migrations", "query", "rest", "rows", "schema", "web"}),
    "watch": frozenset({"database", "engines", "query", "schema", "version"}),
    "testing": frozenset(
        {"app", "auth", "database", "engines.interface", "engines.scratch", "migrations", "schema", "tree", "web"}
    ),
    "lint": frozenset(),
    "playground": frozenset({"database", "schema"}),
    "cli": frozenset({"app", "migrations", "auth", "database", "lint", "playground", "schema", "version"}),
    "version": frozenset(),
}
EVERYWHERE = frozenset({"errors", "datatypes"})

# Which places may know a library; every other place goes through them.
LIBRARIES: dict[str, frozenset[str]] = {
    "apsw": frozenset({"engines/sqlite"}),
    "sqlite3": frozenset(),  # a second SQLite library in the process loses data
    "asyncpg": frozenset({"engines/postgres"}),
    "fastapi": frozenset({"web"}),
    "starlette": frozenset({"web"}),
    "uvicorn": frozenset({"web", "cli", "app"}),
    "jinja2": frozenset({"web", "admin"}),
    "argon2": frozenset({"auth"}),
    "jwt": frozenset({"auth"}),
    "pyotp": frozenset({"auth"}),
    "segno": frozenset({"auth", "admin"}),
    "typer": frozenset({"cli"}),
    "rich": frozenset({"cli"}),
    "IPython": frozenset({"cli"}),
    "opentelemetry": frozenset({"watch"}),
    "pyarrow": frozenset({"rows/arrow"}),
    "sqlalchemy": frozenset(),  # docs/decisions.md says why
}

# Drivers and what stands on them, which may be imported inside a function at first use.
OPTIONAL_DRIVERS = frozenset(
    {
        "asyncpg",
        "IPython",
        "pyarrow",
        "uvloop",
        "tabor.compile.postgres",
        "tabor.engines.postgres",
        "tabor.engines.sqlite",
    }
)

# Where one database may be called by its name.
DIALECTS = frozenset(
    {
        "compile/sqlite",
        "compile/postgres",
        "engines/sqlite",
        "engines/postgres",
        "database/url",  # the one place where a URL becomes an engine
        "database/trial",  # the same for the databases of tests
        "",  # the package root, which offers the options of each engine
    }
)

# Files over 400 lines, with the reason why they still hold one concept.
LONG_FILES: dict[str, str] = {
    "expression/expr.py": "the methods of each kind of expression give expressions of every other kind",
}


def expect_none(findings: Iterable[str]) -> None:
    """Fail with the findings, one a line, where there are any."""
    found = list(findings)
    if found:
        pytest.fail("\n".join(["", *found]), pytrace=False)


def test_rooms_import_only_what_the_table_permits() -> None:
    """A room imports only the rooms that the table names for it, typing imports counted."""
    expect_none(wrong_rooms(SOURCES, ROOMS, EVERYWHERE))


def test_libraries_are_known_in_their_rooms_only() -> None:
    """A driver is known to its engine, the ASGI toolkit to the web, and so on, and to nobody else."""
    expect_none(wrong_libraries(SOURCES, LIBRARIES))


def test_no_import_cycles() -> None:
    """No module imports itself by way of others."""
    expect_none(cycles(SOURCES))


def test_nothing_imports_from_the_root() -> None:
    """Inside the package a name comes from the module that defines it."""
    expect_none(root_imports(SOURCES))


def test_imports_stand_at_the_top() -> None:
    """Nothing is imported inside a function but an optional driver."""
    expect_none(late_imports(SOURCES, OPTIONAL_DRIVERS))


def test_budgets() -> None:
    """Files, classes and functions stay short enough to be read at once."""
    expect_none(over_budget(SOURCES, LONG_FILES))


def test_long_files_are_still_long() -> None:
    """A file leaves the list of long ones when it no longer needs its place there."""
    lengths = {source.path: len(source.text.splitlines()) for source in SOURCES}
    assert [path for path in LONG_FILES if lengths.get(path, 0) <= 400] == []


def test_complexity_is_bounded_by_the_linter() -> None:
    """Ruff counts complexity up to 10, and no line waives it."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lint = settings["tool"]["ruff"]["lint"]
    assert "C90" in lint["select"]
    assert lint["mccabe"] == {"max-complexity": 10}
    expect_none(waived_complexity(SOURCES))


def test_one_database_is_named_by_its_dialect_only() -> None:
    """Outside its compiler and its engine no code asks or says which database it talks to."""
    expect_none(dialect_words(SOURCES, DIALECTS))


def test_modules_say_their_duty() -> None:
    """Every module opens with a docstring."""
    expect_none(undocumented(SOURCES))


def test_tests_and_examples_keep_to_one_sqlite() -> None:
    """Neither tests nor examples load a second SQLite library beside apsw."""
    folders = (ROOT / "tests", ROOT / "examples")
    guests = [Source(path.name, path.read_text(encoding="utf-8")) for each in folders for path in each.rglob("*.py")]
    assert list(wrong_libraries(guests, {"sqlite3": (), "aiosqlite": ()})) == []


def fake(**files: str) -> list[Source]:
    """Sources from text: ``query__select`` stands for the file query/select.py."""
    return [Source(f"{name.replace('__', '/')}.py", text) for name, text in files.items()]


def rooms(sources: list[Source]) -> Iterable[str]:
    """The findings of the real table of rooms."""
    return wrong_rooms(sources, ROOMS, EVERYWHERE)


def libraries(sources: list[Source]) -> Iterable[str]:
    """The findings of the real table of libraries."""
    return wrong_libraries(sources, LIBRARIES)


def late(sources: list[Source]) -> Iterable[str]:
    """The findings about imports in functions."""
    return late_imports(sources, OPTIONAL_DRIVERS)


def dialects(sources: list[Source]) -> Iterable[str]:
    """The findings about dialect words."""
    return dialect_words(sources, DIALECTS)


def budgets(sources: list[Source]) -> Iterable[str]:
    """The findings about lengths, with one file that has a reason."""
    return over_budget(sources, {"query/wide.py": "one table of cases"})


def lines(count: int, *, indent: str = "    ") -> str:
    """So many lines of statements."""
    return f"{indent}pass\n" * count


Rule = Callable[[list[Source]], Iterable[str]]
TYPING_ONLY = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    "

VIOLATIONS: dict[str, tuple[Rule, list[Source], list[str]]] = {
    "a room above": (
        rooms,
        fake(query__select="import ast\nfrom tabor.schema.column import Column\n"),
        ["src/tabor/query/select.py:2: query may not import tabor.schema.column; it may import"],
    ),
    "a room above for typing": (
        rooms,
        fake(tree__nodes=TYPING_ONLY + "from tabor.expression import Expr\n"),
        ["src/tabor/tree/nodes.py:3: tree may not import tabor.expression; it may import"],
    ),
    "a room above, relatively": (
        rooms,
        fake(compile__text="from ..engines import interface\n"),
        ["src/tabor/compile/text.py:1: compile may not import tabor.engines; it may import"],
    ),
    "another module of auth than policy": (
        rooms,
        fake(rest__plan="from tabor.auth import users\n", auth__users="x = 1\n"),
        ["src/tabor/rest/plan.py:1: rest may not import tabor.auth.users; it may import"],
    ),
    "errors that import datatypes": (
        rooms,
        fake(errors="from tabor.datatypes import Text\n"),
        ["src/tabor/errors.py:1: errors may not import tabor.datatypes; it may import nothing"],
    ),
    "an unknown room": (
        rooms,
        fake(helpers__misc="x = 1\n"),
        ["src/tabor/helpers/misc.py:1: the room 'helpers' is not in the table"],
    ),
    "a driver outside its engine": (
        libraries,
        fake(database__pool="import apsw\n"),
        ["src/tabor/database/pool.py:1: imports apsw, which only engines/sqlite may know"],
    ),
    "the standard SQLite module": (
        libraries,
        fake(engines__sqlite__pool="import sqlite3\n"),
        ["src/tabor/engines/sqlite/pool.py:1: imports sqlite3, which only nothing may know"],
    ),
    "a cycle of three": (
        cycles,
        fake(
            query__a="from tabor.query import b\n",
            query__b="import tabor.query.c\n",
            query__c=TYPING_ONLY + "from .a import A\n",
        ),
        [
            "import cycle: tabor.query.a -> tabor.query.b; tabor.query.b -> tabor.query.c; tabor.query.c",
        ],
    ),
    "the root": (
        root_imports,
        fake(__init__="", rows__decode="from tabor import Table\n", rows__encode="from .. import Table\n"),
        [
            "src/tabor/rows/decode.py:1: imports from the root tabor",
            "src/tabor/rows/encode.py:1: imports from the root tabor",
        ],
    ),
    "an import in a method": (
        late,
        fake(rows__decode="class A:\n    async def f(self):\n        from tabor.schema import table\n"),
        ["src/tabor/rows/decode.py:3: imports tabor.schema inside a function"],
    ),
    "an import by name": (
        late,
        fake(rows__decode="import importlib\ndef f():\n    return importlib.import_module('tabor.app')\n"),
        ["src/tabor/rows/decode.py:3: imports tabor.app inside a function"],
    ),
    "a long file": (
        budgets,
        fake(query__long="x = 1\n" * 401, query__wide="x = 1\n" * 601),
        ["src/tabor/query/long.py:1: 401 lines; the budget is 400", "src/tabor/query/wide.py:1: 601 lines"],
    ),
    "a long class": (
        budgets,
        fake(query__long=f"class Long:\n{lines(300)}"),
        ["src/tabor/query/long.py:1: class Long: 301 lines of 300"],
    ),
    "a long function": (
        budgets,
        fake(query__long=f'async def long():\n    """What.\n\n    More.\n    """\n{lines(40)}'),
        ["src/tabor/query/long.py:1: long(): 41 lines of 40"],
    ),
    "a waived complexity": (
        waived_complexity,
        fake(query__knot="def f():  # noqa: C901\n    pass\n"),
        ["src/tabor/query/knot.py:1: waives the complexity rule"],
    ),
    "a dialect question": (
        dialects,
        fake(rows__decode='if dialect == "sqlite":\n    pass\n', database__open="is_postgres = True\n"),
        [
            "src/tabor/rows/decode.py:1: names one database in 'sqlite'",
            "src/tabor/database/open.py:1: names one database in 'is_postgres'",
        ],
    ),
    "no docstring": (
        undocumented,
        fake(query__bare="x = 1\n"),
        ["src/tabor/query/bare.py:1: opens without a docstring"],
    ),
}

PERMITTED: dict[str, tuple[Rule, list[Source]]] = {
    "rooms below": (
        rooms,
        fake(
            __init__="from tabor.app import App\n",
            rest__plan="from tabor.auth.policy import Policy\nfrom tabor.auth import policy\n",
            auth__policy="from tabor.errors import Denied\nfrom tabor import errors\n",
            errors="import json\n",
            tree__nodes="from .base import Node\nfrom tabor.datatypes import Text\n",
        ),
    ),
    "libraries at home": (
        libraries,
        fake(engines__sqlite__pool="import apsw.ext\n", web="from fastapi import FastAPI\n"),
    ),
    "a line of imports": (
        cycles,
        fake(query____init__="from tabor.query.a import A\n", query__a="from tabor.query.b import B\n", query__b=""),
    ),
    "an optional driver": (late, fake(engines__postgres__pool="def connect():\n    import asyncpg\n")),
    "full budgets": (
        budgets,
        fake(
            query__a="x = 1\n" * 400,
            query__wide="x = 1\n" * 600,
            query__b=f"class A:\n{lines(299)}",
            query__c=f'def f():\n    """What.\n\n    More.\n    """\n{lines(39)}',
        ),
    ),
    "dialects at home, and prose": (
        dialects,
        fake(
            compile__sqlite="NAME = 'sqlite'\n",
            engines__postgres__pool="import asyncpg\n",
            database__url="from tabor.engines.sqlite.engine import SqliteEngine\n",
            rows__decode='"""SQLite gives text here."""\n\n\ndef f():\n    """PostgreSQL does not."""\n',
        ),
    ),
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_a_violation_is_found(name: str) -> None:
    """Each rule finds the violation that it is for, says where it stands, and finds nothing else."""
    rule, sources, expected = VIOLATIONS[name]
    found = list(rule(sources))
    assert [line[: len(start)] for line, start in zip(found, expected, strict=True)] == expected


@pytest.mark.parametrize("name", PERMITTED)
def test_what_is_permitted_passes(name: str) -> None:
    """Each rule lets through what the architecture asks for, up to the last line of a budget."""
    rule, sources = PERMITTED[name]
    assert list(rule(sources)) == []


def test_sources_are_found() -> None:
    """The tests above look at the package, not at an empty folder."""
    assert {"errors/__init__.py", "engines/interface.py", "__init__.py"} <= {source.path for source in SOURCES}
    assert all(isinstance(source.tree, ast.Module) for source in SOURCES)
