"""Tests of rows as JSON documents, and of reading on in a total order."""

from __future__ import annotations

import pytest

from tabor import Column, Database, ForeignKey, Table, column, key
from tabor.errors import SchemaError
from tabor.query.document import Document, Nested
from tabor.query.order import TotalOrder
from tabor.schema.facts import facts_of
from tabor.schema.hops import own_place
from tests.festival import Gig, ann, bob

pytestmark = pytest.mark.anyio


class Scale(Table):
    """Has a number that a database may not write as Python does."""

    id: Column[int] = column(primary_key=True)
    weight: Column[float | None] = column(default=None)
    base: ForeignKey[Scale | None] = key(default=None)


HERE = own_place(facts_of(Gig))
BOOKER, SOUND = HERE.along("booker"), HERE.along("sound")
SHOWN = Document(
    {
        "title": Gig.title,
        "fee": Gig.fee,
        "genres": Gig.genres,
        "booker": Nested({"name": BOOKER.column("name")}),
        "sound": Nested({"name": SOUND.column("name")}, present=SOUND.column("id")),
    },
    [Gig.starts_at, Gig.id],
)


async def test_documents_of_a_query(db: Database) -> None:
    """Each row is a JSON object with objects in it, and brings the values of its keys."""
    first, second = await ann(), await bob()
    await Gig.insert(Gig(title='A "x"', booker=first, genres=["folk"]), Gig(title="B", booker=second, sound=first))
    documents = await db.run(SHOWN.of(Gig.select().order_by(Gig.id)))
    assert documents.texts == [
        '{"title":"A \\"x\\"","fee":"0.00","genres":["folk"],"booker":{"name":"Ann"},"sound":null}',
        '{"title":"B","fee":"0.00","genres":[],"booker":{"name":"Bob"},"sound":{"name":"Ann"}}',
    ]
    assert [documents.key(0), documents.key(1)] == [(None, 1), (None, 2)]
    assert (await db.run(SHOWN.of(Gig.select().limit(0)))).texts == []


async def test_documents_of_writes(db: Database) -> None:
    """An insert and an update give back the stored row."""
    first = await ann()
    facts = facts_of(Gig)
    whole = Document({"id": Gig.id, "title": Gig.title, "seats": Gig.seats}, [Gig.id])
    (values,) = facts.extract([Gig(title="A", booker=first)])
    made = await db.run(whole.inserted(facts.source, facts.insertable, facts.insertable_key, values))
    assert (made.texts, made.key(0)) == (['{"id":1,"title":"A","seats":0}'], (1,))
    changed = await db.run(whole.updated(Gig.update(Gig.seats.to(5)).where(Gig.id == 1)))
    assert changed.texts == ['{"id":1,"title":"A","seats":5}']
    assert (await db.run(whole.updated(Gig.update(Gig.seats.to(5)).where(Gig.id == 2)))).texts == []


async def test_documents_that_the_database_cannot_build() -> None:
    """Where the database's JSON would differ from Python's, Python builds it, for writes too."""
    async with Database("sqlite:///:memory:", tables=[Scale]) as db:
        await db.create_tables()
        facts = facts_of(Scale)
        base = own_place(facts).along("base")
        whole = Document({"id": Scale.id, "weight": Scale.weight}, [Scale.id])
        made = await db.run(whole.inserted(facts.source, facts.insertable, facts.insertable_key, (0.1, None)))
        assert (made.texts, made.key(0)) == (['{"id":1,"weight":0.1}'], (1,))
        await Scale.insert(Scale(weight=1e22, base=1))
        nested = Document(
            {"w": Scale.weight, "base": Nested({"w": base.column("weight")}, base.column("id"))}, [Scale.id]
        )
        documents = await db.run(nested.of(Scale.select().order_by(Scale.id)))
        assert documents.texts == ['{"w":0.1,"base":null}', '{"w":1e+22,"base":{"w":0.1}}']
        assert documents.key(1) == (2,)


def test_only_foreign_keys_lead_somewhere() -> None:
    """A column that is no key is no way to another row."""
    with pytest.raises(SchemaError, match=r"gig\.title is no foreign key"):
        HERE.along("title")


async def test_reading_on_in_a_total_order(db: Database) -> None:
    """The rows after a row's values are those that come after it in the order, nulls counted as smallest."""
    first, second = await ann(), await bob()
    await Gig.insert(*[Gig(title=str(n), seats=n % 3, booker=first, sound=second if n % 2 else None) for n in range(6)])
    order = TotalOrder([(SOUND.column("name"), True), (Gig.seats, False), (Gig.id, True)])
    rows = await order.sorted(Gig.select(SOUND.column("name"), Gig.seats, Gig.id))
    assert [row[2] for row in rows] == [4, 2, 6, 1, 5, 3]
    for position, row in enumerate(rows):
        query = order.sorted(Gig.select(Gig.id)).where(order.after(row))
        assert await query.values() == [key for _, _, key in rows[position + 1 :]]
