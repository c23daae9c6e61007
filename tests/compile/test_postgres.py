"""Tests of the text that the PostgreSQL compiler writes."""

from __future__ import annotations

import pytest

from tabor.compile.compiler import Compiler
from tabor.compile.postgres.compiler import PostgresCompiler
from tabor.compile.postgres.types import column_type, value_type
from tabor.compile.sqlite.compiler import SqliteCompiler
from tabor.datatypes import Array, DataType, Decimal, Duration, Integer, Json, Text
from tabor.tree.definitions import ColumnDefinition, ForeignKeyDefinition, IndexDefinition, OnDelete, TableDefinition
from tests.festival import Gig

COMPILER = PostgresCompiler()


def test_every_place_carries_its_type() -> None:
    """Places are numbered and cast, a limit and an offset included, so that the server never guesses."""
    query = Gig.select(Gig.title).where(Gig.seats > 5, Gig.title.contains("x")).limit(3).offset(2)
    assert COMPILER.compile(query.statement).sql == (
        'SELECT "gig"."title" FROM "gig" WHERE ("gig"."seats" > $1::bigint) AND (strpos("gig"."title", $2::text) > 0) '
        "LIMIT $3::bigint OFFSET $4::bigint"
    )


def test_texts_of_columns_are_no_patterns() -> None:
    """A text that is not known yet is looked for as it stands, without a pattern made of it."""
    query = Gig.select(Gig.id).where(Gig.title.starts_with(Gig.note), Gig.title.ends_with(Gig.note))
    assert COMPILER.compile(query.statement).sql == (
        'SELECT "gig"."id" FROM "gig" WHERE starts_with("gig"."title", "gig"."note") '
        'AND (right("gig"."title", length("gig"."note")) = "gig"."note")'
    )


def test_an_offset_needs_no_limit() -> None:
    """An offset stands alone."""
    assert COMPILER.compile(Gig.select(Gig.id).offset(2).statement).sql == (
        'SELECT "gig"."id" FROM "gig" OFFSET $1::bigint'
    )


def test_nulls_are_the_smallest_value() -> None:
    """Where there may be nulls their place is spelled out; where not, a plain index can serve the order."""
    query = Gig.select(Gig.id).order_by(Gig.note, Gig.note.desc(), Gig.note.asc(nulls_last=True), Gig.title.desc())
    assert COMPILER.compile(query.statement).sql == (
        'SELECT "gig"."id" FROM "gig" ORDER BY "gig"."note" NULLS FIRST, "gig"."note" DESC NULLS LAST, '
        '"gig"."note", "gig"."title" DESC'
    )


def test_lists_are_searched_as_arrays() -> None:
    """A list of simple values is an array, and containment can use an index on it."""
    assert COMPILER.compile(Gig.select(Gig.id).where(Gig.genres.has("folk")).statement).sql == (
        'SELECT "gig"."id" FROM "gig" WHERE ("gig"."genres" @> ARRAY[$1::text])'
    )


@pytest.mark.parametrize(
    ("datatype", "column", "value"),
    [
        (Integer(), "bigint", "bigint"),
        (Text(max_length=3), 'text COLLATE "C"', "text"),
        (Decimal(2, 9), "numeric(9, 2)", "numeric"),
        (Duration(), "interval", "interval"),
        (Json(), "jsonb", "jsonb"),
        (Array(Text()), 'text[] COLLATE "C"', "text[]"),
        (Array(Decimal(2, 9)), "numeric(9, 2)[]", "numeric[]"),
        (Array(Array(Integer())), "jsonb", "jsonb"),
        (Array(Json()), "jsonb", "jsonb"),
    ],
)
def test_types(datatype: DataType, column: str, value: str) -> None:
    """What a column is declared as, and what a value for it is cast to."""
    assert (column_type(datatype), value_type(datatype)) == (column, value)


def test_keys_that_go_in_a_circle_are_added_last() -> None:
    """A key to a table that is created later waits for it; a key to the own table does not."""

    def table(name: str, *targets: str) -> TableDefinition:
        keys = [ForeignKeyDefinition(f"{name}_{t}_fkey", (t,), t, ("id",), "restrict") for t in targets]
        columns = [ColumnDefinition(t, Integer(), nullable=True) for t in targets]
        identity = ColumnDefinition("id", Integer(), nullable=False, generated=True)
        return TableDefinition(name, (identity, *columns), ("id",), foreign_keys=tuple(keys))

    statements = COMPILER.create_tables([table("a", "a", "b"), table("b", "a")])
    assert [statement.split(" (")[0] for statement in statements[:2]] == [
        'CREATE TABLE IF NOT EXISTS "a"',
        'CREATE TABLE IF NOT EXISTS "b"',
    ]
    assert '"a_b_fkey"' not in statements[0]
    assert '"a_a_fkey"' in statements[0]
    assert '"b_a_fkey"' in statements[1]
    assert statements[2].startswith("DO $do$")
    assert 'ADD CONSTRAINT "a_b_fkey" FOREIGN KEY ("b") REFERENCES "b" ("id")' in statements[2]


@pytest.mark.parametrize(
    ("on_delete", "rules"),
    [
        ("restrict", "ON DELETE NO ACTION DEFERRABLE INITIALLY IMMEDIATE"),
        ("cascade", "ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE"),
        ("set null", "ON DELETE SET NULL DEFERRABLE INITIALLY IMMEDIATE"),
        ("set default", "ON DELETE SET DEFAULT DEFERRABLE INITIALLY IMMEDIATE"),
    ],
)
@pytest.mark.parametrize("compiler", [COMPILER, SqliteCompiler()])
def test_a_deferrable_key(compiler: Compiler, on_delete: OnDelete, rules: str) -> None:
    """A deferrable key says so on both databases, and refuses no delete before its check."""
    column = ColumnDefinition("a", Integer(), nullable=True)
    foreign = ForeignKeyDefinition("b_a_fkey", ("a",), "a", ("id",), on_delete, deferrable=True)
    (statement,) = compiler.create_table(TableDefinition("b", (column,), (), foreign_keys=(foreign,)))
    assert f'FOREIGN KEY ("a") REFERENCES "a" ("id") {rules}\n)' in statement


def test_an_index_on_a_nullable_column_serves_the_order_of_queries() -> None:
    """Nulls stand first in the index too."""
    column = ColumnDefinition("note", Text(), nullable=True)
    table = TableDefinition("gig", (column,), (), indexes=(IndexDefinition("gig_note_idx", "gig", ("note",)),))
    assert COMPILER.create_table(table)[1] == 'CREATE INDEX IF NOT EXISTS "gig_note_idx" ON "gig" ("note" NULLS FIRST)'


def test_long_names_are_shortened_apart() -> None:
    """A name that the server would cut is cut here, by bytes, so that two of them stay different."""
    one, two = COMPILER.name("é" * 40 + "one"), COMPILER.name("é" * 40 + "two")
    assert one != two
    assert max(len(one.encode()), len(two.encode())) <= 63
    assert COMPILER.name("short") == "short"
