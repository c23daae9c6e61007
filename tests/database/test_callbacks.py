"""Tests of the functions to call after a transaction: which, when, in which order, and what an error does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tabor import CallbackFailed, Database, TransactionConflict, TransactionMisuse
from tests.database.test_transaction import Stop, Stopped, names
from tests.festival import ann, bob

pytestmark = pytest.mark.anyio


class Calls:
    """What was called, in order."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def plain(self, name: str) -> Any:
        """A function that notes its call."""

        def call() -> None:
            self.made.append(name)

        return call

    def later(self, name: str) -> Any:
        """An asynchronous function that notes its call once it has waited."""

        async def call() -> None:
            await asyncio.sleep(0)
            self.made.append(name)

        return call

    def failing(self, name: str, error: BaseException) -> Any:
        """A function that notes its call and fails."""

        def call() -> None:
            self.made.append(name)
            raise error

        return call


@pytest.fixture
def calls() -> Calls:
    """An empty list of calls."""
    return Calls()


async def test_called_after_the_commit_in_order(db: Database, calls: Calls) -> None:
    """Functions of both kinds are called after the outermost commit, in the order in which they were registered."""
    async with db.transaction():
        db.after_commit(calls.later("one"))
        async with db.transaction():
            db.after_commit(calls.plain("two"))
            db.after_rollback(calls.plain("never"))
        db.after_commit(calls.plain("three"))
        assert calls.made == []
    assert calls.made == ["one", "two", "three"]


async def test_called_after_the_rollback_in_order(db: Database, calls: Calls) -> None:
    """After a rollback those are called that asked for it, and no other."""
    async with Stopped(), db.transaction():
        db.after_commit(calls.plain("never"))
        db.after_rollback(calls.later("one"))
        async with db.transaction():
            db.after_rollback(calls.plain("two"))
        raise Stop
    assert calls.made == ["one", "two"]


async def test_a_savepoint_that_is_undone_takes_its_own_along(db: Database, calls: Calls) -> None:
    """What an undone savepoint registered, inner ones that had ended well included, counts as rolled back."""
    async with db.transaction():
        db.after_commit(calls.plain("kept"))
        async with Stopped(), db.transaction():
            db.after_commit(calls.plain("never"))
            async with db.transaction():
                db.after_commit(calls.plain("never"))
                db.after_rollback(calls.plain("undone"))
            raise Stop
        assert calls.made == []
        db.after_commit(calls.plain("kept too"))
        db.after_rollback(calls.plain("never"))
    assert calls.made == ["kept", "undone", "kept too"]


async def test_called_outside_of_the_transaction(db: Database) -> None:
    """A function called after the commit sees what was committed, and its own work is its own."""
    seen: list[list[str]] = []

    async def look() -> None:
        assert not db.in_transaction
        seen.append(await names())
        await bob()

    async with db.transaction():
        assert db.in_transaction
        db.after_commit(look)
        await ann()
    assert (seen, await names()) == ([["Ann"]], ["Ann", "Bob"])


async def test_an_error_keeps_no_other_from_its_turn(db: Database, calls: Calls) -> None:
    """All functions are called; then the block says that it was committed and which errors there were."""
    first, second = ValueError("no paper"), LookupError("no printer")

    async def work() -> None:
        db.after_commit(calls.failing("one", first))
        db.after_commit(calls.failing("two", second))
        db.after_commit(calls.plain("three"))
        await ann()

    with pytest.raises(CallbackFailed) as caught:
        await db.transact(work)
    assert str(caught.value) == (
        "The transaction was committed, but a function to call after the commit failed: "
        "ValueError: no paper, and 1 more."
    )
    assert (caught.value.errors, caught.value.__cause__) == ((first, second), first)
    assert calls.made == ["one", "two", "three"]
    assert await names() == ["Ann"]


async def test_an_error_after_a_rollback_hides_nothing(db: Database, calls: Calls) -> None:
    """The error that led to the rollback arrives; those of the functions go to the loop's exception handler."""
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context["exception"]))
    error = ValueError("no paper")
    async with Stopped(), db.transaction():
        db.after_rollback(calls.failing("one", error))
        db.after_rollback(calls.plain("two"))
        raise Stop
    asyncio.get_running_loop().set_exception_handler(None)
    assert (calls.made, told) == (["one", "two"], [error])


async def test_a_cancelled_call_lets_the_others_have_their_turn(db: Database, calls: Calls) -> None:
    """A cancellation while functions are called arrives after the last of them."""

    async def work() -> None:
        async with db.transaction():
            db.after_commit(calls.failing("one", asyncio.CancelledError()))
            db.after_commit(calls.later("two"))

    with pytest.raises(asyncio.CancelledError):
        await work()
    assert calls.made == ["one", "two"]


async def test_transact_calls_for_each_run(db: Database, calls: Calls) -> None:
    """A run that is given up is rolled back, the last one committed; a function that fails runs nothing again."""
    runs: list[int] = []

    async def work() -> None:
        runs.append(1)
        db.after_rollback(calls.plain(f"undone {len(runs)}"))
        db.after_commit(calls.failing(f"kept {len(runs)}", TransactionConflict("from outside")))
        if len(runs) < 3:
            raise TransactionConflict("Another transaction was first.")

    with pytest.raises(CallbackFailed):
        await db.transact(work)
    assert calls.made == ["undone 1", "undone 2", "kept 3"]


async def test_registered_where_there_is_no_transaction(db: Database, calls: Calls) -> None:
    """Without a transaction, or in another task than its own, there is no end to wait for."""
    with pytest.raises(TransactionMisuse, match=r"^There is no transaction whose end could be waited for"):
        db.after_commit(calls.plain("never"))
    with pytest.raises(TransactionMisuse, match=r"^There is no transaction whose end could be waited for"):
        db.after_rollback(calls.plain("never"))

    async def elsewhere() -> None:
        db.after_commit(calls.plain("never"))

    async with db.transaction():
        with pytest.raises(TransactionMisuse, match=r"^A transaction belongs to the task that began it"):
            await asyncio.create_task(elsewhere())
    assert calls.made == []
