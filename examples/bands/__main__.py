"""``python -m bands --file bands.db``: fills a SQLite file with samples, sells tickets and asks a few questions."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bands import questions
from bands.box_office import SoldOut, sell
from bands.samples import fill
from bands.tables import TABLES, Kind
from tabor import Database, TaborError


async def run(db: Database) -> list[str]:
    """Open the database, fill it where it is empty, and give the lines to print; raises ``TaborError``."""
    async with db:
        await db.create_tables()
        lines = ["The samples are stored." if await fill(db) else "The samples are there already."]
        lines += await _sales(db)
        return [*lines, "", *await _programme(), "", *await _takings(), "", *await _diaries()]


async def _sales(db: Database) -> list[str]:
    """Thirty buyers at once for the smallest venue, three tickets each."""
    buyers = [sell(db, 1, f"fan{number}@example.org", Kind.standing, 3) for number in range(30)]
    results = await asyncio.gather(*buyers, return_exceptions=True)
    refused = [result for result in results if isinstance(result, SoldOut)]
    failed = [result for result in results if isinstance(result, BaseException) and result not in refused]
    if failed:
        raise failed[0]
    return [f"Thirty people want three tickets each: {30 - len(refused)} get them, {len(refused)} come too late."]


async def _programme() -> list[str]:
    entries = await questions.programme(datetime(2031, 1, 1, tzinfo=UTC), datetime(2032, 1, 1, tzinfo=UTC))
    return ["Programme", *[_line(entry) for entry in entries]]


def _line(entry: questions.Entry) -> str:
    support = f", support: {entry.support}" if entry.support else ""
    return f"  {entry.starts_at:%d %b %Y}  {entry.headliner}{support}; {entry.venue}, {entry.city}"


async def _takings() -> list[str]:
    lines = ["Takings"]
    lines += [
        f"  {each.taken:>8,}  {each.headliner}, {each.venue}: {each.sold} sold, {each.places} left"
        for each in await questions.takings()
    ]
    return lines


async def _diaries() -> list[str]:
    lines = ["Diaries"]
    for manager, bands in await questions.diaries():
        lines.append(f"  {manager}")
        for band, engagements in bands:
            dates = ", ".join(f"{each.starts_at:%d %b} {each.venue}" for each in engagements)
            lines.append(f"    {band}: {dates or 'nothing yet'}")
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit status, 1 where the database cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m bands", description=__doc__)
    parser.add_argument("--file", type=Path, default=Path("bands.db"), help="the SQLite file (default: bands.db)")
    parser.add_argument("--url", help="a database by its URL instead, such as postgresql://...")
    options = parser.parse_args(arguments)
    try:
        print("\n".join(asyncio.run(run(Database(options.url or options.file, tables=TABLES)))))
    except TaborError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
