"""Tests of tables in a schema of the database: the same rows and the same errors with schemas and without."""

from __future__ import annotations

import copy
import pickle
from collections.abc import AsyncIterator
from datetime import date

import pytest

from tabor import (
    Column,
    Database,
    ForeignKey,
    ForeignKeyViolation,
    Many,
    ManyToMany,
    MissingTable,
    NotNullViolation,
    SchemaError,
    SearchIndex,
    Table,
    UniqueViolation,
    alias,
    check,
    column,
    concat,
    excluded,
    key,
    many,
    optional,
    search_index,
    unique,
    value,
)
from tabor.errors import CheckViolation
from tabor.schema.constraints import Constraint
from tabor.schema.facts import facts_of
from tabor.tree.names import TableName, bare_name, schema_of
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Hall(Table, schema="planning"):
    """A table that others refer to."""

    id: Column[int] = column(primary_key=True)
    name: Column[str] = column(unique=True, max_length=20)
    nights: Many[Night] = many(lambda: Night.hall)
    tags: ManyToMany[Tag] = many()


class Night(Table, schema="planning", name="event"):
    """One of two tables called event."""

    id: Column[int] = column(primary_key=True)
    title: Column[str] = column(index=True)
    day: Column[date]
    seats: Column[int] = column(default=0)
    hall: ForeignKey[Hall]
    found_by: SearchIndex = search_index(lambda: Night.title)

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """A hall has one event a day."""
        return [unique(cls.hall, cls.day), check(cls.seats >= 0, name="seats")]


class Concert(Table, schema="music", name="event"):
    """The other table called event."""

    id: Column[int] = column(primary_key=True)
    title: Column[str] = column(index=True)
    night: ForeignKey[Night] = key(on_delete="restrict")
    tags: ManyToMany[Tag] = many()


class Tag(Table):
    """A table without a schema."""

    id: Column[int] = column(primary_key=True)
    word: Column[str]
    halls: ManyToMany[Hall] = many(lambda: Hall.tags)


TABLES = (Concert, Tag, Night, Hall)


def odd(schema: str) -> type[Table]:
    """A table in a schema of this name."""

    class Odd(Table, schema=schema):
        id: Column[int] = column(primary_key=True)

    return Odd


DAYS = [date(2026, 7, day) for day in range(1, 8)]


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """An open database with these tables, a hall, two nights and a concert."""
    async with opened(database_url, *TABLES) as database:
        hall = await Hall.insert(Hall(name="Barn")).one()
        await Night.insert(Night(title="Opening", day=DAYS[0], hall=hall), Night(title="Close", day=DAYS[1], hall=hall))
        await Concert.insert(Concert(title="Strings", night=1))
        yield database


async def test_each_table_is_where_it_says(db: Database) -> None:
    """On PostgreSQL a table is in its schema, on SQLite its name holds that; made tables too."""
    postgres = db.url.startswith("postgres")
    sql = (
        "SELECT table_schema || '.' || table_name FROM information_schema.tables "
        "WHERE table_schema IN ('planning', 'music', 'public') ORDER BY 1"
        if postgres
        else "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' "
        "AND name NOT LIKE '%found_by%' ORDER BY 1"
    )
    names = await db.sql(sql).values()
    wanted = ["music.event", "music.event_tag", "planning.event", "planning.hall", "planning.hall_tag", "public.tag"]
    assert names == (wanted if postgres else sorted([n.removeprefix("public.").replace(".", "_") for n in wanted]))


async def test_making_them_again_changes_nothing(db: Database) -> None:
    """What is there is left as it is, the schemas too."""
    await db.create_tables()
    assert await Night.select(Night.title).order_by(Night.id).values() == ["Opening", "Close"]


async def test_reads_across_schemas(db: Database) -> None:
    """Paths, joins and subqueries keep two tables of one name apart."""
    assert await Concert.select(Concert.title, Concert.night.title, Concert.night.hall.name) == [
        ("Strings", "Opening", "Barn")
    ]
    joined = Concert.select(Concert.title, Night.title).join(Night, Night.id >= Concert.night.id).order_by(Night.id)
    assert await joined == [("Strings", "Opening"), ("Strings", "Close")]
    other = alias(Night, "other")
    assert await Night.select(Night.title, other.title).join(other, other.day > Night.day) == [("Opening", "Close")]
    night = optional(Night, "night")
    title = night(lambda row: row.title)
    named = Hall.select(Hall.name, title).left_join(night, night(lambda row: row.hall.name) == Hall.name)
    assert await named.order_by(title.desc()) == [("Barn", "Opening"), ("Barn", "Close")]
    behind = Tag.select(Tag.word, Concert.night.title).join(Concert, Concert.night.hall.id == Tag.id)
    await Tag.insert(Tag(word="old"))
    assert await behind == [("old", "Opening")]
    within = Night.select(Night.title).where(Night.id.is_in(Concert.select(Concert.night.id)))
    assert await within.values() == ["Opening"]


