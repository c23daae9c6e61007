"""Reads on the loop: quick ones at once, and never longer than their budgets."""

from __future__ import annotations

import asyncio

import pytest

from tabor.engines.sqlite import inline as inline_module
from tabor.engines.sqlite.engine import SqliteEngine
from tabor.errors import DatabaseClosed, InvalidValue, Overloaded, StatementFailed
from tests.engines.conftest import INSERT, SLOW_COUNT, OpenEngine, gig

pytestmark = pytest.mark.anyio
ONE = "SELECT ?1"


class _Clock:
    """A clock that moves by ``step`` seconds each time it is read."""

    def __init__(self) -> None:
        self.now = 0.0
        self.step = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    """The clock that the inline reads look at; a test asks for it before the engine, so that opening takes no time."""
    clock = _Clock()
    monkeypatch.setattr(inline_module, "perf_counter", clock)
    return clock


async def test_a_quick_read_is_answered_at_once(clock: _Clock, engine: SqliteEngine) -> None:
    """``read_now`` gives the rows as a list of plain tuples."""
    await engine.write([gig("a", 3)])
    rows = engine.read_now("SELECT id, title, seats, next FROM gig WHERE id = ?1", (1,))
    assert rows == [(1, "a", 3, None)]
    assert type(rows) is list
    assert type(rows[0]) is tuple


async def test_a_long_read_leaves_the_loop_for_good(engine: SqliteEngine) -> None:
    """A statement past the budget is stopped, answered by a thread, and declined at once from then on."""
    assert engine.read_now(SLOW_COUNT, (300_000,)) is None
    assert await engine.read(SLOW_COUNT, (300_000,)) == [(300_000,)]
    assert engine.read_now(SLOW_COUNT, (1,)) is None
    assert await engine.read(SLOW_COUNT, (1,)) == [(1,)]
    assert engine.read_now(ONE, (1,)) == [(1,)]


async def test_the_turn_has_a_budget(clock: _Clock, engine: SqliteEngine) -> None:
    """Past the turn's budget ``read_now`` declines until the loop has had a turn."""
    clock.step = 0.00015
    answers = [engine.read_now(ONE, (1,)) for _ in range(20)]
    assert answers == [[(1,)]] * 14 + [None] * 6
    await asyncio.sleep(0)
    assert engine.read_now(ONE, (1,)) == [(1,)]


async def test_reads_past_the_turns_budget_are_answered_in_later_turns(clock: _Clock, engine: SqliteEngine) -> None:
    """Many reads at once are all answered, in order, without a thread, with other tasks in between."""
    clock.step = 0.00015
    order: list[int] = []
    turns = 0

    async def read(number: int) -> None:
        assert await engine.read(ONE, (number,)) == [(number,)]
        order.append(number)

    async def breathe() -> None:
        nonlocal turns
        while len(order) < 100:
            turns += 1
            await asyncio.sleep(0)

    await asyncio.gather(*(read(number) for number in range(100)), breathe())
    assert order == list(range(100))
    assert turns > 100 // 14


async def test_a_read_cancelled_while_it_waits_for_its_turn_is_dropped(clock: _Clock, engine: SqliteEngine) -> None:
    """A cancelled read takes nothing from the others' budget."""
    clock.step = 0.00015
    tasks = [asyncio.ensure_future(engine.read(ONE, (number,))) for number in range(40)]
    await asyncio.sleep(0)
    for task in tasks[20:30]:
        task.cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [answers[index] for index in (0, 19, 30, 39)] == [[(0,)], [(19,)], [(30,)], [(39,)]]
    assert all(isinstance(answer, asyncio.CancelledError) for answer in answers[20:30])


async def test_waiting_for_a_turn_has_an_end(clock: _Clock, open_engine: OpenEngine) -> None:
    """Past ``read_queue`` waiting reads raise ``Overloaded``."""
    engine = await open_engine(read_queue=3)
    clock.step = 0.00015
    tasks = [asyncio.ensure_future(engine.read(ONE, (number,))) for number in range(20)]
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(answer) for answer in answers[-3:]] == [Overloaded] * 3


