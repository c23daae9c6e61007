"""Tests of what a select gives: its shapes, its endings, and its refusals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import pytest

from tabor import Database, MultipleFound, NotFound, Query, QueryError, Ref
from tests.festival import Gig, Mood, Person, Stage, ann, bob

pytestmark = pytest.mark.anyio

START = datetime(2026, 7, 1, 20, tzinfo=UTC)


@dataclass
class Card:
    """A record that rows are turned into."""

    title: str
    email: str


async def festival() -> tuple[Person, Person, Gig, Gig]:
    """Two people; a gig on a stage, and its encore without one."""
    first, second = await ann(), await bob()
    stage = await Stage.insert(Stage(name="Main", owner=second)).one()
    opening = await Gig.insert(Gig(title="Opening", booker=first, stage=stage, starts_at=START, seats=40)).one()
    encore = await Gig.insert(Gig(title="Encore", booker=first, sound=second, encore_of=opening, genres=["folk"])).one()
    return first, second, opening, encore


async def test_whole_rows(db: Database) -> None:
    """Without columns a select gives rows with every attribute."""
    first, second, opening, encore = await festival()
    rows = await Gig.select().order_by(Gig.id)
    assert [type(row).__name__ for row in rows] == ["Gig", "Gig"]
    assert isinstance(rows[0], Gig)
    assert (rows[0].id, rows[0].title, rows[0].starts_at, rows[0].seats) == (opening.id, "Opening", START, 40)
    assert (rows[1].mood, rows[1].genres, rows[1].fee, rows[1].note) == (Mood.loud, ["folk"], Decimal(0), None)
    assert isinstance(rows[1].booker, Ref)
    assert (rows[1].booker.id, rows[1].stage) == (first.id, None)
    assert rows[1].sound is not None
    assert rows[1].sound.id == second.id
    assert encore.encore_of == rows[1].encore_of


async def test_columns_and_expressions(db: Database) -> None:
    """With columns a select gives tuples, an expression counting as a column."""
    await festival()
    query = Gig.select(Gig.title, Gig.seats + 1, Gig.booker.email, Gig.sound(lambda person: person.email))
    assert await query.order_by(Gig.id) == [
        ("Opening", 41, "ann@example.org", None),
        ("Encore", 1, "ann@example.org", "bob@example.org"),
    ]
    assert await Gig.select(Gig.title, Gig.title).limit(1).order_by(Gig.id) == [("Opening", "Opening")]


async def test_rows_across_keys(db: Database) -> None:
    """A key selects the whole row that it leads to; one that leads nowhere gives None."""
    await festival()
    pairs = await Gig.select(Gig, Gig.booker).order_by(Gig.id)
    assert [(gig.title, person.name) for gig, person in pairs] == [("Opening", "Ann"), ("Encore", "Ann")]
    await pairs[0][1].refresh()
    stages = await Gig.select(Gig.title, Gig.stage).order_by(Gig.id)
    assert [title for title, _ in stages] == ["Opening", "Encore"]
    assert [str(stage) for _, stage in stages] == ["Stage(id=1, name='Main', owner=Ref(Person, 2))", "None"]


async def test_rows_across_several_keys(db: Database) -> None:
    """A key behind one that may be empty leads to a row or None too, and goes on from there."""
    await festival()
    owner = Gig.encore_of(lambda first: first.stage)(lambda stage: stage.owner)
    rows = await Gig.select(Gig.title, owner, owner(lambda person: person.email)).order_by(Gig.id)
    assert [(title, person and person.name, email) for title, person, email in rows] == [
        ("Opening", None, None),
        ("Encore", "Bob", "bob@example.org"),
    ]
    assert await Gig.select(Gig.title).where(owner.is_not_null()).values() == ["Encore"]


async def test_paths_of_three_hops(db: Database) -> None:
    """A path goes on across any number of keys, and is null where one of them is."""
    await festival()
    owner = Gig.encore_of(lambda first: first.stage(lambda stage: stage.owner.name))
    assert await Gig.select(Gig.title, owner).order_by(owner.desc()) == [("Encore", "Bob"), ("Opening", None)]
    assert await Gig.select(Gig.title).where(owner == "Bob").values() == ["Encore"]
    assert await Gig.select().where(owner == "Bob").count() == 1


async def test_dicts(db: Database) -> None:
    """Dicts are named after the attributes, across keys with dots, and leave secrets out."""
    first, _, opening, _ = await festival()
    assert await Person.select().where(Person.id == first.id).dicts() == [
        {"id": first.id, "email": "ann@example.org", "name": "Ann"}
    ]
    query = Gig.select(Gig.title, Gig.booker.id, Gig.booker.email, Gig.stage(lambda stage: stage.owner.name))
    assert await query.where(Gig.id == opening.id).dicts() == [
        {"title": "Opening", "booker.id": first.id, "booker.email": "ann@example.org", "stage.owner.name": "Bob"}
    ]
    assert await Gig.select(Gig.id.count(), Gig.seats.max()).dicts() == [{"count_id": 2, "max_seats": 40}]


async def test_json(db: Database) -> None:
    """JSON is one array in bytes, empty without rows, and leaves secrets out."""
    assert await Person.select().json() == b"[]"
    await ann()
    assert await Person.select().json() == b'[{"id":1,"email":"ann@example.org","name":"Ann"}]'
    assert await Person.select(Person.name).json() == b'[{"name":"Ann"}]'


async def test_other_shapes(db: Database) -> None:
    """Values come without a tuple, and into() passes each row to a class or function."""
    await festival()
    query = Gig.select(Gig.title, Gig.booker.email).order_by(Gig.id)
    assert await Gig.select(Gig.title).order_by(Gig.id).values() == ["Opening", "Encore"]
    assert await query.into(Card) == [Card("Opening", "ann@example.org"), Card("Encore", "ann@example.org")]
    assert await query.into(lambda title, email: len(title + email)).first() == 22
    assert await query.also(Gig.seats).first() == ("Opening", "ann@example.org", 40)
    assert await query.into(Card).where(Gig.title == "Encore").one() == Card("Encore", "ann@example.org")


async def test_one(db: Database) -> None:
    """one() gives the only row, and says what is wrong where there are none or more."""
    await festival()
    assert (await Gig.select().where(Gig.title == "Encore").one()).title == "Encore"
    with pytest.raises(NotFound, match=r"^There is no gig that matches the query\.$"):
        await Gig.select().where(Gig.title == "none").one()
    with pytest.raises(MultipleFound, match=r"^More than one gig matches; narrow the query, or use first\(\)"):
        await Gig.select().one()


async def test_first(db: Database) -> None:
    """first() gives the first row or None, and never one that limit() cut off."""
    await festival()
    query = Gig.select(Gig.title).order_by(Gig.title).values()
    assert await query.first() == "Encore"
    assert await query.offset(1).first() == "Opening"
    assert await query.offset(2).first() is None
    assert await query.limit(0).first() is None


async def test_get(db: Database) -> None:
    """get() reads by key, within the conditions of a query, and names the key that is not there."""
    _, _, opening, encore = await festival()
    assert (await Gig.get(encore.id)).title == "Encore"
    loud = Gig.select().where(Gig.seats > 3)
    assert (await loud.get(opening.id)).title == "Opening"
    for query in (loud.get(encore.id), Gig.get(encore.id + 1)):
        with pytest.raises(NotFound, match=r"^There is no gig with the key \d\.$"):
            await query


async def test_groups(db: Database) -> None:
    """Groups give one row each, and can be filtered, sorted, counted and turned into dicts."""
    first, second, _, _ = await festival()
    await Gig.insert(Gig(title="Late", booker=second, seats=2))
    query = Gig.select(Gig.booker.id, Gig.id.count(), Gig.seats.avg()).group_by(Gig.booker.id)
    assert await query.order_by(Gig.booker.id) == [(first.id, 2, 20.0), (second.id, 1, 2.0)]
    assert await query.having(Gig.id.count() > 1) == [(first.id, 2, 20.0)]
    assert (await query.count(), await query.having(Gig.id.count() > 5).exists()) == (2, False)


async def test_lists_of_many_values(db: Database) -> None:
    """With an expression among them is_in() takes as many values as the database binds, else any number."""
    _, _, opening, encore = await festival()
    most = db.engine.capabilities.max_parameters
    many = list(range(most))
    assert await Gig.select().where(Gig.id.is_in(many)).count() == 2
    assert await Gig.select().where(Gig.id.is_in(many[:20_000])).count() == 2
    with pytest.raises(QueryError, match=rf"binds {most + 1} values, and the database takes at most {most} in one"):
        await Gig.select().where(Gig.id.is_in([*many, 5, Gig.seats]))
    assert await Gig.select().where(Gig.id.is_in([*many, 5])).count() == 2
    assert encore.id - opening.id == 1


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "a condition that is none": (
        lambda: Gig.select().where(Gig.title),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the mistake
        (
            "A condition was expected, such as Event.title == 'x', got <Column Gig.title>. "
            "Combine conditions with & | ~ in parentheses."
        ),
    ),
    "a truth value": (
        lambda: Gig.select().where(True),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the mistake
        (
            "A condition was expected, such as Event.title == 'x', got True. "
            "Combine conditions with & | ~ in parentheses."
        ),
    ),
    "text": (
        lambda: Gig.select("title"),  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportUnknownLambdaType]  # the mistake
        "select() takes columns, tables and related rows, such as Event.title or Event.creator; got 'title'.",
    ),
    "a row compared": (
        lambda: Gig.select().where(Gig.booker == 3),  # type: ignore[arg-type, comparison-overlap]  # pyright: ignore[reportArgumentType, reportUnnecessaryComparison]  # the mistake
        "booker stands for a row and cannot be compared; compare its key: booker.id == 3.",
    ),
    "a row compared with a row": (
        lambda: Gig.select().where(Gig.booker == Person(email="ann@example.org", name="Ann")),  # type: ignore[arg-type, comparison-overlap]  # pyright: ignore[reportArgumentType, reportUnnecessaryComparison]  # the mistake
        "booker stands for a row and cannot be compared; compare its key: booker.id == None.",
    ),
    "a row compared with a reference": (
        lambda: Gig.select().where(Gig.booker == Gig(title="x", booker=5).booker),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportUnnecessaryComparison]  # the mistake
        "booker stands for a row and cannot be compared; compare its key: booker.id == 5.",
    ),
    "a row that may be missing compared": (
        lambda: Gig.sound == None,
        (
            "sound stands for a row and cannot be compared; compare its key: sound(lambda row: row.id) == None, "
            "or use sound.is_null()."
        ),
    ),
    "a row to sort by": (
        lambda: Gig.select().order_by(Gig.booker),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the mistake
        "A column or an expression was expected, and <Person behind booker> is a row; name a column of it.",
    ),
    "a negative limit": (
        lambda: Gig.select().limit(-1),
        "limit() takes a whole number of rows from 0 up, got -1.",
    ),
    "an offset that is no number": (
        lambda: Gig.select().offset("3"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the mistake
        "offset() takes a whole number of rows from 0 up, got '3'.",
    ),
    "text for a list": (
        lambda: Gig.title.is_in("abc"),
        "is_in and not_in take a list of values, got 'abc'.",
    ),
    "None in a list": (
        lambda: Gig.note.is_in(["a", None]),
        "None in is_in or not_in never matches in SQL; use .is_null() beside it.",
    ),
    "values of two columns": (
        lambda: cast("Query[Any]", Gig.select(Gig.id, Gig.title)).values(),
        "values() follows a select() or returning() of exactly one column.",
    ),
    "a table of tables": (
        lambda: Gig.select(Gig, Gig.booker).arrow(),
        "arrow() takes columns or one table; a row or list within a row is no column of a table.",
    ),
    "a table of lists": (
        lambda: Person.select(Person.name, Person.gigs).arrow(),
        "arrow() takes columns or one table; a row or list within a row is no column of a table.",
    ),
    "more beside nested dicts": (
        lambda: cast("Query[tuple[object]]", Gig.select(Gig, Gig.booker).dicts()).also(Gig.title),
        "also() adds a column to select(column, ...) or returning(column, ...); this gives something else.",
    ),
    "dicts with one name twice": (
        lambda: Gig.select(Gig.title, Gig.title).dicts(),
        "Two selected things have the name 'title'; select it once, or give one a name by named(...).",
    ),
    "dicts of dicts": (
        lambda: Gig.select().dicts().json(),
        "dicts(), json() and arrow() follow select() or returning() directly, without into(), values() or each other.",
    ),
    "get on columns": (
        lambda: Gig.select(Gig.title).get(1),
        "get() needs a query of whole rows of a table with a primary key.",
    ),
    "get on another row": (
        lambda: Gig.select(Gig.booker).get(1),
        "get() needs a query of whole rows of a table with a primary key.",
    ),
    "a sum of text": (lambda: Gig.title.sum(), "sum() needs numbers, and this expression gives text."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name: str) -> None:
    """What cannot work is refused while the query is built, by a sentence that says what to write instead."""
    build, message = REFUSED[name]
    with pytest.raises(QueryError) as caught:
        build()
    assert str(caught.value).startswith(message)


def test_conditions_have_no_truth() -> None:
    """and, or, not, in, if and chained comparisons raise TypeError, which names what to use."""
    with pytest.raises(TypeError, match=r"Combine conditions with & \| ~ \(each side in parentheses\)"):
        bool(Gig.seats == 3)
