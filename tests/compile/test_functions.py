"""Tests of functions as SQL: the text for each dialect and the values, which the database then runs."""

from __future__ import annotations

from typing import Any

import pytest

from tabor import Database, Expr, alias, random, tuple_
from tabor.compile.compiler import Compiler
from tabor.compile.postgres.compiler import PostgresCompiler
from tabor.compile.sqlite.compiler import SqliteCompiler
from tests.festival import Gig

pytestmark = pytest.mark.anyio

ROOT = (
    "CASE WHEN CAST(gig.seats AS REAL) < 0.0 THEN json_extract('0', 'undefined') ELSE sqrt(CAST(gig.seats AS REAL)) END"
)
PLACE, OTHER = tuple_(Gig.title, Gig.seats), alias(Gig, "other")
POWER = (
    "CASE WHEN {x} = 0.0 AND {y} < 0.0 OR {x} < 0.0 AND {y} <> floor({y}) THEN json_extract('0', 'undefined') "
    "WHEN abs(pow({x}, {y})) = 9e999 OR pow({x}, {y}) = 0.0 AND {x} <> 0.0 THEN json_extract('0', 'out of range') "
    "ELSE pow({x}, {y}) END"
)
TEXTS = [
    (Gig.title.left(3), "substr(gig.title, ?1, ?2)", (1, 3)),
    (Gig.title.right(3), "substr(gig.title, -?1, ?1)", (3,)),
    (Gig.title.lpad(3, "-"), "tabor_lpad(gig.title, ?1, ?2)", (3, "-")),
    (Gig.title.rpad(Gig.id), "tabor_rpad(gig.title, max(gig.id, ?1), ?2)", (0, " ")),
    (Gig.title.repeat(2), "tabor_repeat(gig.title, ?1)", (2,)),
    (Gig.title.reverse(), "tabor_reverse(gig.title)", ()),
    (Gig.starts_at.quarter(), "((substr(gig.starts_at, 6, 2) + 2) / 3)", ()),
    (Gig.starts_at.day_of_year(), "CAST(strftime('%j', substr(gig.starts_at, 1, 10)) AS INTEGER)", ()),
    (Gig.starts_at.week(), "CAST(strftime('%V', substr(gig.starts_at, 1, 10)) AS INTEGER)", ()),
    (Gig.starts_at.iso_year(), "CAST(strftime('%G', substr(gig.starts_at, 1, 10)) AS INTEGER)", ()),
    (Gig.starts_at.time(), "substr(gig.starts_at, 12, 15)", ()),
    (Gig.note.is_distinct_from("x"), "(gig.note IS NOT ?1)", ("x",)),
    (Gig.note.is_not_distinct_from(Gig.title), "(gig.note IS gig.title)", ()),
    (Gig.note.is_distinct_from(None), "(gig.note IS NOT NULL)", ()),
    (Gig.seats**2, POWER.format(x="CAST(gig.seats AS REAL)", y="?1"), (2,)),
    (Gig.seats.sqrt(), ROOT, ()),
    (Gig.seats.sign(), "sign(gig.seats)", ()),
    (PLACE.is_in([("x", 1), ("y", 2)]), "((gig.title, gig.seats) IN (VALUES (?1, ?2), (?3, ?4)))", ("x", 1, "y", 2)),
    (PLACE.not_in([]), "(1 = 1)", ()),
    (random(), "((random() & 9007199254740991) / 9007199254740992.0)", ()),
]
CLAMPED = "CASE WHEN {0} > 2147483647 THEN 2147483647 ELSE ({0})::int END"
ONE, TWO = CLAMPED.format("$1::bigint"), CLAMPED.format("$2::bigint")
LIMITED = "CASE WHEN {0} > 10000000 THEN 2147483647 ELSE ({0})::int END"
MOMENT = (
    "CASE gig.starts_at WHEN '-infinity' THEN timestamp '0001-01-01 00:00:00' "
    "WHEN 'infinity' THEN timestamp '9999-12-31 23:59:59.999999' ELSE (gig.starts_at AT TIME ZONE 'UTC') END"
)
AT_LEAST = "CASE WHEN gig.id < $1::bigint THEN $1::bigint ELSE gig.id END"
REPEATED = (
    "repeat(gig.title, CASE WHEN gig.title <> '' THEN CASE WHEN $1::bigint > 10000000 / length(gig.title) "
    f"THEN 2147483647 ELSE {ONE} END WHEN $1::bigint IS NOT NULL THEN 0 END)"
)
ON_POSTGRES = [
    (Gig.title.left(3), f"substr(gig.title, {ONE}, {TWO})"),
    (Gig.title.right(3), f"right(gig.title, {ONE})"),
    (Gig.title.lpad(3, "-"), f"lpad(gig.title, {LIMITED.format('$1::bigint')}, $2::text)"),
    (Gig.title.rpad(Gig.id), f"rpad(gig.title, {LIMITED.format(AT_LEAST)}, $2::text)"),
    (Gig.title.repeat(2), REPEATED),
    (Gig.title.reverse(), "reverse(gig.title)"),
    (Gig.starts_at.quarter(), f"extract(quarter from {MOMENT})::bigint"),
    (Gig.starts_at.day_of_year(), f"extract(doy from {MOMENT})::bigint"),
    (Gig.starts_at.week(), f"extract(week from {MOMENT})::bigint"),
    (Gig.starts_at.iso_year(), f"extract(isoyear from {MOMENT})::bigint"),
    (Gig.starts_at.time(), f"{MOMENT}::time"),
    (Gig.note.is_distinct_from("x"), "(gig.note IS DISTINCT FROM $1::text)"),
    (Gig.note.is_not_distinct_from(Gig.title), "(gig.note IS NOT DISTINCT FROM gig.title)"),
    (Gig.note.is_not_distinct_from(None), "(gig.note IS NULL)"),
    (Gig.seats**2, "power(gig.seats::double precision, $1::double precision)"),
    (Gig.seats.sqrt(), "sqrt(gig.seats::double precision)"),
    (Gig.seats.exp(), "exp(gig.seats::double precision)"),
    (Gig.seats.ln(), "ln(gig.seats::double precision)"),
    (Gig.seats.sign(), "sign(gig.seats)::bigint"),
    (
        PLACE.not_in([("x", 1)]),
        "((gig.title, gig.seats) NOT IN (VALUES ($1::text, $2::bigint)))",
    ),
    (
        PLACE.is_in(OTHER.select(OTHER.title, OTHER.seats)),
        "((gig.title, gig.seats) IN (SELECT other.title, other.seats FROM gig AS other))",
    ),
    (random(), "random()"),
]


def text(compiler: Compiler, expression: Expr[Any]) -> str:
    """What stands between SELECT and FROM, without quotes."""
    sql = compiler.compile(Gig.select(expression).statement).sql.replace('"', "")
    return sql.removeprefix("SELECT ").removesuffix(" FROM gig")


@pytest.mark.parametrize(("expression", "expected", "values"), TEXTS)
def test_functions_on_sqlite(expression: Expr[Any], expected: str, values: tuple[object, ...]) -> None:
    """Each function has its text, in which values have places."""
    assert text(SqliteCompiler(), expression) == expected
    assert expression.node.values == values


@pytest.mark.parametrize(("expression", "expected"), ON_POSTGRES)
def test_functions_on_postgres(expression: Expr[Any], expected: str) -> None:
    """Each function has its text, in which places carry their types."""
    assert text(PostgresCompiler(), expression) == expected


@pytest.mark.parametrize("expression", [expression for expression, *_ in TEXTS])
async def test_functions_run(db: Database, expression: Expr[Any]) -> None:
    """The database takes each of them."""
    assert await Gig.select(expression) == []
