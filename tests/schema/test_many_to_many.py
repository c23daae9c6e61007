"""Tests of many-to-many relations: the table between, linking and unlinking, and each refusal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import pytest

from tabor import (
    Column,
    Database,
    ForeignKey,
    ForeignKeyViolation,
    InvalidValue,
    Many,
    ManyToMany,
    QueryError,
    SchemaError,
    Table,
    column,
    key,
    many,
)
from tabor.schema.catalog import Catalog
from tests.festival import opened
from tests.society import TABLES, Club, Member, Office, Topic, founded

pytestmark = pytest.mark.anyio


class Labelled(Table):
    """A part with labels."""

    labels: ManyToMany[Label] = many()


class Label(Table):
    """A word on things."""

    id: Column[int] = column(primary_key=True)


class Box(Labelled):
    """A thing with labels."""

    id: Column[int] = column(primary_key=True)


class Jar(Labelled):
    """Another thing with labels of its own."""

    id: Column[int] = column(primary_key=True)


def test_the_table_that_is_made() -> None:
    """It has a key to each side, both together its primary key, an index for the way back, and goes with its rows."""
    lines = " ".join(Database("sqlite:///:memory:", tables=TABLES).schema_sql().split())
    for part in (
        'CREATE TABLE IF NOT EXISTS "member_club" ( "member" INTEGER NOT NULL, "club" INTEGER NOT NULL',
        'CONSTRAINT "member_club_pkey" PRIMARY KEY ("member", "club")',
        'CONSTRAINT "member_club_member_fkey" FOREIGN KEY ("member") REFERENCES "member" ("id") ON DELETE CASCADE',
        'CONSTRAINT "member_club_club_fkey" FOREIGN KEY ("club") REFERENCES "club" ("id") ON DELETE CASCADE',
        'CREATE INDEX IF NOT EXISTS "member_club_club_idx" ON "member_club" ("club")',
        'CREATE TABLE IF NOT EXISTS "friendship" ( "member" INTEGER NOT NULL, "other_member" INTEGER NOT NULL',
        'CREATE TABLE IF NOT EXISTS "club_topics" ( "club" INTEGER NOT NULL, "topics" TEXT NOT NULL',
    ):
        assert part in lines
    names = [facts.name for facts in Catalog(TABLES).sorted()]
    made = {"member_club", "club_topics", "friendship"}
    assert set(names) == {"club", "member", "office", "standin", "topics"} | made
    assert names.index("member_club") > max(names.index("member"), names.index("club"))


def test_parts_with_relations() -> None:
    """Each table that takes over a relation gets a table between of its own."""
    names = {facts.name for facts in Catalog([Label, Box, Jar])}
    assert names == {"label", "box", "jar", "box_label", "jar_label"}


async def test_linking(database_url: str) -> None:
    """add() links what is not linked yet and says how many; remove() unlinks; both may be said again."""
    async with opened(database_url, *TABLES):
        ann, bob, cid, choir, band, chess = await founded()
        assert await cid.clubs.add(choir, band.id, choir) == 2
        assert await cid.clubs.add(choir, chess) == 1
        assert await cid.clubs.add() == 0
        assert [m.name for m in await choir.members.order_by(Member.id)] == ["Ann", "Bob", "Cid"]
        assert await cid.clubs.remove(choir, band) == 2
        assert await cid.clubs.remove(choir) == 0
        assert await cid.clubs.remove() == 0
        assert await choir.members.remove(ann, bob) == 2
        assert [c.name for c in await ann.clubs.order_by(Club.id)] == ["Band", "Chess"]
        assert await Member.select().count() == 3


async def test_replacing(database_url: str) -> None:
    """set() leaves exactly these linked, all or nothing."""
    async with opened(database_url, *TABLES):
        ann, bob, _, choir, band, chess = await founded()
        await ann.clubs.set(choir.id, chess)
        assert [c.name for c in await ann.clubs.order_by(Club.id)] == ["Choir", "Chess"]
        await bob.clubs.set(band)
        assert [c.name for c in await bob.clubs] == ["Band"]
        with pytest.raises(ForeignKeyViolation):
            await bob.clubs.set(choir, 99)
        assert [c.name for c in await bob.clubs] == ["Band"]
        await bob.clubs.set()
        assert await bob.clubs == []
        assert await ann.clubs.count() == 2


async def test_linking_within_a_transaction(database_url: str) -> None:
    """Links are undone with the transaction that they were made in."""
    async with opened(database_url, *TABLES) as db:
        ann, _, cid, *_ = await founded()

        async def interrupted() -> None:
            async with db.transaction():
                await cid.clubs.set(1, 2)
                await ann.clubs.set()
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await interrupted()
        assert await Member.select(Member.clubs.count()).order_by(Member.id).values() == [3, 1, 0]


async def test_a_row_that_is_removed(database_url: str) -> None:
    """A row that is removed takes its links along, and leaves the other side."""
    async with opened(database_url, *TABLES):
        ann, _, _, choir, *_ = await founded()
        await choir.remove()
        assert [c.name for c in await ann.clubs.order_by(Club.id)] == ["Band", "Chess"]
        await ann.remove()
        assert await Club.select(Club.members.count()).values() == [0, 0]


async def test_a_declared_table_between(database_url: str) -> None:
    """Links through a declared table are made with the defaults of its columns, and left as they are."""
    async with opened(database_url, *TABLES):
        ann, bob, _, choir, *_ = await founded()
        await Office.insert(Office(club=choir, member=ann, role="chair"))
        assert await choir.officers.add(ann, bob) == 1
        assert await Office.select(Office.member.name, Office.role).order_by(Office.id) == [
            ("Ann", "chair"),
            ("Bob", "other"),
        ]
        assert await ann.boards.remove(choir) == 1
        assert [m.name for m in await choir.officers] == ["Bob"]


async def test_what_cannot_be_linked(database_url: str) -> None:
    """Rows that are not there, of another table or not saved yet are refused, and no link of them is made."""
    async with opened(database_url, *TABLES):
        ann, bob, *_ = await founded()
        with pytest.raises(ForeignKeyViolation) as missing:
            await bob.clubs.add(3, 99)
        assert (missing.value.table, missing.value.columns, missing.value.references) == (
            "member_club",
            ("club",),
            "club",
        )
        assert await bob.clubs.count() == 1
        with pytest.raises(InvalidValue, match=r"^MemberClub\.club: expected a whole number, got Member"):
            ann.clubs.add(cast("Any", bob))
        with pytest.raises(InvalidValue, match=r"the Club given is not saved yet and has no key; save it first"):
            ann.clubs.remove(Club(name="New"))
        with pytest.raises(InvalidValue):
            Topic(word="x").clubs.add(cast("Any", UUID(int=3)))
        with pytest.raises(QueryError) as narrowed:
            ann.clubs.where(Club.id == 3).add(3)
        assert str(narrowed.value) == "add() is said of all linked rows, such as user.groups.add(group)."


class Pair(Table):
    """A table between that has nothing against repetitions."""

    id: Column[int] = column(primary_key=True)
    one: ForeignKey[Edge]
    other: ForeignKey[Edge]


class Dated(Table):
    """A table between with more to say."""

    one: ForeignKey[Edge] = key(primary_key=True)
    other: ForeignKey[Edge] = key(primary_key=True)
    year: Column[int]


class Marked(Table):
    """A table between that keeps removed rows."""

    one: ForeignKey[Edge] = key(primary_key=True)
    other: ForeignKey[Edge] = key(primary_key=True)
    deleted_at: Column[datetime | None] = column(stamp="deleted")


class Edge(Table):
    """One end of each of these."""

    id: Column[int] = column(primary_key=True)
    pairs: ManyToMany[Edge] = many(through=lambda: (Pair.one, Pair.other))
    dates: ManyToMany[Edge] = many(through=lambda: (Dated.one, Dated.other))
    marks: ManyToMany[Edge] = many(through=lambda: (Marked.one, Marked.other))


async def test_tables_between_that_only_read(database_url: str) -> None:
    """A declared table that needs more than its keys, or repeats itself, is written by itself and read all the same."""
    async with opened(database_url, Edge, Pair, Dated, Marked):
        one, other = await Edge.insert(Edge(), Edge()).all()
        await Pair.insert(Pair(one=one, other=other), Pair(one=one, other=other))
        await Dated.insert(Dated(one=one, other=other, year=1990))
        assert [row.id for row in await one.pairs] == [2, 2]
        years = Edge.dates.select(Edge.id, Dated.year)
        assert await Edge.select(years).order_by(Edge.id).values() == [[(2, 1990)], []]
        with pytest.raises(QueryError) as repeated:
            one.pairs.add(other)
        assert str(repeated.value) == (
            "Nothing keeps Pair from linking the same rows twice, so add() cannot tell what is linked already; make "
            "(one, other) its primary key or unique, or insert rows of Pair yourself."
        )
        with pytest.raises(QueryError) as incomplete:
            one.dates.add(other)
        assert str(incomplete.value) == "A row of dated needs year too; insert rows of Dated yourself."
        assert await one.pairs.remove(other) == 2
        assert await one.dates.remove(other) == 1


async def test_a_table_between_that_keeps_removed_rows(database_url: str) -> None:
    """Links that are marked as removed are none, and are not written by the relation."""
    async with opened(database_url, Edge, Pair, Dated, Marked):
        one, *_ = await Edge.insert(Edge(), Edge(), Edge()).all()
        gone = await Marked.insert(Marked(one=1, other=2)).one()
        await Marked.insert(Marked(one=1, other=3))
        await gone.remove()
        assert [row.id for row in await one.marks] == [3]
        assert await Edge.select(Edge.marks.count()).order_by(Edge.id).values() == [1, 0, 0]
        assert await Edge.select(Edge.id).where(Edge.marks.any(Edge.id == 2)) == []
        for act in (one.marks.add, one.marks.remove):
            with pytest.raises(QueryError) as caught:
                act(2)
            assert str(caught.value) == (
                f"Marked keeps removed rows, marked, so {act.__name__}() cannot tell what is linked; write rows of "
                f"Marked."
            )


class Left(Table):
    """A side of relations that cannot be."""

    id: Column[int] = column(primary_key=True)
    made: ManyToMany[Right] = many()
    elsewhere: ManyToMany[Right] = many(through=lambda: Office)
    no_keys: ManyToMany[Right] = many(through=lambda: (Office.role, Office.member))
    wrong_way: ManyToMany[Right] = many(through=lambda: (Middle.right, Middle.left))
    no_relation: ManyToMany[Right] = many(lambda: Right.id)
    circle: ManyToMany[Right] = many(lambda: Right.circle)
    keyless: ManyToMany[Heap] = many()
    ours: ManyToMany[Left] = many(through=lambda: Middle)


class Right(Table):
    """The other side."""

    id: Column[int] = column(primary_key=True)
    made: ManyToMany[Left] = many()
    circle: ManyToMany[Left] = many(lambda: Left.circle)


class Middle(Table):
    """A table between the two."""

    id: Column[int] = column(primary_key=True)
    left: ForeignKey[Left]
    right: ForeignKey[Right]


class Heap(Table):
    """A table without a key."""

    weight: Column[int]


IMPOSSIBLE: dict[str, tuple[Callable[[], object], str]] = {
    "a table on each side": (
        lambda: Left.made,
        (
            "Left.made and Right.made would make a table between each: where they are two sides of one relation write "
            "many(lambda: Left.made) for the second, else many(table=...) for one of them."
        ),
    ),
    "another table between": (
        lambda: Left.elsewhere,
        (
            "Left.elsewhere: Office does not have one key to Left and one to Right; say which of its keys are meant by "
            "through=lambda: (Office.one, Office.other), the one that leads to this row first."
        ),
    ),
    "no keys": (
        lambda: Left.no_keys,
        (
            "Left.no_keys needs many(through=lambda: Between) with the table between, or two foreign keys of it: the "
            "one that leads to Left and the one that leads to Right."
        ),
    ),
    "the wrong way round": (
        lambda: Left.wrong_way,
        "Left.wrong_way relates left with right, and what it is given leads from right to left.",
    ),
    "no relation": (
        lambda: Left.no_relation,
        "Left.no_relation needs many(lambda: Other.relation) with the ManyToMany of the other side.",
    ),
    "a circle": (
        lambda: Left.circle,
        "Left.circle and its other side name each other; leave one of them many().",
    ),
    "a side without a key": (
        lambda: Left.keyless,
        (
            "Left.keyless: the table between cannot be made; declare it and give it by many(through=...). "
            "LeftHeap.heap: Heap needs a primary key to be referred to."
        ),
    ),
    "which key": (
        lambda: Left.ours,
        (
            "Left.ours: Middle does not have one key to Left and one to Left; say which of its keys are meant by "
            "through=lambda: (Middle.one, Middle.other), the one that leads to this row first."
        ),
    ),
    "a side that is not there": (
        lambda: Catalog([Member, Office]),
        "Member.clubs needs Club, which is not among the tables given; add Club.",
    ),
    "a table between that is not there": (
        lambda: Catalog([Edge, Dated, Marked]),
        "Edge.pairs needs Pair, which is not among the tables given; add Pair.",
    ),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_relations_that_cannot_be(name: str) -> None:
    """A relation that cannot be is refused where it is first used, in words that say what to do."""
    use, message = IMPOSSIBLE[name]
    with pytest.raises(SchemaError) as caught:
        use()
    assert str(caught.value) == message


def test_declarations_that_cannot_be() -> None:
    """Two tables of one name, a Many without its key, and a relation without many() are refused."""

    class Tag(Table):
        id: Column[int] = column(primary_key=True)

    class Post(Table):
        id: Column[int] = column(primary_key=True)
        tags: ManyToMany[Tag] = many(table="tag")

    with pytest.raises(SchemaError) as twice:
        Catalog([Tag, Post])
    assert str(twice.value) == (
        "Two tables are called 'tag'; give one of them name=... or the relation that makes it many(table=...)."
    )

    def keyless() -> None:
        class Wall(Table):
            id: Column[int] = column(primary_key=True)
            posts: Many[Post] = many()

        Catalog([Wall])

    def wrong() -> None:
        class Shelf(Table):
            id: Column[int] = column(primary_key=True)
            tags: ManyToMany[Tag] = cast("Any", column())

        Catalog([Shelf])

    with pytest.raises(
        SchemaError, match=r"^Wall\.posts needs many\(lambda: Other\.key\) with a foreign key of the other table\.$"
    ):
        keyless()
    with pytest.raises(
        SchemaError, match=r"^Shelf\.tags is annotated ManyToMany.* and set to .*; use many\(\.\.\.\)\.$"
    ):
        wrong()
