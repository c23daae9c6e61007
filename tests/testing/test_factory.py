"""Tests of the factory: its rows are valid, differ where they have to, and are the same for the same seed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from uuid import UUID

import pytest
from pydantic import BaseModel, Field

from tabor import (
    Column,
    Constraint,
    Email,
    ForeignKey,
    InvalidValue,
    Json,
    PlainText,
    QueryError,
    Table,
    Url,
    check,
    column,
    index,
    key,
    unique,
)
from tabor.testing import NoValidRow, factory
from tests.festival import Gig, Person, Stage, opened

pytestmark = pytest.mark.anyio


class Size(IntEnum):
    """How big a thing is."""

    small = 1
    big = 2


class Colour(StrEnum):
    """Which colour a thing has."""

    red = "red"
    green = "green"


class Part(BaseModel):
    """A model within a model."""

    weight: float = Field(gt=0, lt=1)
    when: datetime


class Detail(BaseModel):
    """A model with fields of many kinds."""

    name: str = Field(min_length=3, max_length=12)
    rank: int = Field(ge=5, multiple_of=4)
    tags: list[str] = Field(min_length=2)
    parts: list[Part] = Field(min_length=1)
    inner: Detail | None
    colour: Colour
    note: str = "kept"


class Thing(Table):
    """A column of each kind, none with a default."""

    id: Column[UUID] = column(primary_key=True)
    code: Column[str] = column(unique=True, max_length=3)
    word: Column[str] = column(min_length=12, max_length=14)
    email: Column[Email] = column(unique=True, max_length=16)
    page: Column[Url] = column(unique=True)
    motto: Column[PlainText]
    rank: Column[int] = column(unique=True, minimum=-5)
    small: Column[int] = column(minimum=3, maximum=4)
    share: Column[float] = column(minimum=0, maximum=1)
    price: Column[Decimal] = column(unique=True, max_digits=5, decimal_places=2)
    fee: Column[Decimal] = column(minimum=Decimal("0.5"), maximum=Decimal("0.7"), decimal_places=1)
    blob: Column[bytes] = column(min_length=10, max_length=12)
    day: Column[date]
    at: Column[time]
    starts_at: Column[datetime] = column(unique=True)
    lasts: Column[timedelta]
    size: Column[Size]
    colour: Column[Colour | None]
    open: Column[bool]
    tags: Column[list[str]] = column(min_length=2, max_length=5)
    days: Column[list[date]]
    detail: Column[Json[Detail]]
    details: Column[list[Json[Part]]]
    number: Column[UUID]


class Room(Table):
    """A room of a house; the key has two columns."""

    house: ForeignKey[House] = key(primary_key=True)
    number: Column[int] = column(primary_key=True, init=True)


class House(Table):
    """Where rooms are."""

    id: Column[int] = column(primary_key=True)
    name: Column[str] = column(unique=True)


class Stay(Table):
    """A time in a room, with promises over several columns."""

    id: Column[int] = column(primary_key=True)
    house: ForeignKey[House]
    number: Column[int]
    room: ForeignKey[Room, tuple[int, int]] = key(columns=lambda: (Stay.house, Stay.number))
    begins: Column[datetime]
    ends: Column[datetime]
    guests: Column[int] = column(minimum=1)
    beds: Column[int]
    kind: Column[str] = column(max_length=30)
    code: Column[str] = column(default="")

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """Checks that chance alone would hardly fulfil."""
        return [
            check(cls.ends > cls.begins, name="order"),
            check((cls.beds >= cls.guests) & (cls.beds < cls.guests + 3), name="beds"),
            check(cls.guests.is_in([7, 9]), name="guests"),
            check(cls.kind.starts_with("stay/") & (cls.kind.length() > 20), name="kind"),
            check((cls.kind == "never") | (cls.begins >= datetime(2040, 1, 1, tzinfo=UTC)), name="begins"),
            unique(cls.house, cls.number, cls.begins),
            unique(cls.code.lower(), where=cls.beds > 0, name="stay_code"),
            index(cls.ends),
        ]


async def test_a_row_of_every_kind_is_valid(database_url: str) -> None:
    """Values of each datatype keep its lengths, ranges and forms, and unique ones differ in 60 rows."""
    async with opened(database_url, Thing):
        rows = await factory(Thing, seed=1).create_many(60)
        assert len({row.code for row in rows}) == 60
        stored = await Thing.select().order_by(Thing.rank)
        assert [row.rank for row in stored] == list(range(-5, 55))
        assert {row.small for row in stored} == {3, 4}
        assert stored[0].detail.note == "kept"
        assert stored[0].email == "email1@example.org" or len(stored[0].email) <= 16


async def test_keys_and_checks_over_several_columns(database_url: str) -> None:
    """Rows behind keys are made first, composite ones too, and the checks of a table hold."""
    async with opened(database_url, Stay, Room, House):
        stays = await factory(Stay, seed=2).create_many(30)
        assert all(stay.ends > stay.begins and stay.guests in (7, 9) for stay in stays)
        assert await House.select().count() == 1
        house = await factory(House, seed=3).create(name="Beside the sea")
        stay = await factory(Stay, seed=3).create(house=house)
        assert stay.house.id == house.id
        room = await factory(Room, seed=4).create()
        assert (await factory(Stay, seed=5).create(room=room)).room.id == (room.house.id, room.number)


async def test_rows_that_are_there_already_are_no_obstacle(database_url: str) -> None:
    """A made value that another row has already is made again."""
    async with opened(database_url):
        await Person.insert(Person(email="email1@example.org", name="Ann"))
        assert (await factory(Person, seed=1).create()).email == "email2@example.org"


async def test_given_values_stay(database_url: str) -> None:
    """What is given is in the row, defaults are used, and a key that may be empty stays empty."""
    async with opened(database_url):
        stage = await factory(Stage).create(name="Pyramid")
        gig = await factory(Gig).create(title="Open stage", stage=stage)
        assert (gig.title, gig.seats, gig.sound) == ("Open stage", 0, None)
        assert gig.stage is not None
        assert gig.stage.id == stage.id
        assert [each.title for each in await factory(Gig).create_many(2, title="Same")] == ["Same", "Same"]
        assert await factory(Gig).create_many(0) == []


def test_the_same_seed_gives_the_same_rows() -> None:
    """Two factories with one seed agree on every value, and another seed gives others."""

    def values(seed: int) -> list[object]:
        made = factory(Thing, seed=seed)
        return [(row.id, row.code, row.day, row.tags, row.fee) for row in (made.build(), made.build())]

    assert values(7) == values(7)
    assert values(7) != values(8)


def test_a_built_row_needs_no_database() -> None:
    """``build`` gives a row that is not stored, with keys of rows that need not be there."""
    gig = factory(Gig, seed=1).build(title="x")
    assert (gig.title, isinstance(gig.booker.id, int)) == ("x", True)


class Impossible(Table):
    """A check that nothing fulfils."""

    id: Column[int] = column(primary_key=True)
    low: Column[int]
    high: Column[int]

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """Each of them excludes the other."""
        return [check((cls.low > cls.high) & (cls.high > cls.low), name="order")]


class Hidden(Table):
    """A check that only the database can compute."""

    id: Column[int] = column(primary_key=True)
    word: Column[str]

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """No text that a factory makes is this one."""
        return [check(cls.word.strip("x") == "Quiet", name="word")]


class Switch(Table):
    """A unique column with two values."""

    on: Column[bool] = column(unique=True)


class Side(StrEnum):
    """Where a seat is."""

    left = "left"
    right = "right"


class Seat(Table):
    """Columns with few values that are unique together."""

    id: Column[int] = column(primary_key=True)
    upper: Column[bool]
    side: Column[Side]
    row: Column[int] = column(minimum=5, maximum=7)

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """One seat at each place."""
        return [unique(cls.upper, cls.side, cls.row)]


class Link(Table):
    """A row that needs another one of its kind."""

    id: Column[int] = column(primary_key=True)
    before: ForeignKey[Link]


def test_a_check_that_nothing_fulfils_is_named() -> None:
    """The error names the table, the columns and the check."""
    with pytest.raises(NoValidRow, match="impossible_order_check") as caught:
        factory(Impossible).build()
    assert caught.value.table == "impossible"
    assert sorted(caught.value.columns) == ["high", "low"]
    assert caught.value.constraint == "impossible_order_check"


async def test_a_check_that_only_the_database_computes_is_named(database_url: str) -> None:
    """A refusal by the database is tried again, and named in the end."""
    async with opened(database_url, Hidden):
        with pytest.raises(NoValidRow) as caught:
            await factory(Hidden).create()
        assert (caught.value.columns, caught.value.constraint) == (("word",), "hidden_word_check")
        assert (await factory(Hidden).create(word="Quiet")).word == "Quiet"


async def test_values_that_run_out_and_keys_in_a_circle(database_url: str) -> None:
    """A unique column with few values says so when they are used up, and a key to the same table needs a row."""
    async with opened(database_url, Switch, Link):
        await factory(Switch, seed=1).create_many(2)
        with pytest.raises(NoValidRow, match=r"switch\.on: its values differ from row to row, and there are only 2"):
            await factory(Switch, seed=1).create_many(3)
        with pytest.raises(NoValidRow, match=r"link\.before: each link needs another one before it"):
            await factory(Link).create()


async def test_combinations_of_few_values(database_url: str) -> None:
    """All combinations are made, then the error names the columns; a given value leaves the others to be made."""
    async with opened(database_url, Seat):
        upper = await factory(Seat, seed=1).create_many(6, upper=True)
        assert len({(seat.side, seat.row) for seat in upper}) == 6
        assert (await factory(Seat, seed=1).create(upper=False, side=Side.left)).row == 5
        await Seat.delete().everything()
        seats = await factory(Seat, seed=2).create_many(12)
        assert len({(seat.upper, seat.side, seat.row) for seat in seats}) == 12
        with pytest.raises(NoValidRow, match=r"seat\.row: another row has each combination of upper, side, row"):
            await factory(Seat, seed=3).create_many(13)


def test_wrong_use_is_refused() -> None:
    """A name that is no column, a value that does not fit, and a negative number each say so."""
    with pytest.raises(QueryError, match="Gig has no column 'titel'"):
        factory(Gig).build(titel="x")
    with pytest.raises(InvalidValue, match=r"Gig\.title"):
        factory(Gig).build(title="x" * 41)
