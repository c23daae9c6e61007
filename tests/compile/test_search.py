"""Tests of searches as SQL: the text in each dialect and the values, what makes an index, and how questions travel."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabor import Database, Query
from tabor.compile.postgres.compiler import PostgresCompiler
from tabor.compile.postgres.search import search_text as postgres_text
from tabor.compile.sqlite.compiler import SqliteCompiler
from tabor.compile.sqlite.search import search_text as sqlite_text
from tests.acts import Act, Review, Seat
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Case(NamedTuple):
    """A query, its text in both dialects (quotes left out), and its values."""

    query: Query[Any]
    sqlite: str
    postgres: str
    values: tuple[object, ...]


CASES: dict[str, Case] = {
    "a key that is the rowid": Case(
        Act.select(Act.id).with_deleted().where(Act.found_by.matches("night"), Act.id > 3),
        "SELECT act.id FROM act WHERE (act.id IN (SELECT rowid FROM act_found_by(?1))) AND (act.id > ?2)",
        "SELECT act.id FROM act WHERE (act.found_by @@ $1::text::tsquery) AND (act.id > $2::bigint)",
        ("night", 3),
    ),
    "the best first": Case(
        Act.select(Act.id).with_deleted().order_by(Act.found_by.rank("night").desc()),
        "SELECT act.id FROM act ORDER BY coalesce((SELECT found.score FROM (SELECT rowid AS number, -rank AS score "
        "FROM act_found_by(?1) LIMIT -1) AS found WHERE found.number = act.id), 0.0) DESC",
        "SELECT act.id FROM act ORDER BY CASE WHEN (act.found_by @@ $1::text::tsquery) THEN ts_rank(act.found_by, "
        "querytree($1::text::tsquery)::tsquery)::double precision ELSE 0.0::double precision END DESC",
        ("night",),
    ),
    "a key of two columns": Case(
        Seat.select(Seat.number).where(Seat.found_by.matches("stage")),
        "SELECT seat.number FROM seat WHERE ((seat.hall, seat.number) IN (SELECT hall, number FROM seat_found_by_rows "
        "WHERE search_row IN (SELECT rowid FROM seat_found_by(?1))))",
        "SELECT seat.number FROM seat WHERE (seat.found_by @@ $1::text::tsquery)",
        ("stage",),
    ),
    "a row that may be missing": Case(
        Review.select(Review.text).where(Review.act.inner.found_by.matches("stage")),
        "SELECT review.text FROM review LEFT JOIN act AS review.act ON review.act = review.act.id WHERE "
        "(CASE WHEN review.act.id IS NOT NULL THEN review.act.id IN (SELECT rowid FROM act_found_by(?1)) END)",
        "SELECT review.text FROM review LEFT JOIN act AS review.act ON review.act = review.act.id WHERE "
        "(review.act.found_by @@ $1::text::tsquery)",
        ("stage",),
    ),
}
INDEXES = {
    "sqlite": (
        "CREATE VIRTUAL TABLE IF NOT EXISTS act_found_by USING fts5(title, about, content='act', content_rowid='id', "
        "tokenize='unicode61 remove_diacritics 2');\n"
        "CREATE TRIGGER IF NOT EXISTS act_found_by_insert AFTER INSERT ON act BEGIN INSERT INTO act_found_by (rowid, "
        "title, about) VALUES (new.id, new.title, new.about); END;\n"
        "CREATE TRIGGER IF NOT EXISTS act_found_by_delete AFTER DELETE ON act BEGIN INSERT INTO act_found_by "
        "(act_found_by, rowid, title, about) VALUES ('delete', old.id, old.title, old.about); END;\n"
        "CREATE TRIGGER IF NOT EXISTS act_found_by_update AFTER UPDATE OF id, title, about ON act BEGIN INSERT INTO "
        "act_found_by (act_found_by, rowid, title, about) VALUES ('delete', old.id, old.title, old.about); INSERT INTO "
        "act_found_by (rowid, title, about) VALUES (new.id, new.title, new.about); END;\n"
        "INSERT INTO act_found_by (act_found_by) SELECT 'rebuild' WHERE NOT EXISTS (SELECT 1 FROM "
        "act_found_by_docsize);"
    ),
    "postgresql": (
        "DO $do$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute WHERE attrelid = 'act'::regclass AND "
        "attname = 'found_by' AND NOT attisdropped) THEN ALTER TABLE act ADD COLUMN found_by tsvector GENERATED ALWAYS "
        "AS (tabor_words(left(coalesce(title, ''), 125000)) || '''|'':1'::tsvector || "
        "tabor_words(left(coalesce(about, ''), 125000))) STORED; END IF; END $do$;\n"
        "CREATE INDEX IF NOT EXISTS act_found_by_idx ON act USING gin (found_by);"
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_texts(name: str) -> None:
    """Each form has its text in each dialect, and its question as a value."""
    case = CASES[name]
    statement = case.query.statement
    assert SqliteCompiler().compile(statement).sql.replace('"', "") == case.sqlite
    assert PostgresCompiler().compile(statement).sql.replace('"', "") == case.postgres
    assert statement.values == case.values


async def test_databases_understand_them(database_url: str) -> None:
    """Each database runs the text of its dialect."""
    async with opened(database_url, Act, Review, Seat):
        assert {name: await case.query for name, case in CASES.items()} == {name: [] for name in CASES}


async def test_what_makes_an_index(database_url: str) -> None:
    """An index is made in each database's own way, where it is not there."""
    async with Database(database_url, tables=[Act]) as db:
        made = db.schema_sql().replace('"', "")
    assert made.endswith(INDEXES[database_url.partition(":")[0]])


def test_questions() -> None:
    """A question is spelled for each database out of its words alone."""
    question = 'Pyramid "at ni"* OR head* -rain -"late night"'
    assert sqlite_text(question) == '(("pyramid" AND "at" + "ni"*)) OR (("head"*) NOT ("rain" OR "late" + "night"))'
    assert postgres_text(question) == (
        "(('pyramid' & ('at' <-> 'ni':*))) | (('head':*) & !('rain' | ('late' <-> 'night')))"
    )


@given(st.text())
def test_no_sign_of_a_question_is_an_operator(question: str) -> None:
    """Within the quotes of what a database is given stand letters and digits alone, whatever was typed."""
    for spelled, quote in ((sqlite_text(question), '"'), (postgres_text(question), "'")):
        within = spelled.split(quote)[1::2]
        assert all(word.isalnum() or spelled == '""' for word in within) or not question.isascii()
        outside = "".join(spelled.split(quote)[::2])
        assert set(outside) <= set(" ANDORNOT+*()&|!<->:")
