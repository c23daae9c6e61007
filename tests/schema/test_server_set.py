"""Tests of columns that the database fills: server defaults, computed columns, versions and stamps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tabor import (
    Column,
    Database,
    InvalidValue,
    NotFound,
    QueryError,
    SchemaError,
    StaleRow,
    Table,
    column,
    now,
)
from tabor.compile.postgres.compiler import PostgresCompiler
from tabor.compile.sqlite.compiler import SqliteCompiler
from tabor.schema.catalog import definition
from tabor.schema.facts import facts_of
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Kept(Table):
    """A part with a version and all stamps."""

    version: Column[int] = column(version=True)
    created_at: Column[datetime] = column(stamp="created")
    updated_at: Column[datetime] = column(stamp="updated")
    deleted_at: Column[datetime | None] = column(stamp="deleted")


class Line(Kept):
    """A line of a bill."""

    id: Column[int] = column(primary_key=True)
    item: Column[str] = column(default="tea", unique=True)
    price: Column[Decimal] = column(default=Decimal(2), decimal_places=2)
    count: Column[int] = column(default=1)
    note: Column[str] = column(server_default="it's")
    seen_at: Column[datetime | None] = column(server_default=now())
    total: Column[Decimal] = column(computed=lambda: Line.price * Line.count, decimal_places=2)
    label: Column[str] = column(computed=lambda: Line.item.upper() + "!", index=True)


def test_definitions() -> None:
    """Defaults and computed columns stand in the table's definition, spelled for each database."""
    table = definition(facts_of(Line))
    lite, post = SqliteCompiler().create_table(table)[0].splitlines(), PostgresCompiler().create_table(table)[0]
    clock = "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')"
    assert lite[2:6] == [
        '    "version" INTEGER NOT NULL DEFAULT (1),',
        f'    "created_at" TEXT NOT NULL DEFAULT ({clock}),',
        f'    "updated_at" TEXT NOT NULL DEFAULT ({clock}),',
        '    "deleted_at" TEXT,',
    ]
    assert lite[9:13] == [
        "    \"note\" TEXT NOT NULL DEFAULT ('it''s'),",
        f'    "seen_at" TEXT DEFAULT ({clock}),',
        '    "total" INTEGER NOT NULL GENERATED ALWAYS AS ("price" * "count") STORED,',
        '    "label" TEXT NOT NULL GENERATED ALWAYS AS (upper("item") || \'!\') STORED,',
    ]
    assert post.splitlines()[2:6] == [
        '    "version" bigint NOT NULL DEFAULT (1),',
        '    "created_at" timestamptz NOT NULL DEFAULT (statement_timestamp()),',
        '    "updated_at" timestamptz NOT NULL DEFAULT (statement_timestamp()),',
        '    "deleted_at" timestamptz,',
    ]
    assert post.splitlines()[9:13] == [
        "    \"note\" text COLLATE \"C\" NOT NULL DEFAULT ('it''s'),",
        '    "seen_at" timestamptz DEFAULT (statement_timestamp()),',
        '    "total" numeric(18, 2) NOT NULL GENERATED ALWAYS AS ("price" * "count") STORED,',
        '    "label" text COLLATE "C" NOT NULL GENERATED ALWAYS AS (upper("item") || \'!\') STORED,',
    ]


async def test_a_new_row_is_filled(database_url: str) -> None:
    """The database fills what a new row has no value for; afterwards a default may be changed like any value."""
    async with opened(database_url, Line):
        line = Line(price=Decimal("2.50"), count=3)
        with pytest.raises(AttributeError, match=r"^This Line has no 'note' yet; it gets one when it is saved\.$"):
            _ = line.note
        before = datetime.now(UTC)
        await line.save()
        assert (line.note, line.total, line.label, line.version, line.deleted_at) == (
            "it's",
            Decimal("7.50"),
            "TEA!",
            1,
            None,
        )
        assert line.created_at == line.updated_at == line.seen_at
        assert abs((line.created_at - before).total_seconds()) < 60
        line.note, line.seen_at, line.count = "new", None, 2
        await line.save()
        again = await Line.get(line.id)
        assert (again.note, again.seen_at, again.total, again.version) == ("new", None, Decimal("5.00"), 2)
        assert await Line.select(Line.id).where(Line.label == "TEA!", Line.total == Decimal(5)).values() == [1]
        await Line.insert(*[Line(item=str(number)) for number in range(5)])
        assert await Line.select().where(Line.note == "it's", Line.version == 1).count() == 5


async def test_a_stale_row_is_refused(database_url: str) -> None:
    """A save or remove of a row that somebody else changed raises, with the facts, and changes nothing."""
    async with opened(database_url, Line):
        mine = await Line.insert(Line()).one()
        yours = await Line.get(mine.id)
        mine.count = 2
        await mine.save()
        yours.count = 9
        for attempt in (yours.save, yours.remove):
            with pytest.raises(StaleRow) as caught:
                await attempt()
            assert (caught.value.table, caught.value.key, caught.value.expected) == ("line", mine.id, 1)
        assert (await Line.get(mine.id)).count == 2
        await yours.refresh()
        yours.count = 9
        await yours.save()
        assert (yours.version, yours.created_at <= yours.updated_at) == (3, True)
        await Line.delete().everything()
        yours.count = 10
        with pytest.raises(NotFound):
            await yours.save()


