"""Writes share a commit and still stand or fall alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import apsw
import pytest

from tabor.engines.interface import Result, Statement
from tabor.engines.sqlite.driver import Connection
from tabor.engines.sqlite.engine import SqliteEngine
from tabor.engines.sqlite.execution import BEGIN, Runner
from tabor.errors import (
    CheckViolation,
    DatabaseUnavailable,
    ForeignKeyViolation,
    NotNullViolation,
    Overloaded,
    StatementFailed,
    StatementTimeout,
    UniqueViolation,
)
from tests.engines.conftest import INSERT, SLOW_COUNT, OpenEngine, gig, titles
from tests.engines.faults import fail_with, faulty_disk

pytestmark = pytest.mark.anyio
SIZE = 8
POISONS: dict[str, tuple[list[Statement], type[Exception]]] = {
    "unique": ([gig("first")], UniqueViolation),
    "not null": ([Statement("INSERT INTO gig (title) VALUES (?1)", (None,))], NotNullViolation),
    "check": ([gig("x", -1)], CheckViolation),
    "syntax": ([Statement("INSERT gig", ())], StatementFailed),
    "second of two": ([gig("half"), gig("first")], UniqueViolation),
    "one of many": ([Statement(INSERT, (), [("a", 1, None), ("first", 1, None), ("b", 1, None)])], UniqueViolation),
    "or rollback": ([Statement("INSERT OR ROLLBACK INTO gig (title) VALUES ('first')")], UniqueViolation),
    "or fail": (
        [Statement('INSERT OR FAIL INTO gig (title) SELECT value FROM json_each(\'["part","first"]\')')],
        UniqueViolation,
    ),
    "deferred reference": ([gig("dangling", None, 999)], ForeignKeyViolation),
    "own commit": ([Statement("COMMIT")], StatementFailed),
    "two texts": ([Statement("INSERT INTO gig (title) VALUES ('text'); INSERT gig")], StatementFailed),
}


@pytest.mark.parametrize("kind", POISONS)
@pytest.mark.parametrize("position", range(SIZE))
async def test_a_poison_keeps_its_error_and_each_neighbour_its_result(
    engine: SqliteEngine, kind: str, position: int
) -> None:
    """Wherever in a batch a request fails, it alone fails and leaves nothing, and the others are kept."""
    await engine.write([gig("first")])
    statements, error = POISONS[kind]
    requests = [[gig(f"n{index}")] for index in range(SIZE)]
    requests[position] = statements
    answers = await asyncio.gather(*map(engine.write, requests), return_exceptions=True)
    assert type(answers[position]) is error
    stored = {row[1]: row[0] for row in await engine.read("SELECT id, title FROM gig", ())}
    expected = {f"n{index}" for index in range(SIZE) if index != position}
    assert set(stored) == expected | {"first"}
    for index, answer in enumerate(answers):
        if index != position:
            assert answer == [Result([(stored[f"n{index}"],)], 1)]


@pytest.mark.parametrize("guilty", range(0, SIZE, 3))
async def test_a_failure_over_rows_of_a_refused_neighbour_is_taken_back(engine: SqliteEngine, guilty: int) -> None:
    """A request that failed only because of a neighbour which was then refused at COMMIT runs again and succeeds."""
    requests = [[gig(f"n{index}")] for index in range(SIZE)]
    requests[guilty] = [gig("shared", None, 999)]
    requests.append([gig("shared")])
    answers = await asyncio.gather(*map(engine.write, requests), return_exceptions=True)
    assert [index for index, answer in enumerate(answers) if isinstance(answer, Exception)] == [guilty]
    assert "shared" in await titles(engine)


async def test_of_several_guilty_each_fails_for_itself(engine: SqliteEngine) -> None:
    """Two dangling references, a duplicate and a good row in one batch: each gets what it deserves."""
    await engine.write([gig("first")])
    answers = await asyncio.gather(
        engine.write([gig("a", None, 998)]),
        engine.write([gig("first")]),
        engine.write([gig("b", None, 999)]),
        engine.write([gig("good")]),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers] == [ForeignKeyViolation, UniqueViolation, ForeignKeyViolation, list]
    assert await titles(engine) == ["first", "good"]


async def test_a_waiter_cancelled_before_its_second_run_is_dropped(engine: SqliteEngine) -> None:
    """A write that is cancelled while its batch is being repeated does not run again."""
    runner = await engine.begin()
    cancelled = asyncio.ensure_future(engine.write([gig("cancelled")]))
    busy_work = Statement(f"INSERT INTO gig (title) SELECT 'slow' WHERE ({SLOW_COUNT}) > 0", (1_500_000,))
    guilty = asyncio.ensure_future(engine.write([busy_work, gig("a", None, 999)]))
    await asyncio.sleep(0)
    await runner.rollback()
    await asyncio.sleep(0.005)
    cancelled.cancel()
    with pytest.raises(ForeignKeyViolation):
        await guilty
    assert await titles(engine) == []


async def test_a_transaction_that_cannot_begin_fails_its_waiters(
    engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fails at BEGIN fails the writes of the batch, each with its own error, and not the writer."""
    control = Runner.control

    def fail(self: Runner, sql: str) -> None:
        if sql == BEGIN:
            raise apsw.IOError("injected")
        control(self, sql)

    with monkeypatch.context() as patch:
        patch.setattr(Runner, "control", fail)
        answers = await asyncio.gather(
            engine.write([gig("a")]), engine.write([gig("b")]), engine.begin(), return_exceptions=True
        )
    assert [type(answer) for answer in answers] == [DatabaseUnavailable] * 3
    assert len({id(answer) for answer in answers}) == 3
    await engine.write([gig("c")])
    assert await titles(engine) == ["c"]


