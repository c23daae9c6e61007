"""Sixty-four tasks that write at once, the same loop for every contender that can hold several tasks."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter

from benchmarks.contenders.contender import Tally
from benchmarks.options import TASKS
from benchmarks.planner_data import EventValues


async def write_concurrently(
    insert: Callable[[EventValues], Awaitable[object]], rows: Sequence[EventValues], seconds: float
) -> Tally:
    """Run ``insert`` in a loop in each task until ``seconds`` are over; a failed write is counted, not repeated.

    Example:
        ``await write_concurrently(contender.insert, data.new_events(64), 2.0)`` gives ``Tally(writes=15840, …)``.
    """
    tally = Tally()
    errors: Counter[str] = Counter()
    start = perf_counter()
    until = start + seconds

    async def write(number: int) -> None:
        row = rows[number % len(rows)]
        while perf_counter() < until:
            try:
                await insert(row)
            except Exception as error:  # whatever a contender raises under load is part of its result
                errors[describe_error(error)] += 1
            else:
                tally.writes += 1

    await asyncio.gather(*(write(number) for number in range(TASKS)))
    tally.seconds = perf_counter() - start
    tally.errors = dict(errors)
    return tally


def describe_error(error: BaseException) -> str:
    """An error as one short line, e.g. ``OperationalError: database is locked``."""
    first_line = (str(error).splitlines() or [""])[0].strip()
    return f"{type(error).__name__}: {first_line[:100]}".rstrip(": ")
