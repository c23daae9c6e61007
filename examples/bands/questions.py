"""Questions to the database, each one query whose result says its types."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from bands.tables import Band, Concert, Manager, Ticket, Venue
from tabor import alias, coalesce, count


class Entry(NamedTuple):
    """A line of the programme."""

    starts_at: datetime
    headliner: str
    support: str | None
    venue: str
    city: str


class Engagement(NamedTuple):
    """When and where a band plays."""

    starts_at: datetime
    venue: str


class Takings(NamedTuple):
    """What a concert has brought in so far."""

    headliner: str
    venue: str
    sold: int
    places: int
    taken: Decimal


class Month(NamedTuple):
    """How many concerts a city has in a month, and for how many people."""

    city: str
    begins: datetime
    concerts: int
    capacity: int | None


async def programme(begin: datetime, end: datetime) -> list[Entry]:
    """The concerts between two moments, the first one first."""
    return await (
        Concert.select(
            Concert.starts_at,
            Concert.headliner.name,
            Concert.support(lambda band: band.name),
            Concert.venue.name,
            Concert.venue.city,
        )
        .where(Concert.starts_at.between(begin, end))
        .order_by(Concert.starts_at, Concert.id)
        .into(Entry)
    )


async def diaries() -> list[tuple[str, list[tuple[str, list[Engagement]]]]]:
    """For each manager the bands, and for each band when it is the main act: three statements for any number."""
    engagements = (
        Band.headlining.order_by(Concert.starts_at).select(Concert.starts_at, Concert.venue.name).into(Engagement)
    )
    bands = Manager.bands.order_by(Band.name).select(Band.name, engagements)
    return await Manager.select(Manager.name, bands).order_by(Manager.name)


async def takings() -> list[Takings]:
    """What each concert has brought in, the most first; one without tickets too."""
    taken = Ticket.select(Ticket.price.sum()).where(Ticket.concert.id == Concert.id).scalar()
    total = coalesce(taken, Decimal(0))
    return await (
        Concert.select(Concert.headliner.name, Concert.venue.name, Concert.tickets.count(), Concert.places, total)
        .order_by(total.desc(), Concert.id)
        .into(Takings)
    )


async def months() -> list[Month]:
    """How busy each city is, month by month."""
    begins = Concert.starts_at.trunc("month")
    return await (
        Concert.select(Concert.venue.city, begins, count(), Concert.venue.capacity.sum())
        .group_by(Concert.venue.city, begins)
        .order_by(begins, Concert.venue.city)
        .into(Month)
    )


async def never_main_act() -> list[str]:
    """The bands that only ever play support."""
    return await (
        Band.select(Band.name).where(Band.headlining.none(), Band.supporting.any()).order_by(Band.name).values()
    )


async def stage_mates(name: str) -> list[str]:
    """The bands that share an evening with this one, whichever of them is the main act."""
    as_support = Concert.select(Concert.support(lambda band: band.name)).where(Concert.headliner.name == name)
    as_headliner = Concert.select(Concert.headliner.name).where(Concert.support(lambda band: band.name) == name)
    found = [*await as_support.values(), *await as_headliner.values()]
    return sorted({mate for mate in found if mate is not None})


async def larger_in_the_same_city() -> list[tuple[str, str]]:
    """Pairs of venues in one city, the smaller one first."""
    larger = alias(Venue, "larger")
    return await (
        Venue.select(Venue.name, larger.name)
        .join(larger, on=(larger.city == Venue.city) & (larger.capacity > Venue.capacity))
        .order_by(Venue.name, larger.name)
    )


async def playing(genre: str) -> list[str]:
    """The bands of a genre, those with the most followers first."""
    return await Band.select(Band.name).where(Band.genres.has(genre)).order_by(Band.followers.desc(), Band.id).values()
