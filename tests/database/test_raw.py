"""Tests of SQL by hand: its values are bound whatever they hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tabor import Database, MissingColumn, QueryError, StatementFailed, raw
from tests.festival import Gig, Mood, Person, ann, bob

pytestmark = pytest.mark.anyio


@dataclass
class Pair:
    """A record that rows are turned into."""

    name: str
    email: str


async def test_shapes(db: Database) -> None:
    """SQL by hand gives tuples, single values, records, or the first row."""
    await ann()
    query = db.sql("select name, email from person where id = {}", 1)
    assert await query == [("Ann", "ann@example.org")]
    assert await query.into(Pair) == [Pair("Ann", "ann@example.org")]
    assert await query.first() == ("Ann", "ann@example.org")
    assert await db.sql("select name from person").values() == ["Ann"]
    assert await db.sql("select name from person where id = {}", 9).first() is None


async def test_writes(db: Database) -> None:
    """SQL by hand may write, and give back what it wrote."""
    await ann()
    changed = db.sql("update person set name = {} where id = {} returning name", "Anna", 1)
    assert await changed.values() == ["Anna"]
    assert await db.sql("delete from person where name = {}", "Anna") == []
    assert await Person.select().count() == 0


INJECTIONS = ["' or 1=1 --", "'; drop table person; --", "{}", "?1", "$1", "%s", "\\'", '"', "\n--", "\u2019"]


@pytest.mark.parametrize("text", INJECTIONS)
async def test_injections(db: Database, text: str) -> None:
    """A value is a value, by hand and in a query, whatever it looks like."""
    await ann()
    person = await Person.insert(Person(email="bob@example.org", name=text)).one()
    assert await db.sql("select id from person where name = {}", text).values() == [person.id]
    assert await Person.select(Person.id).where(Person.name == text).values() == [person.id]
    assert await Person.select(Person.id).where(Person.name.contains(text)).values() == [person.id]
    assert await Person.update(Person.name.to(text)).where(Person.name == text) == 1
    assert await Person.select().count() == 2


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=30)
async def test_any_text_is_a_value(db: Database, text: str) -> None:
    """Any text goes through SQL by hand as it is."""
    assert await db.sql("select {} || {}", text, "!").values() == [f"{text}!"]


async def test_values_of_types(db: Database) -> None:
    """Values are encoded as columns of their type would be."""
    start = datetime(2026, 7, 1, tzinfo=UTC)
    await Gig.insert(Gig(title="x", booker=await ann(), mood=Mood.quiet, starts_at=start, genres=["folk"]))
    query = db.sql("select id from gig where mood = {} and starts_at = {}", Mood.quiet, start)
    assert await query.values() == [1]


async def test_braces(db: Database) -> None:
    """Doubled braces stand for themselves."""
    assert await db.sql("select '{{' || {} || '}}'", "x").values() == ["{x}"]


@pytest.mark.parametrize(
    ("text", "values", "message"),
    [
        ("select {}", (), "Places {} in the SQL text: 1, values given: 0; they must be as many."),
        ("select 1", (5,), "Places {} in the SQL text: 0, values given: 1; they must be as many."),
        ("select {0}", (5,), "A single { in the SQL text; write {} for a value, {{ or }} for a brace."),
        ("select {}", (object,), "A value of the type type cannot be bound: <class 'object'>."),
    ],
)
async def test_texts_that_cannot_work(db: Database, text: str, values: tuple[object, ...], message: str) -> None:
    """Places and values have to agree before anything is sent."""
    with pytest.raises(QueryError) as caught:
        db.sql(text, *values)
    assert str(caught.value) == message


async def test_what_the_database_refuses(db: Database) -> None:
    """A text that is no SQL is refused with the text and the database's reason, without values."""
    with pytest.raises(StatementFailed) as caught:
        await db.sql("selec {}", "hidden")
    assert caught.value.sql.startswith("selec ")
    assert "hidden" not in str(caught.value)
    with pytest.raises(QueryError, match=r"^values\(\) needs a query of one column, this one gives 2\.$"):
        await db.sql("select 1, 2").values()


@pytest.mark.parametrize(
    "text",
    [
        "delete from person; delete from person",
        "select 1; -- and then\n delete from person",
        "select ';' /* ; */; select 2;",
        "update person set name = 'x;'; drop table person",
    ],
)
async def test_a_text_is_one_statement(db: Database, text: str) -> None:
    """What follows a semicolon is refused with all before it, and nothing is run."""
    await ann()
    with pytest.raises(StatementFailed):
        await db.sql(text)
    with pytest.raises(StatementFailed):
        async with db.transaction():
            await db.sql(text)
    assert await Person.select(Person.name).values() == ["Ann"]


