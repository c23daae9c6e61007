"""Tests of ON CONFLICT as SQL: the text and the values on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from tabor import QueryError, Runnable, excluded
from tabor.compile.postgres.compiler import PostgresCompiler
from tabor.compile.sqlite.compiler import SqliteCompiler
from tests.festival import Gig, Person, Stage

ROW = Person(email="ann@example.org", name="Ann")
PERSON = "INSERT INTO person (email, name, password)"

QUERIES: dict[str, tuple[Runnable[Any], str, str, tuple[object, ...]]] = {
    "chosen columns": (
        Person.insert(ROW).on_conflict(Person.email).update(Person.name),
        "VALUES (?1, ?2, ?3) ON CONFLICT (email) DO UPDATE SET name = excluded.name",
        "VALUES ($1::text, $2::text, $3::text) ON CONFLICT (email) DO UPDATE SET name = excluded.name",
        (),
    ),
    "all columns": (
        Person.insert(ROW).on_conflict(Person.email).update(),
        "VALUES (?1, ?2, ?3) ON CONFLICT (email) DO UPDATE SET name = excluded.name, password = excluded.password",
        (
            "VALUES ($1::text, $2::text, $3::text) ON CONFLICT (email) DO UPDATE SET name = excluded.name, "
            "password = excluded.password"
        ),
        (),
    ),
    "expressions, a condition, and columns given back": (
        Person.insert(ROW)
        .on_conflict(Person.email)
        .update(Person.name.to(Person.name + "/" + excluded(Person.name)), where=Person.password != "x")
        .returning(Person.id, Person.name + "!"),
        (
            "VALUES (?1, ?2, ?3) ON CONFLICT (email) DO UPDATE SET name = ((person.name || ?4) || excluded.name) "
            "WHERE (person.password <> ?5) RETURNING person.id, (person.name || ?6)"
        ),
        (
            "VALUES ($1::text, $2::text, $3::text) ON CONFLICT (email) DO UPDATE SET "
            "name = ((person.name || $4::text) || excluded.name) WHERE (person.password <> $5::text) "
            "RETURNING person.id, (person.name || $6::text)"
        ),
        ("/", "x", "!"),
    ),
    "a value": (
        Person.insert(ROW).on_conflict(Person.email).update(Person.name.to("again"), Person.password),
        "VALUES (?1, ?2, ?3) ON CONFLICT (email) DO UPDATE SET name = ?4, password = excluded.password",
        (
            "VALUES ($1::text, $2::text, $3::text) ON CONFLICT (email) DO UPDATE SET name = $4::text, "
            "password = excluded.password"
        ),
        ("again",),
    ),
    "ignored by a column": (
        Person.insert(ROW).on_conflict(Person.email).ignore(),
        "VALUES (?1, ?2, ?3) ON CONFLICT (email) DO NOTHING",
        "VALUES ($1::text, $2::text, $3::text) ON CONFLICT (email) DO NOTHING",
        (),
    ),
    "ignored by any constraint": (
        Person.insert(ROW).on_conflict().ignore(),
        "VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        "VALUES ($1::text, $2::text, $3::text) ON CONFLICT DO NOTHING",
        (),
    ),
}


@pytest.mark.parametrize("name", QUERIES)
def test_texts(name: str) -> None:
    """Each form has its text, and its values follow those of the row."""
    query, sqlite, postgres, values = QUERIES[name]
    assert SqliteCompiler().compile(query.statement).sql.replace('"', "") == f"{PERSON} {sqlite}"
    assert PostgresCompiler().compile(query.statement).sql.replace('"', "") == f"{PERSON} {postgres}"
    assert query.statement.values == ("ann@example.org", "Ann", "", *values)


def test_shapes_differ() -> None:
    """Inserts that do different things on a conflict are compiled apart, and the same with other values is not."""
    conflict = Person.insert(ROW).on_conflict(Person.email)
    one, other = conflict.update(Person.name.to("a")), conflict.update(Person.name.to("b"))
    assert one.statement.key == other.statement.key
    shapes = [
        conflict.ignore(),
        one,
        conflict.update(Person.name.to("a"), where=Person.name == "c"),
        Person.insert(ROW).on_conflict().ignore(),
        Person.insert(ROW),
    ]
    assert len({query.statement.key for query in shapes}) == 5


def test_what_cannot_work() -> None:
    """Mistakes are refused with what to do instead."""
    with pytest.raises(QueryError, match=r"^on_conflict\(\) needs the unique column of person by which a row is there"):
        Person.insert(ROW).on_conflict().update(Person.name)
    with pytest.raises(QueryError, match=r"^on_conflict\(\) takes columns of person itself, got <Column Stage\.name>"):
        Person.insert(ROW).on_conflict(Stage.name)
    with pytest.raises(QueryError, match=r"^person\.name is set twice in one update\.$"):
        Person.insert(ROW).on_conflict(Person.email).update(Person.name, Person.name.to("x"))
    with pytest.raises(QueryError, match=r"^stage\.name is not a column of person, which is being updated\.$"):
        Person.insert(ROW).on_conflict(Person.email).update(Stage.name.to("xx"))
    with pytest.raises(QueryError, match=r"^excluded\(\) takes a column of the table that rows are inserted into, got"):
        excluded(Gig.booker.name)
    across = Gig.insert(Gig(title="x", booker=1)).on_conflict(Gig.id).update(Gig.note, where=Gig.booker.name == "Ann")
    with pytest.raises(QueryError, match=r"^on_conflict\(\) changes a row by its own columns, not by those across"):
        SqliteCompiler().compile(across.statement)
