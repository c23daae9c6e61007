"""The numbers that the server gives: by a sequence of its own for each column, which knows nothing of given ones."""

from __future__ import annotations

from tabor.compile.dialect import quoted
from tabor.compile.literals import quoted_text

STEPS = 10_000
"""Up to how many numbers a sequence is moved on one by one: others that take numbers meanwhile cannot be overtaken so.

Nobody takes more than these between the look at a sequence and its being set.
"""


def renumber(table: str, column: str) -> str:
    """The statement that moves the sequence of a column on to its highest number; ``table`` is in quotes."""
    sequence = f"pg_catalog.pg_get_serial_sequence({quoted_text(table)}, {quoted_text(column)})::regclass"
    highest = f"SELECT {sequence} AS sequence, max({quoted(column)}) AS highest FROM {table}"
    missing = (
        f"SELECT sequence, highest, highest - coalesce(pg_catalog.pg_sequence_last_value(sequence), 0) AS missing "
        f"FROM ({highest}) AS numbers"
    )
    steps = "SELECT pg_catalog.nextval(sequence) AS number FROM generate_series(1, missing)"
    last = f"(SELECT max(number) FROM ({steps}) AS steps)"
    moved = f"CASE WHEN missing > {STEPS} THEN pg_catalog.setval(sequence, highest) ELSE {last} END"
    return f"SELECT {moved} FROM ({missing}) AS behind WHERE missing > 0"
