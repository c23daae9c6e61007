"""Runs one statement on one connection."""

from __future__ import annotations

from tabor.engines.interface import Result, Statement
from tabor.engines.postgres.bulk import run_many
from tabor.engines.postgres.driver import Connection
from tabor.engines.postgres.traits import Traits


async def run(connection: Connection, statement: Statement, traits: Traits) -> Result:
    """The rows of a statement and how many it changed; raises what the driver raises."""
    if statement.parameter_sets is not None:
        return await run_many(connection, statement, traits)
    if traits.gives_rows:
        rows = list(map(tuple, await connection.fetch(statement.sql, *statement.parameters)))
        return Result(rows, len(rows))
    return Result([], changed(await connection.execute(statement.sql, *statement.parameters)))


def changed(status: str) -> int:
    """The number of rows in a command's status.

    >>> changed("INSERT 0 3"), changed("CREATE TABLE")
    (3, 0)
    """
    last = status.rpartition(" ")[2]
    return int(last) if last.isdecimal() else 0
