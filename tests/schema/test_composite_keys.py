"""Tests of keys of several columns: primary keys with foreign keys in them, and foreign keys to them."""

from __future__ import annotations

import pytest

from tabor import (
    Column,
    Database,
    ForeignKey,
    ForeignKeyViolation,
    InvalidValue,
    Many,
    NotFound,
    Ref,
    SchemaError,
    Table,
    column,
    key,
    many,
)
from tabor.schema.catalog import Catalog
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Hall(Table):
    """A house with seats."""

    id: Column[int] = column(primary_key=True)
    name: Column[str] = column(default="")
    seats: Many[Seat] = many(lambda: Seat.hall)


class Seat(Table):
    """A seat by its hall and number."""

    hall: ForeignKey[Hall] = key(primary_key=True, on_delete="cascade")
    number: Column[int] = column(primary_key=True, init=True)
    kind: Column[str] = column(default="plain")
    tickets: Many[Ticket] = many(lambda: Ticket.seat)
    repairs: Many[Repair] = many(lambda: Repair.seat)


class Ticket(Table):
    """Somebody's right to a seat, given or not yet."""

    id: Column[int] = column(primary_key=True)
    hall: ForeignKey[Hall]
    number: Column[int | None] = column(default=None)
    seat: ForeignKey[Seat | None, tuple[int, int]] = key(columns=lambda: (Ticket.hall, Ticket.number))


class Repair(Table):
    """Work on a seat; the seat is the key."""

    hall_id: Column[int] = column(primary_key=True, init=True)
    number: Column[int] = column(primary_key=True, init=True)
    seat: ForeignKey[Seat, tuple[int, int]] = key(columns=lambda: (Repair.hall_id, Repair.number), on_delete="cascade")


TABLES = (Ticket, Repair, Seat, Hall)


def test_definitions() -> None:
    """The key, the references to it and their index name all columns; tables come after those they lead to."""
    lines = Database("sqlite:///:memory:", tables=TABLES).schema_sql()
    assert 'CONSTRAINT "seat_pkey" PRIMARY KEY ("hall", "number")' in lines
    assert (
        'CONSTRAINT "ticket_seat_fkey" FOREIGN KEY ("hall", "number") REFERENCES "seat" ("hall", "number") '
        "ON DELETE NO ACTION" in lines
    )
    assert 'CREATE INDEX IF NOT EXISTS "ticket_seat_idx" ON "ticket" ("hall", "number")' in lines
    assert "seat_hall_idx" not in lines
    assert "repair_seat_idx" not in lines
    assert [facts.name for facts in Catalog(TABLES).sorted()] == ["hall", "seat", "ticket", "repair"]


async def test_rows_with_a_key_of_two_columns(database_url: str) -> None:
    """They are read, changed, refreshed and removed by both parts of the key."""
    async with opened(database_url, *TABLES):
        hall = await Hall.insert(Hall()).one()
        await Seat.insert(Seat(hall=hall, number=1), Seat(hall=hall, number=2))
        seat = await Seat.get((hall.id, 2))
        seat.kind = "box"
        await seat.save()
        await seat.refresh()
        assert await Seat.select(Seat.hall.id, Seat.number, Seat.kind).order_by(Seat.number) == [
            (1, 1, "plain"),
            (1, 2, "box"),
        ]
        assert [s.number for s in await hall.seats] == [1, 2]
        await seat.remove()
        with pytest.raises(NotFound) as caught:
            await seat.save() if seat.kind != "box" else await seat.refresh()
        assert caught.value.key == (1, 2)


async def test_references_of_two_columns(database_url: str) -> None:
    """A key of two columns is a reference with a tuple; it takes a row, a reference or a tuple, and joins."""
    async with opened(database_url, *TABLES):
        hall = await Hall.insert(Hall(name="Big")).one()
        seat = await Seat.insert(Seat(hall=hall, number=7, kind="box")).one()
        ticket = Ticket(hall=hall)
        assert ticket.seat is None
        for given in (seat, (hall.id, 7)):
            ticket.seat = given
            taken = ticket.seat
            assert taken is not None
            assert (ticket.number, taken.id) == (7, (1, 7))
        await ticket.save()
        reference = (await Ticket.get(ticket.id)).seat
        assert isinstance(reference, Ref)
        assert (await reference).kind == "box"
        assert await Ticket.select(
            Ticket.seat(lambda s: s.kind), Ticket.seat(lambda s: s.number), Ticket.seat(lambda s: s.hall.name)
        ) == [("box", 7, "Big")]
        ticket.seat = None
        await ticket.save()
        assert await Ticket.select(Ticket.seat(lambda s: s.kind), Ticket.number) == [(None, None)]
        assert await Ticket.select().where(Ticket.seat.is_null()).count() == 1


