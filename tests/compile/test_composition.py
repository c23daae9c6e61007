"""Tests of composed queries as SQL: the text in each dialect and the values, which the database then runs."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tabor import Database, Query, exists
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
        Gig.select(Gig.id, Person.select(Person.name).where(Person.id == Gig.booker.id).scalar()).limit(5),
        "SELECT gig.id, (SELECT person.name FROM person WHERE (person.id = gig.booker) LIMIT ?1) FROM gig LIMIT ?2",
        "SELECT gig.id, (SELECT person.name FROM person WHERE (person.id = gig.booker) LIMIT $1::bigint) FROM gig "
        "LIMIT $2::bigint",
        (1, 5),
    ),
}
CASES = {**SUBQUERIES}


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
