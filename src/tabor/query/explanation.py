"""``Explanation``: how a database means to run a statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step of a plan.

    ``operation`` is what the database calls it, ``depth`` how many steps stand around it, which take its rows, and
    ``facts`` what else the database tells of it by its own names: on PostgreSQL the table, the index, the estimated
    rows and costs, and with ``analyze`` what was measured (times in milliseconds); nothing on SQLite.
    """

    operation: str
    depth: int
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a database means to run a statement: its ``sql``, and the ``steps``, each before those that it takes rows of.

    ``str(explanation)`` is the plan for people to read.

    Example: ``print(await Event.select().where(Event.title == "Dance").explain())``.
    """

    sql: str
    steps: Sequence[PlanStep]

    def __str__(self) -> str:
        return "\n".join([f"{'  ' * step.depth}{step.operation}{_told(step.facts)}" for step in self.steps])


_SHOWN = {"Relation Name": "on", "Index Name": "using", "Plan Rows": "rows", "Actual Rows": "actual rows"}


def _told(facts: Mapping[str, object]) -> str:
    return "".join([f" {word} {facts[name]}" for name, word in _SHOWN.items() if name in facts])
