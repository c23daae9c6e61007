"""Puts what became of the records, and the answers to the questions, into words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from movies import questions
from movies.cleaning import Dirt, Repair, twins
from movies.loading import Outcome
from movies.tables import Director, Film


async def summary(outcome: Outcome) -> list[str]:
    """The lines on what was loaded, what was refused and why, and what was repaired."""
    doubtful = len(await _twins())
    return [
        *_counts(outcome),
        await _totals(),
        "",
        *_refused(outcome),
        "",
        *_repaired(outcome),
        "",
        f"Doubtful and kept: {doubtful} titles stand for two films each with the same IMDb figures.",
    ]


async def details(repairs: Sequence[Repair]) -> list[str]:
    """A line for each repaired value and each doubtful pair, by the numbers of their records."""
    lines = ["Repaired"]
    lines += [f"  {_change(each)}  ({each.dirt})" for each in repairs]
    lines += ["", "Doubtful and kept: the same IMDb figures for films of the same title"]
    lines += [
        f"  records {' and '.join(str(film.record) for film in group)}: {group[0].title}" for group in await _twins()
    ]
    return lines


async def answers() -> list[str]:
    """The lines of four questions with their answers."""
    lines = ["Directors of the most films, and the best-rated of each"]
    lines += [f"  {each.films:>5}  {each.director}: {each.best}" for each in await questions.busiest_directors()]
    lines += ["", "Films by decade, and what they earned worldwide in millions of US dollars"]
    lines += [
        f"  {each.start}s  {each.films:>5} {each.worldwide_gross / 1e6:>11,.0f}" for each in await questions.decades()
    ]
    lines += ["", "Rated best by 100,000 people or more"]
    lines += [
        f"  {each.rating:>5}  {each.title} ({each.released.year}), {each.director or 'director not known'}"
        for each in await questions.best_rated()
    ]
    lines += ["", "Least money left of the budget, in millions of US dollars"]
    lines += [
        f"  {each.margin / 1e6:>5,.0f}  {each.title} ({each.released.year})"
        for each in await questions.largest_losses()
        if each.margin is not None
    ]
    return lines


def _counts(outcome: Outcome) -> Iterator[str]:
    yield f"{outcome.records:,} records: {outcome.loaded:,} loaded, {len(outcome.refused):,} not loaded" + (
        f", {outcome.present:,} there already." if outcome.present else "."
    )


async def _totals() -> str:
    films, directors = await Film.select().count(), await Director.select().count()
    orphans = await Film.select().where(Film.director.is_null()).count()
    return f"In the database: films {films:,}, of these without a director {orphans:,}; directors {directors:,}."


def _refused(outcome: Outcome) -> Iterator[str]:
    yield "Not loaded, by record number (the first record is 1)" if outcome.refused else "No record was refused."
    for each in outcome.refused:
        yield f"  record {each.number}: {each.reason}"


def _repaired(outcome: Outcome) -> Iterator[str]:
    counts = Counter(repair.dirt for repair in outcome.repairs)
    yield "Repaired while reading (--repairs lists each one)" if counts else "No record needed repair."
    for dirt in Dirt:
        if counts[dirt]:
            example = next(repair for repair in outcome.repairs if repair.dirt is dirt)
            yield f"  {counts[dirt]:>3} {dirt}; {_change(example)}"


def _change(repair: Repair) -> str:
    before, after = (json.dumps(value, ensure_ascii=False) for value in (repair.before, repair.after))
    return f"record {repair.number}: {before} -> {after}"


async def _twins() -> list[tuple[Film, ...]]:
    return twins(await Film.select().order_by(Film.record))
