"""The rules that tests/test_architecture.py holds, as functions from sources to findings.

A finding is one line: where, what, and what to do.  Nothing here knows the rooms of Tabor; the test does.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

PACKAGE = "tabor"
FILE_BUDGET, FILE_LIMIT, CLASS_BUDGET, FUNCTION_BUDGET = 400, 600, 300, 40
DYNAMIC_IMPORTS = frozenset({"import_module", "__import__"})
DIALECT_WORD = re.compile(r"sqlite|postgres|apsw|asyncpg", re.IGNORECASE)

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Import:
    """One imported module: its line, its dotted name, and whether the statement stands in a function."""

    line: int
    target: str
    in_function: bool


@dataclass(frozen=True)
class Source:
    """A module of the package: its path below the package folder (``query/select.py``) and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text, filename=self.path)

    @property
    def is_package(self) -> bool:
        """Whether this is the ``__init__.py`` of a folder."""
        return self.path.rpartition("/")[2] == "__init__.py"

    @property
    def parts(self) -> tuple[str, ...]:
        """Names from the room on: ``("query", "select")``; ``("query",)`` for an ``__init__``, ``()`` for the root."""
        parts = tuple(self.path.removesuffix(".py").split("/"))
        return parts[:-1] if self.is_package else parts

    @property
    def name(self) -> str:
        """The dotted name: ``tabor.query.select``."""
        return ".".join((PACKAGE, *self.parts))

    @property
    def room(self) -> str:
        """The room: ``query``; empty for the package root."""
        return self.parts[0] if self.parts else ""

    def at(self, line: int, finding: str) -> str:
        """A finding with its place in front."""
        return f"src/{PACKAGE}/{self.path}:{line}: {finding}"


