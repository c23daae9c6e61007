"""Promises of ``examples/bands``: what its questions answer, and that its box office never sells a place twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bands import questions
from bands.__main__ import main, run
from bands.box_office import SoldOut, call_off, give_back, sell
from bands.questions import Engagement, Entry, Month, Takings
from bands.samples import fill
from bands.tables import TABLES, Band, Concert, Facilities, Kind, Manager, Ticket, Venue
from tabor import CheckViolation, Database, ForeignKeyViolation, NotFound, StaleRow, UniqueViolation

pytestmark = pytest.mark.anyio

CELLAR, ROPE_WORKS, FERRY_HALL = 1, 2, 3
"""The keys of the first three concerts."""


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """An open database with the samples."""
    async with Database(database_url, tables=TABLES) as database:
        await database.create_tables()
        assert await fill(database)
        yield database


async def test_samples_are_stored_once(db: Database) -> None:
    """Filling a filled database changes nothing."""
    assert not await fill(db)
    assert [await table.select().count() for table in TABLES] == [2, 4, 3, 4, 0]


async def test_programme(db: Database) -> None:
    """The programme has both bands and the place, from the first concert to the last of the period."""
    assert await questions.programme(datetime(2031, 3, 10, tzinfo=UTC), datetime(2031, 4, 4, 20, tzinfo=UTC)) == [
        Entry(datetime(2031, 3, 21, 19, 30, tzinfo=UTC), "Paper Lanterns", "Tin Orchard", "Rope Works", "Bristol"),
        Entry(datetime(2031, 3, 28, 18, tzinfo=UTC), "Glacier Choir", "Paper Lanterns", "Old Ferry Hall", "Gothenburg"),
        Entry(datetime(2031, 4, 4, 20, tzinfo=UTC), "The Night Buses", None, "Rope Works", "Bristol"),
    ]


async def test_diaries(db: Database) -> None:
    """Each manager has the bands, each band what it plays, and one that plays nothing an empty list."""
    await Band.insert(Band(name="Attic", founded=2024, manager=2))
    assert await questions.diaries() == [
        (
            "Odile Marchand",
            [
                ("Paper Lanterns", [Engagement(datetime(2031, 3, 21, 19, 30, tzinfo=UTC), "Rope Works")]),
                (
                    "The Night Buses",
                    [
                        Engagement(datetime(2031, 3, 7, 19, tzinfo=UTC), "Cellar 9"),
                        Engagement(datetime(2031, 4, 4, 20, tzinfo=UTC), "Rope Works"),
                    ],
                ),
            ],
        ),
        (
            "Per Lund",
            [
                ("Attic", []),
                ("Glacier Choir", [Engagement(datetime(2031, 3, 28, 18, tzinfo=UTC), "Old Ferry Hall")]),
            ],
        ),
    ]


async def test_takings(db: Database) -> None:
    """What was sold adds up exactly, and a concert without a ticket has taken 0."""
    await sell(db, ROPE_WORKS, "ann@example.org", Kind.seated, 2)
    await sell(db, ROPE_WORKS, "bob@example.org", Kind.reduced)
    await sell(db, CELLAR, "ann@example.org")
    assert await questions.takings() == [
        Takings("Paper Lanterns", "Rope Works", 3, 447, Decimal("83.30")),
        Takings("The Night Buses", "Cellar 9", 1, 79, Decimal("12.00")),
        Takings("Glacier Choir", "Old Ferry Hall", 0, 1200, Decimal(0)),
        Takings("The Night Buses", "Rope Works", 0, 450, Decimal(0)),
    ]


async def test_months(db: Database) -> None:
    """Concerts are counted by city and month, in UTC."""
    march, april = datetime(2031, 3, 1, tzinfo=UTC), datetime(2031, 4, 1, tzinfo=UTC)
    assert await questions.months() == [
        Month("Bristol", march, 1, 450),
        Month("Gothenburg", march, 2, 1280),
        Month("Bristol", april, 1, 450),
    ]


async def test_bands_that_share_a_stage(db: Database) -> None:
    """A band shares its evenings with those before and after it; only one of them is never the main act."""
    assert await questions.stage_mates("Paper Lanterns") == ["Glacier Choir", "Tin Orchard"]
    assert await questions.stage_mates("Tin Orchard") == ["Paper Lanterns", "The Night Buses"]
    assert await questions.never_main_act() == ["Tin Orchard"]


async def test_other_questions(db: Database) -> None:
    """Venues are compared within their city, and bands are found by one genre of several."""
    assert await questions.larger_in_the_same_city() == [("Cellar 9", "Old Ferry Hall")]
    assert await questions.playing("folk") == ["Paper Lanterns", "Tin Orchard"]


async def test_facilities_are_a_model(db: Database) -> None:
    """What a venue has comes back as the model that it was, and a change within it is saved."""
    cellar = await Venue.select().where(Venue.name == "Cellar 9").one()
    assert cellar.facilities == Facilities(stages=1, step_free=False)
    cellar.facilities.food.append("crisps")
    await cellar.save()
    assert (await Venue.get(cellar.id)).facilities.food == ["crisps"]


async def test_tickets(db: Database) -> None:
    """A ticket costs its share of the price to the cent, takes a place, and gives it free when it comes back."""
    (seat,) = await sell(db, ROPE_WORKS, "ann@example.org", Kind.seated)
    assert (seat.price, seat.concert.id) == (Decimal("34.30"), ROPE_WORKS)
    assert (await Concert.get(ROPE_WORKS)).places == 449
    assert await give_back(db, seat.id) == Decimal("34.30")
    assert (await Concert.get(ROPE_WORKS)).places == 450
    with pytest.raises(NotFound, match="There is no ticket with the key"):
        await give_back(db, seat.id)


async def test_no_place_is_sold_twice(db: Database) -> None:
    """Of many buyers at once as many get their tickets as there are places, and the others are told what is left."""
    buyers = [sell(db, CELLAR, f"fan{number}@example.org", number=3) for number in range(30)]
    results = await asyncio.gather(*buyers, return_exceptions=True)
    refused = [result for result in results if isinstance(result, SoldOut)]
    assert len(refused) == 4
    assert {(error.wanted, error.left, str(error)) for error in refused} == {
        (3, 2, "3 tickets were wanted, and 2 are left.")
    }
    assert await Ticket.select().where(Ticket.concert.id == CELLAR).count() == 78
    assert (await Concert.get(CELLAR)).places == 2


async def test_unknown_concert(db: Database) -> None:
    """Nobody buys a ticket for a concert that there is not."""
    with pytest.raises(NotFound, match="There is no concert with the key 99"):
        await sell(db, 99, "ann@example.org")


async def test_calling_off(db: Database) -> None:
    """A concert that is called off takes its tickets along and says who gets what back."""
    await sell(db, CELLAR, "ann@example.org", number=2)
    await sell(db, CELLAR, "bob@example.org", Kind.reduced)
    (kept,) = await sell(db, FERRY_HALL, "bob@example.org")
    refunds = await call_off(db, CELLAR)
    assert refunds == {"ann@example.org": Decimal("24.00"), "bob@example.org": Decimal("7.20")}
    assert await Ticket.select(Ticket.id).values() == [kept.id]


async def test_two_people_move_a_concert(db: Database) -> None:
    """Whoever moves a concert without having seen the last change is refused."""
    mine, theirs = await Concert.get(CELLAR), await Concert.get(CELLAR)
    mine.starts_at += timedelta(hours=1)
    await mine.save()
    theirs.starts_at -= timedelta(hours=1)
    with pytest.raises(StaleRow):
        await theirs.save()
    assert (await Concert.get(CELLAR)).starts_at == datetime(2031, 3, 7, 20, tzinfo=UTC)


async def test_what_the_tables_refuse(db: Database) -> None:
    """A venue has one concert at a time, a band is not its own support, and one that plays is not deleted."""
    first = await Concert.get(CELLAR)
    first.support = first.headliner
    with pytest.raises(CheckViolation) as check:
        await first.save()
    assert check.value.constraint == "concert_two_bands_check"
    twin = Concert(venue=first.venue, headliner=3, starts_at=first.starts_at, price=Decimal(9), places=80)
    with pytest.raises(UniqueViolation) as unique:
        await twin.save()
    assert unique.value.columns == ("venue", "starts_at")
    with pytest.raises(ForeignKeyViolation):
        await Band.delete().where(Band.name == "Glacier Choir")


async def test_manager_retires(db: Database) -> None:
    """A band whose manager leaves stays, and looks after itself."""
    await (await Manager.select().where(Manager.name == "Per Lund").one()).remove()
    assert await Band.select(Band.name).where(Band.manager.is_null()).order_by(Band.name).values() == [
        "Glacier Choir",
        "Tin Orchard",
    ]


PRINTED = """\
Thirty people want three tickets each: 26 get them, 4 come too late.

