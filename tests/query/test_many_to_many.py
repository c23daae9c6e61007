"""Tests of many-to-many relations in queries: lists, questions, joins, and the query of one row's linked rows."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tabor import Database, QueryError, alias, optional
from tests.festival import opened
from tests.society import TABLES, Club, Member, Office, Standin, Topic, founded

pytestmark = pytest.mark.anyio


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """An open database with the society's tables."""
    async with opened(database_url, *TABLES) as database:
        yield database


async def test_lists(db: Database, statements: list[object]) -> None:
    """Linked rows come as a list beside each row, filtered, sorted and cut, by one statement more for each list."""
    await founded()
    statements.clear()
    clubs = Member.clubs.where(Club.closed == False).order_by(Club.name.desc())
    rows = await Member.select(Member, clubs, clubs.limit(1)).order_by(Member.id)
    assert [(m.name, [c.name for c in all_of], [c.name for c in first]) for m, all_of, first in rows] == [
        ("Ann", ["Choir", "Band"], ["Choir"]),
        ("Bob", ["Choir"], ["Choir"]),
        ("Cid", [], []),
    ]
    assert len(statements) == 3
    names = Club.members.order_by(Member.name).select(Member.name).values()
    assert await Club.select(Club.name, names).order_by(Club.id) == [
        ("Choir", ["Ann", "Bob"]),
        ("Band", ["Ann"]),
        ("Chess", ["Ann"]),
    ]


async def test_lists_in_lists(db: Database, statements: list[object]) -> None:
    """Relations nest, there and back, by one statement a level."""
    await founded()
    statements.clear()
    others = Club.members.order_by(Member.id.desc()).select(Member.name).values()
    clubs = Member.clubs.order_by(Club.id).limit(2).select(Club.name, others)
    assert await Member.select(Member.name, clubs).order_by(Member.id) == [
        ("Ann", [("Choir", ["Bob", "Ann"]), ("Band", ["Ann"])]),
        ("Bob", [("Choir", ["Bob", "Ann"])]),
        ("Cid", []),
    ]
    assert len(statements) == 3


async def test_dicts_and_json(db: Database, statements: list[object]) -> None:
    """Linked rows nest in dicts and JSON as lists under the relation's name, at every level."""
    await founded()
    statements.clear()
    others = Club.members.order_by(Member.id).select(Member.name).values()
    query = Member.select(Member, Member.clubs.order_by(Club.id).select(Club.name, others).limit(1)).order_by(Member.id)
    assert await query.json() == (
        b'[{"id":1,"name":"Ann","clubs":[{"name":"Choir","members":["Ann","Bob"]}]},'
        b'{"id":2,"name":"Bob","clubs":[{"name":"Choir","members":["Ann","Bob"]}]},{"id":3,"name":"Cid","clubs":[]}]'
    )
    assert len(statements) == 3
    assert await query.dicts().offset(1).limit(1) == [
        {"id": 2, "name": "Bob", "clubs": [{"name": "Choir", "members": ["Ann", "Bob"]}]}
    ]


async def test_columns_of_the_table_between(db: Database) -> None:
    """What the table between says of a link can be selected with the linked row, and stand in conditions and orders."""
    society = await founded()
    await Office.insert(
        Office(club=society.choir, member=society.ann, role="chair"),
        Office(club=society.choir, member=society.bob, role="bass"),
        Office(club=society.band, member=society.ann, role="drums"),
    )
    posts = Member.boards.order_by(Office.role).select(Club.name, Office.role)
    assert await Member.select(Member.name, posts).order_by(Member.id).limit(2) == [
        ("Ann", [("Choir", "chair"), ("Band", "drums")]),
        ("Bob", [("Choir", "bass")]),
    ]
    assert await Member.select(posts).order_by(Member.id).offset(1).limit(1).json() == (
        b'[{"boards":[{"name":"Choir","role":"bass"}]}]'
    )
    chairs = Club.officers.any(Office.role == "chair")
    assert await Club.select(Club.name).where(chairs).values() == ["Choir"]
    assert [m.name for m in await society.choir.officers.where(Office.role != "chair")] == ["Bob"]
    assert await society.ann.boards.order_by(Office.role.desc()).limit(1).json() == (
        b'[{"id":2,"name":"Band","closed":false}]'
    )


async def test_questions(db: Database) -> None:
    """count(), any() and none() ask about linked rows, at any depth and in writes too."""
    await founded()
    assert await Member.select(Member.name, Member.clubs.count()).order_by(Member.clubs.count().desc()) == [
        ("Ann", 3),
        ("Bob", 1),
        ("Cid", 0),
    ]
    found: dict[str, list[str]] = {}
    for name, condition in {
        "any": Member.clubs.any(),
        "none": Member.clubs.none(),
        "one": Member.clubs.any(Club.name == "Band"),
        "none of them": Member.clubs.none(Club.name == "Band"),
        "two or more": Member.clubs.where(Club.id > 1).count() >= 2,
        "beside Bob": Member.clubs.any(Club.members.any(Member.name == "Bob")),
        "cut": Member.clubs.offset(1).any(),
        "of its own initial": Member.clubs.any(Club.name.starts_with("C"), Member.name != "Bob"),
    }.items():
        found[name] = await Member.select(Member.name).where(condition).order_by(Member.id).values()
    assert found == {
        "any": ["Ann", "Bob"],
        "none": ["Cid"],
        "one": ["Ann"],
        "none of them": ["Bob", "Cid"],
        "two or more": ["Ann"],
        "beside Bob": ["Ann", "Bob"],
        "cut": ["Ann"],
        "of its own initial": ["Ann"],
    }
    assert await Member.update(Member.name.to("Nobody")).where(Member.clubs.none()) == 1
    assert await Club.delete().where(Club.members.any(Member.name == "Bob")) == 1
    assert await Member.select(Member.name).where(Member.clubs.any()).values() == ["Ann"]


