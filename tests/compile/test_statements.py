"""Tests of statements as SQL: the text and the values of each clause, which the database then runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tabor import Database, Expr, Query, QueryError, Runnable, cast, value
from tabor.compile.sqlite.compiler import SqliteCompiler
from tests.festival import Gig, Mood, Person, Stage, ann, opened

pytestmark = pytest.mark.anyio


@pytest.fixture
async def db() -> AsyncIterator[Database]:
    """A database in memory with the festival's tables."""
    async with opened("sqlite:///:memory:") as database:
        yield database


def sql(query: Runnable[Any]) -> tuple[str, tuple[object, ...]]:
    """The text of a query from its source on, and its values in order."""
    text = SqliteCompiler().compile(query.statement).sql
    return text.replace('"', ""), query.statement.values


REAL = cast(Gig.seats, float)
SELECTS: dict[str, tuple[Query[Any], str, tuple[object, ...]]] = {
    "columns": (Gig.select(Gig.id, Gig.title), "SELECT gig.id, gig.title FROM gig", ()),
    "whole rows": (Stage.select(), "SELECT stage.id, stage.name, stage.owner FROM stage", ()),
    "a condition": (
        Gig.select(Gig.id).where(Gig.title == "x"),
        "SELECT gig.id FROM gig WHERE (gig.title = ?1)",
        ("x",),
    ),
    "several conditions": (
        Gig.select(Gig.id).where(Gig.title == "x", Gig.seats > 1).where(Gig.note.is_null()),
        "SELECT gig.id FROM gig WHERE (gig.title = ?1) AND (gig.seats > ?2) AND (gig.note IS NULL)",
        ("x", 1),
    ),
    "and, or, not": (
        Gig.select(Gig.id).where(~((Gig.title == "x") & (Gig.seats > 1)) | (Gig.seats < 3)),
        "SELECT gig.id FROM gig WHERE ((NOT ((gig.title = ?1) AND (gig.seats > ?2))) OR (gig.seats < ?3))",
        ("x", 1, 3),
    ),
    "None": (
        Gig.select(Gig.id).where(Gig.note == None, Gig.note != None),
        "SELECT gig.id FROM gig WHERE (gig.note IS NULL) AND (gig.note IS NOT NULL)",
        (),
    ),
    "between": (
        Gig.select(Gig.id).where(Gig.seats.between(1, 3)),
        "SELECT gig.id FROM gig WHERE (gig.seats BETWEEN ?1 AND ?2)",
        (1, 3),
    ),
    "a list, padded to a power of two": (
        Gig.select(Gig.id).where(Gig.seats.is_in([1, 2, 3])),
        "SELECT gig.id FROM gig WHERE (gig.seats IN (?1, ?2, ?3, ?4))",
        (1, 2, 3, 3),
    ),
    "an empty list": (
        Gig.select(Gig.id).where(Gig.seats.is_in([]), Gig.seats.not_in([])),
        "SELECT gig.id FROM gig WHERE (1 = 0) AND (1 = 1)",
        (),
    ),
    "patterns": (
        Gig.select(Gig.id).where(Gig.title.like("a%"), Gig.title.ilike("_b"), Gig.title.contains("%")),
        (
            "SELECT gig.id FROM gig WHERE (gig.title GLOB ?1) AND (gig.title LIKE ?2 ESCAPE '\\') "
            "AND (instr(gig.title, ?3) > 0)"
        ),
        ("a%", "_b", "%"),
    ),
    "text that is no pattern": (
        Gig.select(Gig.id).where(Gig.title.starts_with("50%_\\"), Gig.title.icontains("%")),
        "SELECT gig.id FROM gig WHERE (gig.title GLOB ?1) AND (gig.title LIKE ?2 ESCAPE '\\')",
        ("50\\%\\_\\\\%", "%\\%%"),
    ),
    "text of a column within that of another": (
        Gig.select(Gig.id).where(Gig.title.starts_with(Gig.note), Gig.title.ends_with(value("x"))),
        (
            "SELECT gig.id FROM gig WHERE (substr(gig.title, 1, length(gig.note)) = gig.note) "
            "AND (substr(gig.title, -length(?1), length(?1)) = ?1)"
        ),
        ("x",),
    ),
    "an item of a list": (
        Gig.select(Gig.id).where(Gig.genres.has("folk")),
        "SELECT gig.id FROM gig WHERE EXISTS (SELECT 1 FROM json_each(gig.genres) AS item WHERE item.value = ?1)",
        ("folk",),
    ),
    "a column across a key": (
        Gig.select(Gig.title, Gig.booker.email),
        "SELECT gig.title, gig.booker.email FROM gig JOIN person AS gig.booker ON gig.booker = gig.booker.id",
        (),
    ),
    "a column across a key that may be empty": (
        Gig.select(Gig.title, Gig.sound(lambda person: person.email)),
        "SELECT gig.title, gig.sound.email FROM gig LEFT JOIN person AS gig.sound ON gig.sound = gig.sound.id",
        (),
    ),
    "three hops": (
        Gig.select(Gig.id).where(Gig.encore_of(lambda first: first.stage(lambda stage: stage.owner.name)) == "Ann"),
        (
            "SELECT gig.id FROM gig LEFT JOIN gig AS gig.encore_of ON gig.encore_of = gig.encore_of.id "
            "LEFT JOIN stage AS gig.encore_of.stage ON gig.encore_of.stage = gig.encore_of.stage.id "
            "LEFT JOIN person AS gig.encore_of.stage.owner "
            "ON gig.encore_of.stage.owner = gig.encore_of.stage.owner.id WHERE (gig.encore_of.stage.owner.name = ?1)"
        ),
        ("Ann",),
    ),
    "a key across a key, which needs no join": (
        Gig.select(Gig.booker.id).where(Gig.sound(lambda person: person.id) == 3),
        "SELECT gig.booker FROM gig WHERE (gig.sound = ?1)",
        (3,),
    ),
    "an order across a key alone": (
        Gig.select(Gig.id).order_by(Gig.booker.name.desc(), Gig.id),
        (
            "SELECT gig.id FROM gig JOIN person AS gig.booker ON gig.booker = gig.booker.id "
            "ORDER BY gig.booker.name DESC, gig.id"
        ),
        (),
    ),
    "nulls": (
        Gig.select(Gig.id).order_by(Gig.note.asc(nulls_last=True), Gig.note.desc(nulls_last=False)),
        "SELECT gig.id FROM gig ORDER BY gig.note NULLS LAST, gig.note DESC NULLS FIRST",
        (),
    ),
    "limit": (Gig.select(Gig.id).limit(7), "SELECT gig.id FROM gig LIMIT ?1", (7,)),
    "limit to a usual page": (Gig.select(Gig.id).limit(30), "SELECT gig.id FROM gig LIMIT 30", ()),
    "limit to a usual page and one": (Gig.select(Gig.id).limit(31), "SELECT gig.id FROM gig LIMIT 31", ()),
    "limit to one row": (Gig.select(Gig.id).limit(1), "SELECT gig.id FROM gig LIMIT 1", ()),
    "limit to no row": (Gig.select(Gig.id).limit(0), "SELECT gig.id FROM gig LIMIT ?1", (0,)),
    "offset": (Gig.select(Gig.id).offset(5), "SELECT gig.id FROM gig LIMIT -1 OFFSET ?1", (5,)),
    "everything after a condition": (
        Gig.select(Gig.id).where(Gig.seats > 9).order_by(Gig.id).limit(8).offset(7).distinct(),
        "SELECT DISTINCT gig.id FROM gig WHERE (gig.seats > ?1) ORDER BY gig.id LIMIT ?2 OFFSET ?3",
        (9, 8, 7),
    ),
    "arithmetic and functions": (
        Gig.select(Gig.seats + 1, Gig.seats * 2 - Gig.id, Gig.title.lower().length(), Gig.title + "!"),
        (
            "SELECT CASE typeof((gig.seats + ?1)) WHEN 'real' THEN json_extract('0', 'out of range') "
            "ELSE (gig.seats + ?1) END, CASE typeof(((gig.seats * ?2) - gig.id)) WHEN 'real' "
            "THEN json_extract('0', 'out of range') ELSE ((gig.seats * ?2) - gig.id) END, "
            "length(lower(gig.title)), (gig.title || ?3) FROM gig"
        ),
        (1, 2, "!"),
    ),
    "arithmetic of floats": (
        Gig.select(REAL * 0.5 * 2.0, Gig.seats / 2, REAL - 1.0),
        (
            "SELECT CASE WHEN abs((CAST(gig.seats AS REAL) * ?1)) IN (0.0, 9e999) AND CAST(gig.seats AS REAL) AND ?1 "
            "OR abs(((CAST(gig.seats AS REAL) * ?1) * ?2)) IN (0.0, 9e999) AND CAST(gig.seats AS REAL) AND ?1 AND ?2 "
            "THEN json_extract('0', 'out of range') ELSE ((CAST(gig.seats AS REAL) * ?1) * ?2) + 0.0 END, "
            "CASE WHEN ?3 = 0 THEN json_extract('0', 'division by zero') "
            "ELSE (CAST(gig.seats AS REAL) / CAST(?3 AS REAL)) + 0.0 END, "
            "CASE abs((CAST(gig.seats AS REAL) - ?4)) WHEN 9e999 THEN json_extract('0', 'out of range') "
            "ELSE (CAST(gig.seats AS REAL) - ?4) END FROM gig"
        ),
        (0.5, 2.0, 2, 1.0),
    ),
    "groups": (
        Gig.select(Gig.mood, Gig.id.count()).where(Gig.seats > 0).group_by(Gig.mood).having(Gig.id.count() > 3),
        "SELECT gig.mood, count(gig.id) FROM gig WHERE (gig.seats > ?1) GROUP BY gig.mood HAVING (count(gig.id) > ?2)",
        (0, 3),
    ),
}


