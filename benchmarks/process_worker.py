"""One of several processes that write to the same SQLite file through Tabor; started by ``benchmarks.processes``.

It opens the file, says ``ready``, waits for a line on standard input, writes, and leaves its latencies (seconds, as
binary doubles) in a file.  Its last line of output is JSON: seconds, and errors by their text.
"""

from __future__ import annotations

import asyncio
import json
import sys
from array import array
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.contenders.tabor_tables import Event, User, new_event
from benchmarks.contenders.writers import describe_error
from benchmarks.planner_data import make_planner
from tabor import Database


@dataclass(frozen=True, slots=True)
class Written:
    """Seconds of each acknowledged write, seconds from the first to the last, errors by their text."""

    latencies: array[float]
    seconds: float
    errors: dict[str, int]


async def write(file: Path, writes: int, tasks: int) -> Written:
    """Spread ``writes`` inserts over ``tasks`` tasks, each insert a durable transaction of its own."""
    rows = make_planner().events
    latencies: array[float] = array("d")
    errors: Counter[str] = Counter()

    async def write_some(first: int) -> None:
        for number in range(first, writes, tasks):
            start = perf_counter()
            try:
                await Event.insert(new_event(rows[number % len(rows)]))
            except Exception as error:  # a failed write is what this part is here to count
                errors[describe_error(error)] += 1
            else:
                latencies.append(perf_counter() - start)

    async with Database(f"sqlite:///{file}", tables=[User, Event]):
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        start = perf_counter()
        await asyncio.gather(*(write_some(first) for first in range(tasks)))
        seconds = perf_counter() - start
    return Written(latencies, seconds, dict(errors))


if __name__ == "__main__":
    file_name, write_count, task_count, latencies_name = sys.argv[1:]
    written = asyncio.run(write(Path(file_name), int(write_count), int(task_count)))
    Path(latencies_name).write_bytes(written.latencies.tobytes())
    print(json.dumps({"seconds": written.seconds, "errors": written.errors}))
