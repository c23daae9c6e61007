"""Tests of interactive transactions: savepoints, failures inside, deadlines, conflicts, cancellation."""

from __future__ import annotations

import asyncio

import pytest

from tabor.engines.interface import Characteristics, Statement
from tabor.engines.postgres.engine import PostgresEngine
from tabor.engines.postgres.transaction import PostgresTransaction
from tabor.errors import (
    DatabaseUnavailable,
    ForeignKeyViolation,
    Overloaded,
    ReadOnlyTransaction,
    StatementFailed,
    TransactionConflict,
    TransactionExpired,
    TransactionMisuse,
    UniqueViolation,
)
from tests.engines.postgres.conftest import ONE_IDLE, OpenEngine, Raw, busy, gig, settled, titles
from tests.engines.postgres.test_pool import MINE, SLEEP

pytestmark = pytest.mark.anyio

SEATS = "UPDATE gig SET seats = $1::bigint WHERE title = $2::text"


async def test_a_transaction_is_seen_at_its_commit(engine: PostgresEngine) -> None:
    """Others see nothing of a transaction before its commit, and all of it after."""
    transaction = await engine.begin()
    await transaction.execute(gig("a"))
    assert await titles(engine) == []
    await transaction.commit()
    assert await titles(engine) == ["a"]


async def test_a_rollback_keeps_nothing(engine: PostgresEngine) -> None:
    """A rollback undoes everything and may be repeated."""
    transaction = await engine.begin()
    await transaction.execute(gig("a"))
    await transaction.rollback()
    await transaction.rollback()
    assert await titles(engine) == []
    with pytest.raises(TransactionMisuse):
        await transaction.execute(gig("b"))
    with pytest.raises(TransactionMisuse):
        await transaction.commit()


async def test_a_failed_statement_leaves_the_transaction_usable(engine: PostgresEngine) -> None:
    """A refused statement undoes itself only: what came before and after is kept."""
    transaction = await engine.begin()
    await transaction.execute(gig("a"))
    with pytest.raises(UniqueViolation):
        await transaction.execute(gig("a"))
    assert (await transaction.execute(Statement("SELECT count(*) FROM gig"))).rows == [(1,)]
    await transaction.execute(gig("b"))
    with pytest.raises(StatementFailed):
        await transaction.execute(Statement("SELECT nothing"))
    await transaction.commit()
    assert await titles(engine) == ["a", "b"]


async def test_savepoints_nest(engine: PostgresEngine) -> None:
    """Each savepoint keeps or undoes its own part, failures inside included."""
    transaction = await engine.begin()
    await transaction.execute(gig("a"))
    await transaction.savepoint("outer")
    await transaction.execute(gig("b"))
    await transaction.savepoint("inner")
    await transaction.execute(gig("c"))
    with pytest.raises(UniqueViolation):
        await transaction.execute(gig("c"))
    await transaction.rollback_to("inner")
    await transaction.execute(gig("d"))
    await transaction.savepoint("inner")
    await transaction.execute(gig("e"))
    await transaction.release("inner")
    await transaction.release("outer")
    with pytest.raises(UniqueViolation):
        await transaction.execute(gig("a"))
    await transaction.execute(gig("f"))
    await transaction.commit()
    assert await titles(engine) == ["a", "b", "d", "e", "f"]


async def test_a_savepoint_undone_after_a_failure_undoes_only_its_part(engine: PostgresEngine) -> None:
    """Going back after a failure keeps what stood before the savepoint."""
    transaction = await engine.begin()
    await transaction.execute(gig("a"))
    await transaction.savepoint("one")
    with pytest.raises(UniqueViolation):
        await transaction.execute(gig("a"))
    await transaction.rollback_to("one")
    with pytest.raises(UniqueViolation):
        await transaction.execute(gig("a"))
    await transaction.commit()
    assert await titles(engine) == ["a"]


@pytest.mark.parametrize("name", ["tabor_mark", 'x"; DROP TABLE gig', ""])
async def test_a_savepoint_has_a_name(engine: PostgresEngine, name: str) -> None:
    """What is no identifier, or the engine's own, is no name for a savepoint."""
    transaction = await engine.begin()
    with pytest.raises(TransactionMisuse):
        await transaction.savepoint(name)
    await transaction.rollback()


