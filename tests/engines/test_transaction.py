"""Interactive transactions: atomic, isolated, bounded in time, and never left open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tabor.engines.interface import Characteristics, Result, Statement
from tabor.engines.sqlite.driver import Connection
from tabor.engines.sqlite.engine import SqliteEngine
from tabor.errors import (
    ForeignKeyViolation,
    ReadOnlyTransaction,
    StatementFailed,
    TransactionError,
    TransactionExpired,
    TransactionMisuse,
    UniqueViolation,
)
from tests.engines.conftest import SLOW_COUNT, OpenEngine, gig, titles

pytestmark = pytest.mark.anyio
COUNT = Statement("SELECT count(*) FROM gig")


async def test_a_commit_keeps_and_a_rollback_undoes(engine: SqliteEngine) -> None:
    """What a transaction wrote is there after ``commit`` and gone after ``rollback``, which may be repeated."""
    kept = await engine.begin()
    assert await kept.execute(gig("kept")) == Result([(1,)], 1)
    await kept.commit()
    undone = await engine.begin()
    await undone.execute(gig("undone"))
    await undone.rollback()
    await undone.rollback()
    assert await titles(engine) == ["kept"]


async def test_others_see_nothing_before_the_commit(engine: SqliteEngine) -> None:
    """The transaction reads its own writes; a read beside it does not."""
    transaction = await engine.begin()
    await transaction.execute(gig("new"))
    assert (await transaction.execute(COUNT)).rows == [(1,)]
    assert engine.read_now(COUNT.sql, ()) == [(0,)]
    await transaction.commit()
    assert engine.read_now(COUNT.sql, ()) == [(1,)]


async def test_writes_wait_for_the_transaction(engine: SqliteEngine) -> None:
    """A write queued while a transaction is open happens after its end, and so does the next transaction."""
    transaction = await engine.begin()
    waiting = asyncio.ensure_future(engine.write([gig("second")]))
    following = asyncio.ensure_future(engine.begin())
    await transaction.execute(gig("first"))
    assert not waiting.done()
    await transaction.commit()
    await waiting
    await (await following).rollback()
    assert await titles(engine) == ["first", "second"]


async def test_a_failed_statement_leaves_the_transaction_usable(engine: SqliteEngine) -> None:
    """A refusal undoes the statement, all of its sets included, and nothing else."""
    transaction = await engine.begin()
    await transaction.execute(gig("first"))
    with pytest.raises(UniqueViolation):
        await transaction.execute(Statement(gig("").sql, (), [("half", None, None), ("first", None, None)]))
    with pytest.raises(UniqueViolation):
        await transaction.execute(
            Statement('INSERT OR FAIL INTO gig (title) SELECT value FROM json_each(\'["part","first"]\')')
        )
    await transaction.execute(gig("last"))
    await transaction.commit()
    assert await titles(engine) == ["first", "last"]


async def test_savepoints_nest(engine: SqliteEngine) -> None:
    """``rollback_to`` ends a savepoint and undoes its work alone, ``release`` keeps it."""
    transaction = await engine.begin()
    await transaction.savepoint("outer")
    await transaction.execute(gig("outer"))
    await transaction.savepoint("inner")
    await transaction.execute(gig("inner"))
    await transaction.rollback_to("inner")
    with pytest.raises(StatementFailed):
        await transaction.release("inner")
    await transaction.savepoint("inner")
    await transaction.execute(gig("again"))
    await transaction.release("inner")
    await transaction.release("outer")
    await transaction.commit()
    assert await titles(engine) == ["outer", "again"]


async def test_a_savepoint_has_a_plain_name(engine: SqliteEngine) -> None:
    """A name that is no identifier is refused before it reaches SQL."""
    transaction = await engine.begin()
    with pytest.raises(TransactionMisuse, match="identifier"):
        await transaction.savepoint('x"; COMMIT')
    await transaction.rollback()


async def test_a_refused_commit_rolls_back(engine: SqliteEngine) -> None:
    """A deferred reference that leads nowhere makes ``commit`` raise, keeps nothing and frees the writer."""
    transaction = await engine.begin()
    await transaction.execute(gig("dangling", None, 999))
    with pytest.raises(ForeignKeyViolation):
        await transaction.commit()
    await transaction.rollback()
    await engine.write([gig("next")])
    assert await titles(engine) == ["next"]


async def test_after_its_end_a_transaction_says_so(engine: SqliteEngine) -> None:
    """Using a committed transaction raises ``TransactionMisuse``."""
    transaction = await engine.begin()
    await transaction.commit()
    for use in (transaction.execute(COUNT), transaction.commit(), transaction.savepoint("a")):
        with pytest.raises(TransactionMisuse, match="is over"):
            await use
    await transaction.rollback()


async def test_a_rollback_by_sqlite_ends_the_transaction(engine: SqliteEngine) -> None:
    """When a statement's failure takes the transaction with it, the next use says that the database rolled back."""
    transaction = await engine.begin()
    await transaction.execute(gig("first"))
    with pytest.raises(UniqueViolation):
        await transaction.execute(Statement("INSERT OR ROLLBACK INTO gig (title) VALUES ('first')"))
    with pytest.raises(TransactionError, match="rolled the transaction back") as lost:
        await transaction.execute(gig("second"))
    assert isinstance(lost.value.__cause__, UniqueViolation)
    with pytest.raises(TransactionError):
        await transaction.commit()
    await transaction.rollback()
    await engine.write([gig("free")])
    assert await titles(engine) == ["free"]


