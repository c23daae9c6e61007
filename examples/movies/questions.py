"""Questions to the database, each asked with Tabor's queries."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from movies.tables import Director, Film
from tabor import param


class Career(NamedTuple):
    """A director with the number of films and the best-rated of them."""

    director: str
    films: int
    best: str


class Decade(NamedTuple):
    """Ten years: how many films, and what those with a known figure earned worldwide, in US dollars."""

    start: int
    films: int
    worldwide_gross: int


class Rated(NamedTuple):
    """A film with its rating."""

    title: str
    released: date
    director: str | None
    rating: Decimal | None


class Margin(NamedTuple):
    """A film with what it earned worldwide beyond its budget, in US dollars."""

    title: str
    released: date
    margin: int | None


async def busiest_directors(count: int = 5) -> list[Career]:
    """The directors of the most films, each with the film that people rate best."""
    careers = await Director.select(
        Director.name, Director.films.order_by(Film.imdb_rating.desc(), Film.imdb_votes.desc(), Film.record)
    ).order_by(Director.name)
    ranked = sorted(careers, key=lambda career: len(career[1]), reverse=True)
    return [Career(name, len(films), films[0].title) for name, films in ranked[:count]]


async def decades() -> list[Decade]:
    """Every decade with a film, from the earliest."""
    first, last = await Film.select(Film.release_date.min(), Film.release_date.max()).one()
    if first is None or last is None:
        return []
    of_years = (
        Film.select(Film.id.count(), Film.worldwide_gross.sum())
        .where(Film.release_date.between(param(date), param(date)))
        .one()
        .prepare()
    )
    found: list[Decade] = []
    for start in range(first.year // 10 * 10, last.year + 1, 10):
        films, gross = await of_years(date(start, 1, 1), date(start + 9, 12, 31))
        found.append(Decade(start, films, gross or 0))
    return [decade for decade in found if decade.films]


async def best_rated(count: int = 5, votes: int = 100_000) -> list[Rated]:
    """The films rated best by at least so many people."""
    return await (
        Film.select(Film.title, Film.release_date, Film.director(lambda director: director.name), Film.imdb_rating)
        .where(Film.imdb_votes >= votes)
        .order_by(Film.imdb_rating.desc(), Film.imdb_votes.desc(), Film.record)
        .limit(count)
        .into(Rated)
    )


async def largest_losses(count: int = 5) -> list[Margin]:
    """The films that earned least of what they had cost."""
    margin = Film.worldwide_gross - Film.production_budget
    return await (
        Film.select(Film.title, Film.release_date, margin)
        .where(margin.is_not_null())
        .order_by(margin, Film.record)
        .limit(count)
        .into(Margin)
    )
