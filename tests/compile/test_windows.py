"""Tests of aggregates, windows and fragments as SQL: the text in each dialect and the values, which databases run."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from tabor import (
    Database,
    Query,
    count,
    every,
    first_value,
    lag,
    list_agg,
    nth_value,
    ntile,
    raw,
    row_number,
    some,
    string_agg,
)
from tabor.compile.postgres.compiler import PostgresCompiler
from tabor.compile.sqlite.compiler import SqliteCompiler
from tests.festival import Gig, Person

pytestmark = pytest.mark.anyio


class Case(NamedTuple):
    """A query, its text in both dialects (quotes left out), and its values."""

    query: Query[Any]
    sqlite: str
    postgres: str
    values: tuple[object, ...]


AGGREGATES: dict[str, Case] = {
    "a filter": Case(
        Gig.select(count().filter(Gig.seats > 3, Gig.id < 9), Gig.seats.sum().filter(Gig.id != 4)).where(Gig.id > 1),
        "SELECT count(*) FILTER (WHERE ((gig.seats > ?1) AND (gig.id < ?2))), sum(gig.seats) FILTER (WHERE "
        "(gig.id <> ?3)) FROM gig WHERE (gig.id > ?4)",
        "SELECT count(*) FILTER (WHERE ((gig.seats > $1::bigint) AND (gig.id < $2::bigint))), sum(gig.seats) "
        "FILTER (WHERE (gig.id <> $3::bigint))::bigint FROM gig WHERE (gig.id > $4::bigint)",
        (3, 9, 4, 1),
    ),
    "different values": Case(
        Gig.select(Gig.seats.sum(distinct=True), Gig.seats.avg(distinct=True), Gig.fee.avg(distinct=True)),
        "SELECT sum(DISTINCT gig.seats), avg(DISTINCT gig.seats), (total(DISTINCT gig.fee) / (count(DISTINCT "
        "gig.fee) * 100.0)) FROM gig",
        "SELECT sum(DISTINCT gig.seats)::bigint, (sum(DISTINCT gig.seats)::double precision / "
        "nullif(count(DISTINCT gig.seats), 0)), (sum(DISTINCT (gig.fee * 100::numeric)::bigint)::double precision"
        " / (nullif(count(DISTINCT gig.fee), 0) * 100)) FROM gig",
        (),
    ),
    "lists": Case(
        Gig.select(list_agg(Gig.id), list_agg(Gig.note, order_by=[Gig.seats.desc(), Gig.id]).filter(Gig.id > 3)),
        "SELECT ('[' || coalesce(group_concat(json_quote(gig.id) ORDER BY gig.id), '') || ']'), ('[' || "
        "coalesce(group_concat(json_quote(gig.note) ORDER BY gig.seats DESC, gig.id) FILTER (WHERE (gig.note IS "
        "NOT NULL) AND (gig.id > ?1)), '') || ']') FROM gig",
        "SELECT coalesce(array_agg(gig.id ORDER BY gig.id), '{}'), coalesce(array_agg(gig.note ORDER BY gig.seats"
        " DESC, gig.id) FILTER (WHERE (gig.note IS NOT NULL) AND (gig.id > $1::bigint)), '{}') FROM gig",
        (3,),
    ),
    "texts": Case(
        Gig.select(string_agg(Gig.title + "!", ", "), string_agg(Gig.title, ",", order_by=Gig.id)),
        "SELECT group_concat((gig.title || ?1), ?2 ORDER BY (gig.title || ?1)), group_concat(gig.title, ?3 ORDER "
        "BY gig.id) FROM gig",
        "SELECT (string_agg((gig.title || $1::text), $2::text ORDER BY (gig.title || $1::text))) COLLATE C, "
        "(string_agg(gig.title, $3::text ORDER BY gig.id)) COLLATE C FROM gig",
        ("!", ", ", ","),
    ),
    "different texts, with a value in their order": Case(
        Gig.select(string_agg(Gig.title + "!", ", ", distinct=True, order_by=(Gig.title + "!").desc())).limit(7),
        "SELECT replace(replace(replace(group_concat(DISTINCT replace(replace((gig.title || ?1), '%', '%0'), ',',"
        " '%1') ORDER BY (gig.title || ?1) DESC), ',', replace(replace(?2, '%', '%0'), ',', '%1')), '%1', ','), "
        "'%0', '%') FROM gig LIMIT ?3",
        "SELECT (string_agg(DISTINCT (gig.title || $1::text), $2::text ORDER BY (gig.title || $1::text) DESC)) "
        "COLLATE C FROM gig LIMIT $3::bigint",
        ("!", ", ", "!", 7),
    ),
    "all and any": Case(
        Gig.select(Gig.mood).group_by(Gig.mood).having(every(Gig.seats > 3), some(Gig.id < 4)),
        "SELECT gig.mood FROM gig GROUP BY gig.mood HAVING min((gig.seats > ?1)) AND max((gig.id < ?2))",
        "SELECT gig.mood FROM gig GROUP BY gig.mood HAVING bool_and((gig.seats > $1::bigint)) AND bool_or((gig.id"
        " < $2::bigint))",
        (3, 4),
    ),
}
WINDOWS: dict[str, Case] = {
    "a place": Case(
        Gig.select(row_number().over(partition_by=[Gig.mood, Gig.booker.name], order_by=[Gig.seats.desc(), Gig.note])),
        "SELECT row_number() OVER (PARTITION BY gig.mood, gig.booker.name ORDER BY gig.seats DESC, gig.note) FROM"
        " gig JOIN person AS gig.booker ON gig.booker = gig.booker.id",
        "SELECT row_number() OVER (PARTITION BY gig.mood, gig.booker.name ORDER BY gig.seats DESC, gig.note NULLS"
        " FIRST) FROM gig JOIN person AS gig.booker ON gig.booker = gig.booker.id",
        (),
    ),
    "numbers and defaults": Case(
        Gig.select(
            ntile(4).over(order_by=Gig.id),
            lag(Gig.seats, 2, 0).over(order_by=Gig.id),
            nth_value(Gig.title, 3).over(order_by=Gig.id, rows=(None, None)),
        ),
        "SELECT ntile(?1) OVER (ORDER BY gig.id), lag(gig.seats, ?2, ?3) OVER (ORDER BY gig.id), "
        "nth_value(gig.title, ?4) OVER (ORDER BY gig.id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
        " FROM gig",
        "SELECT ntile(($1::bigint)::int) OVER (ORDER BY gig.id)::bigint, lag(gig.seats, ($2::bigint)::int, "
        "$3::bigint) OVER (ORDER BY gig.id), nth_value(gig.title, ($4::bigint)::int) OVER (ORDER BY gig.id ROWS "
        "BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM gig",
        (4, 2, 0, 3),
    ),
    "frames": Case(
        Gig.select(
            Gig.seats.sum().over(order_by=Gig.id, rows=(-2, 0)),
            Gig.fee.sum().over(order_by=Gig.fee.desc(), range_=(Decimal("-0.5"), 1)),
            first_value(Gig.id).over(order_by=Gig.seats, range_=(-3, None)),
        ),
        "SELECT sum(gig.seats) OVER (ORDER BY gig.id ROWS BETWEEN ?1 PRECEDING AND CURRENT ROW), sum(gig.fee) "
        "OVER (ORDER BY gig.fee DESC RANGE BETWEEN ?2 PRECEDING AND ?3 FOLLOWING), first_value(gig.id) OVER "
        "(ORDER BY gig.seats RANGE BETWEEN ?4 PRECEDING AND UNBOUNDED FOLLOWING) FROM gig",
        "SELECT sum(gig.seats) OVER (ORDER BY gig.id ROWS BETWEEN $1::bigint PRECEDING AND CURRENT ROW)::bigint, "
        "((sum(gig.fee) OVER (ORDER BY gig.fee DESC RANGE BETWEEN $2::numeric PRECEDING AND $3::numeric "
        "FOLLOWING) * 100::numeric)::bigint * 1e-2::numeric(3, 2)), first_value(gig.id) OVER (ORDER BY gig.seats "
        "RANGE BETWEEN $4::bigint PRECEDING AND UNBOUNDED FOLLOWING) FROM gig",
        (2, Decimal("0.50"), Decimal("1.00"), 3),
    ),
    "a filter, a window, and what comes after": Case(
        Gig.select(Gig.seats.avg().filter(Gig.seats > 3).over(partition_by=Gig.mood)).where(Gig.id > 5).limit(7),
        "SELECT avg(gig.seats) FILTER (WHERE (gig.seats > ?1)) OVER (PARTITION BY gig.mood) FROM gig WHERE "
        "(gig.id > ?2) LIMIT ?3",
        "SELECT (sum(gig.seats) FILTER (WHERE (gig.seats > $1::bigint)) OVER (PARTITION BY gig.mood)::double "
        "precision / nullif(count(gig.seats) FILTER (WHERE (gig.seats > $1::bigint)) OVER (PARTITION BY "
        "gig.mood), 0)) FROM gig WHERE (gig.id > $2::bigint) LIMIT $3::bigint",
        (3, 5, 7),
    ),
}
FRAGMENTS: dict[str, Case] = {
    "everywhere": Case(
        Gig.select(raw("{} % {}", Gig.seats, 7, kind=int))
        .where(raw("{} > {}", Gig.booker.name, "x", kind=bool))
        .order_by(raw("{} * 1.5", Gig.id, kind=float)),
        "SELECT (gig.seats % ?1) FROM gig JOIN person AS gig.booker ON gig.booker = gig.booker.id WHERE "
        "(gig.booker.name > ?2) ORDER BY CAST((gig.id * 1.5) AS REAL)",
        "SELECT (gig.seats % $1::bigint)::bigint FROM gig JOIN person AS gig.booker ON gig.booker = gig.booker.id"
        " WHERE (gig.booker.name > $2::text)::boolean ORDER BY (gig.id * 1.5)::double precision",
        (7, "x"),
    ),
    "around expressions": Case(
        Person.select(raw("{} || {}", Person.name + "!", raw("{}", 3, kind=int), kind=str)),
        "SELECT ((person.name || ?1) || (?2)) FROM person",
        "SELECT ((person.name || $1::text) || ($2::bigint)::bigint)::text FROM person",
        ("!", 3),
    ),
}
CASES = {**AGGREGATES, **WINDOWS, **FRAGMENTS}


@pytest.mark.parametrize("name", CASES)
def test_texts(name: str) -> None:
    """Each form has its text in each dialect and its values in order."""
    case = CASES[name]
    statement = case.query.statement
    assert SqliteCompiler().compile(statement).sql.replace('"', "") == case.sqlite
    assert PostgresCompiler().compile(statement).sql.replace('"', "") == case.postgres
    assert statement.values == case.values


async def test_databases_understand_them(db: Database) -> None:
    """Each database runs the text of its dialect."""
    for case in CASES.values():
        await case.query