@pytest.mark.parametrize("name", SELECTS)
async def test_selects(db: Database, name: str) -> None:
    """Each clause has its text and its values, and the database understands them."""
    query, text, values = SELECTS[name]
    assert sql(query) == (text, values)
    assert await query == []


async def test_asking_for_a_number(db: Database) -> None:
    """count() and exists() ask for no more than they need, and keep what decides the answer."""
    query = Gig.select(Gig.title).where(Gig.booker.name == "Ann").order_by(Gig.title)
    join = "JOIN person AS gig.booker ON gig.booker = gig.booker.id WHERE (gig.booker.name = ?1)"
    assert sql(query.count()) == (f"SELECT count(*) FROM gig {join}", ("Ann",))
    assert sql(query.exists()) == (f"SELECT EXISTS (SELECT 1 FROM gig {join})", ("Ann",))
    assert sql(query.limit(3).offset(2).count()) == (
        f"SELECT count(*) FROM (SELECT 1 FROM gig {join} LIMIT ?2 OFFSET ?3) AS counted",
        ("Ann", 3, 2),
    )
    assert (
        sql(query.distinct().count())[0]
        == f"SELECT count(*) FROM (SELECT DISTINCT gig.title FROM gig {join}) AS counted"
    )
    assert (await query.count(), await query.exists(), await query.limit(3).count()) == (0, False, 0)


