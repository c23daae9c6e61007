"""Tests of composed queries as SQL: the text in each dialect and the values, which the database then runs."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tabor import Database, Query, alias, cte, exists, optional, recursive
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


SUBQUERIES: dict[str, Case] = {
    "in a query": Case(
        Gig.select(Gig.id).where(Gig.booker.id.is_in(Person.select(Person.id).where(Person.name == "x")), Gig.id > 3),
        "SELECT gig.id FROM gig WHERE (gig.booker IN (SELECT person.id FROM person WHERE (person.name = ?1))) "
        "AND (gig.id > ?2)",
        "SELECT gig.id FROM gig WHERE (gig.booker IN (SELECT person.id FROM person WHERE (person.name = $1::text))) "
        "AND (gig.id > $2::bigint)",
        ("x", 3),
    ),
    "not in a query with nulls": Case(
        Person.select(Person.id).where(Person.id.not_in(Gig.select(Gig.sound(lambda person: person.id)))),
        "SELECT person.id FROM person WHERE (person.id NOT IN (SELECT item FROM (SELECT gig.sound AS item FROM gig) "
        "AS listed WHERE item IS NOT NULL))",
        "SELECT person.id FROM person WHERE (person.id NOT IN (SELECT item FROM (SELECT gig.sound AS item FROM gig) "
        "AS listed WHERE item IS NOT NULL))",
        (),
    ),
    "exists, about the row at hand": Case(
        Person.select(Person.id).where(exists(Gig.select().where(Gig.booker.id == Person.id, Gig.seats > 5))),
        "SELECT person.id FROM person WHERE EXISTS (SELECT 1 FROM gig WHERE (gig.booker = person.id) "
        "AND (gig.seats > ?1))",
        "SELECT person.id FROM person WHERE EXISTS (SELECT 1 FROM gig WHERE (gig.booker = person.id) "
        "AND (gig.seats > $1::bigint))",
        (5,),
    ),
    "a value": Case(
        Gig.select(Gig.id, Person.select(Person.name).where(Person.id == Gig.booker.id).scalar()).limit(7),
        "SELECT gig.id, (SELECT person.name FROM person WHERE (person.id = gig.booker) LIMIT 1) FROM gig LIMIT ?1",
        "SELECT gig.id, (SELECT person.name FROM person WHERE (person.id = gig.booker) LIMIT 1) FROM gig "
        "LIMIT $1::bigint",
        (7,),
    ),
}
COMBINATIONS: dict[str, Case] = {
    "a union, sorted and cut": Case(
        Gig.select(Gig.title)
        .where(Gig.seats > 3)
        .union(Person.select(Person.name).where(Person.id > 4))
        .order_by(Gig.title.desc())
        .limit(7),
        "SELECT combined_1.title FROM (SELECT gig.title AS title FROM gig WHERE (gig.seats > ?1) UNION "
        "SELECT person.name AS title FROM person WHERE (person.id > ?2)) AS combined_1 "
        "ORDER BY combined_1.title DESC LIMIT ?3",
        "SELECT combined_1.title FROM (SELECT gig.title AS title FROM gig WHERE (gig.seats > $1::bigint) UNION "
        "SELECT person.name AS title FROM person WHERE (person.id > $2::bigint)) AS combined_1 "
        "ORDER BY combined_1.title DESC LIMIT $3::bigint",
        (3, 4, 7),
    ),
    "parts of their own": Case(
        Gig.select(Gig.id).limit(1).union_all(Gig.select(Gig.id).except_(Person.select(Person.id))),
        "SELECT combined_2.id FROM (SELECT * FROM (SELECT gig.id AS id FROM gig LIMIT 1) AS part UNION ALL "
        "SELECT combined_1.id AS id FROM (SELECT gig.id AS id FROM gig EXCEPT "
        "SELECT person.id AS id FROM person) AS combined_1) AS combined_2",
        "SELECT combined_2.id FROM (SELECT * FROM (SELECT gig.id AS id FROM gig LIMIT 1) AS part UNION ALL "
        "SELECT combined_1.id AS id FROM (SELECT gig.id AS id FROM gig EXCEPT "
        "SELECT person.id AS id FROM person) AS combined_1) AS combined_2",
        (),
    ),
    "a chain of one operator": Case(
        Gig.select(Gig.id).union(Person.select(Person.id)).union(Gig.select(Gig.seats)),
        "SELECT combined_1.id FROM (SELECT gig.id AS id FROM gig UNION SELECT person.id AS id FROM person UNION "
        "SELECT gig.seats AS id FROM gig) AS combined_1",
        "SELECT combined_1.id FROM (SELECT gig.id AS id FROM gig UNION SELECT person.id AS id FROM person UNION "
        "SELECT gig.seats AS id FROM gig) AS combined_1",
        (),
    ),
    "a condition on a computed column, whose value is there once": Case(
        Gig.select(Gig.title + "!").union(Gig.select(Gig.title)).where(Gig.title + "!" > "m"),
        "SELECT combined_1.column_1 FROM (SELECT (gig.title || ?1) AS column_1 FROM gig UNION "
        "SELECT gig.title AS column_1 FROM gig) AS combined_1 WHERE (combined_1.column_1 > ?2)",
        "SELECT combined_1.column_1 FROM (SELECT (gig.title || $1::text) AS column_1 FROM gig UNION "
        "SELECT gig.title AS column_1 FROM gig) AS combined_1 WHERE (combined_1.column_1 > $2::text)",
        ("!", "!", "m"),
    ),
    "the first row of each": Case(
        Gig.select(Gig.title).where(Gig.id > 3).distinct(on=[Gig.booker.id]).order_by(Gig.seats.desc()).limit(3),
        "SELECT own_0 FROM (SELECT * FROM (SELECT gig.title AS own_0, gig.seats AS sort_0, row_number() OVER "
        "(PARTITION BY gig.booker ORDER BY gig.seats DESC) AS place FROM gig WHERE (gig.id > ?1)) AS numbered "
        "WHERE place = 1) AS firsts ORDER BY sort_0 DESC LIMIT ?2",
        "SELECT own_0 FROM (SELECT DISTINCT ON (gig.booker) gig.title AS own_0, gig.seats AS sort_0 FROM gig "
        "WHERE (gig.id > $1::bigint) ORDER BY gig.booker, gig.seats DESC) AS firsts ORDER BY sort_0 DESC "
        "LIMIT $2::bigint",
        (3, 3),
    ),
}
LARGE = cte("large", Gig.select(Gig.id, Gig.title + "!").where(Gig.seats > 5))
TREE = recursive(
    "tree",
    Gig.select(Gig.id).where(Gig.encore_of.is_null()),
    lambda tree: Gig.select(Gig.id).beside(tree).where(Gig.encore_of(lambda first: first.id) == tree[Gig.id]),
)
NAMED: dict[str, Case] = {
    "a named query, used twice": Case(
        LARGE.select(LARGE[Gig.title + "!"]).where(LARGE[Gig.id].is_in(LARGE.select(LARGE[Gig.id]).limit(7))).limit(9),
        "WITH large (id, column_2) AS (SELECT gig.id AS id, (gig.title || ?1) AS column_2 FROM gig "
        "WHERE (gig.seats > ?2)) SELECT large.column_2 FROM large WHERE (large.id IN (SELECT large.id FROM large "
        "LIMIT ?3)) LIMIT ?4",
        "WITH large (id, column_2) AS (SELECT gig.id AS id, (gig.title || $1::text) AS column_2 FROM gig "
        "WHERE (gig.seats > $2::bigint)) SELECT large.column_2 FROM large WHERE (large.id IN (SELECT large.id FROM "
        "large LIMIT $3::bigint)) LIMIT $4::bigint",
        ("!", 5, "!", 5, 7, 9),
    ),
    "a recursive query beside a table": Case(
        Person.select(Person.name).beside(TREE).where(Person.id == TREE[Gig.id]),
        "WITH RECURSIVE tree (id) AS (SELECT gig.id AS id FROM gig WHERE (gig.encore_of IS NULL) UNION ALL "
        "SELECT gig.id AS id FROM gig CROSS JOIN tree WHERE (gig.encore_of = tree.id)) "
        "SELECT person.name FROM person CROSS JOIN tree WHERE (person.id = tree.id)",
        "WITH RECURSIVE tree (id) AS (SELECT gig.id AS id FROM gig WHERE (gig.encore_of IS NULL) UNION ALL "
        "SELECT gig.id AS id FROM gig CROSS JOIN tree WHERE (gig.encore_of = tree.id)) "
        "SELECT person.name FROM person CROSS JOIN tree WHERE (person.id = tree.id)",
        (),
    ),
}
SEATS = Gig.seats.sum()
TOTALS = cte("totals", Gig.select(Gig.booker.id, SEATS).where(Gig.seats > 5).group_by(Gig.booker.id))
TOTAL, OTHERS = optional(TOTALS), alias(TOTALS, "others")
JOINED: dict[str, Case] = {
    "a left join of a named query": Case(
        Person.select(Person.name, TOTAL[SEATS])
        .left_join(TOTAL, on=(TOTAL[Gig.booker.id] == Person.id) & (TOTAL[SEATS] > 7))
        .where(Person.id < 9),
        "WITH totals (booker, column_2) AS (SELECT gig.booker AS booker, sum(gig.seats) AS column_2 FROM gig "
        "WHERE (gig.seats > ?1) GROUP BY gig.booker) SELECT person.name, totals.column_2 FROM person "
        "LEFT JOIN totals ON ((person.id = totals.booker) AND (totals.column_2 > ?2)) WHERE (person.id < ?3)",
        "WITH totals (booker, column_2) AS (SELECT gig.booker AS booker, sum(gig.seats)::bigint AS column_2 FROM gig "
        "WHERE (gig.seats > $1::bigint) GROUP BY gig.booker) SELECT person.name, totals.column_2 FROM person "
        "LEFT JOIN totals ON ((person.id = totals.booker) AND (totals.column_2 > $2::bigint)) "
        "WHERE (person.id < $3::bigint)",
        (5, 7, 9),
    ),
    "a named query joined to itself": Case(
        TOTALS.select(TOTALS[SEATS], OTHERS[SEATS])
        .join(OTHERS, on=OTHERS[SEATS] > TOTALS[SEATS])
        .where(OTHERS[SEATS] < 9),
        "WITH totals (booker, column_2) AS (SELECT gig.booker AS booker, sum(gig.seats) AS column_2 FROM gig "
        "WHERE (gig.seats > ?1) GROUP BY gig.booker) SELECT totals.column_2, others.column_2 FROM totals "
        "JOIN totals AS others ON (others.column_2 > totals.column_2) WHERE (others.column_2 < ?2)",
        "WITH totals (booker, column_2) AS (SELECT gig.booker AS booker, sum(gig.seats)::bigint AS column_2 FROM gig "
        "WHERE (gig.seats > $1::bigint) GROUP BY gig.booker) SELECT totals.column_2, others.column_2 FROM totals "
        "JOIN totals AS others ON (others.column_2 > totals.column_2) WHERE (others.column_2 < $2::bigint)",
        (5, 5, 9),
    ),
}
CASES = {**SUBQUERIES, **COMBINATIONS, **NAMED, **JOINED}


def test_locks() -> None:
    """A lock names the query's own table or those that it was asked for, which are joined."""
    query = Gig.select(Gig.id)
    locks = {
        "": query.for_update(),
        " SKIP LOCKED": query.for_update(skip_locked=True),
        " NOWAIT": query.for_update(nowait=True),
    }
    for words, locking in locks.items():
        text = PostgresCompiler().compile(locking.statement).sql.replace('"', "")
        assert text == f"SELECT gig.id FROM gig FOR UPDATE OF gig{words}"
    compiled = PostgresCompiler().compile(query.for_update(of=[Gig.booker]).statement)
    assert compiled.sql.replace('"', "") == (
        "SELECT gig.id FROM gig JOIN person AS gig.booker ON gig.booker = gig.booker.id FOR UPDATE OF gig.booker"
    )
    assert not compiled.reads


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
    assert {name: await case.query for name, case in CASES.items()} == {name: [] for name in CASES}
