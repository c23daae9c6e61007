"""``python -m weather --file weather.db``: loads the stations' files into a SQLite file and asks a few questions."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from tabor import Database, TaborError
from weather import questions
from weather.loading import Failed, Loaded, load
from weather.stations import BUNDLED, files
from weather.tables import TABLES


async def run(db: Database, folder: Path) -> list[str]:
    """Open the database, load the files of the folder, and give the lines to print; raises ``TaborError``."""
    async with db:
        await db.create_tables()
        results = await load(db, files(folder))
        lines = ["Loaded", *[_line(result) for result in results], "", "Warmest day of each city"]
        lines += [f"  {each.degrees:>5}  {each.city}, {each.day}" for each in await questions.warmest_days()]
        lines += ["", "Longest time without a wet day"]
        for result in results:
            spell = await questions.longest_dry_spell(result.city)
            if spell is not None:
                lines.append(f"  {spell.days:>5}  {result.city}, from {spell.first} to {spell.last}")
        return lines


def _line(result: Loaded | Failed) -> str:
    if isinstance(result, Failed):
        return f"  {result.city}: nothing stored. {result.reason}"
    return f"  {result.city}: {result.days} days, {result.changed} of them new or changed"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit status, 1 where the database cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m weather", description=__doc__)
    parser.add_argument("--file", type=Path, default=Path("weather.db"), help="the SQLite file (default: weather.db)")
    parser.add_argument("--url", help="a database by its URL instead, such as postgresql://...")
    parser.add_argument("--data", type=Path, default=BUNDLED, help="a folder of stations' files")
    options = parser.parse_args(arguments)
    try:
        print("\n".join(asyncio.run(run(Database(options.url or options.file, tables=TABLES), options.data))))
    except TaborError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