def read(folder: Path) -> list[Source]:
    """Every module below the package folder."""
    return [
        Source(path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.py"))
    ]


def imports(source: Source, modules: Collection[str]) -> Iterator[Import]:
    """Every import of a module, those for typing and those by a constant name included.

    ``from tabor.query import select`` means the module ``tabor.query.select`` where ``modules`` has it, else the
    package ``tabor.query``.
    """
    inside = {id(node) for outer in ast.walk(source.tree) if isinstance(outer, FUNCTIONS) for node in ast.walk(outer)}
    for node in ast.walk(source.tree):
        for target in targets(source, node, modules):
            yield Import(getattr(node, "lineno", 1), target, id(node) in inside)


def targets(source: Source, node: ast.AST, modules: Collection[str]) -> Iterator[str]:
    """The modules that one syntax node imports."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = absolute(source, node)
        for alias in node.names:
            inner = f"{base}.{alias.name}"
            yield inner if inner in modules else base
    elif isinstance(node, ast.Call) and node.args:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        first = node.args[0]
        if called in DYNAMIC_IMPORTS and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def absolute(source: Source, node: ast.ImportFrom) -> str:
    """The module after ``from``, a relative one made absolute."""
    if not node.level:
        return node.module or ""
    own = source.name.split(".")
    folder = own[: len(own) - node.level + source.is_package]
    return ".".join([*folder, *([node.module] if node.module else [])])


def ours(target: str) -> bool:
    """Whether a module belongs to the package."""
    return target.partition(".")[0] == PACKAGE


def names_of(sources: Iterable[Source]) -> frozenset[str]:
    """The dotted names of the modules."""
    return frozenset(source.name for source in sources)


def wrong_rooms(
    sources: Collection[Source], rooms: Mapping[str, Collection[str]], everywhere: Collection[str]
) -> Iterator[str]:
    """Rooms that the table does not name, and imports that it does not let through.

    A permission is a room (``query``) or one module of it (``auth.policy``).  Only the package root, which offers
    the public names, may import from every room.
    """
    modules = names_of(sources)
    for source in sources:
        if not source.room:
            continue
        if source.room not in rooms:
            yield source.at(1, f"the room {source.room!r} is not in the table; add it with what it may import")
            continue
        allowed = {source.room, *rooms[source.room], *(() if source.room in everywhere else everywhere)}
        for item in imports(source, modules):
            inner = item.target.split(".")[1:]
            if ours(item.target) and inner and not {inner[0], ".".join(inner[:2])} & allowed:
                yield source.at(
                    item.line,
                    f"{source.room} may not import {item.target}; it may import "
                    f"{', '.join(sorted(allowed - {source.room})) or 'nothing'}. Move the line to the room that may "
                    "know both, or pass the value in",
                )


def root_imports(sources: Collection[Source]) -> Iterator[str]:
    """Imports from the package root inside the package."""
    modules = names_of(sources)
    for source in sources:
        for item in imports(source, modules):
            if source.room and item.target == PACKAGE:
                yield source.at(item.line, f"imports from the root {PACKAGE}; import from the module that defines it")


def late_imports(sources: Collection[Source], drivers: Collection[str]) -> Iterator[str]:
    """Imports inside functions, but those of optional drivers."""
    modules = names_of(sources)
    for source in sources:
        for item in imports(source, modules):
            if item.in_function and not any(f"{item.target}.".startswith(f"{driver}.") for driver in drivers):
                yield source.at(
                    item.line, f"imports {item.target} inside a function; import it at the top, or break the cycle"
                )


def wrong_libraries(sources: Collection[Source], homes: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Imports of a library outside the places (``web``, ``engines/sqlite``) that may know it."""
    modules = names_of(sources)
    for source in sources:
        for item in imports(source, modules):
            library = item.target.partition(".")[0]
            if library in homes and not within(source, homes[library]):
                places = ", ".join(sorted(homes[library])) or "nothing"
                yield source.at(item.line, f"imports {library}, which only {places} may know; go through that room")


def within(source: Source, places: Iterable[str]) -> bool:
    """Whether a module is one of the places or lies in one: ``engines/sqlite`` takes in ``engines/sqlite/pool.py``."""
    own = "/".join(source.parts)
    return any(own == place or own.startswith(f"{place}/") for place in places)


def cycles(sources: Collection[Source]) -> Iterator[str]:
    """Groups of modules that import one another, typing imports counted."""
    modules = names_of(sources)
    graph = {
        source.name: {item.target for item in imports(source, modules) if item.target in modules} - {source.name}
        for source in sources
    }
    reach = {name: reachable(graph, name) for name in graph}
    seen: set[str] = set()
    for name in sorted(graph):
        if name in reach[name] and name not in seen:
            knot = {other for other in reach[name] if name in reach[other]}
            seen |= knot
            edges = "; ".join(f"{one} -> {', '.join(sorted(graph[one] & knot))}" for one in sorted(knot))
            yield f"import cycle: {edges}. Move what both need into a module below them"


def reachable(graph: Mapping[str, Collection[str]], start: str) -> set[str]:
    """Every module that an import leads to, at any distance."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        fresh = set(graph[waiting.pop()]) - found
        found |= fresh
        waiting.extend(fresh)
    return found


def over_budget(sources: Iterable[Source], reasons: Mapping[str, str]) -> Iterator[str]:
    """Files, classes and functions that are too long; ``reasons`` names the files that may pass 400 lines, and why."""
    for source in sources:
        lines = len(source.text.splitlines())
        if lines > (FILE_LIMIT if source.path in reasons else FILE_BUDGET):
            yield source.at(1, f"{lines} lines; the budget is {FILE_BUDGET} ({FILE_LIMIT} with a reason): split it")
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef) and length(node) > CLASS_BUDGET:
                yield source.at(node.lineno, f"class {node.name}: {length(node)} lines of {CLASS_BUDGET}; split it")
            if isinstance(node, FUNCTIONS) and length(node) - docstring_lines(node) > FUNCTION_BUDGET:
                own = length(node) - docstring_lines(node)
                yield source.at(node.lineno, f"{node.name}(): {own} lines of {FUNCTION_BUDGET}; name a part of it")


def length(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a definition from its first to its last."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function's docstring: documentation has no budget."""
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is None:
        return 0
    return (first.end_lineno or first.lineno) - first.lineno + 1


def undocumented(sources: Iterable[Source]) -> Iterator[str]:
    """Modules that do not open with their duty."""
    for source in sources:
        if not (ast.get_docstring(source.tree) or "").strip():
            yield source.at(1, "opens without a docstring; say in one or two sentences what the module is for")


def waived_complexity(sources: Iterable[Source]) -> Iterator[str]:
    """Lines that switch off the complexity rule, which ruff counts."""
    for source in sources:
        for line, text in enumerate(source.text.splitlines(), start=1):
            if re.search(r"#\s*(ruff:\s*)?noqa\b.*\bC901\b", text):
                yield source.at(line, "waives the complexity rule; split the function instead")


def dialect_words(sources: Iterable[Source], places: Collection[str]) -> Iterator[str]:
    """Identifiers, strings and imports that name a database or a driver outside ``places``; docstrings may."""
    for source in sources:
        if within(source, places):
            continue
        prose = {id(text) for text in docstrings(source.tree)}
        for node in ast.walk(source.tree):
            if id(node) in prose:
                continue
            for word in words(node):
                if DIALECT_WORD.search(word):
                    yield source.at(
                        getattr(node, "lineno", 1),
                        f"names one database in {word[:60]!r}; ask a capability flag, or move the line to the dialect",
                    )


def docstrings(tree: ast.Module) -> Iterator[ast.expr]:
    """Every string that stands alone as a statement: prose for readers, not a value."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value


def words(node: ast.AST) -> Iterator[str]:
    """Every name or text that a syntax node itself carries."""
    for _, value in cast("Iterator[tuple[str, object]]", ast.iter_fields(node)):
        for item in cast("list[object]", value) if isinstance(value, list) else [value]:
            if isinstance(item, str):
                yield item
