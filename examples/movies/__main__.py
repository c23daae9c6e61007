"""``python -m movies --file movies.db``: loads the films into a SQLite file and asks a few questions."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from movies import report
from movies.datafile import BUNDLED, DataFileError, read_records
from movies.loading import load
from movies.tables import Director, Film
from tabor import Database, TaborError


async def run(file: Path, data: Path, *, repairs: bool = False) -> list[str]:
    """Load the records of ``data`` into the SQLite database ``file`` and give the lines to print.

    Raises ``DataFileError`` for a data file that cannot be read, ``TaborError`` for a database that cannot be used.
    """
    records = read_records(data)
    db = Database(f"sqlite:///{quote(str(file))}", tables=[Director, Film])
    async with db:
        await db.create_tables()
        outcome = await load(db, records)
        lines = [*await report.summary(outcome), "", *await report.answers()]
        return [*lines, "", *await report.details(outcome.repairs)] if repairs else lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit status, 1 where a file cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m movies", description=__doc__)
    parser.add_argument("--file", type=Path, default=Path("movies.db"), help="the SQLite file (default: movies.db)")
    parser.add_argument("--data", type=Path, default=BUNDLED, help="a JSON file of records, compressed or not")
    parser.add_argument("--repairs", action="store_true", help="also list every repaired value")
    options = parser.parse_args(arguments)
    try:
        lines = asyncio.run(run(options.file, options.data, repairs=options.repairs))
    except (DataFileError, TaborError) as error:
        print(error, file=sys.stderr)
        return 1
    # A terminal whose alphabet lacks a letter of a title shows a question mark and the rest.
    encoding = sys.stdout.encoding or "utf-8"
    print("\n".join(lines).encode(encoding, "replace").decode(encoding))
    return 0


if __name__ == "__main__":
    sys.exit(main())
