"""Tests of related rows as SQL: the text and the values for each dialect."""

from __future__ import annotations

from tabor.compile.postgres.compiler import PostgresCompiler
from tabor.compile.sqlite.compiler import SqliteCompiler
from tabor.tree.related import Collection, PageOfEach
from tabor.tree.statements import Statement
from tests.festival import Gig, Person


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
    counted = Person.select(Person.gigs.where(Gig.seats > 5).count(), Person.gigs.limit(2).count())
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
    assert counted.statement.values == (5, 2)
    deep = Gig.select(Gig.id).where(Gig.encores.any(Gig.encores.none(), Gig.booker.name == "Ann"))
    text = (
        "SELECT gig.id FROM gig WHERE EXISTS (SELECT 1 FROM gig AS gig>2 JOIN person AS gig>2>booker "
        "ON gig>2.booker = gig>2>booker.id WHERE (gig>2.encore_of = gig.id) AND (NOT EXISTS (SELECT 1 FROM gig AS "
        "gig>1 WHERE (gig>1.encore_of = gig>2.id))) AND (gig>2>booker.name = {}))"
    )
    assert texts(deep.statement) == (text.format("?1"), text.format("$1::text"))
