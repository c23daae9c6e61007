"""Tests of constraints.txt, which pins what development installs."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path
from typing import TypedDict, cast

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==[A-Za-z0-9._+!-]+")
Project = TypedDict("Project", {"dependencies": list[str], "optional-dependencies": dict[str, list[str]]})
PyProject = TypedDict("PyProject", {"project": Project, "dependency-groups": dict[str, list[str]]})


def normal(name: str) -> str:
    """A project name in the form in which two spellings of it are equal (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> list[str]:
    """The lines of the constraints file."""
    return (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()


def test_constraints_carry_names_and_versions_only() -> None:
    """Every line is name==version: no address, no path, no option, so the file fits any package index."""
    assert [line for line in pins() if not PIN.fullmatch(line)] == []


def test_every_named_dependency_is_pinned() -> None:
    """Everything that pyproject.toml names stands in the constraints; run ``make constraints`` where it does not."""
    content = cast("PyProject", tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8")))
    project = content["project"]
    groups = [*project["optional-dependencies"].values(), *content["dependency-groups"].values()]
    named = {normal(re.split(r"[^A-Za-z0-9._-]", item)[0]) for item in chain(project["dependencies"], *groups)}
    pinned = {normal(line.partition("==")[0]) for line in pins()}
    assert sorted(named - pinned - {"tabor"}) == []