async def test_writes_of_one_turn_share_one_commit(monkeypatch: pytest.MonkeyPatch, open_engine: OpenEngine) -> None:
    """Sixty-four writes that start in the same turn of the loop cost one sync of the disk."""
    with faulty_disk(monkeypatch) as faults:
        engine = await open_engine()
        before = faults.commits
        await asyncio.gather(*(engine.write([gig(f"n{index}")]) for index in range(64)))
        assert faults.commits == before + 1
        await engine.close()


async def test_a_batch_is_no_larger_than_the_option_says(
    monkeypatch: pytest.MonkeyPatch, open_engine: OpenEngine
) -> None:
    """Ten writes in batches of three take four commits."""
    with faulty_disk(monkeypatch) as faults:
        engine = await open_engine(batch=3)
        before = faults.commits
        await asyncio.gather(*(engine.write([gig(f"n{index}")]) for index in range(10)))
        assert faults.commits == before + 4
        await engine.close()


@pytest.mark.parametrize("error", [apsw.IOError, apsw.FullError])
async def test_nobody_is_told_of_success_when_the_disk_fails_at_commit(
    monkeypatch: pytest.MonkeyPatch, open_engine: OpenEngine, error: type[apsw.Error]
) -> None:
    """A sync that fails fails every waiter of the batch, keeps nothing, and the engine goes on when the disk does."""
    with faulty_disk(monkeypatch) as faults:
        engine = await open_engine()
        faults.commit = fail_with(error)
        answers = await asyncio.gather(
            *(engine.write([gig(f"n{index}")]) for index in range(5)), return_exceptions=True
        )
        assert [type(answer) for answer in answers] == [DatabaseUnavailable] * 5
        assert len({id(answer) for answer in answers}) == 5
        faults.commit = None
        assert await titles(engine) == []
        await engine.write([gig("later")])
        assert await titles(engine) == ["later"]
        await engine.close()


async def test_a_disk_that_fails_once_fails_one_request_at_most(
    monkeypatch: pytest.MonkeyPatch, open_engine: OpenEngine
) -> None:
    """A commit that fails once is repeated one by one, and everything is kept."""
    with faulty_disk(monkeypatch) as faults:
        engine = await open_engine()

        def once() -> None:
            faults.commit = None
            raise apsw.IOError("injected")

        faults.commit = once
        await asyncio.gather(*(engine.write([gig(f"n{index}")]) for index in range(5)))
        assert await titles(engine) == [f"n{index}" for index in range(5)]
        await engine.close()


