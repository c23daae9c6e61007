"""Runs one statement for many sets of values: by COPY where nothing comes back, else all sets in few round trips."""

from __future__ import annotations

from collections.abc import Sequence

from tabor.compile.postgres.schemas import place_of
from tabor.engines.interface import Parameters, Result, Row, Statement
from tabor.engines.postgres.driver import Connection, rows_of
from tabor.engines.postgres.traits import Traits

COPY_FROM = 50
"""How many rows make COPY, which asks for the columns' types first, the quicker way."""
SLICE = 20_000
"""How many rows one COPY takes, so that each ends within the deadline of a statement."""


def slices(sets: Sequence[Parameters], size: int) -> list[Sequence[Parameters]]:
    """The sets in portions."""
    return [sets[start : start + size] for start in range(0, len(sets), size)]


def is_one_statement(statement: Statement) -> bool:
    """Whether the server sees one statement, which is atomic by itself."""
    sets = statement.parameter_sets
    return sets is None or (statement.into is not None and COPY_FROM <= len(sets) <= SLICE)


async def run_many(
    connection: Connection,
    statement: Statement,
    traits: Traits,
    timeout: float | None = None,  # noqa: ASYNC109  # the driver keeps it, for each of its round trips
) -> Result:
    """Run a statement for all its sets; inside a transaction, unless it is one statement for the server."""
    sets = statement.parameter_sets
    assert sets is not None
    if traits.gives_rows:
        return await _with_rows(connection, statement.sql, sets, timeout)
    if statement.into is not None and len(sets) >= COPY_FROM:
        return await _copied(connection, statement.into, sets, timeout)
    if statement.into is not None:
        await connection.executemany(statement.sql, sets, timeout=timeout)
        return Result([], len(sets))
    # The driver keeps no count of what one of many runs changed, so each changed row is made to say so.
    return Result([], len((await _with_rows(connection, f"{statement.sql} RETURNING 1", sets, timeout)).rows))


async def _copied(
    connection: Connection,
    into: tuple[str, tuple[str, ...]],
    sets: Sequence[Parameters],
    timeout: float | None,  # noqa: ASYNC109  # see run_many()
) -> Result:
    (schema, table), columns = place_of(into[0]), into[1]
    for number, part in enumerate(slices(sets, SLICE)):
        try:
            await connection.copy_records_to_table(
                table, records=part, columns=columns, schema_name=schema, timeout=timeout
            )
        except Exception as error:
            # The server counts the lines of one COPY.
            vars(error)["first_row"] = number * SLICE
            raise
    return Result([], len(sets))


async def _with_rows(
    connection: Connection,
    sql: str,
    sets: Sequence[Parameters],
    timeout: float | None,  # noqa: ASYNC109  # see run_many()
) -> Result:
    rows: list[Row] = []
    for part in slices(sets, SLICE):
        rows += rows_of(await connection.fetchmany(sql, part, timeout=timeout))
    return Result(rows, len(rows))
