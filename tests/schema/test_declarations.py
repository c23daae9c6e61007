"""Tests of declarations: what a table may look like, and each refusal of one that cannot work."""

from __future__ import annotations

import textwrap
import uuid
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

import pytest
from pydantic import JsonValue as PydanticJsonValue

from tabor import (
    Column,
    Database,
    ForeignKey,
    InvalidValue,
    JsonValue,
    Many,
    SchemaError,
    Table,
    column,
    key,
    many,
    uuid7,
)
from tabor.schema.facts import facts_of
from tests.festival import Gig, Person, opened

pytestmark = pytest.mark.anyio


class Mixed(Enum):
    """Members of two types."""

    text = "text"
    number = 1


class Named(Table):
    """A part with a name."""

    name: Column[str] = column(max_length=9)

    def shout(self) -> str:
        """The name, louder."""
        return f"{self.name.upper()}!"


class Aged(Table):
    """A part with an age."""

    age: Column[int] = column(default=0)
    friend: ForeignKey[Person | None] = key(default=None)


class Pet(Named, Aged):
    """A table of two parts."""

    kinds: ClassVar[int] = 3

    id: Column[int] = column(primary_key=True)
    name: Column[str] = column(max_length=20)


class Order(Table):
    """Names that SQL and Python use for something else."""

    id: Column[int] = column(primary_key=True)
    group: Column[str]
    type: Column[str]
    int: Column[str]
    len: Column[str]
    key: Column[str]
    values: Column[str]
    name: Column[str]
    table: Column[str]
    node: Column[str]
    options: Column[str]
    index: Column[str]


class Code(Table, name="codes"):
    """A key that is given, not made."""

    code: Column[str] = column(primary_key=True, init=True, max_length=3)
    parent: ForeignKey[Code | None, str] = key(default=None)


class Ticket(Table):
    """Keys that are made in Python."""

    id: Column[UUID] = column(primary_key=True)
    token: Column[str] = column(default_factory=lambda: "fresh")
    tags: Column[list[str]] = column(default_factory=list)


class Stub(Table):
    """A key by a function of one's own, and a key to a UUID."""

    id: Column[str] = column(primary_key=True, default_factory=lambda: uuid.uuid4().hex)
    ticket: ForeignKey[Ticket, UUID] = key(on_delete="cascade", unique=True)


class Seat(Table):
    """A key of two columns."""

    row: Column[int] = column(primary_key=True, init=True)
    place: Column[str] = column(primary_key=True, init=True)
    taken: Column[bool] = column(default=False)


def test_names_of_tables() -> None:
    """A table is called after its class in snake case, or as it says."""

    class UserProfile(Table):
        id: Column[int] = column(primary_key=True)

    class HTTPLog(Table):
        id: Column[int] = column(primary_key=True)

    assert [facts_of(table).name for table in (UserProfile, HTTPLog, Code)] == ["user_profile", "http_log", "codes"]


async def test_mixins(database_url: str) -> None:
    """A table takes over the columns and methods of several bases, with keys, and may declare one of them anew."""
    async with opened(database_url, Person, Pet):
        pet = await Pet.insert(Pet(name="Rex the longest", age=3)).one()
        assert (list(facts_of(Pet).columns), pet.shout(), pet.kinds) == (
            ["id", "age", "friend", "name"],
            "REX THE LONGEST!",
            3,
        )
        assert isinstance(pet, Named)
        assert await Pet.select(Pet.age, Pet.friend(lambda person: person.name)) == [(3, None)]


async def test_names_that_mean_something_elsewhere(database_url: str) -> None:
    """Columns and tables may be called after words of SQL and of Python."""
    async with opened(database_url, Order):
        names = ["group", "type", "int", "len", "key", "values", "name", "table", "node", "options", "index"]
        values: dict[str, Any] = {name: name.upper() for name in names}
        order = await Order.insert(Order(**values)).one()
        assert {name: getattr(order, name) for name in names} == values
        assert await Order.select(Order.group, Order.type).where(Order.values == "VALUES") == [("GROUP", "TYPE")]


