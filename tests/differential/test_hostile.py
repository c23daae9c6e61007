"""Hostile values through every operator and every write: bound as they are or refused, alike on every database."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from typing import cast as typed
from uuid import UUID

import pytest

from tabor import (
    Column,
    ConfigurationError,
    Database,
    SchemaError,
    StatementEvent,
    Table,
    TaborError,
    case,
    cast,
    coalesce,
    column,
    concat,
    excluded,
    greatest,
    least,
    nullif,
    param,
    tuple_,
)
from tabor import value as value_of
from tests.differential.formulas import told
from tests.differential.hostile import MARK, hostile_text, hostile_value
from tests.festival import opened
from tests.postgres_databases import Databases

pytestmark = pytest.mark.anyio

NAMES = [
    "whole",
    "real",
    "flag",
    "words",
    "short",
    "blob",
    "price",
    "day",
    "hour",
    "moment",
    "span",
    "mark",
    "shade",
    "extra",
    "texts",
    "numbers",
    "prices",
]


class Shade(StrEnum):
    """What a member column holds."""

    red = "red"


class Odd(Table):
    """A row with a column of each type."""

    id: Column[int] = column(primary_key=True)
    name: Column[str] = column(unique=True, default="first")
    whole: Column[int | None] = column(default=None)
    real: Column[float | None] = column(default=None)
    flag: Column[bool | None] = column(default=None)
    words: Column[str | None] = column(default=None)
    short: Column[str | None] = column(default=None, max_length=12, plain_text=True)
    blob: Column[bytes | None] = column(default=None)
    price: Column[Decimal | None] = column(default=None, decimal_places=2)
    day: Column[date | None] = column(default=None)
    hour: Column[time | None] = column(default=None)
    moment: Column[datetime | None] = column(default=None)
    span: Column[timedelta | None] = column(default=None)
    mark: Column[UUID | None] = column(default=None)
    shade: Column[Shade | None] = column(default=None)
    extra: Column[dict[str, object] | None] = column(default=None)
    texts: Column[list[str] | None] = column(default=None)
    numbers: Column[list[int] | None] = column(default=None)
    prices: Column[list[Decimal] | None] = column(default=None)


def rows() -> list[Odd]:
    """A row with a value in each column, and one with none but its name.

    No whole number stands in the JSON: whether it equals the float of its value is up to the database.  SQLite compares
    the text that is stored, in which 1 has to stay apart from 1.0 to come back as what it was; PostgreSQL compares
    numbers, in its indexes and groups too.
    """
    full = Odd(words="a", whole=3, real=0.5, flag=True, short="a", blob=b"\0", price=Decimal("1.50"), mark=UUID(int=0))
    full.day, full.hour, full.moment = date(2024, 2, 29), time(1), datetime(2024, 1, 1, tzinfo=UTC)
    full.span, full.shade, full.texts = timedelta(seconds=1), Shade.red, ["a"]
    full.numbers, full.prices, full.extra = [1], [Decimal("0.01")], {"a": 1.5}
    return [full, Odd(name="empty")]


Use = Callable[[Any, Any, Database, str], Any]
"""Something to do with a column and a value; gives what is awaited for the result."""


def found(condition: Callable[[Any, Any], Any]) -> Use:
    """Rows by a condition."""
    return lambda attribute, value, db, _: Odd.select(Odd.id).where(condition(attribute, value)).values().run(db)


def computed(expression: Callable[[Any, Any], Any]) -> Use:
    """A value that the database computes."""
    return lambda attribute, value, db, _: Odd.select(expression(attribute, value)).order_by(Odd.id).run(db)


async def inserted(attribute: Any, value: Any, db: Database, name: str) -> object:
    """A stored row, read back."""
    await Odd.insert(Odd(name="new", **{name: value})).run(db)
    return await Odd.select(attribute).where(Odd.name == "new").run(db)


async def named(_: Any, value: Any, db: Database, __: str) -> object:
    """A row found or made by what it holds."""
    taken = Odd.insert(Odd(name=value)).on_conflict(Odd.name).update(Odd.words.to(excluded(Odd.name)))
    await taken.run(db)
    return await Odd.select(Odd.name).order_by(Odd.id.desc()).limit(1).run(db)


async def updated(attribute: Any, value: Any, db: Database, _: str) -> object:
    """A changed row, read back."""
    return await Odd.update(attribute.to(value)).where(Odd.id == 1).returning(attribute).run(db)


async def conflicting(attribute: Any, value: Any, db: Database, _: str) -> object:
    """What a conflict writes."""
    query = Odd.insert(Odd(name="first")).on_conflict(Odd.name).update(attribute.to(value))
    return await query.returning(attribute).run(db)


async def together(attribute: Any, value: Any, db: Database, name: str) -> object:
    """Many rows at once, read back."""
    row = await Odd.get(1)
    setattr(row, name, value)
    with db.use():
        await Odd.update_many([row], attribute)
    return await Odd.select(attribute).where(Odd.id == 1).run(db)


async def saved(_: Any, value: Any, db: Database, name: str) -> object:
    """A row that is changed and saved, and read again."""
    with db.use():
        row = await Odd.get(1)
        setattr(row, name, value)
        await row.save()
        await row.refresh()
    return getattr(row, name)


async def found_or_made(_: Any, value: Any, db: Database, __: str) -> object:
    """A row that is found by what it holds, or made."""
    with db.use():
        row, made = await Odd.get_or_create(Odd(name=value), Odd.name)
        again, made_again = await Odd.get_or_create(Odd(name=value), Odd.name)
    return row.name, made, again.name, made_again


async def prepared(attribute: Any, value: Any, db: Database, _: str) -> object:
    """A value that comes when a prepared query is called."""
    query = Odd.select(Odd.id).where(attribute == param(typed("type[object]", type(value)))).values()
    with db.use():
        return await query.prepare()(value)


async def written_out(attribute: Any, value: Any, db: Database, _: str) -> object:
    """A query as text for people, which is not run."""
    assert str(Odd.select(Odd.id).where(attribute == value))
    return None


async def by_hand(_: Any, value: Any, db: Database, __: str) -> object:
    """A value in SQL by hand."""
    if isinstance(value, Decimal):
        return None
    if isinstance(value, str):
        return await db.sql("select {} as given, count(*) from odd where name = {}", value, value)
    # A null alone has no type by which a database could bind it.
    return None if value is None else await db.sql("select count(*) from odd where {} is not null", value)


USES: dict[str, Use] = {
    "==": found(lambda c, v: c == v),
    "!=": found(lambda c, v: c != v),
    "<": found(lambda c, v: c < v),
    ">=": found(lambda c, v: c >= v),
    "is_in": found(lambda c, v: c.is_in([v])),
    "is_in of": found(lambda c, v: c.is_in(v)),
    "not_in": found(lambda c, v: c.not_in([v, v])),
    "between": found(lambda c, v: c.between(v, v)),
    "tuple": found(lambda c, v: typed("Any", tuple_)(c, Odd.id).is_in([(v, 1), (v, 2)])),
    "distinct": found(lambda c, v: c.is_distinct_from(v)),
    "not distinct": found(lambda c, v: c.is_not_distinct_from(v)),
    "like": found(lambda c, v: c.like(v)),
    "ilike": found(lambda c, v: c.ilike(v)),
    "contains": found(lambda c, v: c.contains(v)),
    "icontains": found(lambda c, v: c.icontains(v)),
    "starts_with": found(lambda c, v: c.starts_with(v)),
    "ends_with": found(lambda c, v: c.ends_with(v)),
    "has": found(lambda c, v: c.has(v)),
    "has_any": found(lambda c, v: c.has_any([v])),
    "has_all": found(lambda c, v: c.has_all(v)),
    "has_key": found(lambda c, v: c.has_key(v)),
    "contains_json": found(lambda c, v: c.contains_json(v)),
    "[]": computed(lambda c, v: c[v]),
    "+": computed(lambda c, v: c + v),
    "-": computed(lambda c, v: c - v),
    "*": computed(lambda c, v: c * v),
    "/": computed(lambda c, v: c / v),
    "//": computed(lambda c, v: c // v),
    "%": computed(lambda c, v: c % v),
    "round": computed(lambda c, v: c.round(v)),
    "replace": computed(lambda c, v: c.replace(v, v)),
    "strip": computed(lambda c, v: c.strip(v)),
    "substring": computed(lambda c, v: c.substring(v)),
    "left": computed(lambda c, v: c.left(v)),
    "right": computed(lambda c, v: c.right(v)),
    "lpad": computed(lambda c, v: c.lpad(v, "x")),
    "rpad": computed(lambda c, v: c.rpad(9, v)),
    "repeat": computed(lambda c, v: c.repeat(v)),
    "position": computed(lambda c, v: c.position(v)),
    "coalesce": computed(lambda c, v: coalesce(c, v)),
    "r+": computed(lambda c, v: v + c),
    "r-": computed(lambda c, v: v - c),
    "r*": computed(lambda c, v: v * c),
    "r/": computed(lambda c, v: v / c),
    "r//": computed(lambda c, v: v // c),
    "r%": computed(lambda c, v: c.__rmod__(v)),
    "**": computed(lambda c, v: c**v),
    "r**": computed(lambda c, v: v**c),
    "nullif": computed(lambda c, v: typed("Any", nullif)(c, v)),
    "greatest": computed(lambda c, v: typed("Any", greatest)(c, v, v)),
    "least": computed(lambda c, v: typed("Any", least)(v, c)),
    "concat": computed(lambda c, v: concat(c, v)),
    "cast": computed(lambda c, v: cast(c, v)),
    "trunc": computed(lambda c, v: c.trunc(v)),
    "value": computed(lambda c, v: value_of(v)),
    "plain": computed(lambda c, v: v),
    "where": found(lambda c, v: v),
    "case": computed(lambda c, v: typed("Any", case)((c == v, v), else_=c)),
    "get": lambda _, value, db, __: Odd.select().get(value).run(db),
    "limit": lambda _, value, db, __: Odd.select(Odd.id).order_by(Odd.id).limit(value).run(db),
    "offset": lambda _, value, db, __: Odd.select(Odd.id).order_by(Odd.id).offset(value).run(db),
    "order": lambda _, value, db, __: Odd.select(Odd.id).order_by(value).run(db),
    "group": lambda _, value, db, __: Odd.select(Odd.id).group_by(value).run(db),
    "having": lambda c, value, db, __: Odd.select(c.max()).having(c.max() == value).run(db),
    "rows": lambda _, value, db, __: Odd.insert(value).run(db),
    "together": together,
    "saved": saved,
    "found or made": found_or_made,
    "prepared": prepared,
    "written out": written_out,
    "insert": inserted,
    "name": named,
    "update": updated,
    "on_conflict": conflicting,
    "by hand": by_hand,
}


class Undone(Exception):
    """Ends a transaction whose changes are not wanted."""


async def verdict(db: Database, use: str, name: str, value: object) -> str:
    """What became of it: the result with its types, or the error's class."""
    outcome = ""
    try:
        async with db.transaction():
            outcome = told(await USES[use](getattr(Odd, name), value, db, name))
            raise Undone
    except Undone:
        return outcome
    except TaborError as error:
        return type(error).__name__


