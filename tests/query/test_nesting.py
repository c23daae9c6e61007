"""Tests of rows within rows as dicts and JSON: objects along keys, lists along relations, the same bytes everywhere."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tabor import (
    Column,
    Database,
    ForeignKey,
    Many,
    QueryError,
    Runnable,
    StatementEvent,
    Table,
    alias,
    column,
    key,
    many,
    optional,
    param,
)
from tests.festival import TABLES, Gig, Mood, Person, Stage, ann, bob, opened

pytestmark = pytest.mark.anyio

ANN = {"id": 1, "email": "ann@example.org", "name": "Ann"}
BOB = {"id": 2, "email": "bob@example.org", "name": "Bob"}
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)


async def season() -> None:
    """Ann books two gigs on a stage of Bob's, one of them an encore of the other, and Bob books one elsewhere."""
    first, second = await ann(), await bob()
    main = await Stage.insert(Stage(name="Main", owner=second)).one()
    opening = await Gig.insert(Gig(title="Opening", booker=first, stage=main, sound=second, genres=["folk"])).one()
    await Gig.insert(
        Gig(title="Encore", booker=first, stage=main, encore_of=opening, fee=Decimal(5)),
        Gig(title="Late", booker=second),
    )


async def test_rows_behind_keys(db: Database) -> None:
    """A row stands in the place of the key that leads to it, None where that is empty, and further rows within it."""
    await season()
    query = Gig.select(Gig, Gig.booker, Gig.stage, Gig.stage(lambda stage: stage.owner)).order_by(Gig.id)
    rows = await query.dicts()
    main = {"id": 1, "name": "Main", "owner": BOB}
    told: list[dict[str, object]] = [
        {"title": "Opening", "booker": ANN, "stage": main, "sound": 2},
        {"title": "Encore", "booker": ANN, "stage": main, "sound": None},
        {"title": "Late", "booker": BOB, "stage": None, "sound": None},
    ]
    assert [{name: row[name] for name in told[0]} for row in rows] == told
    assert [{name: row[name] for name in told[0]} for row in json.loads(await query.json())] == told
    alone = await Gig.select().order_by(Gig.id).dicts().first()
    assert alone is not None
    assert list(rows[0]) == list(alone)
    assert await query.dicts().where(Gig.title == "Late").one() == rows[2]


async def test_rows_without_the_row_before_them(db: Database) -> None:
    """Where the row that a key belongs to is not selected, the row behind it stands under the dotted path."""
    await season()
    query = Gig.select(Gig.title, Gig.booker.name, Gig.stage(lambda stage: stage.owner)).order_by(Gig.id)
    assert await query.limit(1).json() == (
        b'[{"title":"Opening","booker.name":"Ann","stage.owner":{"id":2,"email":"bob@example.org","name":"Bob"}}]'
    )
    assert await query.offset(2).dicts() == [{"title": "Late", "booker.name": "Bob", "stage.owner": None}]


async def test_lists(db: Database) -> None:
    """Related rows are lists of objects under the relation's name, in the row that they belong to."""
    await season()
    gigs = Person.gigs.order_by(Gig.id)
    encores = Gig.encores.select(Gig.title, Gig.fee)
    query = Person.select(Person, gigs.select(Gig.title, Gig.stage, encores).limit(2), Person.mixed.select(Gig.id))
    assert await query.order_by(Person.id).json() == (
        b'[{"id":1,"email":"ann@example.org","name":"Ann","gigs":['
        b'{"title":"Opening","stage":{"id":1,"name":"Main","owner":2},"encores":[{"title":"Encore","fee":"5.00"}]},'
        b'{"title":"Encore","stage":{"id":1,"name":"Main","owner":2},"encores":[]}],"mixed":[]},'
        b'{"id":2,"email":"bob@example.org","name":"Bob","gigs":[{"title":"Late","stage":null,"encores":[]}],'
        b'"mixed":[{"id":1}]}]'
    )
    assert (await query.order_by(Person.id).dicts())[0]["gigs"] == [
        {
            "title": "Opening",
            "stage": {"id": 1, "name": "Main", "owner": 2},
            "encores": [{"title": "Encore", "fee": Decimal("5.00")}],
        },
        {"title": "Encore", "stage": {"id": 1, "name": "Main", "owner": 2}, "encores": []},
    ]
    assert await Person.select(gigs.select(Gig.title).values()).order_by(Person.id).json() == (
        b'[{"gigs":["Opening","Encore"]},{"gigs":["Late"]}]'
    )
    assert await Person.select(Person.gigs).where(Person.id == 99).json() == b"[]"