async def test_keys_that_are_given(database_url: str) -> None:
    """A text key is given with the row, limited like any text, and other tables refer to it."""
    async with opened(database_url, Code):
        await Code.insert(Code(code="a"), Code(code="b", parent="a"))
        child = await Code.get("b")
        assert child.parent is not None
        assert (child.parent.id, (await child.parent).code) == ("a", "a")
        with pytest.raises(InvalidValue, match=r"^Code\.code: at most 3 characters are allowed, got 4\.$"):
            Code(code="abcd")


async def test_keys_that_are_made(database_url: str) -> None:
    """UUID keys are made in time order with the row, others by their factory, and keys refer to them."""
    async with opened(database_url, Ticket, Stub):
        first, second = Ticket(), Ticket()
        assert (first.id < second.id or first.id.time_low == second.id.time_low, first.id.version) == (True, 7)
        assert (first.token, first.tags, first.tags is second.tags) == ("fresh", [], False)
        await Ticket.insert(first, second)
        stub = await Stub.insert(Stub(ticket=first)).one()
        assert (len(stub.id), stub.ticket.id, (await stub.ticket).id) == (32, first.id, first.id)
        assert await Stub.select().where(Stub.ticket.id == first.id).count() == 1


async def test_keys_of_two_columns(database_url: str) -> None:
    """A key of two columns is one tuple to read by, and finds the row to change."""
    async with opened(database_url, Seat):
        seat = await Seat.insert(Seat(row=1, place="a")).one()
        seat.taken = True
        await seat.save()
        assert (await Seat.get((1, "a"))).taken is True
        await seat.remove()
        assert await Seat.select().count() == 0


def test_uuid7_is_in_order() -> None:
    """UUIDs of version 7 begin with the time, by RFC 9562."""
    made = [uuid7() for _ in range(50)]
    stamps = [one.int >> 80 for one in made]
    assert (stamps, {one.version for one in made}, {one.variant for one in made}) == (
        sorted(stamps),
        {7},
        {uuid.RFC_4122},
    )


async def test_tables_in_functions(database_url: str) -> None:
    """Tables in a function may name each other."""

    class Driver(Table):
        id: Column[int] = column(primary_key=True)
        cars: Many[Car] = many(lambda: Car.owner)

    class Car(Table):
        id: Column[int] = column(primary_key=True)
        owner: ForeignKey[Driver]

    async with opened(database_url, Driver, Car):
        owner = await Driver.insert(Driver()).one()
        await Car.insert(Car(owner=owner))
        assert [len(cars) for cars in await Driver.select(Driver.cars).values()] == [1]


def test_help_texts() -> None:
    """The docstring of a table and the help of a column are kept for people."""

    class Shop(Table):
        """Where things are sold."""

        id: Column[int] = column(primary_key=True)
        city: Column[str] = column(help="Without the country")

    facts = facts_of(Shop)
    assert (facts.help, facts.columns["city"].help) == ("Where things are sold.", "Without the country")


# What the declarations below name beside the tables above.
NAMES: dict[str, object] = {"Decimal": Decimal, "Gig": Gig, "Mixed": Mixed}