async def test_the_same_table_on_both_sides(db: Database) -> None:
    """A relation of a table to itself has a direction; the other side sees it the other way round."""
    ann, bob, cid, *_ = await founded()
    await ann.friends.add(bob, cid)
    await bob.friends.add(cid)
    await Standin.insert(Standin(member=ann, deputy=cid))
    friends, befriended, deputies = [
        relation.order_by(Member.id).select(Member.name).values()
        for relation in (Member.friends, Member.befriended, Member.deputies)
    ]
    assert await Member.select(Member.name, friends, befriended, deputies).order_by(Member.id) == [
        ("Ann", ["Bob", "Cid"], [], ["Cid"]),
        ("Bob", ["Cid"], ["Ann"], []),
        ("Cid", [], ["Ann", "Bob"], []),
    ]
    found: dict[str, list[str]] = {}
    for name, condition in {
        "Cid's friends": Member.friends.any(Member.name == "Cid"),
        "friends of friends": Member.friends.any(Member.friends.any(Member.name == "Cid")),
        "befriended by two": Member.befriended.count() == 2,
        "befriended by one with deputies": Member.befriended.any(Member.deputies.any(Member.name != "Ann")),
        "of those who are not in the band": Member.friends.none(Member.clubs.any(Club.name == "Choir")),
    }.items():
        found[name] = await Member.select(Member.name).where(condition).order_by(Member.id).values()
    assert found == {
        "Cid's friends": ["Ann", "Bob"],
        "friends of friends": ["Ann"],
        "befriended by two": ["Cid"],
        "befriended by one with deputies": ["Bob", "Cid"],
        "of those who are not in the band": ["Bob", "Cid"],
    }
    assert [m.name for m in await cid.befriended.order_by(Member.name)] == ["Ann", "Bob"]


async def test_joins(db: Database) -> None:
    """A join along the relation has a row for each link; a left join keeps rows without one; the same table joins."""
    ann, bob, *_ = await founded()
    await ann.friends.add(bob)
    inner = Member.select(Member.name, Club.name).join(Club, on=Member.clubs.where(Club.id < 3))
    assert await inner.order_by(Member.id, Club.id) == [("Ann", "Choir"), ("Ann", "Band"), ("Bob", "Choir")]
    club = optional(Club, "club_or_none")
    outer = Member.select(Member.name, club(lambda row: row.name)).left_join(club, on=Member.clubs)
    assert await outer.order_by(Member.id, club(lambda row: row.id)) == [
        ("Ann", "Choir"),
        ("Ann", "Band"),
        ("Ann", "Chess"),
        ("Bob", "Choir"),
        ("Cid", None),
    ]
    friend = alias(Member, "friend")
    pairs = Member.select(Member.name, friend.name).join(friend, on=Member.friends)
    assert await pairs == [("Ann", "Bob")]
    theirs = Member.select(Member.name, friend.name, Club.name).join(friend, on=Member.friends)
    assert await theirs.join(Club, on=friend.clubs) == [("Ann", "Bob", "Choir")]


async def test_the_linked_rows_of_one_row(db: Database) -> None:
    """On a row the relation is a query like any other: sorted, cut, counted, streamed, asked for one row."""
    ann, _, cid, choir, *_ = await founded()
    assert [club.name for club in await ann.clubs.order_by(Club.name)] == ["Band", "Chess", "Choir"]
    assert await ann.clubs.where(Club.closed == False).count() == 2
    assert (await ann.clubs.get(choir.id)).name == "Choir"
    assert await ann.clubs.order_by(Club.id).first() is not None
    assert await cid.clubs == []
    assert not await cid.clubs.exists()
    assert [club.name async for club in ann.clubs.stream(size=2)] == ["Choir", "Band", "Chess"]
    names = await ann.clubs.join(Office, on=Office.club.id == Club.id)
    assert names == []


async def test_keys_that_are_no_numbers(db: Database) -> None:
    """A side may have any key of one column."""
    society = await founded()
    songs, dances = await Topic.insert(Topic(word="songs"), Topic(word="dances")).all()
    assert await society.choir.topics.add(songs.id, dances) == 2
    assert await society.band.topics.add(dances) == 1
    assert [club.name for club in await dances.clubs.order_by(Club.id)] == ["Choir", "Band"]
    words = Club.topics.order_by(Topic.word).select(Topic.word).values()
    assert await Member.select(Member.name, Member.clubs.order_by(Club.id).select(Club.name, words)).limit(1).order_by(
        Member.id
    ) == [("Ann", [("Choir", ["dances", "songs"]), ("Band", ["dances"]), ("Chess", [])])]
    assert await Topic.select(Topic.word).where(Topic.clubs.any(Club.members.any(Member.name == "Bob"))).order_by(
        Topic.word
    ).values() == ["dances", "songs"]


async def test_a_new_row_has_no_linked_rows(db: Database) -> None:
    """A row without a key is told to be saved first."""
    with pytest.raises(QueryError, match=r"^Member\.clubs needs a saved row; save this one first\.$"):
        _ = Member(name="New").clubs
