"""What an engine is given to run a write: a text with one set of values, or with those of each row."""

from __future__ import annotations

from tabor.database.plans import Plan
from tabor.database.transaction import Running
from tabor.engines.interface import Engine, Result
from tabor.engines.interface import Statement as EngineStatement
from tabor.rows.encoder import as_they_are
from tabor.tree.statements import Statement
from tabor.tree.writes import Insert


async def written_by(
    writer: Engine | Running, plan: Plan, statement: Statement, values: tuple[object, ...] | None
) -> Result:
    """What a write gives, by the engine itself or within the transaction that is open."""
    written = for_engine(plan, statement, values)
    if isinstance(writer, Running):
        result = await writer.write(written)
        if plan.then:
            await writer.write(EngineStatement(plan.then))
        return result
    return (await writer.write([written, EngineStatement(plan.then)] if plan.then else [written]))[0]


def for_engine(plan: Plan, statement: Statement, values: tuple[object, ...] | None) -> EngineStatement:
    """The statement of a plan with its values, or with these that came later."""
    if not isinstance(statement, Insert) or len(statement.rows) == 1:
        return EngineStatement(plan.sql, plan.encode(statement.values if values is None else values))
    encode = plan.encode
    columns = tuple([column.stored_name for column in statement.columns])
    plain = columns and not statement.returning and statement.conflict is None
    into = (statement.source.table, columns) if plain else None
    more = () if plain else statement.further_values
    rows = [row + more for row in statement.rows] if more else statement.rows
    return EngineStatement(plan.sql, (), rows if encode is as_they_are else [encode(row) for row in rows], into)
