"""``lint()``: the findings of files and folders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tabor.errors import ConfigurationError
from tabor.lint.checker import Checker
from tabor.lint.findings import Finding
from tabor.lint.modules import Modules

_WAIVED = re.compile(r"#\s*noqa(?::\s*(?P<codes>[A-Z0-9, ]+))?", re.IGNORECASE)
_LEFT_OUT = frozenset({"__pycache__", "node_modules", "site-packages", "build", "dist"})


def lint(paths: Iterable[str | Path]) -> list[Finding]:
    """The mistakes in these files and in every Python file below these folders, in the order of the files.

    Nothing is imported or run.  A line that ends in ``# noqa`` or ``# noqa: TAB004`` is left alone; folders with a
    leading dot, ``build`` and the like are left out.  Raises ``ConfigurationError`` for a path that does not exist.

    Example::

        for finding in lint(["src"]):
            print(finding)  # src/app.py:7:20: TAB001 `and` asks for the truth of a condition ...
    """
    modules = Modules()
    return [finding for path in _files(paths) for finding in _findings(path, modules)]


def _files(paths: Iterable[str | Path]) -> Iterator[Path]:
    seen: set[Path] = set()
    for path in map(Path, paths):
        if not path.exists():
            raise ConfigurationError(f"There is no file or folder {str(path)!r}.", setting="path")
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            inner = file.relative_to(path).parts if path.is_dir() else ()
            left_out = any(part.startswith(".") or part in _LEFT_OUT for part in inner)
            if file not in seen and not left_out:
                seen.add(file)
                yield file


def _findings(path: Path, modules: Modules) -> list[Finding]:
    try:
        module = modules.read(path.absolute())
    except SyntaxError as error:
        return [Finding(path, error.lineno or 1, error.offset or 1, "TAB100", error.msg)]
    except (ValueError, RecursionError) as error:
        return [Finding(path, 1, 1, "TAB100", str(error))]
    checker = Checker(modules, module)
    checker.visit(module.tree)
    if not checker.findings:
        return []
    lines = path.read_bytes().decode("utf-8", "replace").splitlines()
    found = [Finding(path, item.line, item.column, item.code, item.instead) for item in checker.findings]
    return sorted([item for item in found if not _is_waived(item, lines)], key=lambda item: (item.line, item.column))


def _is_waived(finding: Finding, lines: list[str]) -> bool:
    waiver = _WAIVED.search(lines[finding.line - 1]) if finding.line <= len(lines) else None
    if waiver is None:
        return False
    codes = waiver["codes"]
    return codes is None or finding.code in codes.upper().replace(",", " ").split()