async def test_a_read_only_transaction_is_a_snapshot(engine: PostgresEngine) -> None:
    """It sees one state of the database throughout and refuses to write."""
    await engine.write([gig("a")])
    transaction = await engine.begin(Characteristics(read_only=True))
    count = Statement("SELECT count(*) FROM gig")
    assert (await transaction.execute(count)).rows == [(1,)]
    await engine.write([gig("b")])
    assert (await transaction.execute(count)).rows == [(1,)]
    with pytest.raises(ReadOnlyTransaction) as caught:
        await transaction.execute(gig("c"))
    assert caught.value.sql == gig("c").sql
    assert (await transaction.execute(count)).rows == [(1,)]
    await transaction.rollback()
    await settled(engine)


async def test_a_refused_commit_rolls_back(engine: PostgresEngine) -> None:
    """A deferred foreign key is checked at the commit, which says what is wrong and keeps nothing."""
    transaction = await engine.begin()
    await transaction.execute(gig("a", 1, 99))
    with pytest.raises(ForeignKeyViolation) as caught:
        await transaction.commit()
    assert (caught.value.table, caught.value.columns, caught.value.references) == ("gig", ("next",), "gig")
    assert await titles(engine) == []
    assert engine.gauges().connections == engine.gauges().idle


async def test_an_idle_transaction_expires(open_engine: OpenEngine) -> None:
    """A transaction whose owner is silent for too long is rolled back and says so; its locks are free."""
    engine = await open_engine(transaction_idle=0.05, lock_timeout=1)
    await engine.write([gig("a")])
    transaction = await engine.begin()
    await transaction.execute(Statement(SEATS, (1, "a")))
    await engine.write([Statement(SEATS, (2, "a"))])
    with pytest.raises(TransactionExpired) as caught:
        await transaction.execute(gig("b"))
    assert caught.value.seconds == 0.05
    with pytest.raises(TransactionExpired):
        await transaction.commit()
    await transaction.rollback()
    assert await engine.read("SELECT seats FROM gig", ()) == [(2,)]


async def test_a_long_transaction_expires(open_engine: OpenEngine) -> None:
    """A transaction that lasts too long is rolled back, however busy."""
    engine = await open_engine(transaction_total=0.05)
    transaction = await engine.begin()

    async def work() -> None:
        while True:
            await transaction.execute(Statement(SLEEP, (0.01,)))
            await asyncio.sleep(0.01)

    with pytest.raises(TransactionExpired) as caught:
        await work()
    assert caught.value.seconds == 0.05
    await settled(engine)


async def test_a_lock_has_a_deadline(open_engine: OpenEngine) -> None:
    """A statement that waits too long for a lock gives up, and the transaction goes on."""
    engine = await open_engine(lock_timeout=0.05)
    await engine.write([gig("a"), gig("b")])
    first, second = await engine.begin(), await engine.begin()
    await first.execute(Statement(SEATS, (1, "a")))
    with pytest.raises(Overloaded, match="lock"):
        await second.execute(Statement(SEATS, (2, "a")))
    await second.execute(Statement(SEATS, (2, "b")))
    await second.commit()
    await first.commit()
    assert await engine.read("SELECT seats FROM gig ORDER BY id", ()) == [(1,), (2,)]


async def test_a_deadlock_is_a_conflict(open_engine: OpenEngine, raw: Raw) -> None:
    """Of two transactions that wait for each other one is rolled back and told to run again; the other goes on."""
    engine = await open_engine(lock_timeout=20, statement_timeout=20)
    await engine.write([gig("a"), gig("b")])
    first, second = await engine.begin(), await engine.begin()
    await first.execute(Statement(SEATS, (1, "a")))
    await second.execute(Statement(SEATS, (1, "b")))
    results = await asyncio.gather(
        first.execute(Statement(SEATS, (2, "b"))), second.execute(Statement(SEATS, (2, "a"))), return_exceptions=True
    )
    assert sorted(isinstance(result, TransactionConflict) for result in results) == [False, True]
    loser, winner = (first, second) if isinstance(results[0], TransactionConflict) else (second, first)
    with pytest.raises(TransactionConflict):
        await loser.execute(gig("c"))
    await loser.rollback()
    await winner.commit()
    expected = [(1,), (2,)] if winner is first else [(2,), (1,)]
    assert await engine.read("SELECT seats FROM gig ORDER BY id", ()) == expected


