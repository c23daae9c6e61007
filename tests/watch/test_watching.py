"""Tests of the statement hook: every statement is told of, secret values are not."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import FrozenInstanceError

import pytest

from tabor import (
    Database,
    DatabaseClosed,
    StatementEvent,
    StatementFailed,
    TransactionMisuse,
    UniqueViolation,
    param,
)
from tabor.database.watching import HIDDEN, WatchedEngine
from tests.festival import TABLES, Gig, Person, ann, bob

pytestmark = pytest.mark.anyio


def said(events: list[StatementEvent]) -> list[tuple[str, str, int]]:
    """The operation, the table and the number of rows of each event."""
    return [(event.operation, event.table, event.rows) for event in events]


async def test_every_statement_is_told_of(db: Database, events: list[StatementEvent]) -> None:
    """Reads, writes, bulk writes, prepared and raw statements each give one event with their rows."""
    person = await ann()
    await Gig.insert(*[Gig(title=f"t{i}", booker=person) for i in range(3)])
    await Gig.select().where(Gig.seats == 0)
    await Gig.get(1)
    await Gig.select().where(Gig.id == param(int)).prepare()(2)
    await Gig.update(Gig.seats.to(5)).where(Gig.id > 1)
    await Gig.delete().where(Gig.id == 3)
    await db.sql("select title from gig where id = {}", 1)
    await Person.select(Person, Person.gigs)
    assert said(events) == [
        ("INSERT", "person", 1),
        ("INSERT", "gig", 3),
        ("SELECT", "gig", 3),
        ("SELECT", "gig", 1),
        ("SELECT", "gig", 1),
        ("UPDATE", "gig", 2),
        ("DELETE", "gig", 1),
        ("SELECT", "", 1),
        ("SELECT", "person", 1),
        ("SELECT", "gig", 2),
    ]
    assert events[1].sets == 3
    assert events[2].sql.endswith('WHERE ("gig"."seats" = ' + ("?1)" if "?1" in events[2].sql else "$1::bigint)"))
    assert events[2].parameters == (0,)
    assert all(event.seconds >= 0 and event.error is None for event in events)


async def test_transactions_are_told_of(db: Database, events: list[StatementEvent]) -> None:
    """The steps of a transaction and of a savepoint are statements too."""
    async with db.transaction():
        await Gig.select().count()
        with pytest.raises(LookupError):
            async with db.transaction():
                raise LookupError
        async with db.transaction():
            await db.sql("select 1")
    with pytest.raises(LookupError):
        async with db.transaction():
            raise LookupError
    assert [event.sql.partition(" FROM")[0] for event in events] == [
        "BEGIN",
        "SELECT count(*)",
        "SAVEPOINT",
        "ROLLBACK TO SAVEPOINT",
        "SAVEPOINT",
        "select 1",
        "RELEASE SAVEPOINT",
        "COMMIT",
        "BEGIN",
        "ROLLBACK",
    ]


async def test_a_transaction_already_open_is_watched(db: Database) -> None:
    """Who begins to listen within a transaction hears its next statement."""
    told: list[StatementEvent] = []
    async with db.transaction():
        db.on_statement(told.append)
        await Gig.select().count()
    assert [event.operation for event in told] == ["SELECT", "COMMIT"]


async def test_secret_values_are_hidden(db: Database, events: list[StatementEvent]) -> None:
    """The value of a secret column never reaches a listener, wherever in a statement it stands."""
    secret, other = "hash-of-Ann", "hash-of-Bob"
    person = await Person.insert(Person(email="ann@example.org", name="Ann", password=secret)).one()
    await Person.insert(
        Person(email="b@example.org", name="B", password=secret),
        Person(email="c@example.org", name="C", password=other),
    )
    await Person.select().where(Person.password == secret, Person.name == "Ann")
    await Person.select().where(~((Person.password == secret) | Person.password.is_in([other, secret])))
    await Person.select().where(Person.password.like("hash-of%") & Person.password.starts_with("hash-of"))
    await Person.select().where((Person.password + secret).lower() == secret)
    await Gig.select().where(Gig.booker.password == secret, Gig.title == "x")
    await Person.select().where(Person.password == param(str), Person.name == param(str)).prepare()(secret, "Ann")
    await Person.update(Person.password.to(other), Person.name.to("Anna")).where(Person.email == "ann@example.org")
    await Person.insert(Person(email="b@example.org", name="X", password=secret)).on_conflict(Person.email).update()
    person.password = "hash-of-new"
    await person.save()
    await db.sql("select 1 where {} = {}", secret, "x")
    assert "hash-of" not in repr(events)
    assert [event.parameters for event in events] == [
        ("ann@example.org", "Ann", HIDDEN),
        ("b@example.org", "B", HIDDEN),
        (HIDDEN, "Ann"),
        (HIDDEN, HIDDEN, HIDDEN),
        (HIDDEN, HIDDEN),
        (HIDDEN, HIDDEN),
        (HIDDEN, "x"),
        (HIDDEN, "Ann"),
        (HIDDEN, "Anna", "ann@example.org"),
        ("b@example.org", "X", HIDDEN),
        (HIDDEN, "Anna", person.id) if len(events[-2].parameters) == 3 else (HIDDEN, person.id),
        (HIDDEN, HIDDEN),
    ]


async def test_failures_are_told_of(db: Database, events: list[StatementEvent]) -> None:
    """A statement that fails gives an event with its error, in and out of transactions."""
    await ann()
    with pytest.raises(UniqueViolation):
        await ann()
    with pytest.raises(StatementFailed):
        await db.sql("select nothing")
    async with db.transaction():
        with pytest.raises(UniqueViolation):
            await ann()
    errors = [event.error for event in events if event.error is not None]
    unique, failed, again = errors
    assert (type(unique), type(again)) == (UniqueViolation, UniqueViolation)
    assert isinstance(failed, StatementFailed)


async def test_events_name_their_task_and_place(db: Database, events: list[StatementEvent]) -> None:
    """An event says which task ran the statement and on which database, without user and password."""

    async def work() -> None:
        await Gig.select()

    await asyncio.create_task(work(), name="reader")
    assert events[0].task == "reader"
    assert events[0].database == db.place
    assert events[0].database.system == db.engine.capabilities.dialect
    with pytest.raises(FrozenInstanceError):
        events[0].sql = ""  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]  # that it cannot is the promise


async def test_a_failing_listener_harms_nobody(db: Database, caplog: pytest.LogCaptureFixture) -> None:
    """What a listener raises is logged; the statement and the other listeners go on."""
    told: list[StatementEvent] = []

    def broken(event: StatementEvent) -> None:
        raise LookupError(event.table)

    db.on_statement(broken)
    db.on_statement(told.append)
    with caplog.at_level(logging.ERROR, "tabor.watch"):
        assert await Gig.select().count() == 0
    assert len(told) == 1
    assert [record.name for record in caplog.records] == ["tabor.watch"]


async def test_without_listeners_nothing_is_in_between(db: Database) -> None:
    """The engine is asked directly before the first listener comes and after the last one has gone."""
    engine = db.engine
    stop = db.on_statement(print)
    assert isinstance(vars(db)["_engine"], WatchedEngine)
    stop()
    stop()
    assert vars(db)["_engine"] is engine
    assert vars(db)["_read_now"] == (engine.read_now if engine.capabilities.reads_at_once else None)


async def test_a_database_may_be_born_watched(database_url: str) -> None:
    """Listeners given to the constructor hear every statement from the first on, its definitions too."""
    told: list[StatementEvent] = []
    async with Database(database_url, tables=TABLES, watch=[told.append]) as db:
        await db.create_tables()
        await bob()
    assert {event.operation for event in told} >= {"CREATE", "INSERT"}


async def test_a_refused_use_of_a_transaction_is_no_statement(db: Database, events: list[StatementEvent]) -> None:
    """What never reached the database gives no event."""
    async with db.transaction():
        with pytest.raises(TransactionMisuse):
            await asyncio.gather(Gig.select().run(db))
    assert [event.operation for event in events] == ["BEGIN", "COMMIT"]


async def test_gauges(db: Database) -> None:
    """The numbers of connections add up, and a closed database has none."""
    await ann()
    gauges = db.gauges()
    assert gauges.connections == gauges.in_use + gauges.idle >= 1
    assert gauges.waiting == 0
    assert gauges.queued in (None, 0)
    await db.close()
    with pytest.raises(DatabaseClosed):
        db.gauges()


async def test_gauges_of_a_group_commit() -> None:
    """Where one writer commits for everybody, writes of one moment share a batch and a commit."""
    async with Database("sqlite:///:memory:", tables=TABLES) as db:
        await db.create_tables()
        before = db.gauges()
        people = [Person.insert(Person(email=f"{i}@example.org", name="x")).run(db) for i in range(20)]
        waiting = asyncio.gather(*people)
        await asyncio.sleep(0)
        assert db.gauges().queued == 20
        await waiting
        after = db.gauges()
        assert (after.queued, after.queued_bytes) == (0, 0)
        assert before.batches is not None
        assert before.commits is not None
        assert after.batches is not None
        assert after.commits is not None
        assert 1 <= after.batches - before.batches < 20
        assert after.commits - before.commits == after.batches - before.batches