Programme
  07 Mar 2031  The Night Buses, support: Tin Orchard; Cellar 9, Gothenburg
  21 Mar 2031  Paper Lanterns, support: Tin Orchard; Rope Works, Bristol
  28 Mar 2031  Glacier Choir, support: Paper Lanterns; Old Ferry Hall, Gothenburg
  04 Apr 2031  The Night Buses; Rope Works, Bristol

Takings
    936.00  The Night Buses, Cellar 9: 78 sold, 2 left
      0.00  Paper Lanterns, Rope Works: 0 sold, 450 left
      0.00  Glacier Choir, Old Ferry Hall: 0 sold, 1200 left
      0.00  The Night Buses, Rope Works: 0 sold, 450 left

Diaries
  Odile Marchand
    Paper Lanterns: 21 Mar Rope Works
    The Night Buses: 07 Mar Cellar 9, 04 Apr Rope Works
  Per Lund
    Glacier Choir: 28 Mar Old Ferry Hall
"""


async def test_what_it_prints(database_url: str) -> None:
    """The program prints the same on every database, and a second run finds the samples there."""
    assert [*await run(Database(database_url, tables=TABLES)), ""] == ["The samples are stored.", *PRINTED.split("\n")]
    again = await run(Database(database_url, tables=TABLES))
    assert again[:2] == [
        "The samples are there already.",
        "Thirty people want three tickets each: 0 get them, 30 come too late.",
    ]


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that cannot be used is one sentence and the exit status 1."""
    assert main(["--file", str(tmp_path / "bands.db")]) == 0
    assert capsys.readouterr().out == f"The samples are stored.\n{PRINTED}"
    assert main(["--file", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
