"""The plan of a statement, asked of the database without running it."""

from __future__ import annotations

from typing import Any

from tabor.compile.compiler import Compiler
from tabor.database.plans import Plan
from tabor.errors import QueryError
from tabor.query.explanation import Explanation, PlanStep
from tabor.query.runner import Question
from tabor.tree.nodes import Placeholder
from tabor.tree.writes import Insert


def asked(question: Question[Any], plan: Plan, compiler: Compiler, *, analyze: bool) -> tuple[str, tuple[object, ...]]:
    """The statement that asks for the plan, with its parameters.

    Raises ``QueryError`` for a write that would have to run, and for a statement that lacks values.
    """
    statement = question.statement
    if analyze and not plan.reads:
        raise QueryError(
            "explain(analyze=True) runs the statement, and this one writes or locks rows; leave analyze out."
        )
    if isinstance(statement, Insert) and not statement.rows:
        raise QueryError("explain() of an insert needs one row at least.")
    values = statement.values
    if any(isinstance(value, Placeholder) for value in values):
        raise QueryError("explain() needs a query with all its values; this one has param() in it.")
    return compiler.explain(plan.sql, analyze=analyze), plan.encode(values)


def explained(plan: Plan, compiler: Compiler, rows: list[tuple[object, ...]]) -> Explanation:
    """The plan in what the database answered."""
    return Explanation(plan.sql, tuple([PlanStep(*step) for step in compiler.plan_steps(rows)]))