async def test_one_statement_for_each_relation(database_url: str) -> None:
    """However many rows there are, dicts and JSON take one statement and one more for each relation."""
    told: list[StatementEvent] = []
    async with Database(database_url, tables=TABLES, watch=[told.append]) as db:
        await db.create_tables()
        await season()
        encores = Gig.encores.select(Gig.title, Gig.booker)
        query = Person.select(Person, Person.gigs.select(Gig, Gig.stage, encores).limit(5), Person.mixed)
        plain = Gig.select(Gig, Gig.booker, Gig.stage(lambda stage: stage.owner))
        for shaped, statements in ((query.dicts(), 4), (query.json(), 4), (plain.dicts(), 1), (plain.json(), 1)):
            told.clear()
            await cast("Runnable[object]", shaped)
            assert len(told) == statements


async def test_prepared(db: Database) -> None:
    """Nested results can be prepared, with values for the places of the query."""
    await season()
    titles = Person.gigs.order_by(Gig.id).select(Gig.title).values()
    query = Person.select(Person.name, titles).where(Person.id == param(int))
    dicts, text = query.dicts().prepare(), query.json().prepare()
    assert [await dicts(key) for key in (1, 2, 3)] == [
        [{"name": "Ann", "gigs": ["Opening", "Encore"]}],
        [{"name": "Bob", "gigs": ["Late"]}],
        [],
    ]
    assert await text(2) == b'[{"name":"Bob","gigs":["Late"]}]'


async def test_lists_along_a_path(db: Database) -> None:
    """Related rows of a row behind a key stand in that row, or under its path where it is not selected."""
    await season()
    titles = Gig.booker.gigs.order_by(Gig.id).select(Gig.title).values()
    late = Gig.title == "Late"
    assert await Gig.select(Gig.title, titles).where(late).dicts() == [{"title": "Late", "booker.gigs": ["Late"]}]
    assert await Gig.select(Gig.title, Gig.booker, titles).where(late).dicts() == [
        {"title": "Late", "booker": {**BOB, "gigs": ["Late"]}}
    ]
    beside = Gig.stage(lambda stage: stage.gigs.order_by(Gig.id).select(Gig.title).values())
    assert await Gig.select(Gig.title, Gig.stage, beside).where(late).json() == b'[{"title":"Late","stage":null}]'


async def test_joined_rows(db: Database) -> None:
    """A joined table's row stands under its name, None where a left join found none."""
    await season()
    other = alias(Gig, "other")
    pairs = Gig.select(Gig.title, other).join(other, on=other.encore_of(lambda gig: gig.id) == Gig.id)
    assert [row["other"]["title"] for row in json.loads(await pairs.json())] == ["Encore"]
    stage = optional(Stage, "place")
    left = Person.select(Person, stage).left_join(stage, on=stage.inner.owner.id == Person.id).order_by(Person.id)
    assert await left.dicts() == [{**ANN, "place": None}, {**BOB, "place": {"id": 1, "name": "Main", "owner": 2}}]


async def test_streams_of_nested_dicts(db: Database) -> None:
    """Nested dicts can be streamed as any rows."""
    await season()
    query = Person.select(Person.name, Person.gigs.order_by(Gig.id).select(Gig.title).values()).dicts()
    assert [row async for row in query.stream(1)] == [
        {"name": "Ann", "gigs": ["Opening", "Encore"]},
        {"name": "Bob", "gigs": ["Late"]},
    ]


