"""The plans that PostgreSQL gives for statements."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from tabor.compile.dialect import Step


def question(sql: str, *, analyze: bool) -> str:
    """The statement that asks for the plan of ``sql``."""
    return f"EXPLAIN (FORMAT JSON{', ANALYZE' if analyze else ''}) {sql}"


def steps(rows: Sequence[Sequence[object]]) -> Iterator[Step]:
    """The steps of a plan, which comes as one JSON document."""
    text = rows[0][0]
    document: object = json.loads(text) if isinstance(text, str) else text
    for whole in cast("list[Mapping[str, Mapping[str, object]]]", document):
        yield from _steps(whole["Plan"], 0)


def _steps(plan: Mapping[str, object], depth: int) -> Iterator[Step]:
    facts = {name: fact for name, fact in plan.items() if name not in ("Node Type", "Plans")}
    yield str(plan["Node Type"]), depth, facts
    for inner in cast("list[Mapping[str, object]]", plan.get("Plans", [])):
        yield from _steps(inner, depth + 1)
