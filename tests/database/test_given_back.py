"""Tests of what writes give back: every form that a query has, after inserts, updates and deletes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from pydantic import BaseModel

from tabor import Database, MultipleFound, NotFound, QueryError, Returned, RowsNotFound, param
from tests.festival import Gig, Person, ann, bob

pytestmark = pytest.mark.anyio


@dataclass
class Card:
    """A title and its seats."""

    title: str
    seats: int


class Shown(BaseModel):
    """The same as a pydantic model."""

    title: str
    seats: int


async def gigs() -> list[Gig]:
    """Three stored gigs: a, b, c with 1, 2, 3 seats."""
    person = await ann()
    return await Gig.insert(*[Gig(title=title, booker=person, seats=n) for n, title in enumerate("abc", 1)]).all()


async def _inserted() -> Returned[tuple[str, int]]:
    person = await ann()
    rows = [Gig(title=title, booker=person, seats=seats) for title, seats in (("a", 10), ("b", 20))]
    return Gig.insert(*rows).returning(Gig.title, Gig.seats)


async def _one_by_one() -> Returned[tuple[str, int]]:
    person = await ann()
    await Gig.insert(Gig(title="b", booker=person, seats=20), Gig(title="a", booker=person, seats=10))
    query = Gig.select(Gig.title, Gig.seats, Gig.booker.id).order_by(Gig.title)
    return Gig.insert_from(query, Gig.title, Gig.seats, Gig.booker.id).returning(Gig.title, Gig.seats)


async def _updated() -> Returned[tuple[str, int]]:
    await gigs()
    return Gig.update(Gig.seats.to(Gig.seats * 10)).where(Gig.title < "c").returning(Gig.title, Gig.seats)


async def _deleted() -> Returned[tuple[str, int]]:
    await gigs()
    await Gig.update(Gig.seats.to(Gig.seats * 10)).everything()
    return Gig.delete().where(Gig.title < "c").returning(Gig.title, Gig.seats)


async def _many_updated() -> Returned[tuple[str, int]]:
    rows = (await gigs())[:2]
    for row in rows:
        row.seats *= 10
    return Gig.update_many(rows, Gig.seats).returning(Gig.title, Gig.seats)


WRITES: dict[str, Callable[[], Awaitable[Returned[tuple[str, int]]]]] = {
    "insert": _inserted,
    "insert_from": _one_by_one,
    "update": _updated,
    "delete": _deleted,
    "update_many": _many_updated,
}
FORMS: dict[str, tuple[Callable[[Returned[tuple[str, int]]], Awaitable[object]], object]] = {
    "tuples": (lambda write: _awaited(write), [("a", 10), ("b", 20)]),
    "a dataclass": (lambda write: _awaited(write.into(Card)), [Card("a", 10), Card("b", 20)]),
    "a function": (lambda write: _awaited(write.into(lambda title, seats: title * seats)), ["a" * 10, "b" * 20]),
    "a model": (lambda write: _awaited(write.into(Shown)), [Shown(title="a", seats=10), Shown(title="b", seats=20)]),
    "dicts": (lambda write: _awaited(write.dicts()), [{"title": "a", "seats": 10}, {"title": "b", "seats": 20}]),
    "JSON": (lambda write: _awaited(write.json()), b'[{"title":"a","seats":10},{"title":"b","seats":20}]'),
    "one thing more": (lambda write: _awaited(write.also(Gig.seats + 1)), [("a", 10, 11), ("b", 20, 21)]),
    "the first": (lambda write: _awaited(write.into(Card).first()), Card("a", 10)),
    "by hand": (lambda write: _awaited(write.dicts().first()), {"title": "a", "seats": 10}),
}


async def _awaited(query: Awaitable[object]) -> object:
    return await query


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("write", WRITES)
async def test_every_write_gives_every_form(db: Database, write: str, form: str) -> None:
    """The rows of every kind of write come in every form, as those of a query do."""
    shape, expected = FORMS[form]
    assert await shape(await WRITES[write]()) == expected


@pytest.mark.parametrize("write", WRITES)
async def test_arrow(db: Database, write: str) -> None:
    """What is written comes as one table of Arrow too."""
    table = await (await WRITES[write]()).arrow()
    assert table.to_pydict() == {"title": ["a", "b"], "seats": [10, 20]}


async def test_values(db: Database) -> None:
    """A single thing comes without a tuple around it: a column, an expression or the row."""
    rows = await gigs()
    update = Gig.update(Gig.seats.to(Gig.seats + 1)).where(Gig.id == 1)
    assert await update.returning(Gig.seats * 2).values() == [4]
    assert await update.returning(Gig.seats).values().one() == 3
    assert [gig.seats for gig in await update.returning(Gig).values()] == [4]
    assert await Gig.update_many(rows[1:], Gig.seats).returning(Gig.seats - 1).values() == [1, 2]
    assert await Gig.delete().everything().returning(Gig.title).values().first() == "a"


async def test_whole_rows(db: Database) -> None:
    """With nothing named the whole rows come: of a delete as they were, of an update as they are."""
    rows = await gigs()
    (changed,) = await Gig.update(Gig.seats.to(0)).where(Gig.title == "a").returning()
    assert (isinstance(changed, Gig), changed.id, changed.title, changed.seats) == (True, 1, "a", 0)
    assert [gig.title for gig in await Gig.insert(Gig(title="d", booker=1), Gig(title="e", booker=1)).returning()] == [
        "d",
        "e",
    ]
    rows[2].seats, rows[1].seats = 30, 20
    assert [gig.seats for gig in await Gig.update_many([rows[2], rows[1]], Gig.seats).returning()] == [30, 20]
    gone = await Gig.delete().where(Gig.seats >= 20).returning()
    assert sorted([(gig.title, gig.seats) for gig in gone]) == [("b", 20), ("c", 30)]


async def test_secrets_stay(db: Database) -> None:
    """Secret columns of whole rows are left out of dicts, JSON and Arrow."""
    person = Person(email="ann@example.org", name="Ann", password="hash")
    shown = {"id": 1, "email": "ann@example.org", "name": "Ann"}
    assert await Person.insert(person).returning().dicts() == [shown]
    change = Person.update(Person.name.to("Eve")).where(Person.id == 1).returning()
    assert await change.json() == b'[{"id":1,"email":"ann@example.org","name":"Eve"}]'
    assert (await Person.delete().where(Person.id == 1).returning().arrow()).column_names == list(shown)


async def test_rows_within_rows(db: Database) -> None:
    """Related rows stand as lists in the dicts and the JSON of the row that was written."""
    await gigs()
    rename = Person.update(Person.name.to("Eve")).where(Person.id == 1)
    titles = Person.gigs.select(Gig.title, Gig.fee).where(Gig.seats < 3).order_by(Gig.id)
    expected = [{"title": "a", "fee": Decimal("0.00")}, {"title": "b", "fee": Decimal("0.00")}]
    assert await rename.returning(Person, titles).dicts() == [
        {"id": 1, "email": "ann@example.org", "name": "Eve", "gigs": expected}
    ]
    assert await rename.returning(Person.name, titles).json() == (
        b'[{"name":"Eve","gigs":[{"title":"a","fee":"0.00"},{"title":"b","fee":"0.00"}]}]'
    )
    with pytest.raises(
        QueryError, match=r"^returning\(\) of update_many\(\) gives columns; read related rows with a s"
    ):
        Person.update_many([], Person.name).returning(Person.gigs)


async def test_one_of_several_is_undone(db: Database) -> None:
    """Where one() finds that several rows were written, none of them is, in and out of a transaction."""
    rows = await gigs()
    await bob()
    update = Gig.update(Gig.seats.to(9)).where(Gig.seats > 0).returning().one()
    writes: list[Awaitable[object]] = [
        update,
        Gig.delete().where(Gig.title > "a").returning(Gig.id).values().one(),
        Gig.insert_from(Person.select(Person.name, Person.id), Gig.title, Gig.booker.id).returning().one(),
        Gig.insert(Gig(title="d", booker=1), Gig(title="e", booker=1)).returning(Gig.id).one(),
        Gig.update(Gig.seats.to(9)).where(Gig.seats > param(int)).returning(Gig.id).one().prepare()(0),
        db.run(update),
    ]
    for write in writes:
        with pytest.raises(MultipleFound, match=r"^More than one gig matches; narrow the query"):
            await write
    async with db.transaction():
        with pytest.raises(MultipleFound):
            await update
        for row in rows:
            row.seats = 9
        with pytest.raises(MultipleFound):
            await Gig.update_many(rows, Gig.seats).returning(Gig.id).one()
    assert await Gig.select(Gig.seats).order_by(Gig.id).values() == [1, 2, 3]


async def test_one_of_none(db: Database) -> None:
    """Where nothing was written one() raises and first() gives None."""
    delete = Gig.delete().where(Gig.id == 7).returning(Gig.title)
    assert await delete.values().first() is None
    for write in (delete.one(), Gig.update(Gig.seats.to(9)).where(Gig.seats == 7).returning().one()):
        with pytest.raises(NotFound, match=r"^There is no gig that matches the query\.$"):
            await write


async def test_one_by_key_is_one_statement(db: Database) -> None:
    """A write that names the whole key needs no transaction around it to give one row."""
    await gigs()
    seen: list[str] = []
    stop = db.on_statement(lambda event: seen.append(event.sql.split(" ")[0]))
    assert (
        await Gig.update(Gig.seats.to(9)).where(Gig.id == 2, Gig.seats < 5).returning(Gig.title).values().one() == "b"
    )
    assert (await Gig.insert(Gig(title="d", booker=1)).returning(Gig.id, Gig.title).one()) == (4, "d")
    stop()
    assert seen == ["UPDATE", "INSERT"]


async def test_many_rows_in_slices(db: Database) -> None:
    """What update_many gives back stands in the order given, however many statements it took."""
    person = await ann()
    rows = await Gig.insert(*[Gig(title=f"{n}", booker=person, seats=n) for n in range(1_500)]).all()
    rows.reverse()
    assert await Gig.update_many(rows, Gig.note).returning(Gig.seats).values() == list(reversed(range(1_500)))
    table = await Gig.update_many(rows, Gig.note).returning(Gig.seats).arrow()
    assert table.to_pydict() == {"seats": list(reversed(range(1_500)))}


async def test_many_rows_that_are_not_there(db: Database) -> None:
    """Of rows that are not stored update_many raises, or gives back the others."""
    rows = await gigs()
    await rows[1].remove()
    with pytest.raises(RowsNotFound):
        await Gig.update_many(rows, Gig.seats).returning(Gig.id)
    assert await Gig.update_many(rows, Gig.seats, missing="ignore").returning(Gig.title).values() == ["a", "c"]
    nothing = Gig.update_many([], Gig.seats).returning(Gig.id, Gig.title)
    assert (await nothing, await nothing.dicts(), await nothing.json()) == ([], [], b"[]")
    assert (await nothing.arrow()).to_pydict() == {"id": [], "title": []}


async def test_rows_left_alone(db: Database) -> None:
    """Rows that a conflict left alone are in no form."""
    await ann()
    again = [Person(email="ann@example.org", name="Anna"), Person(email="bob@example.org", name="Bob")]
    ignored = Person.insert(*again).on_conflict(Person.email).ignore()
    assert await ignored.returning(Person.name).values() == ["Bob"]
    assert await ignored.returning(Person.name).json() == b"[]"


def test_refusals() -> None:
    """What cannot be given back is refused as the query is made, like that of a query."""
    delete = Gig.delete().where(Gig.id == 1)
    with pytest.raises(QueryError, match=r"^values\(\) follows a select\(\) or returning\(\) of exactly one column\.$"):
        delete.returning(Gig.id, Gig.title).values()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]  # the mistake
    with pytest.raises(QueryError, match=r"^Card takes 2 values \(title, seats\), and the query gives 1: title\.$"):
        delete.returning(Gig.title).into(Card)  # type: ignore[type-var]  # pyright: ignore[reportCallIssue, reportArgumentType]  # the mistake
    with pytest.raises(QueryError, match=r"^dicts\(\), json\(\) and arrow\(\) follow select\(\) or returning\(\) dire"):
        delete.returning(Gig.title).values().json()
    with pytest.raises(QueryError, match=r"^This delete has no where\(\) and would touch every row of gig; "):
        Gig.delete().returning()
