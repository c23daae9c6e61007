"""Loads cleaned records into a database, in one transaction, and says what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from movies.cleaning import Cleaned, Refused, Repair, clean_all
from movies.tables import Director, Film
from tabor import Database


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the records: ``loaded + present + len(refused) == records``.

    ``loaded`` films are new in the database, ``present`` ones were there already.  ``directors`` counts the directors
    that are new.  ``refused`` and ``repairs`` are in the order of the record numbers.
    """

    records: int
    loaded: int
    present: int
    directors: int
    refused: tuple[Refused, ...]
    repairs: tuple[Repair, ...]


async def load(db: Database, records: Sequence[object]) -> Outcome:
    """Load the records that ``db`` does not hold yet, all or none; its tables must be there.

    A record is known again by its number, title and date, so loading the same file once more changes nothing.  A
    number that another film has in the database is refused.
    """
    results = clean_all(records)
    cleaned = [result for result in results if isinstance(result, Cleaned)]
    refused = [result for result in results if isinstance(result, Refused)]
    with db.use():
        async with db.transaction():
            new, clashes = _compared(cleaned, await Film.select(Film.record, Film.title, Film.release_date))
            keys, directors = await _director_keys([each.director for each in new])
            for each in new:
                each.film.director = keys[each.director] if each.director is not None else None
            if new:
                await Film.insert(*[each.film for each in new])
    return Outcome(
        records=len(results),
        loaded=len(new),
        present=len(cleaned) - len(new) - len(clashes),
        directors=directors,
        refused=tuple(sorted(refused + clashes, key=lambda each: each.number)),
        repairs=tuple([repair for each in cleaned for repair in each.repairs]),
    )


def _compared(
    cleaned: Sequence[Cleaned], stored: Sequence[tuple[int, str, date]]
) -> tuple[list[Cleaned], list[Refused]]:
    """The films that are new, and a refusal for each whose number another film has."""
    held = {record: (title, day) for record, title, day in stored}
    new: list[Cleaned] = []
    clashes: list[Refused] = []
    for each in cleaned:
        there = held.get(each.number)
        if there is None:
            new.append(each)
        elif there != (each.film.title, each.film.release_date):
            title, day = there
            clashes.append(Refused(each.number, f'the database holds another film by this number, "{title}" of {day}'))
    return new, clashes


async def _director_keys(names: Sequence[str | None]) -> tuple[dict[str, int], int]:
    """The key of each director by name, and how many of them had to be inserted."""
    keys = dict(await Director.select(Director.name, Director.id))
    missing = [name for name in dict.fromkeys(names) if name is not None and name not in keys]
    if missing:
        stored = await Director.insert(*[Director(name=name) for name in missing]).all()
        keys.update({director.name: director.id for director in stored})
    return keys, len(missing)
