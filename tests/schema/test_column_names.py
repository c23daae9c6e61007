"""Tests of columns that the database calls otherwise than the table does."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

import pytest

from tabor import (
    Column,
    Constraint,
    Database,
    ForeignKey,
    IntegrityViolation,
    SchemaError,
    SearchIndex,
    Table,
    column,
    key,
    raw,
    search_index,
    unique,
)
from tabor.schema.facts import facts_of
from tests import shows
from tests.festival import opened

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def otherwise() -> ModuleType:
    """The module of shows with another name for every column."""
    spec = importlib.util.spec_from_file_location("shows_otherwise", shows.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    vars(module)["OTHERWISE"] = True
    sys.modules["shows_otherwise"] = module
    spec.loader.exec_module(module)
    return module


async def results(url: str, module: Any) -> list[Any]:
    """What all statements of the module give."""
    async with Database(url, tables=module.TABLES) as db:
        found: list[Any] = await module.everything(db)
        await db.sql("drop table hall_artist")
        for name in ("review", "part", "show", "artist", "hall", "town"):
            await db.sql(f'drop table "{name}"')
        return found


async def test_every_statement_gives_the_same(database_url: str, otherwise: ModuleType) -> None:
    """Whatever the database calls the columns, every kind of statement means and gives the same."""
    as_they_are = await results(database_url, shows)
    renamed = await results(database_url.replace("test.db", "other.db"), otherwise)
    assert len(as_they_are) == len(renamed) > 50
    for one, other in zip(as_they_are, renamed, strict=True):
        assert repr(other) == repr(one)


class Owner(Table):
    """Somebody as an older program stored them."""

    id: Column[int] = column(primary_key=True, name="ownerId")
    mail: Column[str] = column(unique=True, name="eMail")


class Pet(Table, name="Pets"):
    """What somebody has, as an older program stored it."""

    id: Column[int] = column(primary_key=True, name="petId")
    call: Column[str] = column(max_length=10, name="Call Name")
    age: Column[int] = column(default=0, minimum=0, name="AGE")
    owner: ForeignKey[Owner] = key(name="ownerId")

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """Over several columns."""
        return [unique(cls.owner, cls.call), unique(cls.call.upper(), where=cls.age > 5, name="old")]


async def refused(write: Awaitable[object]) -> tuple[str, str | None, tuple[str, ...]]:
    """What a refusal says, and of which columns."""
    with pytest.raises(IntegrityViolation) as caught:
        await write
    return str(caught.value), caught.value.table, caught.value.columns


async def test_refusals_name_attributes(database_url: str) -> None:
    """A row that the database refuses is told by the names that the program has for the columns."""
    async with opened(database_url, Owner, Pet):
        await Owner.insert(Owner(mail="a@x.io"))
        await Pet.insert(Pet(call="Rex", owner=1, age=9))
        same = ("Another row of owner already has this mail.", "owner", ("mail",))
        assert await refused(Owner(mail="a@x.io").save()) == same
        twice = [Owner(mail=f"{n}@x.io") for n in range(60)] + [Owner(mail="a@x.io")]
        assert (await refused(Owner.insert(twice)))[1:] == same[1:]
        both = ("Another row of Pets already has this owner and call.", "Pets", ("owner", "call"))
        assert await refused(Pet.insert(Pet(call="Rex", owner=1))) == both
        assert (await refused(Pet.insert(Pet(call="rex", owner=1, age=6))))[1:] == ("Pets", ("call",))
        lost = ("Pets.owner refers to a row of owner that does not exist.", "Pets", ("owner",))
        assert await refused(Pet.insert(Pet(call="Bo", owner=7))) == lost
        assert await refused(Owner.delete().where(Owner.id == 1)) == (
            "A row of owner cannot go while rows of Pets refer to it.",
            "owner",
            (),
        )
        younger = Pet.update(Pet.age.to(Pet.age - 10)).where(Pet.id == 1)
        assert (await refused(younger))[1:] == ("Pets", ("age",))
        empty = Pet.update(Pet.age.to(raw("null", kind=int))).where(Pet.id == 1)
        assert await refused(empty) == ("Pets.age needs a value; it may not be null.", "Pets", ("age",))


class Shelf(Table):
    """Columns with names in which there is what databases put around names."""

    id: Column[int] = column(primary_key=True, name='the "id", of it')
    label: Column[str] = column(unique=True, name="label, shown")
    place: Column[str] = column(unique=True, name="x.(place)=(y)")
    row: Column[int] = column(name='row "a"')
    above: ForeignKey[Shelf | None] = key(default=None, name='above "it" (so, or so)=(5')

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """Over several of them."""
        return [unique(cls.row, cls.above)]


async def test_refusals_of_columns_with_odd_names(database_url: str) -> None:
    """Quotes, commas, dots and parentheses in names do not keep a refusal from telling the attributes."""
    async with opened(database_url, Shelf):
        await Shelf.insert(Shelf(label="a", place="a", row=1))
        await Shelf.insert(Shelf(label="b", place="b", row=1, above=1))
        refusals = {
            ("label",): Shelf(label="a", place="c", row=2),
            ("place",): Shelf(label="c", place="a", row=2),
            ("row", "above"): Shelf(label="c", place="c", row=1, above=1),
        }
        for columns, row in refusals.items():
            assert (await refused(Shelf.insert(row)))[1:] == ("shelf", columns)
        lost = ("shelf.above refers to a row of shelf that does not exist.", "shelf", ("above",))
        assert await refused(Shelf.insert(Shelf(label="c", place="c", row=2, above=7))) == lost
        held = ("A row of shelf cannot go while rows of shelf refer to it.", "shelf", ())
        assert await refused(Shelf.delete().where(Shelf.id == 1)) == held
        empty = Shelf.update(Shelf.row.to(raw("null", kind=int))).where(Shelf.id == 1)
        assert await refused(empty) == ("shelf.row needs a value; it may not be null.", "shelf", ("row",))


async def test_an_adopted_database(database_url: str) -> None:
    """Tables that were there before are read and written under the names that they have."""
    async with Database(database_url, tables=[Owner, Pet]) as db:
        numbered = "bigint generated by default as identity" if "postgres" in database_url else "integer"
        await db.sql(f'create table owner ("ownerId" {numbered} primary key, "eMail" text unique not null)')
        await db.sql(
            f'create table "Pets" ("petId" {numbered} primary key, "Call Name" text not null, '
            '"AGE" bigint not null, "ownerId" bigint not null references owner)'
        )
        await db.sql("""insert into owner ("eMail") values ('old@x.io')""")
        await Pet.insert(Pet(call="Rex", owner=1))
        assert await Pet.select(Pet.call, Pet.owner.mail).dicts() == [{"call": "Rex", "owner.mail": "old@x.io"}]
        assert await db.sql('select "Call Name", "ownerId" from "Pets"') == [("Rex", 1)]
        assert await refused(Owner(mail="old@x.io").save()) == (
            "Another row of owner already has this mail.",
            "owner",
            ("mail",),
        )


def empty() -> None:
    """A column without a name."""

    class Bad(Table):
        id: Column[int] = column(primary_key=True, name="")

    facts_of(Bad)


def with_nul() -> None:
    """A name that no database takes."""

    class Bad(Table):
        id: Column[int] = column(primary_key=True, name="a\0b")

    facts_of(Bad)


def too_long() -> None:
    """A name of 64 bytes."""

    class Bad(Table):
        id: Column[int] = column(primary_key=True, name="é" * 32)

    facts_of(Bad)


def twice() -> None:
    """Two columns of one name."""

    class Bad(Table):
        id: Column[int] = column(primary_key=True)
        one: Column[str] = column(name="Text")
        text: Column[str]

    facts_of(Bad)


def searched() -> None:
    """A column that is called as the search index beside it."""

    class Bad(Table):
        id: Column[int] = column(primary_key=True)
        one: Column[str] = column(name="found_by")
        found_by: SearchIndex = search_index(lambda: Bad.one)

    facts_of(Bad)


def ranked() -> None:
    """A searched column with a name that full-text tables have."""

    class Bad(Table):
        id: Column[int] = column(primary_key=True)
        one: Column[str] = column(name="Rank")
        found_by: SearchIndex = search_index(lambda: Bad.one)

    Database("sqlite:///:memory:", tables=[Bad])


def over_columns() -> None:
    """A key that has no column."""
    key(columns=lambda: (Pet.id,), name="petId")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]  # the mistake


@pytest.mark.parametrize(
    ("declare", "why"),
    [
        (
            empty,
            "Bad.id: the name in the database is a text that is not empty, without NUL and lone surrogates, got ''.",
        ),
        (
            with_nul,
            "Bad.id: the name in the database is a text that is not empty, without NUL and lone surrogates, got ",
        ),
        (too_long, f"Bad.id: the name {'é' * 32!r} is longer than the 63 bytes of a name."),
        (
            twice,
            "Bad.one and Bad.text are both called 'text' in the database, upper and lower case not told apart; give",
        ),
        (searched, "Bad.found_by and Bad.one are both called 'found_by' in the database"),
        (ranked, "Bad.found_by: the column one has a name that a search index cannot have; choose another."),
        (over_columns, "A key over columns= has no column of its own; give name= to those columns."),
    ],
)
def test_names_that_cannot_be(declare: Callable[[], None], why: str) -> None:
    """A name that not every database can keep beside the others is refused where it is declared."""
    with pytest.raises(SchemaError, match=re.escape(why)):
        declare()


class Leaf(Table, schema="garden"):
    """Refers to another, which may come later in the transaction."""

    id: Column[int] = column(primary_key=True, name="leafId")
    above: ForeignKey[Leaf | None] = key(default=None, deferrable=True, name="aboveId")


async def test_refusals_of_a_commit(postgres_url: str) -> None:
    """What is found out at the commit only is told by attributes, and with the schema of the table, too."""
    async with opened(postgres_url, Leaf) as db:

        async def dangling() -> None:
            async with db.transaction(deferred_constraints=True):
                await Leaf.insert(Leaf(above=7))

        with pytest.raises(IntegrityViolation) as caught:
            await dangling()
        assert (caught.value.table, caught.value.columns) == ("garden_leaf", ("above",))
        assert str(caught.value) == "garden_leaf.above refers to a row of garden_leaf that does not exist."
        assert await Leaf.select().count() == 0