@pytest.fixture
def urls(postgres_databases: Databases) -> Iterator[list[str]]:
    """A database on each engine."""
    url = postgres_databases.create()
    yield ["sqlite:///:memory:", url]
    postgres_databases.drop(url)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A piece of 2,000 values, or fifty of them, each with a seed of its own so that it can be run by itself."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(20, 70 if metafunc.config.getoption("--long") else 21))


async def test_hostile_values(urls: list[str], seed: int) -> None:
    """Values are bound or refused by an error of Tabor, alike everywhere, and never get into the text."""
    chance = random.Random(seed)
    seen: set[str] = set()

    def watch(event: StatementEvent) -> None:
        seen.add(event.sql)

    async with AsyncExitStack() as stack:
        databases = [await stack.enter_async_context(opened(url, Odd)) for url in urls]
        for db in databases:
            await Odd.insert(*rows()).run(db)
            db.on_statement(watch)
        for _ in range(2_000):
            use, name, value = chance.choice(list(USES)), chance.choice(NAMES), hostile_value(chance)
            outcomes = [await verdict(db, use, name, value) for db in databases]
            assert outcomes[0] == outcomes[1], (use, name, value)
    assert not [sql for sql in seen if MARK in sql]


def names(chance: random.Random) -> Iterator[str]:
    """Names of tables that hold SQL, and very long ones that differ in their last letter only."""
    yield from ["x" * 63, "x" * 64, "select", "odd table", "é", "🎪" * 15, "🎪" * 16]
    for _ in range(20):
        yield hostile_text(chance)


async def test_hostile_names(database_url: str) -> None:
    """A table with any name is refused, or holds its rows; nothing in the name is taken for SQL."""
    chance, refused = random.Random(21), list[str]()
    async with opened(database_url, Odd) as db:
        await Odd.insert(Odd(name="stays")).run(db)
        for name in dict.fromkeys(names(chance)):
            space: dict[str, Any] = {
                "__annotations__": {"id": Column[int], "word": Column[str]},
                "__module__": __name__,
            }
            space |= {"id": column(primary_key=True), "word": column(unique=True, max_length=9)}
            try:
                made: Any = typed("Any", type(Table))("Made", (Table,), dict(space), name=name)
                async with Database(database_url, tables=[made]) as other:
                    await other.create_tables()
                    assert (await made.insert(made(word=name[:4])).one().run(other)).id == 1
                    assert await made.select().where(made.id == 1).count().run(other) == 1
            except (SchemaError, ConfigurationError):
                refused.append(name)
        assert all(set(name) & set("\0\ud800\udfff") or len(name.encode()) > 63 for name in refused)
        assert await Odd.select(Odd.name).values().run(db) == ["stays"]
