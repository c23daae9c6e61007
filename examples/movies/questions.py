"""Questions to the database, each asked with Tabor's queries."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from movies.tables import Director, Film
from tabor import coalesce, count


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


async def busiest_directors(number: int = 5) -> list[Career]:
    """The directors of the most films, each with the film that people rate best."""
    best = Director.films.order_by(Film.imdb_rating.desc(), Film.imdb_votes.desc(), Film.record).limit(1)
    films = Director.films.count()
    busiest = (
        Director.select(Director.name, films, best.select(Film.title).values())
        .where(films > 0)
        .order_by(films.desc(), Director.name)
        .limit(number)
    )
    return [Career(name, of_them, titles[0]) for name, of_them, titles in await busiest]


async def decades() -> list[Decade]:
    """Every decade with a film, from the earliest."""
    start = Film.release_date.year() // 10 * 10
    return await (
        Film.select(start, count(), coalesce(Film.worldwide_gross.sum(), 0))
        .group_by(start)
        .order_by(start)
        .into(Decade)
    )


async def best_rated(number: int = 5, votes: int = 100_000) -> list[Rated]:
    """The films rated best by at least so many people."""
    return await (
        Film.select(Film.title, Film.release_date, Film.director(lambda director: director.name), Film.imdb_rating)
        .where(Film.imdb_votes >= votes)
        .order_by(Film.imdb_rating.desc(), Film.imdb_votes.desc(), Film.record)
        .limit(number)
        .into(Rated)
    )


async def largest_losses(number: int = 5) -> list[Margin]:
    """The films that earned least of what they had cost."""
    margin = Film.worldwide_gross - Film.production_budget
    return await (
        Film.select(Film.title, Film.release_date, margin)
        .where(margin.is_not_null())
        .order_by(margin, Film.record)
        .limit(number)
        .into(Margin)
    )