async def test_a_full_database_refuses_what_does_not_fit_and_takes_what_does(engine: SqliteEngine) -> None:
    """When the file may not grow, the large write fails, and its small neighbours are kept."""
    pages = int(str((await engine.read("PRAGMA page_count", ()))[0][0]))
    await engine.write([Statement(f"PRAGMA max_page_count({pages + 3})")])
    large = Statement("INSERT INTO gig (title) VALUES (printf('%.*c', 200000, 'x'))")
    answers = await asyncio.gather(
        engine.write([gig("before")]), engine.write([large]), engine.write([gig("after")]), return_exceptions=True
    )
    failure = answers[1]
    assert isinstance(failure, DatabaseUnavailable)
    assert failure.reason == "database or disk is full"
    assert sorted(await titles(engine)) == ["after", "before"]


async def test_a_write_past_its_deadline_is_stopped_and_its_neighbours_are_kept(open_engine: OpenEngine) -> None:
    """A statement that runs too long raises ``StatementTimeout`` with the deadline, alone."""
    engine = await open_engine(write_deadline=0.02)
    endless = Statement(
        f"INSERT INTO gig (title, seats) {SLOW_COUNT.replace('SELECT count(*)', 'SELECT x, count(*)')}", (10**10,)
    )
    answers = await asyncio.gather(
        engine.write([gig("before")]), engine.write([endless]), engine.write([gig("after")]), return_exceptions=True
    )
    failure = answers[1]
    assert isinstance(failure, StatementTimeout)
    assert failure.seconds == 0.02
    assert sorted(await titles(engine)) == ["after", "before"]


async def test_a_refusal_after_a_timeout_keeps_its_own_name(open_engine: OpenEngine) -> None:
    """In the batch of a statement that ran too long another failure is reported as what it is."""
    engine = await open_engine(write_deadline=0.02)
    answers = await asyncio.gather(
        engine.write([Statement(SLOW_COUNT, (10**10,))]),
        engine.write([Statement("INSERT gig")]),
        engine.write([gig("kept")]),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers] == [StatementTimeout, StatementFailed, list]


async def test_counts_are_exact(engine: SqliteEngine) -> None:
    """``count`` is the number of rows that the statement itself changed: for one set, many sets, none, and DDL."""
    many = Statement("INSERT INTO gig (title) VALUES (?1)", (), [("a",), ("b",), ("c",)])
    update = Statement("UPDATE gig SET seats = ?1 WHERE title <= ?2", (), [(1, "b"), (2, "a"), (3, "")])
    results = await engine.write(
        [many, update, Statement("DELETE FROM gig WHERE id > 100"), Statement("CREATE TABLE t (x ANY) STRICT")]
    )
    assert [result.count for result in results] == [3, 3, 0, 0]
    assert await engine.write([Statement("SELECT 7")]) == [Result([(7,)], 0)]


async def test_many_sets_give_all_their_rows(engine: SqliteEngine) -> None:
    """RETURNING rows of a bulk write come back for every set, in the order of the sets."""
    results = await engine.write([Statement(INSERT, (), [("a", None, None), ("b", None, None)])])
    assert results == [Result([(1,), (2,)], 2)]
    assert await engine.write([Statement(INSERT, (), [])]) == [Result([], 0)]


async def test_a_write_of_nothing_gives_nothing(engine: SqliteEngine) -> None:
    """No statements, no results."""
    assert await engine.write([]) == []


async def test_another_process_that_writes_is_waited_for(engine: SqliteEngine, raw: Callable[[], Connection]) -> None:
    """A write that finds the database locked from outside waits and is then kept."""
    other = raw()
    other.cursor().execute("BEGIN IMMEDIATE").fetchall()
    waiting = asyncio.ensure_future(engine.write([gig("patient")]))
    await asyncio.sleep(0.02)
    assert not waiting.done()
    other.cursor().execute("COMMIT").fetchall()
    await waiting
    other.close()
    assert await titles(engine) == ["patient"]


async def test_another_process_that_keeps_the_database_overloads(
    open_engine: OpenEngine, raw: Callable[[], Connection]
) -> None:
    """Past the busy deadline every waiter of the batch gets an ``Overloaded`` of its own, and nothing is kept."""
    engine = await open_engine(busy_deadline=0.03)
    other = raw()
    other.cursor().execute("BEGIN IMMEDIATE").fetchall()
    answers = await asyncio.gather(*(engine.write([gig(f"n{index}")]) for index in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Overloaded] * 3
    assert len({id(answer) for answer in answers}) == 3
    with pytest.raises(Overloaded):
        await engine.begin()
    other.close()
    assert await titles(engine) == []
