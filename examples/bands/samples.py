"""Made-up managers, bands, venues and concerts to begin with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bands.tables import Band, Concert, Facilities, Manager, Venue
from tabor import Database


async def fill(db: Database) -> bool:
    """Store the samples, all or none; gives False, and changes nothing, where there are bands already."""
    with db.use():
        async with db.transaction():
            if await Band.select().exists():
                return False
            bands = await _bands()
            await Concert.insert(_concerts(bands, await _venues()))
    return True


async def _bands() -> dict[str, Band]:
    odile, per = await Manager.insert(
        Manager(name="Odile Marchand", email="odile@example.org"), Manager(name="Per Lund", email="per@example.org")
    ).all()
    stored = await Band.insert(
        Band(name="Paper Lanterns", founded=2009, genres=["folk", "pop"], followers=48_200, manager=odile),
        Band(name="The Night Buses", founded=2015, genres=["punk"], followers=9_700, manager=odile),
        Band(name="Glacier Choir", founded=1998, genres=["ambient"], followers=120_400, manager=per),
        Band(name="Tin Orchard", founded=2019, genres=["folk"], followers=3_150),
    ).all()
    return {band.name: band for band in stored}


async def _venues() -> dict[str, Venue]:
    stored = await Venue.insert(
        Venue(
            name="Rope Works",
            city="Bristol",
            capacity=450,
            facilities=Facilities(stages=2, step_free=True, food=["pizza", "ice cream"]),
        ),
        Venue(name="Cellar 9", city="Gothenburg", capacity=80, facilities=Facilities(stages=1, step_free=False)),
        Venue(
            name="Old Ferry Hall",
            city="Gothenburg",
            capacity=1_200,
            facilities=Facilities(stages=3, step_free=True, food=["fish"]),
        ),
    ).all()
    return {venue.name: venue for venue in stored}


def _concerts(bands: dict[str, Band], venues: dict[str, Venue]) -> list[Concert]:
    rope_works, cellar, ferry_hall = venues.values()
    lanterns, buses, choir, orchard = bands.values()
    return [
        Concert(
            venue=cellar,
            headliner=buses,
            support=orchard,
            starts_at=datetime(2031, 3, 7, 19, tzinfo=UTC),
            duration=timedelta(hours=1, minutes=30),
            price=Decimal(12),
            places=cellar.capacity,
        ),
        Concert(
            venue=rope_works,
            headliner=lanterns,
            support=orchard,
            starts_at=datetime(2031, 3, 21, 19, 30, tzinfo=UTC),
            price=Decimal("24.50"),
            places=rope_works.capacity,
        ),
        Concert(
            venue=ferry_hall,
            headliner=choir,
            support=lanterns,
            starts_at=datetime(2031, 3, 28, 18, tzinfo=UTC),
            duration=timedelta(hours=3),
            price=Decimal(55),
            places=ferry_hall.capacity,
        ),
        Concert(
            venue=rope_works,
            headliner=buses,
            starts_at=datetime(2031, 4, 4, 20, tzinfo=UTC),
            price=Decimal(15),
            places=rope_works.capacity,
        ),
    ]