async def test_a_write_skew_is_a_conflict(open_engine: OpenEngine) -> None:
    """Serializable transactions that could not have run one after the other do not both commit."""
    engine = await open_engine(isolation="serializable")
    await engine.write([gig("a", 1), gig("b", 1)])
    both = [await engine.begin(), await engine.begin()]
    total = Statement("SELECT sum(seats)::bigint FROM gig")
    for transaction in both:
        assert (await transaction.execute(total)).rows == [(2,)]

    async def finish(transaction: PostgresTransaction, title: str) -> None:
        await transaction.execute(Statement(SEATS, (5, title)))
        await transaction.commit()

    await finish(both[0], "a")
    with pytest.raises(TransactionConflict):
        await finish(both[1], "b")
    await both[1].rollback()


async def test_a_cancelled_statement_leaves_the_transaction_usable(engine: PostgresEngine, raw: Raw) -> None:
    """A statement that was cancelled is undone; the transaction goes on and can be committed."""
    transaction = await engine.begin()
    await transaction.execute(gig("a"))
    late = Statement("INSERT INTO gig (title) SELECT 'late' FROM pg_sleep($1::float8)", (20.0,))
    task = asyncio.create_task(transaction.execute(late))
    await busy(raw, "INSERT INTO gig%")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await transaction.execute(gig("b"))
    await transaction.commit()
    assert await titles(engine) == ["a", "b"]


async def test_a_cancelled_transaction_gives_its_connection_back(open_engine: OpenEngine, raw: Raw) -> None:
    """A rollback after a cancellation waits for nothing, and the connection is clean for the next."""
    engine = await open_engine(pool_size=1)
    transaction = await engine.begin()
    await transaction.execute(gig("a"))
    task = asyncio.create_task(transaction.execute(Statement(SLEEP, (20.0,))))
    await busy(raw, "SELECT pg_sleep%")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await transaction.rollback()
    assert await titles(engine) == []
    assert engine.gauges() == ONE_IDLE


async def test_a_lost_connection_ends_the_transaction(engine: PostgresEngine, raw: Raw) -> None:
    """A transaction whose session was ended is known not to have been applied, and says so."""
    transaction = await engine.begin()
    await transaction.execute(gig("a"))
    ((pid,),) = (await transaction.execute(Statement(MINE))).rows
    await (await raw()).execute("SELECT pg_terminate_backend($1)", pid)
    with pytest.raises(DatabaseUnavailable) as caught:
        await transaction.execute(gig("b"))
    assert caught.value.not_applied is True
    await transaction.rollback()
    assert await titles(engine) == []


async def test_changed_tables_do_not_fail_prepared_statements(engine: PostgresEngine, raw: Raw) -> None:
    """A statement prepared before a column changed its type is prepared again, inside a transaction too."""
    read = Statement("SELECT seats FROM gig")
    await engine.write([gig("a", 1)])
    transaction = await engine.begin()
    await transaction.execute(read)
    await transaction.rollback()
    await (await raw()).execute("ALTER TABLE gig ALTER COLUMN seats TYPE numeric(8, 1)")
    assert [str(row[0]) for row in await engine.read(read.sql, ())] == ["1.0"]
    await (await raw()).execute("ALTER TABLE gig ALTER COLUMN seats TYPE bigint")
    transaction = await engine.begin()
    assert (await transaction.execute(read)).rows == [(1,)]
    await transaction.commit()


async def test_a_lone_write_costs_three_round_trips(engine: PostgresEngine, raw: Raw) -> None:
    """Begin with its savepoint, one statement, commit: what a transaction of one statement sends."""
    ((before,),) = await engine.read("SELECT pg_backend_pid()", ())
    transaction = await engine.begin()
    ((pid,),) = (await transaction.execute(Statement(MINE))).rows
    assert pid == before
    observer = await raw()
    sql = "SELECT query FROM pg_stat_activity WHERE pid = $1"
    assert [row[0] for row in await observer.fetch(sql, pid)] == [MINE]
    await transaction.execute(Statement("SELECT title FROM gig"))
    assert [row[0] for row in await observer.fetch(sql, pid)] == ["SELECT title FROM gig"]
    await transaction.commit()
    assert [row[0] for row in await observer.fetch(sql, pid)] == ["COMMIT"]
