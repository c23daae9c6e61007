"""Tests of related rows as SQL: the text and the values for each dialect."""

from __future__ import annotations

from tabor import alias
from tabor.compile.postgres.compiler import PostgresCompiler
from tabor.compile.sqlite.compiler import SqliteCompiler
from tabor.schema.annotations import table_with
from tabor.schema.between import between
from tabor.tree.related import Collection, PageOfEach
from tabor.tree.statements import Statement
from tests.festival import Gig, Person
from tests.schema.test_wide_links import Post, Shift, Worker
from tests.society import Club, Member


def texts(statement: Statement) -> tuple[str, str]:
    """The text for SQLite and for PostgreSQL, without quotes."""
    return (
        SqliteCompiler().compile(statement).sql.replace('"', ""),
        PostgresCompiler().compile(statement).sql.replace('"', ""),
    )


def test_page_of_each() -> None:
    """Rows are numbered within their owner, and the page is cut by that number."""
    gigs = Person.gigs.where(Gig.seats > 5).order_by(Gig.note.desc()).limit(2).offset(1).select(Gig.id, Gig.title)
    node = gigs.node
    assert isinstance(node, Collection)
    statement = PageOfEach(node.child, node.link, node.child.order)
    before = "WITH numbered (c1, c2, place) AS (SELECT gig.id, gig.title, row_number() OVER (PARTITION BY gig.booker"
    after = "SELECT c1, c2 FROM numbered WHERE"
    assert texts(statement) == (
        (
            f"{before} ORDER BY gig.note DESC) FROM gig WHERE (gig.seats > ?1)) {after} place > ?2 AND place <= ?3 "
            "ORDER BY place"
        ),
        (
            f"{before} ORDER BY gig.note DESC NULLS LAST) FROM gig WHERE (gig.seats > $1::bigint)) "
            f"{after} place > $2::bigint AND place <= $3::bigint ORDER BY place"
        ),
    )
    assert statement.values == (5, 1, 3)


def test_questions() -> None:
    """A question is a subquery on the related table, called otherwise where the query around it has that table."""
    counted = Person.select(Person.gigs.where(Gig.seats > 5).count(), Person.gigs.limit(3).count())
    assert texts(counted.statement) == (
        (
            "SELECT (SELECT count(*) FROM gig WHERE (gig.booker = person.id) AND (gig.seats > ?1)), "
            "(SELECT count(*) FROM (SELECT 1 FROM gig WHERE (gig.booker = person.id) LIMIT ?2) AS counted) FROM person"
        ),
        (
            "SELECT (SELECT count(*) FROM gig WHERE (gig.booker = person.id) AND (gig.seats > $1::bigint)), "
            "(SELECT count(*) FROM (SELECT 1 FROM gig WHERE (gig.booker = person.id) LIMIT $2::bigint) AS counted) "
            "FROM person"
        ),
    )
    assert counted.statement.values == (5, 3)
    deep = Gig.select(Gig.id).where(Gig.encores.any(Gig.encores.none(), Gig.booker.name == "Ann"))
    text = (
        "SELECT gig.id FROM gig WHERE EXISTS (SELECT 1 FROM gig AS gig>2 JOIN person AS gig>2>booker "
        "ON gig>2.booker = gig>2>booker.id WHERE (gig>2.encore_of = gig.id) AND (NOT EXISTS (SELECT 1 FROM gig AS "
        "gig>1 WHERE (gig>1.encore_of = gig>2.id))) AND (gig>2>booker.name = {}))"
    )
    assert texts(deep.statement) == (text.format("?1"), text.format("$1::text"))


def test_a_table_between() -> None:
    """The table between is joined to the related one, under a name of its own where that has one."""
    asked = Member.select(Member.name).where(Member.clubs.any(Club.name == "Choir"))
    text = (
        "SELECT member.name FROM member WHERE EXISTS (SELECT 1 FROM club JOIN member_club ON "
        "(member_club.club = club.id) WHERE (member_club.member = member.id) AND (club.name = {}))"
    )
    assert texts(asked.statement) == (text.format("?1"), text.format("$1::text"))
    friend = alias(Member, "friend")
    joined = Member.select(Member.name, friend.name).join(friend, on=Member.friends)
    text = (
        "SELECT member.name, friend.name FROM member JOIN (member AS friend JOIN friendship AS friend>friendship ON "
        "(friend>friendship.other_member = friend.id)) ON (friend>friendship.member = member.id)"
    )
    assert texts(joined.statement) == (text, text)


def test_links() -> None:
    """Linking passes over what is linked, and unlinking names both sides; the keys are bound."""
    node = Member.clubs.node
    assert isinstance(node, Collection)
    links = between(table_with(node.link[0].source.token), "member", "club")
    adding = links.adding((3,), [1]).statement
    text = "INSERT INTO member_club (member, club) VALUES ({}, {}) ON CONFLICT (member, club) DO NOTHING"
    assert texts(adding) == (text.format("?1", "?2"), text.format("$1::bigint", "$2::bigint"))
    assert adding.values == (3, 1)
    removing = links.removing((3,), [1, 2]).statement
    text = "DELETE FROM member_club WHERE (member_club.member = {}) AND (member_club.club IN ({}, {}))"
    assert texts(removing) == (text.format("?1", "?2", "?3"), text.format("$1::bigint", "$2::bigint", "$3::bigint"))
    assert removing.values == (3, 1, 2)


def test_links_by_keys_of_several_columns() -> None:
    """All parts are compared, those of many rows at once; a row between that leads nowhere is no other row."""
    node = Worker.crews.node
    assert isinstance(node, Collection)
    links = between(Shift, "worker", "crew")
    removing = links.removing((3, 7), [(3, "Day"), (3, "Late"), (3, "Eve")]).statement
    text = "DELETE FROM shift WHERE (shift.firm = {}) AND (shift.number = {}) AND "
    listed = "((shift.firm, shift.name) IN (VALUES ({}, {}), ({}, {}), ({}, {}), ({}, {})))"
    numbered = [f"${n}::{'text' if n in (4, 6, 8, 10) else 'bigint'}" for n in range(1, 11)]
    assert texts(removing) == (
        (text + listed).format(*[f"?{n}" for n in range(1, 11)]),
        (text + listed).format(*numbered),
    )
    assert removing.values == (3, 7, 3, "Day", 3, "Late", 3, "Eve", 3, "Eve")
    none = links.removing((3, 7), []).statement
    assert texts(none) == ((text + "(1 = 0)").format("?1", "?2"), (text + "(1 = 0)").format(*numbered[:2]))
    others = between(Post, "town", "person").removing((1,), [2], others=True).statement
    text = "DELETE FROM post WHERE (post.town = {}) AND (NOT (post.person IN ({}))) AND (post.person IS NOT NULL)"
    assert texts(others) == (text.format("?1", "?2"), text.format(*numbered[:2]))