@pytest.mark.parametrize("text", ["select 'a;b' ;", "select 'a;b'; ; -- c", "select 'a;b' /* ; */ -- ;"])
async def test_a_semicolon_at_the_end(db: Database, text: str) -> None:
    """A semicolon that ends the one statement, or stands in quotes or a comment, is welcome."""
    assert await db.sql(text).values() == ["a;b"]


async def test_a_piece_of_sql_is_a_part_of_its_query(db: Database) -> None:
    """A fragment cannot end the query around it and begin another."""
    await ann()
    with pytest.raises(StatementFailed):
        await Person.select().where(raw("true; delete from person where true", kind=bool))
    assert await Person.select().count() == 1


async def test_a_decimal_is_refused(db: Database) -> None:
    """SQLite keeps it scaled by its column's places, so that it would be compared with what it is not."""
    with pytest.raises(QueryError, match=r"^sql\(\) binds no Decimal such as 1\.50"):
        db.sql("select title from gig where fee = {}", Decimal("1.50"))


async def test_none_is_null_for_columns_of_any_type(db: Database) -> None:
    """It needs no type of its own."""
    await Gig.insert(Gig(title="x", note="n", starts_at=datetime.now(UTC), booker=await ann()))
    await db.sql("update gig set note = {}, starts_at = {}, stage = {} where id = {}", None, None, None, 1)
    row = await Gig.get(1)
    assert (row.note, row.starts_at, row.stage) == (None, None, None)


START = datetime(2026, 7, 1, tzinfo=UTC)


async def test_rows_of_a_table(db: Database) -> None:
    """Rows by hand are stored rows, with the values and keys that a select gives, and can be changed and saved."""
    first, second = await ann(), await bob()
    await Gig.insert(
        Gig(title="x", booker=first, mood=Mood.quiet, fee=Decimal("9.50"), starts_at=START, genres=["folk"]),
        Gig(title="y", booker=second, sound=first, seats=3),
    )
    gigs = await db.sql("select * from gig where seats >= {} order by id desc; ", 0).rows(Gig)
    assert [str(gig) for gig in gigs] == [str(gig) for gig in await Gig.select().order_by(Gig.id.desc())]
    assert [(gig.mood, gig.fee, gig.starts_at, gig.genres) for gig in gigs] == [
        (Mood.loud, Decimal("0.00"), None, []),
        (Mood.quiet, Decimal("9.50"), START, ["folk"]),
    ]
    gigs[0].title = "z"
    await gigs[0].save()
    assert await Gig.select(Gig.title).order_by(Gig.id).values() == ["x", "z"]
    named = "with busy as (select booker from gig) -- a comment\nselect person.*, 1 as more from person where id in"
    named += " (select booker from busy)"
    assert [person.name for person in await db.sql(f"{named} order by person.name -- desc").rows(Person)] == [
        "Ann",
        "Bob",
    ]
    assert await db.sql("select * from person where id = {}", 9).rows(Person) == []
    found = await db.sql("select * from person where name = {}", "Bob").rows(Person).first()
    assert found is not None
    assert found.id == second.id
    async with db.transaction():
        await Person.update(Person.name.to("Bo")).where(Person.id == second.id)
        assert [p.name for p in await db.sql("select * from person order by id").rows(Person)] == ["Ann", "Bo"]


async def test_what_makes_no_rows_of_a_table(db: Database) -> None:
    """Columns that are missing, null or there twice are told by their names, and what the text gets wrong as ever."""
    await ann()
    with pytest.raises(QueryError, match=r"^The query gives no column email, which a row of person has; select all"):
        await db.sql("select id, name from person").rows(Person)
    with pytest.raises(QueryError, match=r"^The query gives null for person\.email, which is never null"):
        await db.sql("select id, null as email, name, password from person").rows(Person)
    with pytest.raises(StatementFailed, match='column reference "id" is ambiguous'):
        await db.sql("select * from person join person as other on true").rows(Person)
    with pytest.raises(StatementFailed, match='column reference "id" is ambiguous'):
        await db.sql("select person.*, person.id from person where false").rows(Person)
    with pytest.raises(MissingColumn):
        await db.sql("select titel from person").rows(Person)
    with pytest.raises(QueryError, match=r"^rows\(\) follows a query that only reads"):
        await db.sql("delete from person returning *").rows(Person)
    assert await Person.select().count() == 1
