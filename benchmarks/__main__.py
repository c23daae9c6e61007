"""The command: ``python -m benchmarks`` from the root of the repository.

Progress goes to standard error, the table to standard output, and everything that was measured to one JSON file.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.data_path import measure_data_path
from benchmarks.environment import describe
from benchmarks.http_path import measure_http
from benchmarks.options import FULL, QUICK, ROOT, Part, Plan
from benchmarks.postgres_path import measure_postgres_path
from benchmarks.processes import measure_processes
from benchmarks.progress import say
from benchmarks.report import tables
from benchmarks.results import Results
from benchmarks.start import measure_start


@dataclass(frozen=True, slots=True)
class Arguments:
    """The command line, read."""

    parts: tuple[Part, ...]
    plan: Plan
    json: Path
    markdown: bool


def read_arguments(words: Sequence[str]) -> Arguments:
    """Read the words after the program's name; help and mistakes end the program as usual."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--only", action="append", choices=[part.value for part in Part], help="a part; may be repeated"
    )
    parser.add_argument("--quick", action="store_true", help="a short run, to see that everything works")
    parser.add_argument("--json", type=Path, default=ROOT / "benchmarks" / "results.json", help="file for everything")
    parser.add_argument("--markdown", action="store_true", help="print the tables as Markdown")
    read = parser.parse_args(words)
    only: list[str] = read.only or [part.value for part in Part]
    parts = tuple(part for part in Part if part.value in only)
    return Arguments(parts, QUICK if read.quick else FULL, read.json, read.markdown)


def run(arguments: Arguments) -> Results:
    """Measure the chosen parts one after the other, in a folder that is gone afterwards.

    The folder is below the repository: a system's temporary folder may be in memory, where nothing is ever synced.
    """
    results = Results(describe(), arguments.plan)
    (ROOT / "build").mkdir(exist_ok=True)
    for part in arguments.parts:
        with TemporaryDirectory(dir=ROOT / "build", prefix=f"bench-{part.value}-") as name:
            folder = Path(name)
            match part:
                case Part.data:
                    results.data = asyncio.run(measure_data_path(arguments.plan, folder))
                case Part.postgres:
                    results.postgres = asyncio.run(measure_postgres_path(arguments.plan, folder))
                case Part.http:
                    results.http = measure_http(arguments.plan, folder)
                case Part.processes:
                    results.processes = measure_processes(arguments.plan, folder)
                case Part.start:
                    results.start = measure_start(arguments.plan, folder)
    return results


def main(words: Sequence[str]) -> int:
    """Run, write the JSON file, print the tables."""
    arguments = read_arguments(words)
    results = run(arguments)
    arguments.json.write_text(json.dumps(results.as_json(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    say(f"everything is in {arguments.json}")
    print(tables(results, markdown=arguments.markdown))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
