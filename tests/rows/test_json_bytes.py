"""Tests of the bytes of JSON: the same whoever builds them, the database or Python, and on every database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta

import pytest
from pydantic import BaseModel

from tabor import (
    Column,
    Database,
    Json,
    Query,
    Table,
    case,
    column,
    count,
    list_agg,
    raw,
    row_number,
    string_agg,
    value,
)
from tabor.compile.postgres.compiler import PostgresCompiler
from tabor.compile.sqlite.compiler import SqliteCompiler
from tabor.tree.nodes import JsonObject

pytestmark = pytest.mark.anyio


class Size(BaseModel):
    """A model whose fields are not in the order of the alphabet."""

    width: int = 3
    height: float = 2.0


class Crate(Table):
    """Has what databases write in different ways when they are left to themselves."""

    id: Column[int] = column(primary_key=True)
    kind: Column[str]
    weight: Column[float] = column(default=0.0)
    open: Column[bool] = column(default=True)
    took: Column[list[timedelta]] = column(default_factory=lambda: [timedelta(hours=3)])
    days: Column[list[list[date]]] = column(default_factory=lambda: [[date(2030, 2, 1)]])
    data: Column[list[bytes]] = column(default_factory=lambda: [b"\xff"])
    size: Column[Json[Size]] = column(default_factory=Size)
    sizes: Column[list[Json[Size]]] = column(default_factory=lambda: [Size()])
    extra: Column[dict[str, object]] = column(default_factory=lambda: {"bb": {"z": 1e16, "a": [0.1]}, "c": None})


@pytest.fixture
async def crates(database_url: str) -> AsyncIterator[Database]:
    """Three crates of two kinds."""
    async with Database(database_url, tables=[Crate]) as db:
        await db.create_tables()
        rows = [Crate(kind="a", weight=1 / 3), Crate(kind="a", weight=5.8922057766682841e176, open=False)]
        await Crate.insert(*rows, Crate(kind="b"))
        yield db


PER_KIND = Crate.select(Crate.kind, count()).group_by(Crate.kind).order_by(Crate.kind)
LABEL = case((count() > 1, "many"), else_="one")
CASES: dict[str, tuple[Callable[[], Query[object]], bytes]] = {
    "rows of a group": (
        lambda: PER_KIND,
        b'[{"kind":"a","count_rows":2},{"kind":"b","count_rows":1}]',
    ),
    "rows of everything": (lambda: Crate.select(count()), b'[{"count_rows":3}]'),
    "a choice by a count": (
        lambda: Crate.select(Crate.kind, LABEL).group_by(Crate.kind).order_by(Crate.kind),
        b'[{"kind":"a","case":"many"},{"kind":"b","case":"one"}]',
    ),
    "aggregates of a value": (
        lambda: Crate.select(string_agg(value("x"), "-"), list_agg(value(1))),
        b'[{"string_agg":"x-x-x","list_agg":[1,1,1]}]',
    ),
    "an aggregate by hand": (lambda: Crate.select(raw("count(*)", kind=int)), b'[{"fragment":3}]'),
    "places": (
        lambda: Crate.select(Crate.id, row_number().over(order_by=Crate.id.desc())).order_by(Crate.id),
        b'[{"id":1,"row_number":3},{"id":2,"row_number":2},{"id":3,"row_number":1}]',
    ),
    "different rows in order": (
        lambda: Crate.select(Crate.kind, Crate.open).distinct().order_by(Crate.kind, Crate.open),
        b'[{"kind":"a","open":false},{"kind":"a","open":true},{"kind":"b","open":true}]',
    ),
    "a list of floats": (
        lambda: Crate.select(list_agg(Crate.weight)),
        b'[{"list_agg_weight":[0.0,0.3333333333333333,5.892205776668284e+176]}]',
    ),
    "lists of durations, days and bytes": (
        lambda: Crate.select(Crate.took, Crate.days, Crate.data).where(Crate.id == 1),
        b'[{"took":["PT3H"],"days":[["2030-02-01"]],"data":["/w=="]}]',
    ),
    "models": (
        lambda: Crate.select(Crate.size, Crate.sizes).where(Crate.id == 1),
        b'[{"size":{"height":2.0,"width":3},"sizes":[{"height":2.0,"width":3}]}]',
    ),
    "objects": (
        lambda: Crate.select(Crate.extra, Crate.extra["bb"]).where(Crate.id == 1),
        b'[{"extra":{"bb":{"a":[0.1],"z":1e+16},"c":null},"json_at_extra":{"a":[0.1],"z":1e+16}}]',
    ),
}


@pytest.mark.parametrize("name", CASES)
async def test_bytes_are_the_same_either_way(crates: Database, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The JSON of a query is what Python makes of its rows, also where the database has built it."""
    query, expected = CASES[name]
    assert await query().json() == expected
    for compiler in (SqliteCompiler, PostgresCompiler):
        monkeypatch.setattr(compiler, "builds_json", by_python)
    async with Database(crates.url, tables=[Crate]) as other:
        assert await query().json().run(other) == expected


def by_python(compiler: object, node: JsonObject) -> bool:
    """The answer of a database that builds no JSON."""
    return False
