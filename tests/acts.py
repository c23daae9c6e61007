"""The tables that tests of searching share: acts, reviews of them, and seats, under keys of every kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tabor import Column, ForeignKey, Many, SearchIndex, Table, column, key, many, search_index


class Act(Table):
    """Something to see."""

    id: Column[int] = column(primary_key=True)
    title: Column[str] = column(unique=True)
    about: Column[str | None] = column(default=None)
    removed_at: Column[datetime | None] = column(stamp="deleted")
    reviews: Many[Review] = many(lambda: Review.act)
    found_by: SearchIndex = search_index(lambda: (Act.title, Act.about))


class Review(Table):
    """What somebody says of it, under a key that is no number."""

    id: Column[UUID] = column(primary_key=True)
    act: ForeignKey[Act | None] = key(default=None, on_delete="cascade")
    text: Column[str]
    found_by: SearchIndex = search_index(lambda: Review.text)


class Seat(Table):
    """A place with a key of two columns."""

    hall: Column[str] = column(primary_key=True, init=True)
    number: Column[int] = column(primary_key=True, init=True)
    view: Column[str]
    found_by: SearchIndex = search_index(lambda: Seat.view)


def acts() -> list[Act]:
    """Some acts to find."""
    return [
        Act(title="Pyramid Stage", about="Headliners, late at night: Ça va!"),
        Act(title="Night Café", about="O'Neill plays until late night"),
        Act(title="pyramids of 2026", about="3.14 a-b http://x.example/y"),
        Act(title="Ночь", about=None),
    ]


def titles(found: Sequence[Act]) -> list[str]:
    """Their titles in the order in which they were inserted."""
    return [act.title for act in sorted(found, key=lambda act: act.id)]
