"""Promises of docs/movies.md: every snippet runs, and prints what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "movies.md"


def test_snippets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The snippets run one after the other in one folder and print the text that follows each."""
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    snippets = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", text, re.DOTALL)
    assert len(snippets) == text.count("```python") == 4
    for code, expected in snippets:
        exec(compile(code, PAGE.name, "exec"), {"__name__": "__main__"})
        assert capsys.readouterr().out == expected