async def test_closing_refuses_reads_that_wait_for_their_turn(clock: _Clock, open_engine: OpenEngine) -> None:
    """A read that waits when the database is closed is told so."""
    engine = await open_engine()
    clock.step = 0.00015
    tasks = [asyncio.ensure_future(engine.read(ONE, (number,))) for number in range(100)]
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(engine.close())
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    await closing
    assert isinstance(answers[-1], DatabaseClosed)


async def test_one_slow_run_is_forgiven_and_several_are_not(clock: _Clock, engine: SqliteEngine) -> None:
    """A statement slow once by no fault of its own stays on the loop; one that is slow again and again leaves it."""
    clock.step = 0.0003
    assert engine.read_now(ONE, (1,)) == [(1,)]
    clock.step = 0.0
    for number in range(10):
        assert engine.read_now(ONE, (number,)) == [(number,)]
    clock.step = 0.0003
    for number in range(4):
        assert engine.read_now(ONE, (number,)) == [(number,)]
    clock.step = 0.0
    assert engine.read_now(ONE, (1,)) is None


async def test_a_lock_is_never_waited_for(open_engine: OpenEngine) -> None:
    """Where a lock keeps readers out, as in memory a transaction does, ``read_now`` declines and ``read`` waits."""
    engine = await open_engine(":memory:")
    transaction = await engine.begin()
    await transaction.execute(gig("new"))
    assert engine.read_now("SELECT title FROM gig", ()) is None
    reading = asyncio.ensure_future(engine.read("SELECT title FROM gig", ()))
    await asyncio.sleep(0.01)
    assert not reading.done()
    await transaction.commit()
    assert await reading == [("new",)]


async def test_reads_that_wait_for_their_turn_move_to_threads_when_the_gate_shuts(
    clock: _Clock, open_engine: OpenEngine
) -> None:
    """Reads in memory that wait for a later turn when a transaction begins are answered after its end."""
    engine = await open_engine(":memory:")
    clock.step = 0.00015
    tasks = [asyncio.ensure_future(engine.read(ONE, (number,))) for number in range(500)]
    transaction = await engine.begin()
    await asyncio.sleep(0.002)
    await transaction.commit()
    assert await asyncio.gather(*tasks) == [[(number,)] for number in range(500)]


async def test_a_write_is_refused_inline(engine: SqliteEngine) -> None:
    """A statement that writes raises in ``read_now``, every time, and changes nothing."""
    for _ in range(2):
        with pytest.raises(StatementFailed, match="only reading is possible") as refused:
            engine.read_now(INSERT, ("a", None, None))
        assert refused.value.__cause__ is not None
    with pytest.raises(StatementFailed, match="engine's own"):
        engine.read_now("BEGIN", ())
    assert engine.read_now("SELECT count(*) FROM gig", ()) == [(0,)]


@pytest.mark.parametrize(
    ("sql", "parameters", "error"),
    [
        ("SELEC 1", (), StatementFailed),
        ("SELECT * FROM nowhere", (), StatementFailed),
        ('SELECT "text"', (), StatementFailed),
        ("SELECT ?1", (), StatementFailed),
        ("SELECT ?1", (2**64,), InvalidValue),
        ("SELECT ?1", (object(),), InvalidValue),
        ("SELECT ?1", ("\ud800",), InvalidValue),
        ("SELECT json(?1)", ("{",), StatementFailed),
    ],
)
async def test_a_bad_read_raises_what_it_deserves(
    engine: SqliteEngine, sql: str, parameters: tuple[object, ...], error: type[Exception]
) -> None:
    """Errors come as Tabor's, chained to the driver's, and the next read is as good as new."""
    with pytest.raises(error) as refused:
        engine.read_now(sql, parameters)
    assert refused.value.__cause__ is not None
    assert engine.read_now(ONE, (1,)) == [(1,)]