async def house() -> Hall:
    """A hall with three seats: two tickets for the first, one for the second, and one for no seat yet."""
    hall, other = await Hall.insert(Hall(name="Big"), Hall(name="Small")).all()
    await Seat.insert(Seat(hall=hall, number=1), Seat(hall=hall, number=2, kind="box"), Seat(hall=other, number=1))
    await Ticket.insert(*[Ticket(hall=hall, number=number) for number in (1, 2, 1, None)])
    await Repair.insert(Repair(hall_id=2, number=1))
    return hall


async def test_related_rows_by_a_key_of_two_columns(database_url: str) -> None:
    """Lists of related rows, cut for each row and nested, and the related rows of one row."""
    async with opened(database_url, *TABLES):
        hall = await house()
        tickets = Seat.tickets.order_by(Ticket.id.desc()).select(Ticket.id).values()
        rows = Seat.select(Seat.hall.name, Seat.number, tickets, tickets.limit(1), Seat.repairs)
        assert [(*row, len(repairs)) for *row, repairs in await rows.order_by(Seat.hall.id, Seat.number)] == [
            ("Big", 1, [3, 1], [3], 0),
            ("Big", 2, [2], [2], 0),
            ("Small", 1, [], [], 1),
        ]
        nested = Hall.seats.order_by(Seat.number).select(Seat.number, tickets)
        assert await Hall.select(Hall.name, nested).order_by(Hall.id) == [
            ("Big", [(1, [3, 1]), (2, [2])]),
            ("Small", [(1, [])]),
        ]
        assert await Hall.select(Hall.name, nested.limit(1)).order_by(Hall.id) == [
            ("Big", [(1, [3, 1])]),
            ("Small", [(1, [])]),
        ]
        plain = Seat.select(Seat.number, Seat.tickets.limit(1).select(Ticket.id)).where(Seat.hall.id == hall.id)
        assert await plain.order_by(Seat.number).json() == (
            b'[{"number":1,"tickets":[{"id":1}]},{"number":2,"tickets":[{"id":2}]}]'
        )
        assert await Seat.select(Seat.tickets.select(Ticket.id)).where(Seat.kind == "box").dicts() == [
            {"tickets": [{"id": 2}]}
        ]
        seat = await Seat.get((hall.id, 1))
        assert [ticket.id for ticket in await seat.tickets.order_by(Ticket.id)] == [1, 3]
        assert await Seat.select(tickets).order_by(Seat.hall.id, Seat.number).values() == [[3, 1], [2], []]


async def test_related_rows_along_a_key_that_may_be_empty(database_url: str) -> None:
    """A row behind a key of two columns has related rows; where there is none, none."""
    async with opened(database_url, *TABLES):
        await house()
        beside = Ticket.seat(lambda seat: seat.tickets.order_by(Ticket.id).select(Ticket.id).values())
        assert await Ticket.select(Ticket.id, beside).order_by(Ticket.id) == [
            (1, [1, 3]),
            (2, [2]),
            (3, [1, 3]),
            (4, []),
        ]


async def test_questions_and_joins_by_a_key_of_two_columns(database_url: str) -> None:
    """count(), any() and none() compare all columns of the key, and so does a join."""
    async with opened(database_url, *TABLES):
        await house()
        counted = Seat.select(Seat.hall.id, Seat.number, Seat.tickets.count()).order_by(Seat.hall.id, Seat.number)
        assert await counted == [(1, 1, 2), (1, 2, 1), (2, 1, 0)]
        assert await Seat.select(Seat.hall.name).where(Seat.tickets.none()).values() == ["Small"]
        boxes = Hall.seats.any(Seat.tickets.any(Ticket.id == 2), Seat.kind == "box")
        assert await Hall.select(Hall.name).where(boxes).values() == ["Big"]
        joined = Seat.select(Seat.number, Ticket.id).join(Ticket, on=Seat.tickets.where(Ticket.id > 1))
        assert await joined.order_by(Ticket.id) == [(2, 2), (1, 3)]