async def test_secrets(db: Database) -> None:
    """Secret columns are left out of every row, however deep it stands."""
    await season()
    await Person.update(Person.password.to("hush-hush")).where(Person.id > 0)
    encores = Gig.encores.select(Gig.title, Gig.booker)
    queries = [
        Gig.select(Gig, Gig.booker, Gig.sound, Gig.stage(lambda stage: stage.owner)),
        Person.select(Person, Person.gigs.select(Gig, Gig.booker, encores)),
        Gig.select(Gig.booker, Gig.stage, Gig.sound),
    ]
    for query in queries:
        for answer in (str(await query.dicts()), str(await query.json())):
            assert "ann@example.org" in answer
            assert "hush" not in answer
            assert "password" not in answer


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Gig.select(Gig, Gig.title),
            "Two selected things have the name 'title'; select it once, or give one a name by named(...).",
        ),
        (
            lambda: Gig.select(Gig.booker, Gig.title, Gig.booker),
            "Two selected things have the name 'booker'; select it once, or give one a name by named(...).",
        ),
        (
            lambda: Person.select(Person.name, Person.gigs, Person.gigs.limit(1)),
            "Two selected things have the name 'gigs'; select it once, or give one a name by named(...).",
        ),
        (
            lambda: Person.select(Person.name, Person.gigs.select(Gig.title).into(str)),
            "dicts() and json() take the rows of gigs without into().",
        ),
    ],
    ids=["a column of a row", "a row twice", "a list twice", "records"],
)
def test_refusals(make: Callable[[], Any], message: str) -> None:
    """What has no place of its own in an object, or no form, is refused."""
    for shaped in (make().dicts, make().json):
        with pytest.raises(QueryError) as raised:
            shaped()
        assert str(raised.value) == message


class Crate(Table):
    """Has columns of kinds that databases write differently."""

    id: Column[int] = column(primary_key=True)
    text: Column[str | None] = column(default=None)
    ratio: Column[float | None] = column(default=None)
    price: Column[Decimal] = column(default=Decimal(0), max_digits=12, decimal_places=3)
    mood: Column[Mood] = column(default=Mood.loud)
    tags: Column[list[str]] = column(default_factory=list)
    extra: Column[dict[str, object]] = column(default_factory=dict)
    full: Column[bool] = column(default=False)
    packed_at: Column[datetime | None] = column(default=None)
    inside: ForeignKey[Crate | None] = key(default=None, on_delete="set null")
    crates: Many[Crate] = many(lambda: Crate.inside)


@pytest.fixture
async def crates(database_url: str) -> AsyncIterator[Database]:
    """An open database with a table of crates."""
    async with opened(database_url, Crate) as database:
        yield database


def in_json(value: object) -> object:
    """What stands in JSON for a value of a dict of crates."""
    if isinstance(value, dict):
        return {name: in_json(item) for name, item in cast("dict[str, object]", value).items()}
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return f"{value:.3f}" if isinstance(value, Decimal) else value


CRATES = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.none() | TEXT,
            "ratio": st.none() | st.floats(allow_nan=False, allow_infinity=False, width=32),
            "price": st.decimals(-999, 999, places=3),
            "mood": st.sampled_from(Mood),
            "tags": st.lists(TEXT, max_size=2),
            "extra": st.dictionaries(TEXT, st.none() | TEXT | st.integers(-9, 9) | st.booleans(), max_size=2),
            "full": st.booleans(),
            "packed_at": st.none() | st.datetimes(timezones=st.just(UTC)),
        }
    ),
    min_size=1,
    max_size=4,
)


@given(CRATES)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=50, deadline=None
)
async def test_the_same_bytes(crates: Database, values: list[dict[str, Any]]) -> None:
    """Rows in rows are the same bytes from the database, made in Python, and within a list of related rows."""
    await Crate.delete().where(Crate.id > 0)
    outer: Crate | None = None
    for each in values:
        outer = await Crate.insert(Crate(inside=outer, **each)).one()
    query = Crate.select(Crate, Crate.inside).order_by(Crate.id)
    by_database = await query.json()
    here = Database(crates.url, tables=[])
    async with here:
        here.compiler.builds_json = lambda node: False  # type: ignore[method-assign]  # as where it cannot
        assert await query.json().run(here) == by_database
    rows = await Crate.select(Crate.crates.select(Crate, Crate.inside)).where(Crate.inside.is_not_null()).json()
    last = await query.where(Crate.id == (outer.id if outer else 0)).json()
    if len(values) > 2:
        assert last.removeprefix(b"[").removesuffix(b"]") in rows
    assert json.loads(by_database) == [in_json(row) for row in await query.dicts()]