REFUSED: dict[str, tuple[str, str]] = {
    "no columns": (
        """
        class Bare(Table):
            pass
        """,
        "Bare declares no columns; annotate some, such as title: Column[str].",
    ),
    "no type": (
        """
        class Bad(Table):
            id: Column = column(primary_key=True)
        """,
        "Bad.id needs a type in brackets, such as Column[str].",
    ),
    "an unknown type": (
        """
        class Bad(Table):
            id: Column[int] = column(primary_key=True)
            what: Column[complex]
        """,
        "Bad.what: a column cannot hold <class 'complex'>. It can hold int, float, ",
    ),
    "an unknown name": (
        """
        class Bad(Table):
            id: Column[Nowhere] = column(primary_key=True)
        """,
        "Bad.id is annotated 'Column[Nowhere]', and 'Nowhere' cannot be found. Define or",
    ),
    "two types": (
        """
        class Bad(Table):
            what: Column[int | str]
        """,
        "Bad.what may hold one type, or one type and None; got int | str.",
    ),
    "an enum of two types": (
        """
        class Bad(Table):
            what: Column[Mixed]
        """,
        "Bad.what: the members of Mixed must all be text or all be whole numbers.",
    ),
    "a key that may be empty": (
        """
        class Bad(Table):
            id: Column[int | None] = column(primary_key=True)
        """,
        "Bad.id is the primary key and cannot be empty.",
    ),
    "a key that nobody makes": (
        """
        class Bad(Table):
            id: Column[str] = column(primary_key=True)
        """,
        "Bad.id: a primary key that holds text needs init=True or a default_factory.",
    ),
    "a key to no table": (
        """
        class Bad(Table):
            id: Column[int] = column(primary_key=True)
            other: ForeignKey[int]
        """,
        "Bad.other: ForeignKey needs a table in brackets, got <class 'int'>.",
    ),
    "a key to a key of two columns": (
        """
        class Bad(Table):
            id: Column[int] = column(primary_key=True)
            seat: ForeignKey[Seat]
        """,
        "Bad.seat: the key of Seat is row, place; declare a column for each of them, and this key with",
    ),
    "a key that cannot be emptied": (
        """
        class Bad(Table):
            id: Column[int] = column(primary_key=True)
            person: ForeignKey[Person] = key(default=None, on_delete="set null")
        """,
        'Bad.person: on_delete="set null" needs a key that may be empty, ForeignKey[Person | None].',
    ),
    "a key to be emptied by a default": (
        """
        class Bad(Table):
            id: Column[int] = column(primary_key=True)
            person: ForeignKey[Person | None] = key(default=None, on_delete="set default")
        """,
        'Bad.person: on_delete="set default" needs default= with the key of the row that it leads to then; to empty',
    ),
    "a default key of another type": (
        """
        class Bad(Table):
            id: Column[int] = column(primary_key=True)
            person: ForeignKey[Person] = key(default="x", on_delete="set default")
        """,
        "Bad.person: the default does not fit its own column: expected a whole number, got 'x' (str).",
    ),
    "a default of another type": (
        """
        class Bad(Table):
            id: Column[int] = column(primary_key=True)
            title: Column[str] = column(default=5)
        """,
        "Bad.title: the default does not fit its own column: expected text, got 5 (int).",
    ),
    "a default out of bounds": (
        """
        class Bad(Table):
            id: Column[int] = column(primary_key=True)
            seats: Column[int] = column(default=0, minimum=1)
        """,
        "Bad.seats: the default does not fit its own column: 0 is less than 1.",
    ),
    "a default that rows would share": (
        """
        class Bad(Table):
            id: Column[int] = column(primary_key=True)
            tags: Column[list[str]] = column(default=[])
        """,
        "A default of [] would be shared by all rows; use default_factory=list.",
    ),
    "limits of another type": (
        """
        class Bad(Table):
            id: Column[int] = column(primary_key=True)
            seats: Column[int] = column(max_length=3, email=True)
        """,
        "Bad.seats: email and max_length cannot limit a column that holds a whole number.",
    ),
    "limits that exclude each other": (
        """
        class Bad(Table):
            id: Column[int] = column(primary_key=True)
            seats: Column[int] = column(minimum=3, maximum=1)
        """,
        "Bad.seats: minimum=3 is more than maximum=1.",
    ),
    "more digits than fit": (
        """
        class Bad(Table):
            id: Column[int] = column(primary_key=True)
            fee: Column[Decimal] = column(max_digits=20, decimal_places=2)
        """,
        "Bad.fee: decimal_places may be 0 to max_digits, and max_digits at most 18.",
    ),
    "a plain annotation": (
        """
        class Bad(Table):
            id: Column[int] = column(primary_key=True)
            title: str
        """,
        "Bad.title is annotated 'str'; write Column[...], ForeignKey[...], Many[...] or ManyToMany",
    ),
    "no annotation": (
        """
        class Bad(Table):
            id: Column[int] = column(primary_key=True)
            title = column(max_length=3)
        """,
        "Bad.title has no annotation; write title: Column[...] = ...",
    ),
    "key() for a column": (
        """
        class Bad(Table):
            id: Column[int] = column(primary_key=True)
            title: Column[str] = key()
        """,
        "Bad.title is annotated Column[...] and set to <tabor.schema.foreign_key.Foreig",
    ),
    "a name that a table needs": (
        """
        class Bad(Table):
            id: Column[int] = column(primary_key=True)
            select: Column[str]
        """,
        "Bad.select: this name is taken by Table.select; choose another.",
    ),
    "a name that a part needs": (
        """
        class Bad(Named):
            id: Column[int] = column(primary_key=True)
            shout: Column[str]
        """,
        "Bad.shout: this name is taken by Named.shout; choose another.",
    ),
    "a name in capitals": (
        """
        class Bad(Table):
            id: Column[int] = column(primary_key=True)
            Title: Column[str]
        """,
        "Bad.Title: this name must be lower case, no keyword, and not begin with an underscore; choose another.",
    ),
    "a relation by a column": (
        """
        class Bad(Table):
            id: Column[int] = column(primary_key=True)
            gigs: Many[Gig] = many(lambda: Gig.title)
        """,
        "Bad.gigs needs many(lambda: Other.key) with a foreign key of the other table.",
    ),
    "a relation by another table's key": (
        """
        class Bad(Table):
            id: Column[int] = column(primary_key=True)
            gigs: Many[Gig] = many(lambda: Gig.booker)
        """,
        "Bad.gigs: the key gig.booker does not lead to bad.",
    ),
}


