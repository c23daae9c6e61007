"""Tests of what a statement's text says about how it must be run."""

from __future__ import annotations

import pytest

from tabor.engines.postgres.traits import Traits, traits_of

READ = Traits(gives_rows=True, harmless=True, dirties=False, defines=False)
LOCK = Traits(gives_rows=True, harmless=False, dirties=False, defines=False)
WRITE = Traits(gives_rows=False, harmless=False, dirties=False, defines=False)
WRITE_AND_GIVE = Traits(gives_rows=True, harmless=False, dirties=False, defines=False)
UNKNOWN = Traits(gives_rows=True, harmless=False, dirties=True, defines=False)
DEFINE = Traits(gives_rows=False, harmless=False, dirties=False, defines=True)
DEFINE_DIRTY = Traits(gives_rows=False, harmless=False, dirties=True, defines=True)


@pytest.mark.parametrize(
    ("sql", "traits"),
    [
        ('WITH "a" ("x") AS (SELECT 1) UPDATE "g" SET "x" = (SELECT 2)', WRITE),
        ('WITH RECURSIVE "a" ("x") AS (SELECT 1) SELECT "x" FROM "a"', READ),
        ('SELECT "a"."b" FROM "a" WHERE ("a"."b" IN ($1::bigint)) ORDER BY "a"."b" LIMIT $2::bigint', READ),
        ('SELECT count(*) FROM "a"', READ),
        ("SELECT row_to_json(f) FROM (SELECT to_char(x, 'for update (delete)') AS y) AS f", READ),
        ("with n as (select 1) select * from n", READ),
        ("VALUES (1), (2)", READ),
        ("-- insert\nselect 1", READ),
        ('SELECT 1 FROM "a" FOR UPDATE', LOCK),
        ("select * into b from a", LOCK),
        ("with gone as (delete from a returning *) select * from gone", WRITE_AND_GIVE),
        ("INSERT INTO a (b) VALUES ($1::text)", WRITE),
        ('INSERT INTO "a" ("returning") VALUES ($1::text)', WRITE),
        ("INSERT INTO a (b) VALUES ('returning')", WRITE),
        ("INSERT INTO a (b) VALUES (1) RETURNING id", WRITE_AND_GIVE),
        ("UPDATE a SET b = 1", WRITE),
        ("select my_own_function(1)", UNKNOWN),
        ("select set_config('a.b', 'c', false)", UNKNOWN),
        ("SET ROLE admin", UNKNOWN),
        ("call something()", UNKNOWN),
        ("CREATE TABLE a (b text)", DEFINE),
        ("CREATE TEMPORARY TABLE a (b text)", DEFINE_DIRTY),
        ("DO $do$ BEGIN RETURN; END $do$", DEFINE_DIRTY),
    ],
)
def test_traits(sql: str, traits: Traits) -> None:
    """Reads that are safe to repeat, writes with and without rows, definitions, and what nobody can know."""
    assert traits_of(sql) == traits