async def test_related_rows(db: Database) -> None:
    """Related rows and questions about them go from one schema into another."""
    assert await Hall.select(Hall.name, Hall.nights.select(Night.title).values().order_by(Night.title)) == [
        ("Barn", ["Close", "Opening"])
    ]
    assert await Hall.select(Hall.nights.count()).where(Hall.nights.any(Night.title == "Close")).values() == [2]


async def test_many_to_many(db: Database) -> None:
    """The table between is in the schema of the side that declares it, and serves both."""
    await Tag.insert(Tag(word="old"), Tag(word="loud"))
    hall, concert = await Hall.get(1), await Concert.get(1)
    await hall.tags.add(1)
    await concert.tags.add(1, 2)
    assert await Concert.select(Concert.title, Concert.tags.select(Tag.word).values().order_by(Tag.word)) == [
        ("Strings", ["loud", "old"])
    ]
    assert await Tag.select(Tag.word, Tag.halls.select(Hall.name).values()).order_by(Tag.id) == [
        ("old", ["Barn"]),
        ("loud", []),
    ]
    await concert.tags.remove(1)
    assert [tag.word for tag in await concert.tags] == ["loud"]


async def test_writes(db: Database) -> None:
    """Updates, deletes and what they give back, with conditions within the table and across a key."""
    renamed = Night.update(Night.title.to(concat(Night.title, "!"))).where(Night.hall.name == "Barn", Night.seats == 0)
    assert sorted(await renamed.returning(Night.title)) == [("Close!",), ("Opening!",)]
    night = await Night.get(2)
    night.seats = 5
    await night.save()
    assert await Night.delete().where(Night.seats == 5).returning(Night.id) == [(2,)]
    first = await Night.get(1)
    first.seats = 7
    assert await Night.update_many([first], Night.seats) == 1
    assert await Night.select(Night.seats).values() == [7]
    assert await Concert.delete().where(Concert.night.hall.name == "Barn") == 1


async def test_conflicts(db: Database) -> None:
    """on_conflict() speaks of the row that is there and of the one that was to be, by columns and by a name."""
    again = Night(title="Again", day=DAYS[0], hall=1, seats=3)
    change = Night.seats.to(Night.seats + excluded(Night.seats) + 1)
    updated = Night.insert(again).on_conflict(Night.hall.id, Night.day).update(change, where=Night.title == "Opening")
    assert await updated.returning(Night.id, Night.seats) == [(1, 4)]
    ignored = Night.insert(again).on_conflict(constraint="planning_event_hall_day_key").ignore()
    assert await ignored.returning(Night.id) == []
    hall, made = await Hall.get_or_create(Hall(name="Barn"), Hall.name)
    assert (hall.id, made) == (1, False)


async def test_many_rows_at_once(db: Database) -> None:
    """A bulk insert, quick enough to go by COPY, and an insert of selected rows."""
    await Tag.insert(*[Tag(word=str(number)) for number in range(60)])
    assert await Hall.insert(*[Hall(name=str(number)) for number in range(60)]) == 60
    rows = Hall.select(Hall.name, value(DAYS[2]), Hall.id).where(Hall.id > 59)
    assert await Night.insert_from(rows, Night.title, Night.day, Night.hall.id) == 2
    assert await Night.select(Night.title, Night.hall.id).where(Night.day == DAYS[2]).order_by(Night.hall.id) == [
        ("58", 60),
        ("59", 61),
    ]


async def test_search(db: Database) -> None:
    """A search index over a table in a schema finds its rows, of the table under another name too."""
    assert await Night.select(Night.title).where(Night.found_by.matches("open*")).values() == ["Opening"]
    other = alias(Night, "other")
    found = (
        Concert.select(Concert.title).join(other, other.id == Concert.night.id).where(other.found_by.matches("opening"))
    )
    assert await found.values() == ["Strings"]


async def test_refused_rows_name_the_table(db: Database) -> None:
    """A refusal names the table, its columns and the table that it refers to by one name on every database."""
    with pytest.raises(UniqueViolation) as taken:
        await Hall.insert(Hall(name="Barn"))
    assert (taken.value.table, taken.value.columns) == ("planning_hall", ("name",))
    with pytest.raises(UniqueViolation) as both:
        await Night.insert(Night(title="x", day=DAYS[0], hall=1))
    assert (both.value.table, both.value.columns) == ("planning_event", ("hall", "day"))
    with pytest.raises(CheckViolation) as below:
        await Night.update(Night.seats.to(-1)).where(Night.id == 1)
    assert (below.value.table, below.value.columns) == ("planning_event", ("seats",))
    with pytest.raises(ForeignKeyViolation) as missing:
        await Concert.insert(Concert(title="x", night=9))
    assert (missing.value.table, missing.value.columns, missing.value.references) == (
        "music_event",
        ("night",),
        "planning_event",
    )
    with pytest.raises(ForeignKeyViolation) as needed:
        await Night.delete().where(Night.id == 1)
    assert (needed.value.table, needed.value.references) == ("planning_event", "music_event")


