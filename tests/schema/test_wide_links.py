"""Tests of many-to-many relations whose sides have keys of several columns: the tables between, and their use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple, cast

import pytest

from tabor import (
    Column,
    Constraint,
    Database,
    ForeignKey,
    ForeignKeyViolation,
    InvalidValue,
    ManyToMany,
    Ref,
    SchemaError,
    Table,
    column,
    key,
    many,
    unique,
)
from tabor.schema.catalog import Catalog
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Room(Table):
    """A room by its house and number."""

    house: Column[str] = column(primary_key=True, init=True, max_length=10)
    number: Column[int] = column(primary_key=True, init=True)
    name: Column[str] = column(default="")
    guests: ManyToMany[Guest] = many()
    beside: ManyToMany[Room, tuple[str, int]] = many(table="passage")


class Guest(Table):
    """Somebody in any number of rooms."""

    id: Column[int] = column(primary_key=True)
    name: Column[str]
    rooms: ManyToMany[Room, tuple[str, int]] = many(lambda: Room.guests)


class Firm(Table):
    """Whom people and teams belong to."""

    id: Column[int] = column(primary_key=True)


class Worker(Table):
    """Somebody, by firm and number."""

    firm: ForeignKey[Firm] = key(primary_key=True)
    number: Column[int] = column(primary_key=True, init=True)
    crews: ManyToMany[Crew, tuple[int, str]] = many(through=lambda: Shift)
    skills: ManyToMany[Skill] = many()


class Crew(Table):
    """A team, by firm and name."""

    firm: ForeignKey[Firm] = key(primary_key=True)
    name: Column[str] = column(primary_key=True, init=True)
    workers: ManyToMany[Worker, tuple[int, int]] = many(through=lambda: (Shift.crew, Shift.worker))


class Shift(Table):
    """Who is in which team: both of one firm, whose column the two keys share."""

    firm: ForeignKey[Firm] = key(primary_key=True)
    number: Column[int] = column(primary_key=True, init=True)
    name: Column[str] = column(primary_key=True, init=True)
    night: Column[bool] = column(default=False)
    worker: ForeignKey[Worker, tuple[int, int]] = key(columns=lambda: (Shift.firm, Shift.number), on_delete="cascade")
    crew: ForeignKey[Crew, tuple[int, str]] = key(columns=lambda: (Shift.firm, Shift.name))


class Skill(Table):
    """What workers can do."""

    id: Column[int] = column(primary_key=True)


TABLES = (Guest, Room, Shift, Crew, Worker, Skill, Firm)


class House(NamedTuple):
    """Ann has the rooms 1 and 2 of the house North, Bob the room 1 of both houses; North 1 leads to North 2."""

    ann: Guest
    bob: Guest
    north: Room
    north_two: Room
    south: Room


async def occupied() -> House:
    """Store the rooms and the guests."""
    ann, bob = await Guest.insert(Guest(name="Ann"), Guest(name="Bob")).all()
    north, two, south = await Room.insert(
        Room(house="North", number=1, name="N1"),
        Room(house="North", number=2, name="N2"),
        Room(house="South", number=1, name="S1"),
    ).all()
    assert await ann.rooms.add(north, ("North", 2)) == 2
    assert await bob.rooms.add(north, south, ("South", 1)) == 2
    assert await north.beside.add(two) == 1
    return House(ann, bob, north, two, south)


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """The rooms and guests, in an open database."""
    async with opened(database_url, *TABLES):
        yield await occupied()


@pytest.mark.parametrize(
    ("url", "length"),
    [("sqlite:///:memory:", 'length("room_house") <= 10'), ("postgresql://x/y", '(length("room_house") <= 10)')],
)
def test_the_tables_that_are_made(url: str, length: str) -> None:
    """They have a column for each part, which holds what the part holds, and a foreign key over those of a side."""
    lines = " ".join(Database(url, tables=TABLES).schema_sql().split())
    for part in (
        'CREATE TABLE IF NOT EXISTS "room_guest" ( "room_house" ',
        'CONSTRAINT "room_guest_pkey" PRIMARY KEY ("room_house", "room_number", "guest")',
        (
            'CONSTRAINT "room_guest_room_fkey" FOREIGN KEY ("room_house", "room_number") '
            'REFERENCES "room" ("house", "number") ON DELETE CASCADE'
        ),
        'CONSTRAINT "room_guest_guest_fkey" FOREIGN KEY ("guest") REFERENCES "guest" ("id") ON DELETE CASCADE',
        'CREATE INDEX IF NOT EXISTS "room_guest_guest_idx" ON "room_guest" ("guest")',
        (
            'CONSTRAINT "passage_pkey" PRIMARY KEY ("room_house", "room_number", "other_room_house", '
            '"other_room_number")'
        ),
        (
            'CONSTRAINT "passage_other_room_fkey" FOREIGN KEY ("other_room_house", "other_room_number") '
            'REFERENCES "room" ("house", "number") ON DELETE CASCADE'
        ),
        'CREATE INDEX IF NOT EXISTS "passage_other_room_idx" ON "passage" ("other_room_house", "other_room_number")',
        (
            'CONSTRAINT "worker_skill_worker_fkey" FOREIGN KEY ("worker_firm", "worker_number") '
            'REFERENCES "worker" ("firm", "number") ON DELETE CASCADE'
        ),
        f'CONSTRAINT "room_guest_room_house_length_check" CHECK ({length})',
    ):
        assert part in lines
    names = [facts.name for facts in Catalog(TABLES).sorted()]
    assert {"room_guest", "passage", "worker_skill"} < set(names)
    assert names.index("room_guest") > max(names.index("room"), names.index("guest"))


async def test_linking(house: House) -> None:
    """Rows are linked and unlinked by rows, references and tuples; what is linked, or is not, is passed over."""
    ann, bob, north, two, south = house
    assert [(r.house, r.number) for r in await ann.rooms.order_by(Room.house, Room.number)] == [
        ("North", 1),
        ("North", 2),
    ]
    assert [g.name for g in await north.guests.order_by(Guest.name)] == ["Ann", "Bob"]
    assert await south.guests.add(ann, bob) == 1
    assert await bob.rooms.remove(("North", 1), two) == 1
    assert await bob.rooms.remove() == 0
    assert [r.name for r in await bob.rooms] == ["S1"]
    await ann.rooms.set(two, south)
    assert [r.name for r in await ann.rooms.order_by(Room.name)] == ["N2", "S1"]
    await ann.rooms.set()
    assert await ann.rooms.count() == 0
    assert [r.name for r in await north.beside] == ["N2"]
    assert await two.beside == []
    await south.remove()
    assert await bob.rooms.count() == 0


async def test_asking(house: House) -> None:
    """Lists, cut and nested, numbers, conditions, joins and documents look through both parts of the key."""
    rooms = Guest.rooms.order_by(Room.house.desc(), Room.number).select(Room.name).values()
    assert await Guest.select(Guest.name, rooms, rooms.limit(1)).order_by(Guest.id) == [
        ("Ann", ["N1", "N2"], ["N1"]),
        ("Bob", ["S1", "N1"], ["S1"]),
    ]
    guests = Room.guests.order_by(Guest.name).select(Guest.name, rooms.limit(1))
    beside = Room.beside.select(Room.name).values()
    assert await Room.select(Room.name, guests, beside).order_by(Room.name) == [
        ("N1", [("Ann", ["N1"]), ("Bob", ["S1"])], ["N2"]),
        ("N2", [("Ann", ["N1"])], []),
        ("S1", [("Bob", ["S1"])], []),
    ]
    assert await Room.select(Room.name, Room.guests.count(), Room.beside.count()).order_by(Room.name) == [
        ("N1", 2, 1),
        ("N2", 1, 0),
        ("S1", 1, 0),
    ]
    assert await Guest.select(Guest.name).where(Guest.rooms.any(Room.house == "South")).values() == ["Bob"]
    assert await Guest.select(Guest.name).where(Guest.rooms.none(Room.number == 2)).values() == ["Bob"]
    assert await Room.select(Room.name).where(Room.beside.any()).values() == ["N1"]
    assert await Room.select(Room.name, Guest.name).join(Guest, on=Room.guests.where(Guest.name == "Ann")).order_by(
        Room.name
    ) == [("N1", "Ann"), ("N2", "Ann")]
    assert await Guest.select(Guest.name, Guest.rooms.select(Room.number)).where(Guest.id == 2).dicts() == [
        {"name": "Bob", "rooms": [{"number": 1}, {"number": 1}]}
    ]
    assert await Room.select(Room.name, Room.guests.select(Guest.name)).where(Room.number == 2).json() == (
        b'[{"name":"N2","guests":[{"name":"Ann"}]}]'
    )


async def test_a_column_that_both_keys_share(database_url: str) -> None:
    """A declared table whose keys share a column links rows that agree in it, and refuses those that do not."""
    async with opened(database_url, *TABLES):
        await Firm.insert(Firm(), Firm())
        one, other = await Worker.insert(Worker(firm=1, number=7), Worker(firm=2, number=7)).all()
        day, late = await Crew.insert(Crew(firm=1, name="Day"), Crew(firm=1, name="Late")).all()
        assert await one.crews.add(day, (1, "Late")) == 2
        assert await one.crews.add(late) == 0
        assert [c.name for c in await one.crews.order_by(Crew.name)] == ["Day", "Late"]
        crews = Worker.crews.order_by(Crew.name).select(Crew.name, Shift.night)
        assert await Worker.select(Worker.firm.id, crews).order_by(Worker.firm.id) == [
            (1, [("Day", False), ("Late", False)]),
            (2, []),
        ]
        with pytest.raises(InvalidValue) as caught:
            other.crews.add(day)
        assert str(caught.value) == (
            "Shift.firm: the Worker has 2 in it and the Crew has 1, and one row cannot refer to both."
        )
        assert (caught.value.code, caught.value.table, caught.value.column) == ("wrong_value", "Shift", "firm")
        await day.workers.set()
        assert await Shift.select(Shift.name).values() == ["Late"]


async def test_what_cannot_be_linked(house: House) -> None:
    """Rows that are not there, not saved, of another table, or without all parts of a key are refused."""
    ann, _, north, *_ = house
    with pytest.raises(ForeignKeyViolation) as missing:
        await ann.rooms.add(("West", 1))
    assert (missing.value.table, missing.value.references) == ("room_guest", "room")
    wrong = {
        ("West",): r"^RoomGuest\.room: expected a Room or its key of 2 values, got \('West',\)\.$",
        ("West", "1"): r"^RoomGuest\.room_number: expected a whole number, got '1' \(str\)\.$",
        ("A house with a name", 1): r"^RoomGuest\.room_house: ",
        7: r"^RoomGuest\.room: expected a Room or its key of 2 values, got 7\.$",
    }
    for given, message in wrong.items():
        for act in (ann.rooms.add, ann.rooms.remove):
            with pytest.raises(InvalidValue, match=message):
                act(cast("tuple[str, int]", given))
    await Firm.insert(Firm())
    await Worker.insert(Worker(firm=1, number=7))
    await Crew.insert(Crew(firm=1, name="Day"))
    shift = await Shift.insert(Shift(firm=1, number=7, name="Day")).one()
    with pytest.raises(InvalidValue, match=r"^RoomRoom\.other_room: expected a reference to Room, got Ref"):
        north.beside.add(cast("Ref[Room, tuple[str, int]]", shift.worker))
    with pytest.raises(InvalidValue, match=r"^Shift\.crew: expected a reference to Crew, got Ref"):
        shift.crew = cast("Ref[Crew, tuple[int, str]]", shift.worker)


def test_names_that_cannot_be() -> None:
    """A made table in which two columns would have one name is refused in words that say what to do."""

    class Bay(Table):
        dock_id: Column[int] = column(primary_key=True, init=True)
        side: Column[int] = column(primary_key=True, init=True)
        docks: ManyToMany[Dock] = many()

    class Dock(Table, name="bay_side"):
        id: Column[int] = column(primary_key=True)

    with pytest.raises(SchemaError) as caught:
        Catalog([Bay, Dock])
    assert str(caught.value) == (
        "Bay.docks: the table between cannot be made; declare it and give it by many(through=...). Two of its columns "
        "would be called bay_side."
    )
    assert (caught.value.table, caught.value.column) == ("bay", "docks")


class Post(Table):
    """What may be filled: who, where, as what."""

    id: Column[int] = column(primary_key=True)
    town: ForeignKey[Town]
    person: ForeignKey[Citizen | None] = key(default=None)
    role: ForeignKey[Role | None] = key(default=None)

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """Nobody has two posts in one town."""
        return [unique(cls.town, cls.person)]


class Town(Table):
    """Where."""

    id: Column[int] = column(primary_key=True)
    roles: ManyToMany[Role] = many(through=lambda: Post)
    people: ManyToMany[Citizen] = many(through=lambda: Post)


class Citizen(Table):
    """Who."""

    id: Column[int] = column(primary_key=True)
    towns: ManyToMany[Town] = many(lambda: Town.people)


class Role(Table):
    """As what."""

    id: Column[int] = column(primary_key=True)
    towns: ManyToMany[Town] = many(lambda: Town.roles)


async def test_one_table_between_three(database_url: str) -> None:
    """Relations through one table are told apart by what they lead to, and leave rows that lead nowhere alone."""
    async with opened(database_url, Post, Town, Citizen, Role):
        town, *_ = await Town.insert(Town()).all()
        cid, *_ = await Citizen.insert(Citizen()).all()
        await Role.insert(Role())
        await Post.insert(Post(town=1, person=1), Post(town=1, role=1), Post(town=1))
        assert await Citizen.select(Citizen.towns.count()).values() == [1]
        assert await Role.select(Role.towns.count()).values() == [1]
        assert await town.people.remove(cid) == 1
        await town.people.set(cid)
        await town.people.set()
        assert await Post.select(Post.role.is_not_null()).order_by(Post.id).values() == [True, False]
