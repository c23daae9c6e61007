"""Tests of rows as Arrow tables: exact types, empty results, empty values."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from uuid import UUID

import pytest

from tabor import Column, ConfigurationError, QueryError, Table, column
from tests.festival import Person, opened

pytestmark = pytest.mark.anyio


class Size(IntEnum):
    """How large a thing is."""

    small = 1
    large = 2


class Kind(StrEnum):
    """What sort of thing it is."""

    wood = "wood"
    iron = "iron"


class Thing(Table):
    """Has a column of every type, some of which may be empty."""

    id: Column[int] = column(primary_key=True)
    weight: Column[float] = column(default=0.5)
    sold: Column[bool] = column(default=True)
    name: Column[str] = column(default="é")
    data: Column[bytes] = column(default=b"\x00\xff")
    price: Column[Decimal] = column(default=Decimal("12.5"), max_digits=18, decimal_places=2)
    day: Column[date] = column(default=date(2030, 2, 28))
    hour: Column[time] = column(default=time(18, 30, 0, 5))
    made_at: Column[datetime] = column(default=datetime(2030, 5, 1, 18, 0, 0, 7, tzinfo=UTC))
    took: Column[timedelta] = column(default=timedelta(days=1, microseconds=3))
    code: Column[UUID] = column(default=UUID(int=5))
    size: Column[Size] = column(default=Size.large)
    kind: Column[Kind] = column(default=Kind.iron)
    extra: Column[dict[str, object]] = column(default_factory=lambda: {"b": 1, "a": [None, 1.5]})
    tags: Column[list[str]] = column(default_factory=lambda: ["x", "y"])
    marks: Column[list[Decimal]] = column(default_factory=lambda: [Decimal("1.5")])
    grid: Column[list[list[int]]] = column(default_factory=lambda: [[1], [2, 3]])
    note: Column[str | None] = column(default=None)
    seen_at: Column[datetime | None] = column(default=None)
    cost: Column[Decimal | None] = column(default=None, decimal_places=3)
    more: Column[list[int] | None] = column(default=None)


SCHEMA = """
id: int64 not null
weight: double not null
sold: bool not null
name: string not null
data: binary not null
price: decimal128(38, 2) not null
day: date32[day] not null
hour: time64[us] not null
made_at: timestamp[us, tz=UTC] not null
took: duration[us] not null
code: string not null
size: int64 not null
kind: string not null
extra: string not null
tags: list<item: string> not null
  child 0, item: string
marks: list<item: decimal128(38, 6)> not null
  child 0, item: decimal128(38, 6)
grid: list<item: list<item: int64>> not null
  child 0, item: list<item: int64>
      child 0, item: int64
note: string
seen_at: timestamp[us, tz=UTC]
cost: decimal128(38, 3)
more: list<item: int64>
  child 0, item: int64
""".strip()


async def test_every_type(database_url: str) -> None:
    """Each column has its exact type and its exact values, the same on every database."""
    async with opened(database_url, Thing):
        await Thing.insert(
            Thing(), Thing(note="n", seen_at=datetime(1, 1, 1, tzinfo=UTC), cost=Decimal("0.001"), more=[7])
        )
        table = await Thing.select().order_by(Thing.id).arrow()
        assert str(table.schema) == SCHEMA
        first, second = table.to_pylist()
        assert first == {
            "id": 1,
            "weight": 0.5,
            "sold": True,
            "name": "é",
            "data": b"\x00\xff",
            "price": Decimal("12.50"),
            "day": date(2030, 2, 28),
            "hour": time(18, 30, 0, 5),
            "made_at": datetime(2030, 5, 1, 18, 0, 0, 7, tzinfo=UTC),
            "took": timedelta(days=1, microseconds=3),
            "code": str(UUID(int=5)),
            "size": 2,
            "kind": "iron",
            "extra": '{"a":[null,1.5],"b":1}',
            "tags": ["x", "y"],
            "marks": [Decimal("1.5")],
            "grid": [[1], [2, 3]],
            "note": None,
            "seen_at": None,
            "cost": None,
            "more": None,
        }
        assert [second["note"], second["cost"], second["more"]] == ["n", Decimal("0.001"), [7]]
        assert second["seen_at"] == datetime(1, 1, 1, tzinfo=UTC)


async def test_no_rows(database_url: str) -> None:
    """A result without rows has the same types."""
    async with opened(database_url, Thing):
        table = await Thing.select().arrow()
        assert (table.num_rows, str(table.schema)) == (0, SCHEMA)


async def test_what_is_selected(database_url: str) -> None:
    """Columns are named as in a dict, aggregates have their types, and secrets of whole rows are left out."""
    async with opened(database_url):
        await Person.insert(Person(email="ann@example.org", name="Ann", password="x"))
        assert (await Person.select().arrow()).column_names == ["id", "email", "name"]
        counted = await Person.select(Person.name, Person.id.count(), Person.id.sum()).group_by(Person.name).arrow()
        assert counted.to_pydict() == {"name": ["Ann"], "count_id": [1], "sum_id": [1]}
        with pytest.raises(QueryError, match=r"^dicts\(\).*follow select\(\) or returning\(\) directly"):
            Person.select(Person.name).values().arrow()


async def test_without_the_library(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pyarrow is not installed, the error says what to install."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    async with opened(database_url):
        with pytest.raises(ConfigurationError, match=r'which is not installed: pip install "tabor\[arrow\]"\.$'):
            await Person.select().arrow()
