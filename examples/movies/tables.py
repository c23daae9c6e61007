"""The two tables: directors and films."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from tabor import Column, ForeignKey, Many, Table, column, key, many


class Rating(StrEnum):
    """Ratings of the Motion Picture Association, and the word for a film that was released without one."""

    g = "G"
    pg = "PG"
    pg_13 = "PG-13"
    r = "R"
    nc_17 = "NC-17"
    not_rated = "Not Rated"


class Director(Table):
    """People who directed at least one of the films."""

    id: Column[int] = column(primary_key=True)
    name: Column[str] = column(unique=True, max_length=100, min_length=1)
    films: Many[Film] = many(lambda: Film.director)


class Film(Table):
    """Films, with money in whole US dollars; an empty column means that the figure is not known."""

    id: Column[int] = column(primary_key=True)
    record: Column[int] = column(unique=True, minimum=1, help="Its number in the file, counted from 1")
    title: Column[str] = column(max_length=200, min_length=1, index=True)
    director: ForeignKey[Director | None] = key(default=None)
    release_date: Column[date] = column(index=True, help="31 December often stands for an unknown day of the year")
    running_time: Column[int | None] = column(default=None, minimum=1, help="Minutes")
    mpaa_rating: Column[Rating | None] = column(default=None)
    distributor: Column[str | None] = column(default=None, max_length=100)
    source: Column[str | None] = column(default=None, max_length=100, help="What the film is based on")
    major_genre: Column[str | None] = column(default=None, max_length=100)
    creative_type: Column[str | None] = column(default=None, max_length=100)
    production_budget: Column[int | None] = column(default=None, minimum=0, help="US dollars")
    us_gross: Column[int | None] = column(default=None, minimum=0, help="US dollars; 0 is a film not shown there")
    worldwide_gross: Column[int | None] = column(default=None, minimum=0, help="US dollars")
    us_dvd_sales: Column[int | None] = column(default=None, minimum=0, help="US dollars")
    rotten_tomatoes_rating: Column[int | None] = column(default=None, minimum=0, maximum=100, help="Per cent")
    imdb_rating: Column[Decimal | None] = column(
        default=None, max_digits=3, decimal_places=1, minimum=0, maximum=10, help="1.0 to 10.0"
    )
    imdb_votes: Column[int | None] = column(default=None, minimum=0)
