"""Runs one statement on one connection."""

from __future__ import annotations

from tabor.engines.interface import Result, Statement
from tabor.engines.postgres.bulk import run_many
from tabor.engines.postgres.driver import Connection, rows_of
from tabor.engines.postgres.traits import Traits


async def run(
    connection: Connection,
    statement: Statement,
    traits: Traits,
    timeout: float | None = None,  # noqa: ASYNC109  # the driver keeps it, and knows how to stop the server
) -> Result:
    """The rows of a statement and how many it changed; raises what the driver raises.

    ``timeout`` is how many seconds the driver waits, where that is not what the connection was made with.
    """
    if statement.parameter_sets is not None:
        return await run_many(connection, statement, traits, timeout)
    if traits.gives_rows:
        rows = rows_of(await connection.fetch(statement.sql, *statement.parameters, timeout=timeout))
        return Result(rows, len(rows))
    if ";" in statement.sql and not statement.parameters:
        # Without values the driver sends a text as it is, and the server runs all that is in it; it prepares only one.
        prepared = await connection.prepare(statement.sql)
        await prepared.fetch(timeout=timeout)
        return Result([], changed(prepared.get_statusmsg()))
    return Result([], changed(await connection.execute(statement.sql, *statement.parameters, timeout=timeout)))


def changed(status: str) -> int:
    """The number of rows in a command's status.

    >>> changed("INSERT 0 3"), changed("CREATE TABLE")
    (3, 0)
    """
    last = status.rpartition(" ")[2]
    return int(last) if last.isdecimal() else 0