async def test_writes(db: Database) -> None:
    """Inserts, updates and deletes have their text and their values."""
    await ann()
    insert = Stage.insert(Stage(name="Main", owner=1))
    assert sql(insert) == ("INSERT INTO stage (name, owner) VALUES (?1, ?2)", ("Main", 1))
    assert sql(insert.one())[0].endswith("RETURNING stage.id, stage.name, stage.owner")
    update = Stage.update(Stage.name.to("Big"), Stage.owner.id.to(1)).where(Stage.name == "Main")
    assert sql(update) == ("UPDATE stage SET name = ?1, owner = ?2 WHERE (stage.name = ?3)", ("Big", 1, "Main"))
    delete = Stage.delete().where(Stage.owner.email == "ann@example.org")
    assert sql(delete) == (
        (
            "DELETE FROM stage WHERE id IN (SELECT stage.id FROM stage "
            "JOIN person AS stage.owner ON stage.owner = stage.owner.id WHERE (stage.owner.email = ?1))"
        ),
        ("ann@example.org",),
    )
    assert sql(Stage.delete().where(Stage.id == 1).returning(Stage.name))[0] == (
        "DELETE FROM stage WHERE (stage.id = ?1) RETURNING stage.name"
    )
    assert (await insert, await update, await delete) == (1, 1, 1)


async def test_json_across_keys(db: Database) -> None:
    """JSON is built by the database with the names of a dict."""
    await Gig.insert(Gig(title="x", booker=await ann(), mood=Mood.quiet))
    query = Gig.select(Gig.title, Gig.booker.name, Gig.mood)
    assert "json_object('title', gig.title, 'booker.name', gig.booker.name, 'mood', gig.mood)" in sql(query.json())[0]
    assert await query.json() == b'[{"title":"x","booker.name":"Ann","mood":"quiet"}]'


def test_reading_a_query() -> None:
    """print(query) shows the text with its values, quotes doubled, places of prepared values left open."""
    query = Person.select(Person.id).where(Person.name == "O'Neil", Person.id > 3)
    assert (
        str(query)
        == """SELECT "person"."id" FROM "person" WHERE ("person"."name" = 'O''Neil') AND ("person"."id" > 3)"""
    )
    assert repr(query) == f"<Query: {query}>"
    assert str(Gig.select(Gig.id).where(Gig.mood == Mood.quiet)).endswith("""WHERE ("gig"."mood" = 'quiet')""")


AMONG: dict[str, Expr[bool]] = {
    "a column of another table": Person.name == "x",
    "a column of another table's key": Stage.owner.name == "x",
    "a column in an expression": Gig.seats + Person.id > 3,
}


@pytest.mark.parametrize("name", AMONG)
async def test_foreign_columns(db: Database, name: str) -> None:
    """A column of a table that the query does not start from is refused before the database sees it."""
    for query in (Gig.select(Gig.id).where(AMONG[name]), Gig.delete().where(AMONG[name])):
        with pytest.raises(QueryError, match=r"^person\.(name|id) is not part of a query on gig|^stage\.name"):
            await query