async def test_every_way_of_writing_counts(database_url: str) -> None:
    """Updates by condition, of many rows, and on a conflict are changes too: an older row is stale afterwards."""
    async with opened(database_url, Line):
        line = await Line.insert(Line()).one()
        old = await Line.get(line.id)
        assert await Line.update(Line.count.to(4)).everything() == 1
        old.count = 5
        with pytest.raises(StaleRow):
            await old.save()
        await Line.insert(Line(count=7)).on_conflict(Line.item).update(Line.count)
        await Line.insert(Line(count=8)).on_conflict(Line.item).update()
        await line.refresh()
        line.count = 9
        await Line.update_many([line])
        assert await Line.select(Line.version, Line.count) == [(5, 9)]
        line.count = 10
        await line.save()
        assert await Line.select(Line.version, Line.count) == [(6, 10)]


async def test_removed_rows_are_left_out(database_url: str) -> None:
    """``remove()`` marks; whole rows, columns, counts and reads by key leave marked rows out unless asked."""
    async with opened(database_url, Line):
        line = await Line.insert(Line()).one()
        await Line.insert(Line(item="milk"))
        await line.remove()
        assert line.deleted_at is not None
        assert [row.item for row in await Line.select()] == ["milk"]
        assert await Line.select(Line.item).values() == ["milk"]
        assert await Line.select().count() == 1
        with pytest.raises(NotFound):
            await Line.get(line.id)
        with pytest.raises(NotFound):
            await line.remove()
        everybody = Line.select().with_deleted()
        assert await everybody.count() == 2
        assert (await everybody.get(line.id)).deleted_at == line.deleted_at
        assert await Line.select(Line.item).with_deleted().where(Line.deleted_at.is_not_null()).values() == ["tea"]
        assert [row.item async for row in Line.select().stream()] == ["milk"]
        await line.restore()
        assert await Line.select().where(Line.deleted_at.is_null()).count() == 2
        assert await Line.delete().where(Line.item == "tea") == 1
        assert await everybody.count() == 1


async def test_without_marks(database_url: str) -> None:
    """A table without the stamp deletes for good, and says so where marks are asked for."""

    class Plain(Table):
        id: Column[int] = column(primary_key=True)

    async with opened(database_url, Plain):
        plain = await Plain.insert(Plain()).one()
        with pytest.raises(
            QueryError, match=r'^plain has no column\(stamp="deleted"\); its rows are deleted for good\.$'
        ):
            await plain.restore()
        with pytest.raises(QueryError, match=r'^plain has no column\(stamp="deleted"\); no row of it is marked\.$'):
            Plain.select().with_deleted()
        await plain.remove()
        assert await Plain.select().count() == 0


def test_what_the_database_sets_cannot_be_given() -> None:
    """Setting a computed column, a version or a stamp is refused, on a row and in an update alike."""
    line = Line()
    attempts: list[tuple[Callable[[], object], str]] = [
        (lambda: setattr(line, "version", 3), "Line.version: it is set by the database and cannot be given."),
        (lambda: setattr(line, "total", Decimal(3)), "Line.total: it is set by the database and cannot be given."),
        (lambda: setattr(line, "deleted_at", None), "Line.deleted_at: it is set by the database and cannot be given."),
        (lambda: Line.version.to(3), "Line.version: it is set by the database and cannot be given."),
        (lambda: Line.total.to(Line.price), "Line.total: it is set by the database and cannot be given."),
        (
            lambda: setattr(line, "note", "x"),
            "Line.note: the database fills it when the row is inserted; change it afterwards.",
        ),
    ]
    for attempt, message in attempts:
        with pytest.raises(InvalidValue) as caught:
            attempt()
        assert (str(caught.value), caught.value.code) == (message, "read_only")
    with pytest.raises(TypeError):
        Line(version=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # on purpose


def test_declarations_that_cannot_work() -> None:
    """A default, a computation or a mark that does not fit its column is refused."""

    class Texts(Table):
        id: Column[int] = column(primary_key=True)
        count: Column[int] = column(server_default="x")  # type: ignore[arg-type]  # pyright: ignore[reportAssignmentType]  # on purpose

    class Other(Table):
        id: Column[int] = column(primary_key=True)
        count: Column[int] = column(computed=lambda: Other.name)  # type: ignore[arg-type, return-value]  # pyright: ignore[reportAssignmentType]  # on purpose
        name: Column[str]

    class Empty(Table):
        id: Column[int] = column(primary_key=True)
        maybe: Column[int | None] = column(default=None)
        count: Column[int] = column(computed=lambda: Empty.maybe + 1)  # type: ignore[arg-type, return-value]  # pyright: ignore[reportAssignmentType]  # on purpose

    class Counted(Table):
        id: Column[int] = column(primary_key=True)
        version: Column[str] = column(version=True)

    class Stamped(Table):
        id: Column[int] = column(primary_key=True)
        deleted_at: Column[datetime] = column(stamp="deleted")

    class Twice(Table):
        id: Column[int] = column(primary_key=True)
        one: Column[int] = column(version=True)
        two: Column[int] = column(version=True)

    refusals: dict[type[Table], str] = {
        Texts: "Texts.count: the server default does not fit its own column: expected a whole number, got 'x' (str).",
        Other: "Other.count: what it is computed from gives text, and the column holds a whole number.",
        Empty: "Empty.count: what it is computed from may be null, and the column may not.",
        Counted: "Counted.version: a version is a whole number that is always there, Column[int].",
        Stamped: "Stamped.deleted_at: the stamp 'deleted' needs Column[datetime | None].",
        Twice: "Twice: one and two are both its version column.",
    }
    for table, message in refusals.items():
        with pytest.raises(SchemaError) as caught:
            Database("sqlite:///:memory:", tables=[table]).schema_sql()
        assert str(caught.value) == message
    with pytest.raises(SchemaError, match=r"^column\(\) takes one of server_default and default, not both\.$"):
        column(default=1, server_default=2)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]  # on purpose