async def test_refused_rows_of_many_name_the_table(db: Database) -> None:
    """The same of a bulk insert, with the place of the row."""
    halls = [Hall(name=str(number)) for number in range(60)]
    halls[55] = Hall(name="7")
    with pytest.raises(UniqueViolation) as refused:
        await Hall.insert(*halls)
    assert (refused.value.table, refused.value.columns, refused.value.row) == ("planning_hall", ("name",), 55)


async def test_raw_statements_say_the_table_their_way(db: Database) -> None:
    """A statement by hand writes the name that the database knows, and is refused by the same name as others."""
    table = '"planning"."event"' if db.url.startswith("postgres") else '"planning_event"'
    with pytest.raises(NotNullViolation) as refused:
        await db.sql(f"INSERT INTO {table} (title, day, hall, seats) VALUES ('x', '2026-07-09', 1, NULL)")
    assert (refused.value.table, refused.value.columns) == ("planning_event", ("seats",))


async def test_tables_that_are_not_there(database_url: str) -> None:
    """A table that is missing is named as it is elsewhere, and a missing search index too."""
    async with Database(database_url, tables=TABLES) as db:
        for query in (Night.select(), Hall.insert(Hall(name="x"))):
            with pytest.raises(MissingTable) as missing:
                await query
            assert missing.value.table in ("planning_event", "planning_hall")
        await db.create_tables()
        assert await Night.select() == []


def test_a_made_table_goes_by_bare_names() -> None:
    """The columns of a table between are called after the tables within their schemas."""
    between = Database("sqlite://", tables=TABLES).catalog
    assert {facts.name: list(facts.columns) for facts in between if facts.name.endswith("_tag")} == {
        "music_event_tag": ["event", "tag"],
        "planning_hall_tag": ["hall", "tag"],
    }


def test_two_tables_that_one_database_takes_for_one() -> None:
    """Names that SQLite could not tell apart are refused for every database."""

    class PlanningHall(Table):
        id: Column[int] = column(primary_key=True)

    with pytest.raises(SchemaError) as error:
        Database("sqlite://", tables=[*TABLES, PlanningHall])
    assert str(error.value).startswith("Two tables are called 'planning_hall'; give one of them name=...")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "the name of a schema is not empty and has no dot, no NUL and no lone surrogates, got ''."),
        ("a.b", "the name of a schema is not empty and has no dot, no NUL and no lone surrogates, got 'a.b'."),
        ("a\0", "the name of a schema is not empty and has no dot, no NUL and no lone surrogates, got 'a\\x00'."),
        ("\udfff", "the name of a schema is not empty and has no dot, no NUL and no lone surrogates, got '\\udfff'."),
        ("é" * 32, f"the schema {'é' * 32!r} is longer than the 63 bytes of a name."),
    ],
)
def test_names_that_no_schema_has(name: str, reason: str) -> None:
    """A schema that not every database could keep is refused where the table is declared."""
    with pytest.raises(SchemaError) as error:
        odd(name)

    assert str(error.value) == f"Odd: {reason}"


@pytest.mark.parametrize("schema", ['a"b', "select", "Über Uns", "x; DROP TABLE y", "s" * 63])
async def test_names_that_need_quotes(database_url: str, schema: str) -> None:
    """Any other name of a schema is kept as it is, however odd or long."""

    class Odd(Table, schema=schema, name="t" * 63):
        id: Column[int] = column(primary_key=True)
        word: Column[str] = column(unique=True)

    async with opened(database_url, Odd):
        await Odd.insert(Odd(word="a"))
        assert await Odd.update(Odd.word.to("b")).where(Odd.word == "a").returning(Odd.word) == [("b",)]
        assert await Odd.select(Odd.word).where(Odd.word == "b").values() == ["b"]
        with pytest.raises(UniqueViolation) as refused:
            await Odd.insert(Odd(word="b"))
        assert (refused.value.table, refused.value.columns) == (f"{schema}_{'t' * 63}", ("word",))


def test_the_name_of_a_table_in_a_schema() -> None:
    """It is a text like any other name, and stays what it is when it is copied."""
    name = facts_of(Night).name
    assert (name, schema_of(name), bare_name(name)) == ("planning_event", "planning", "event")
    for same in (copy.deepcopy(name), pickle.loads(pickle.dumps(name))):
        assert (same, type(same), schema_of(same)) == (name, TableName, "planning")
    assert (schema_of("event"), bare_name("event")) == ("", "event")