async def test_a_missing_row_is_named(database_url: str) -> None:
    """A reference to no row, and a delete of a row that is referred to, name both sides on every database."""
    async with opened(database_url, *TABLES):
        hall = await Hall.insert(Hall()).one()
        seat = await Seat.insert(Seat(hall=hall, number=7)).one()
        with pytest.raises(ForeignKeyViolation) as missing:
            await Ticket(hall=hall, number=8).save()
        assert (missing.value.table, missing.value.columns, missing.value.references) == (
            "ticket",
            ("hall", "number"),
            "seat",
        )
        await Ticket(hall=hall, number=7).save()
        with pytest.raises(ForeignKeyViolation) as held:
            await seat.remove()
        assert (held.value.table, held.value.columns, held.value.references) == ("seat", (), "ticket")


async def test_on_delete(database_url: str) -> None:
    """Deleting the other row deletes this one where the key says so."""
    async with opened(database_url, *TABLES):
        hall = await Hall.insert(Hall()).one()
        await Seat.insert(Seat(hall=hall, number=7))
        await Repair.insert(Repair(hall_id=1, number=7))
        await hall.remove()
        assert await Repair.select().count() == 0


async def test_conditions_across_keys_in_writes(database_url: str) -> None:
    """An update and a delete of rows with a key of two columns may depend on a row behind a key."""
    async with opened(database_url, *TABLES):
        await Hall.insert(Hall(name="Big"), Hall(name="Small"))
        await Seat.insert(Seat(hall=1, number=1), Seat(hall=2, number=1))
        assert await Seat.update(Seat.kind.to("box")).where(Seat.hall.name == "Big") == 1
        assert await Seat.select(Seat.hall.id).where(Seat.kind == "box").values() == [1]
        assert await Seat.delete().where(Seat.hall.name == "Small") == 1


def test_a_wrong_key_is_refused() -> None:
    """A value that is no key of two parts is refused where it is set."""
    ticket = Ticket(hall=1)
    with pytest.raises(InvalidValue, match=r"^Ticket\.seat: expected a Seat or its key of 2 values, got 3\.$"):
        ticket.seat = 3  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]  # on purpose
    with pytest.raises(InvalidValue, match=r"^Ticket\.number: expected a whole number, got 'x' \(str\)\.$"):
        ticket.seat = (1, "x")  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]  # on purpose


def test_declarations_that_cannot_work() -> None:
    """Parts that the database would number, columns that do not fit, and emptiness that differs are refused."""

    class Numbered(Table):
        one: Column[int] = column(primary_key=True)
        two: Column[int] = column(primary_key=True)

    class Short(Table):
        id: Column[int] = column(primary_key=True)
        number: Column[int]
        seat: ForeignKey[Seat, tuple[int, int]] = key(columns=lambda: (Short.number,))

    class Emptied(Table):
        id: Column[int] = column(primary_key=True)
        row: Column[int | None] = column(default=None)
        number: Column[int]
        seat: ForeignKey[Seat, tuple[int, int]] = key(columns=lambda: (Emptied.row, Emptied.number))

    class Half(Table):
        id: Column[int] = column(primary_key=True)
        hall: ForeignKey[Hall]
        number: Column[int | None] = column(default=None)
        seat: ForeignKey[Seat | None, tuple[int, int]] = key(
            columns=lambda: (Half.hall, Half.number), on_delete="set null"
        )

    refusals: dict[type[Table], str] = {
        Half: 'Half.seat: on_delete="set null" cannot be, for hall cannot be emptied; write "restrict" or "cascade".',
        Numbered: "Numbered: only a key of one column can be numbered by the database; declare the columns of one, two "
        "with init=True.",
        Short: "Short.seat: the key of Seat is hall, number; give columns=lambda: (...) one column of Short for each, "
        "of the same types and in that order; got number.",
        Emptied: "Emptied.seat needs a row and its columns may be empty; make both say the same.",
    }
    for table, message in refusals.items():
        with pytest.raises(SchemaError) as caught:
            Database("sqlite:///:memory:", tables=[table, *TABLES])
        assert str(caught.value) == message
