"""The plans that SQLite gives for statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tabor.compile.dialect import Step
from tabor.errors import UnsupportedFeature


def question(sql: str, *, analyze: bool) -> str:
    """The statement that asks for the plan of ``sql``; raises ``UnsupportedFeature`` for a measured one."""
    if analyze:
        raise UnsupportedFeature(
            "SQLite tells how it would run a statement and measures no steps; leave analyze=True out.",
            feature="explain(analyze=True)",
        )
    return f"EXPLAIN QUERY PLAN {sql}"


def steps(rows: Sequence[Sequence[object]]) -> Iterator[Step]:
    """The steps of a plan, whose rows are its number, that of the step around it, and what it does."""
    depths: dict[object, int] = {0: -1}
    for number, parent, _, text in rows:
        depths[number] = depths[parent] + 1
        yield str(text), depths[number], {}
