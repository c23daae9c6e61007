"""Tests of the documentation: every Python snippet runs, and gives what the page says.

The snippets of a page share one namespace and one folder.  A line that ends in ``# -> text`` gives a value with that
``repr``; a block of text right after a snippet is what the snippet prints.
"""

from __future__ import annotations
import __future__ as future

import ast
import asyncio
import inspect
import re
import sys
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from types import CodeType, ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r"# -> (.*)$")
CHECK = "_shown_"


@dataclass(frozen=True)
class Snippet:
    """One block of Python: where it stands, its text, and what it prints, where the page says so."""

    line: int
    source: str
    printed: str | None


def pages() -> list[Path]:
    """The pages that have snippets to run."""
    return [path for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))) if snippets(path)]


def snippets(page: Path) -> list[Snippet]:
    """The Python blocks of a page."""
    text = page.read_text(encoding="utf-8")
    blocks = list(FENCE.finditer(text))
    found: list[Snippet] = []
    for block, after in zip_longest(blocks, blocks[1:]):
        if block[1] == "python":
            shows = after is not None and after[1] == "text" and not text[block.end() : after.start()].strip()
            printed = after[2] if after is not None and shows else None
            found.append(Snippet(text.count("\n", 0, block.start()) + 2, block[2], printed))
    return found


class Checks(ast.NodeTransformer):
    """Passes the value of each line that ends in ``# -> text`` to the check, with the text."""

    def __init__(self, source: str) -> None:
        self._lines = source.splitlines()

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """An expression that stands alone."""
        match = SHOWN.search(self._lines[(node.end_lineno or node.lineno) - 1])
        if match is None:
            return node
        call = ast.Call(ast.Name(CHECK, ast.Load()), [node.value, ast.Constant(match[1])], [])
        return ast.copy_location(ast.Expr(call), node)


def code_of(snippet: Snippet, page: Path, flags: int) -> CodeType:
    """A snippet as code that may await at the top level, with its checks, and with the lines of its page."""
    tree = Checks(snippet.source).visit(ast.parse(snippet.source))
    ast.increment_lineno(tree, snippet.line - 1)
    code: CodeType = compile(
        ast.fix_missing_locations(tree), str(page), "exec", flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
    )
    return code


def check(value: object, text: str) -> None:
    """Hold a value to what the page shows."""
    assert repr(value) == text


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The module that a page's snippets make together, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    made = ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", made)
    vars(made)[CHECK] = check
    return made


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    """The event loop of a page, for snippets that await at the top level."""
    with asyncio.Runner() as running:
        yield running


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_snippets_run(
    page: Path, module: ModuleType, runner: asyncio.Runner, capsys: pytest.CaptureFixture[str]
) -> None:
    """The snippets of the page run one after the other and give what the page shows."""
    flags = 0
    for snippet in snippets(page):
        if "from __future__ import annotations" in snippet.source:
            flags = future.annotations.compiler_flag
        code = code_of(snippet, page, flags)
        result: Coroutine[object, object, None] | None = eval(code, vars(module))
        if result is not None and code.co_flags & inspect.CO_COROUTINE:
            runner.run(result)
        printed = capsys.readouterr().out
        if snippet.printed is not None:
            assert printed == snippet.printed


def test_a_wrong_value_is_found(module: ModuleType) -> None:
    """A page that shows another value than a line gives fails."""
    snippet = Snippet(1, "1 + 1  # -> 3\n", None)
    with pytest.raises(AssertionError):
        eval(code_of(snippet, ROOT / "README.md", 0), vars(module))