def _codes() -> type[Table]:
    class Codes(Table):
        id: Column[int] = column(primary_key=True)

    return Codes


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name: str) -> None:
    """A declaration that cannot work is refused with a sentence that names the place and what to write."""
    source, message = REFUSED[name]
    with pytest.raises(SchemaError) as caught:
        declare(textwrap.dedent(source))
    assert str(caught.value).startswith(message)


def declare(source: str) -> None:
    """Run a declaration as if it stood in this module, and use the table."""
    namespace: dict[str, Any] = {**globals(), **NAMES}
    exec(source, namespace)
    table = namespace.get("Bad") or namespace["Bare"]
    facts_of(table)
    assert table.gigs


def test_sets_of_tables() -> None:
    """Tables of one name, and a key to a table that is not among them, are refused before the database is opened."""
    with pytest.raises(SchemaError, match=r"^Two tables are called 'codes'; give one of them name=\.\.\. \.$"):
        Database("sqlite:///:memory:", tables=[Code, _codes()])
    with pytest.raises(SchemaError, match=r"^Stub\.ticket leads to Ticket, which is not among the tables given"):
        Database("sqlite:///:memory:", tables=[Stub])


async def test_columns_of_json(database_url: str) -> None:
    """A column of any JSON value may hold None, which is null."""

    class Box(Table):
        id: Column[int] = column(primary_key=True)
        content: Column[JsonValue]
        opened: Column[datetime | None] = column(default=None)

    async with opened(database_url, Box):
        stored = await Box.insert(Box(content=None), Box(content=[1, {"a": None}])).all()
        assert [box.content for box in stored] == [None, [1, {"a": None}]]
        assert await Box.select(Box.id).where(Box.content.is_null()).values() == [stored[0].id]
        same = await Box.insert(Box(content={"b": 1, "a": 2})).one()
        wanted: JsonValue = {"a": 2, "b": 1}
        assert await Box.select(Box.id).where(Box.content == wanted).values() == [same.id]


async def test_what_pydantic_calls_json(database_url: str) -> None:
    """The alias of pydantic declares the same columns as the one of Tabor."""

    class Crate(Table):
        id: Column[int] = column(primary_key=True)
        content: Column[PydanticJsonValue]
        maybe: Column[PydanticJsonValue | None] = column(default=None)
        parts: Column[list[PydanticJsonValue]] = column(default_factory=list)

    async with opened(database_url, Crate):
        stored = await Crate.insert(Crate(content=None, parts=[1, {"a": None}])).one()
        assert (stored.content, stored.maybe, stored.parts) == (None, None, [1, {"a": None}])
        with pytest.raises(InvalidValue):
            Crate(content=float("nan"))


@pytest.mark.parametrize("given", ["protect", "SET NULL", "SET DEFAULT", "no action", "", None, [1]])
def test_what_a_delete_does_is_one_of_four(given: Any) -> None:
    """Anything else is refused where the key is declared, and never stands in the definition."""
    with pytest.raises(
        SchemaError, match=r"^on_delete is one of 'restrict', 'cascade', 'set null', 'set default', got "
    ):
        key(on_delete=given)


def test_unknown_options() -> None:
    """An option that there is not is named, with those that there are."""
    given: Any = {"choices": ["a"]}
    with pytest.raises(SchemaError, match=r"^column\(\) has no option choices; it has primary_key, default, "):
        column(**given)
    with pytest.raises(SchemaError, match=r"^key\(\) has no option choices; it has default, on_delete, "):
        key(**given)
