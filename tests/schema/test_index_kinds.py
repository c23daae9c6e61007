"""Tests of indexes that bring columns along, and of kinds that not every database has."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tabor import (
    Column,
    Constraint,
    Database,
    ForeignKey,
    JsonValue,
    SchemaError,
    Table,
    UnsupportedFeature,
    column,
    index,
)
from tabor.compile.postgres.compiler import PostgresCompiler
from tabor.compile.sqlite.compiler import SqliteCompiler
from tabor.schema.definition import definition
from tabor.schema.facts import facts_of
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Hall(Table):
    """Where something is."""

    id: Column[int] = column(primary_key=True)


class Night(Table):
    """What is where."""

    id: Column[int] = column(primary_key=True)
    title: Column[str]
    seats: Column[int] = column(name="Seats")
    note: Column[str | None] = column(default=None)
    hall: ForeignKey[Hall]

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """Indexes that any database can make."""
        return [
            index(cls.title, include=[cls.seats, cls.hall], name="by_title"),
            index(cls.title.lower(), cls.note.desc(), include=[cls.seats], where=cls.seats > 0, name="by_note"),
            index(cls.note, using="btree", name="plain"),
        ]


class Tagged(Table):
    """Columns for each kind of index."""

    id: Column[int] = column(primary_key=True)
    tags: Column[list[str]] = column(default_factory=list)
    facts: Column[JsonValue] = column(default=None)
    code: Column[str] = column(default="")
    day: Column[int] = column(default=0)

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """Kinds of one database."""
        return [
            index(cls.tags, using="gin"),
            index(cls.facts, using="gin", opclasses=["jsonb_path_ops"], name="by_facts"),
            index(cls.code, using="hash", where=cls.day > 3),
            index(cls.day, using="brin", name="by_day"),
            index(cls.code, opclasses=["text_pattern_ops"], name="by_code"),
        ]


async def test_columns_that_are_brought_along(database_url: str) -> None:
    """Such an index is made on every database, and made once."""
    async with opened(database_url, Hall, Night) as db:
        await db.create_tables()
        await Hall().save()
        await Night(title="a", seats=3, hall=1).save()
        assert await Night.select(Night.seats).where(Night.title == "a").values() == [3]


async def test_kinds_of_one_database(postgres_url: str) -> None:
    """PostgreSQL makes each kind, with the operator class that is asked for."""
    async with opened(postgres_url, Tagged, Hall, Night) as db:
        await db.create_tables()
        asked = "select indexdef from pg_indexes where tablename = {} and indexname not like {} order by indexname"
        found = [str(sql).partition(" USING ")[2] for sql in await db.sql(asked, "tagged", "%_pkey").values()]
        assert found == [
            "btree (code text_pattern_ops)",
            "brin (day)",
            "gin (facts jsonb_path_ops)",
            "hash (code) WHERE (day > 3)",
            "gin (tags)",
        ]
        (night,) = await db.sql("select indexdef from pg_indexes where indexname = {}", "by_title").values()
        assert str(night).endswith('btree (title) INCLUDE ("Seats", hall)')
        await Tagged(tags=["folk"], facts={"a": [1]}).save()
        assert await Tagged.select().where(Tagged.tags.has("folk")).count() == 1


def test_other_databases_refuse() -> None:
    """Where the database does not have such an index the tables are not made, and the error says what to write."""
    with pytest.raises(UnsupportedFeature) as caught:
        Database("sqlite:///:memory:", tables=[Tagged]).schema_sql()
    assert caught.value.feature == "index(using='gin')"
    assert str(caught.value) == (
        "This database cannot make the index tagged_tags_idx of tagged: it does not have using='gin'. Leave that out, "
        "or make the index by db.sql() on the databases that have it."
    )


async def test_nothing_is_made(tmp_path: object) -> None:
    """A table with such an index is not made without it."""
    async with Database(f"sqlite:///{tmp_path}/test.db", tables=[Hall, Tagged]) as db:
        with pytest.raises(UnsupportedFeature):
            await db.create_tables()
        assert await db.sql("select count(*) from sqlite_schema where name in ('hall', 'tagged')").values() == [0]


def test_operator_classes() -> None:
    """They are refused by databases without them, too."""

    class Coded(Table):
        id: Column[int] = column(primary_key=True)
        code: Column[str]

        @classmethod
        def constraints(cls) -> list[Constraint]:
            return [index(cls.code, opclasses=["text_pattern_ops"], name="by_code")]

    with pytest.raises(
        UnsupportedFeature, match=r"index by_code of coded: it does not have opclasses=\. Leave that out"
    ):
        SqliteCompiler().create_table(definition(facts_of(Coded)))
    assert PostgresCompiler().create_table(definition(facts_of(Coded)))[1].endswith('("code" "text_pattern_ops")')


class Parts(Table):
    """Columns for indexes that cannot be."""

    id: Column[int] = column(primary_key=True)
    code: Column[str]
    day: Column[int]


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lambda: index(Parts.code, Parts.day, using="hash"), "a hash index is over one column; declare one for each."),
        (
            lambda: index(Parts.code, using="gin", include=[Parts.day]),
            "a gin index brings no columns along; leave include= out.",
        ),
        (lambda: index(Parts.day.desc(), using="brin"), "a brin index has no order; leave desc() and nulls_last out."),
        (
            lambda: index(Parts.code, Parts.day, opclasses=["text_ops"]),
            "opclasses= names one operator class for each of its 2 columns.",
        ),
        (
            lambda: index(Parts.code, using="bloom"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the mistake
            "using= is one of 'btree', 'hash', 'gin', 'gist', 'spgist', 'brin', got 'bloom'.",
        ),
        (lambda: index(Parts.code, include=[Parts.code.lower()]), "Parts: index(include=...) takes columns."),
    ],
)
def test_indexes_that_cannot_be(made: Callable[[], Constraint], why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no database has of a kind of index is refused where the tables are given."""

    def constraints(cls: type[Parts]) -> list[Constraint]:
        return [made()]

    monkeypatch.setattr(Parts, "constraints", classmethod(constraints))
    with pytest.raises(SchemaError, match=re.escape(why)):
        Database("sqlite:///:memory:", tables=[Parts])
