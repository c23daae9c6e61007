"""Tests of inserts, updates and deletes, and of the refusals by constraints."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from tabor import (
    CheckViolation,
    Column,
    Database,
    ForeignKey,
    ForeignKeyViolation,
    IntegrityViolation,
    InvalidValue,
    MultipleFound,
    NotFound,
    QueryError,
    Table,
    UniqueViolation,
    ValueOutOfRange,
    column,
    exists,
)
from tests.festival import Gig, Person, Stage, ann, bob, opened

pytestmark = pytest.mark.anyio


class Flag(Table):
    """Something that others may not lose."""

    id: Column[int] = column(primary_key=True)
    name: Column[str]


class Pole(Table):
    """What carries a flag."""

    id: Column[int] = column(primary_key=True)
    flag: ForeignKey[Flag]


class Sticker(Table):
    """What shows a flag."""

    id: Column[int] = column(primary_key=True)
    flag: ForeignKey[Flag | None]


async def gigs() -> list[Gig]:
    """Three gigs of one person."""
    person = await ann()
    return await Gig.insert(*[Gig(title="abc"[seats - 1], seats=seats, booker=person) for seats in (1, 2, 3)]).all()


async def test_insert_gives_what_was_asked_for(db: Database) -> None:
    """An insert gives the number of rows, the stored rows in order, or columns of them."""
    person = await ann()
    assert await Gig.insert(Gig(title="a", booker=person), Gig(title="b", booker=person)) == 2
    assert await Gig.insert([Gig(title="c", booker=person)]) == 1
    stored = await Gig.insert(Gig(title="d", booker=person), Gig(title="e", booker=person)).all()
    assert [(gig.id, gig.title) for gig in stored] == [(4, "d"), (5, "e")]
    columns = Gig.insert(Gig(title="f", booker=person)).returning(Gig.id, Gig.title)
    assert await columns == [(6, "f")]


async def test_insert_of_no_rows(db: Database) -> None:
    """Inserting an empty list does nothing, but one() needs a row."""
    assert (await Gig.insert(), await Gig.insert().all(), await Gig.insert().returning(Gig.id)) == (0, [], [])
    with pytest.raises(QueryError, match=r"^one\(\) needs exactly one row to insert, got 0; use all\(\)\.$"):
        Gig.insert().one()


async def test_insert_is_all_or_nothing(db: Database) -> None:
    """One refused row keeps the others out."""
    with pytest.raises(UniqueViolation):
        await Person.insert(*[Person(email="same@example.org", name=name) for name in "ab"])
    assert await Person.select().count() == 0


async def test_insert_of_another_table(db: Database) -> None:
    """A row of another table is refused, whatever it inherits from."""
    with pytest.raises(QueryError, match=r"^Gig\.insert\(\) takes rows made by Gig\(\.\.\.\), got Person\(id=1, "):
        Gig.insert(await ann())  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]  # the mistake


async def test_conflicts(db: Database) -> None:
    """A row that is there already is updated or ignored, as the insert says."""
    await ann()
    again = [Person(email="ann@example.org", name="Anna"), Person(email="bob@example.org", name="Bob")]
    assert await Person.insert(*again).on_conflict(Person.email).ignore() == 1
    assert await Person.select(Person.name).order_by(Person.id).values() == ["Ann", "Bob"]
    await Person.insert(*again).on_conflict(Person.email).update(Person.name)
    assert await Person.select(Person.name).order_by(Person.id).values() == ["Anna", "Bob"]


async def test_update(db: Database) -> None:
    """An update sets values and expressions over the row, gives the number of rows or their columns."""
    await gigs()
    assert await Gig.update(Gig.seats.to(Gig.seats * 10), Gig.note.to("late")).where(Gig.title > "a") == 2
    assert await Gig.select(Gig.seats, Gig.note).order_by(Gig.id) == [(1, None), (20, "late"), (30, "late")]
    changed = Gig.update(Gig.seats.to(Gig.seats - 1)).where(Gig.title == "b").returning(Gig.title, Gig.seats)
    assert await changed == [("b", 19)]
    assert await Gig.update(Gig.note.to(None)).everything() == 3


async def test_update_of_keys(db: Database) -> None:
    """A key is set by its own column, or emptied; a row and a reference are taken too."""
    second = await bob()
    rows = await gigs()
    assert await Gig.update(Gig.booker.id.to(second.id), Gig.sound.to(rows[0].booker)).where(Gig.title == "a") == 1
    assert await Gig.update(Gig.sound.to(second)).where(Gig.title == "b") == 1
    assert await Gig.update(Gig.sound.inner.id.to(second.id)).where(Gig.title == "c") == 1
    found = await Gig.select(Gig.booker.name, Gig.sound(lambda person: person.name)).order_by(Gig.title)
    assert found == [("Bob", "Ann"), ("Ann", "Bob"), ("Ann", "Bob")]
    assert await Gig.update(Gig.sound.to(None)).where(Gig.sound(lambda person: person.name) == "Bob") == 2


async def test_conditions_across_keys(db: Database) -> None:
    """Updates and deletes may be conditioned on rows that a key leads to."""
    await gigs()
    other = await bob()
    await Gig.insert(Gig(title="d", booker=other))
    assert await Gig.update(Gig.seats.to(9)).where(Gig.booker.name == "Bob", Gig.title == "d") == 1
    assert await Gig.delete().where(Gig.booker.email == "ann@example.org", Gig.seats < 3) == 2
    assert await Gig.select(Gig.title, Gig.seats).order_by(Gig.title) == [("c", 3), ("d", 9)]


async def test_delete_gives_the_rows_that_went(db: Database) -> None:
    """A delete gives columns of the rows that it took."""
    await gigs()
    assert sorted(await Gig.delete().where(Gig.seats > 1).returning(Gig.title)) == [("b",), ("c",)]


UNBOUNDED: dict[str, Callable[[Database], Awaitable[object]]] = {
    "awaited": lambda db: _awaited(Gig.delete()),
    "run": lambda db: Gig.delete().run(db),
    "run by the database": lambda db: db.run(Gig.delete()),
    "prepared": lambda db: Gig.delete().prepare()(),
    "an update": lambda db: _awaited(Gig.update(Gig.seats.to(0))),
}


async def _awaited(query: Awaitable[int]) -> int:
    return await query


@pytest.mark.parametrize("way", UNBOUNDED)
async def test_every_row_must_be_meant(db: Database, way: str) -> None:
    """An update or delete without a condition runs in no way, unless it says that it means every row."""
    await gigs()
    with pytest.raises(
        QueryError, match=r"^This (delete|update) has no where\(\) and would touch every row of gig; add"
    ):
        await UNBOUNDED[way](db)
    assert await Gig.select().where(Gig.seats > 0).count() == 3
    assert await Gig.delete().everything() == 3


REFUSED: dict[str, tuple[Callable[[], object], type[IntegrityViolation], str, tuple[str | None, tuple[str, ...]]]] = {
    "a value that is there already": (
        lambda: Person.insert(Person(email="ann@example.org", name="Other")),
        UniqueViolation,
        "Another row of person already has this email.",
        ("person", ("email",)),
    ),
    "a key to no row": (
        lambda: Gig.insert(Gig(title="x", booker=99)),
        ForeignKeyViolation,
        "gig.booker refers to a row of person that does not exist.",
        ("gig", ("booker",)),
    ),
    "a key updated to no row": (
        lambda: Gig.update(Gig.sound.to(99)).everything(),
        ForeignKeyViolation,
        "gig.sound refers to a row of person that does not exist.",
        ("gig", ("sound",)),
    ),
    "a row that others need": (
        lambda: Stage.delete().where(Stage.name == "Main"),
        ForeignKeyViolation,
        "A row of stage cannot go while rows of gig refer to it.",
        ("stage", ()),
    ),
    "a row that others need, in the middle of a condition across a key": (
        lambda: Stage.delete().where(Stage.owner.name == "Ann"),
        ForeignKeyViolation,
        "A row of stage cannot go while rows of gig refer to it.",
        ("stage", ()),
    ),
    "a check": (
        lambda: Gig.update(Gig.seats.to(Gig.seats - 5)).everything(),
        CheckViolation,
        "The row breaks the check gig_seats_minimum_check of gig.",
        ("gig", ("seats",)),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_refusals(db: Database, name: str) -> None:
    """A constraint's refusal is one sentence with table and columns as facts, chained to the driver's error."""
    person = await ann()
    stage = await Stage.insert(Stage(name="Main", owner=person)).one()
    await Gig.insert(Gig(title="x", booker=person, stage=stage))
    write, kind, message, facts = REFUSED[name]
    with pytest.raises(kind) as caught:
        await _result(write())
    error = caught.value
    assert (str(error), error.table, error.columns, error.__cause__ is None) == (message, *facts, False)
    async with db.transaction():
        with pytest.raises(kind) as again:
            await _result(write())
        assert str(again.value) == message
        assert await Gig.select().count() == 1


async def _result(query: Any) -> object:
    return await query


async def test_a_refused_delete_names_who_refers(database_url: str) -> None:
    """Of several tables that might refer to a row, the one that does is named."""
    async with opened(database_url, Flag, Pole, Sticker):
        one, two = await Flag.insert(Flag(name="one"), Flag(name="two")).all()
        await Sticker.insert(Sticker(flag=two))
        with pytest.raises(ForeignKeyViolation, match=r"^A row of flag cannot go while rows of sticker refer to it\.$"):
            await two.remove()
        await one.remove()
        assert await Flag.select(Flag.name).values() == ["two"]


async def test_a_refused_delete_names_who_refers_whatever_it_asked(db: Database) -> None:
    """The delete may have asked about rows of the very table that refers."""
    first, second = await ann(), await bob()
    stage = await Stage.insert(Stage(name="Main", owner=first)).one()
    await Gig.insert(Gig(title="x", booker=second, stage=stage))
    refused = r"^A row of stage cannot go while rows of gig refer to it\.$"
    with pytest.raises(ForeignKeyViolation, match=refused):
        await Stage.delete().where(Stage.gigs.any(Gig.title == "x"))
    with pytest.raises(ForeignKeyViolation, match=refused):
        await Stage.delete().where(exists(Gig.select().where(Gig.stage(lambda stage: stage.id) == Stage.id)))
    with pytest.raises(ForeignKeyViolation, match=r"^A row of person cannot go while rows of stage refer to it\.$"):
        await Person.delete().where(Person.gigs.none())
    assert await Person.delete().where(Person.gigs.any()) == 1


async def test_rows_that_refer_to_each_other_go_together(db: Database) -> None:
    """One statement may delete a row and those that refer to it, whichever it meets first; or none of them."""
    first = await ann()
    opening = await Gig.insert(Gig(title="opening", booker=first)).one()
    encore = await Gig.insert(Gig(title="encore", booker=first, encore_of=opening)).one()
    await Gig.insert(Gig(title="late", booker=first, encore_of=encore))
    with pytest.raises(ForeignKeyViolation, match=r"^A row of gig cannot go while rows of gig refer to it\.$"):
        await Gig.delete().where(Gig.title != "late")
    assert await Gig.select().count() == 3
    assert await Gig.delete().where(Gig.booker.id == first.id) == 3


async def test_deleting_takes_or_empties_what_refers(db: Database) -> None:
    """on_delete decides what happens to rows that refer: here they go, or lose their key."""
    first, second = await ann(), await bob()
    await Gig.insert(Gig(title="x", booker=first, sound=second), Gig(title="y", booker=second))
    await second.remove()
    assert await Gig.select(Gig.title, Gig.sound(lambda person: person.id)) == [("x", None)]


async def test_wrong_values_never_reach_the_database(db: Database) -> None:
    """A value of the wrong type is refused wherever it stands in a query."""
    wrong: Any = "many"
    with pytest.raises(InvalidValue, match=r"^Gig\.seats: expected a whole number, got 'many' \(str\)\.$"):
        Gig.seats.to(wrong)
    with pytest.raises(ValueOutOfRange, match=r"^Gig\.seats: -1 is less than 0\.$"):
        Gig.seats.to(-1)
    for query in (Gig.select().where(Gig.seats == wrong), Gig.select().where(Gig.seats.is_in([1, wrong]))):
        with pytest.raises(InvalidValue, match=r"^Gig\.seats: expected a whole number, got 'many' \(str\)\.$"):
            await query
    places = {"booker": Gig.booker.id == wrong, "title": Gig.title.is_in([wrong, 3]), "seats": 1 + Gig.seats > wrong}  # type: ignore[list-item, unused-ignore]  # pyright: ignore[reportArgumentType]  # the mistake
    for name, condition in places.items():
        with pytest.raises(InvalidValue) as caught:
            await Gig.select().where(condition)
        assert (caught.value.table, caught.value.column) == (("Gig", name) if name != "seats" else (None, None))
    with pytest.raises(InvalidValue, match=r"^Person\.name: expected text, got 3 \(int\)\.$"):
        await Gig.delete().where(Gig.booker.name == cast("str", 3))
    with pytest.raises(InvalidValue, match=r"^Gig\.id: expected a whole number, got 'many' \(str\)\.$"):
        await Gig.get(wrong)
    with pytest.raises(QueryError, match=r"^The key of gig is id, one value for each; got \(1, 2\)\.$"):
        await Gig.get((1, 2))
    with pytest.raises(NotFound, match=r"^There is no gig with the key 9\.$"):
        await Gig.get(9)


UPDATES: dict[str, tuple[Callable[[], object], str]] = {
    "nothing to set": (lambda: Gig.update(), "update() of gig needs at least one Gig.<column>.to(value)."),
    "a column twice": (
        lambda: Gig.update(Gig.seats.to(1), Gig.seats.to(2)),
        "gig.seats is set twice in one update.",
    ),
    "a column of another table": (
        lambda: Gig.update(Person.name.to("x")),
        "person.name is not a column of gig, which is being updated.",
    ),
    "a column across a key": (
        lambda: Gig.update(Gig.booker.name.to("x")),
        "person.name is not a column of gig, which is being updated.",
    ),
    "a condition": (
        lambda: Gig.update(Gig.seats == 3),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the mistake
        "update() takes settings such as Event.title.to('x'), got <Expr eq(gig.seats, ?)>.",
    ),
}


@pytest.mark.parametrize("name", UPDATES)
def test_updates_that_cannot_work(name: str) -> None:
    """An update that cannot work is refused while it is built."""
    build, message = UPDATES[name]
    with pytest.raises(QueryError) as caught:
        build()
    assert str(caught.value).startswith(message)


async def test_what_a_write_gives_back_in_other_forms(db: Database) -> None:
    """What returning() names comes as values, dicts, records, or of one row, after every kind of write."""
    await gigs()
    person = await Person.select().one()
    added = Gig.insert(Gig(title="d", seats=4, booker=person))
    assert await added.returning(Gig.title, Gig.seats).dicts() == [{"title": "d", "seats": 4}]
    changed = Gig.update(Gig.seats.to(Gig.seats + 10)).where(Gig.seats < 3)
    assert sorted(await changed.returning(Gig.seats).values()) == [11, 12]
    assert await Gig.update(Gig.seats.to(9)).where(Gig.title == "c").returning(Gig.seats, Gig.title).one() == (9, "c")
    assert await Gig.update(Gig.seats.to(9)).where(Gig.title == "x").returning(Gig.seats).values().first() is None
    assert await Gig.update(Gig.seats.to(8)).where(Gig.title == "c").returning(Gig.seats).values().first() == 8
    last = Gig.delete().where(Gig.title == "d").returning(Gig.title, Gig.seats)
    assert await last.into(lambda title, seats: f"{title}{seats}").one() == "d4"
    renamed = Person.update(Person.name.to("Anna")).where(Person.id == person.id)
    assert await renamed.returning(Person).dicts() == [{"id": person.id, "email": person.email, "name": "Anna"}]
    six = Gig.delete().where(Gig.title == "c").returning(Gig.id, Gig.title, Gig.seats, Gig.note, Gig.mood, Gig.genres)
    assert [len(row) for row in await six] == [6]


async def test_what_a_write_gives_back_is_counted(db: Database) -> None:
    """One row that is none or several is refused; in a transaction what was written is undone then."""
    await gigs()
    with pytest.raises(NotFound):
        await Gig.delete().where(Gig.title == "x").returning(Gig.id).one()
    with pytest.raises(MultipleFound):
        async with db.transaction():
            await Gig.delete().where(Gig.seats > 1).returning(Gig.id).one()
    assert await Gig.select().count() == 3


def one_of(only: object) -> object:
    """Takes one value."""
    return only


def gone(*columns: Any) -> Any:
    """A delete that gives back these columns; for what no checker would let through."""
    query: Any = Gig.delete().where(Gig.id == 1)
    return query.returning(*columns)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: gone(Gig.id, Gig.title).values(),
        lambda: gone(Gig.id).values().values(),
        lambda: gone(Gig.id).values().dicts(),
        lambda: gone(Gig.id).dicts().into(str),
        lambda: gone(Gig.id, Gig.title).into(one_of),
        lambda: gone(Gig.id, Gig.id).dicts(),
    ],
)
def test_forms_that_do_not_fit_are_refused(wrong: Callable[[], object]) -> None:
    """Each form follows returning() directly and takes as many columns as it can."""
    with pytest.raises(QueryError):
        wrong()