@pytest.mark.parametrize("sql", ["COMMIT", "ROLLBACK", "BEGIN", "SAVEPOINT a", "ATTACH ':memory:' AS a", "END"])
async def test_statements_cannot_end_a_transaction(engine: SqliteEngine, sql: str) -> None:
    """Transaction statements are the engine's own; a caller's are refused and change nothing."""
    transaction = await engine.begin()
    await transaction.execute(gig("first"))
    with pytest.raises(StatementFailed, match="engine's own"):
        await transaction.execute(Statement(sql))
    await transaction.commit()
    assert await titles(engine) == ["first"]


async def test_an_idle_transaction_is_rolled_back(open_engine: OpenEngine) -> None:
    """Past the idle limit the writer rolls back, serves the others, and the next use says which limit it was."""
    engine = await open_engine(transaction_idle=0.02)
    transaction = await engine.begin()
    await transaction.execute(gig("forgotten"))
    await engine.write([gig("other")])
    with pytest.raises(TransactionExpired, match="transaction_idle") as expired:
        await transaction.execute(gig("late"))
    assert expired.value.seconds == 0.02
    with pytest.raises(TransactionExpired):
        await transaction.commit()
    await transaction.rollback()
    assert await titles(engine) == ["other"]


async def test_a_long_transaction_is_rolled_back(open_engine: OpenEngine) -> None:
    """Past the total limit even a busy transaction is rolled back and told so."""
    engine = await open_engine(transaction_total=0.05)
    transaction = await engine.begin()

    async def work_on() -> None:
        for index in range(1_000_000):
            await transaction.execute(gig(f"n{index}"))

    with pytest.raises(TransactionExpired, match="transaction_total") as expired:
        await work_on()
    assert expired.value.seconds == 0.05
    await engine.write([gig("other")])
    assert await titles(engine) == ["other"]


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_statement_cannot_outlast_the_total_limit(open_engine: OpenEngine, read_only: bool) -> None:
    """A statement that is running when the limit passes is stopped with ``TransactionExpired``."""
    engine = await open_engine(transaction_total=0.05)
    transaction = await engine.begin(Characteristics(read_only=read_only))
    with pytest.raises(TransactionExpired, match=r"it was open for more than 0\.05 s\. Make it shorter"):
        await transaction.execute(Statement(SLOW_COUNT, (10**10,)))
    await engine.write([gig("other")])


async def test_a_cancelled_statement_is_stopped(engine: SqliteEngine) -> None:
    """Cancelling a running statement stops it in SQLite, so that the rollback after it is quick."""
    transaction = await engine.begin()
    running = asyncio.ensure_future(transaction.execute(Statement(SLOW_COUNT, (10**10,))))
    await asyncio.sleep(0.02)
    running.cancel()
    await transaction.rollback()
    await engine.write([gig("free")])
    assert running.cancelled()


async def test_a_cancelled_begin_leaves_nothing_open(engine: SqliteEngine) -> None:
    """``begin`` may be cancelled while it waits and in the very turn in which it succeeds."""
    first = await engine.begin()
    waiting = asyncio.ensure_future(engine.begin())
    await asyncio.sleep(0)
    waiting.cancel()
    await first.rollback()
    for turns in range(6):
        began = asyncio.ensure_future(engine.begin())
        for _ in range(turns):
            await asyncio.sleep(0.0005)
        began.cancel()
        result = (await asyncio.gather(began, return_exceptions=True))[0]
        if not isinstance(result, BaseException):
            await result.rollback()
    await asyncio.wait_for(engine.write([gig("free")]), 0.9)
    assert await titles(engine) == ["free"]


async def test_a_read_transaction_sees_one_moment(engine: SqliteEngine) -> None:
    """A read-only transaction keeps its view from its begin on, cannot write, and holds up no writer."""
    await engine.write([gig("before")])
    transaction = await engine.begin(Characteristics(read_only=True))
    await engine.write([gig("after")])
    assert (await transaction.execute(COUNT)).rows == [(1,)]
    with pytest.raises(ReadOnlyTransaction):
        await transaction.execute(gig("never"))
    await transaction.commit()
    assert await titles(engine) == ["before", "after"]


async def test_read_transactions_leave_room_for_reads(open_engine: OpenEngine) -> None:
    """As many open read transactions as there are threads do not keep the other reads waiting."""
    engine = await open_engine(reads="threads", reader_threads=1)
    transaction = await engine.begin(Characteristics(read_only=True))
    assert await engine.read(COUNT.sql, ()) == [(0,)]
    await transaction.rollback()


async def test_an_idle_read_transaction_ends(open_engine: OpenEngine) -> None:
    """A read-only transaction has the same limits."""
    engine = await open_engine(transaction_idle=0.02, reader_threads=1)
    transaction = await engine.begin(Characteristics(read_only=True))
    following = await engine.begin(Characteristics(read_only=True))
    with pytest.raises(TransactionExpired, match=r"it did nothing for 0\.02 s\. Do slow work"):
        await transaction.execute(COUNT)
    await following.rollback()


async def test_a_transaction_takes_its_lock_at_once(engine: SqliteEngine, raw: Callable[[], Connection]) -> None:
    """From ``begin`` on another process cannot write, so that no statement of it is ever refused as busy."""
    transaction = await engine.begin()
    other = raw()
    with pytest.raises(Exception, match="database is locked"):
        other.cursor().execute("BEGIN IMMEDIATE")
    other.close()
    await transaction.rollback()


async def test_close_waits_for_the_transaction(open_engine: OpenEngine) -> None:
    """``close`` lets an open transaction end, by its owner or by its limits."""
    engine = await open_engine(transaction_idle=0.05)
    transaction = await engine.begin()
    closing = asyncio.ensure_future(engine.close())
    await asyncio.sleep(0)
    await transaction.execute(gig("kept"))
    await transaction.commit()
    await closing
    again = await open_engine()
    assert await titles(again) == ["kept"]
