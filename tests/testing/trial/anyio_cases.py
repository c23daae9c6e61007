"""Tests of the program with anyio's plugin; ``test_plugin.py`` runs them, and knows which of them has to fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from tabor import Database, TransactionMisuse, UniqueViolation
from tabor.testing import factory
from tests.testing.trial.program import Account, Booking, book, db

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("tabor")]


@pytest.fixture
async def ben(tabor: Database) -> AsyncGenerator[Account]:
    """A row that an asynchronous fixture makes and reads again at its end."""
    assert tabor is db
    account = await Account.insert(Account(owner="Ben")).one()
    yield account
    await account.refresh()


async def as_prepared() -> None:
    """Nothing is there but what was there before the first test, and made values begin anew."""
    assert await Account.select(Account.owner, Account.cents) == [("Ann", 100)]
    assert await Booking.select().count() == 0
    assert factory(Account).build().owner == "owner 1"


async def test_commits(ben: Account) -> None:
    """The program's transactions commit, nested ones too, and those that fail undo their own part only."""
    await as_prepared_with(ben)
    committed: list[str] = []
    async with db.transaction():
        db.after_commit(lambda: committed.append("yes"))
        await book("Ben", 5)
        with pytest.raises(UniqueViolation):
            await db.transact(book_twice)
    assert committed == ["yes"]
    assert await Account.select(Account.owner, Account.cents).order_by(Account.owner) == [("Ann", 100), ("Ben", 5)]
    assert await Booking.select(Booking.cents).values() == [5]


async def book_twice() -> None:
    """Books, and then does what is refused."""
    await book("Ann", 50)
    await Account.insert(Account(owner="Ben"))


async def as_prepared_with(account: Account) -> None:
    """The prepared row and one more."""
    assert await Account.select(Account.owner).order_by(Account.id).values() == ["Ann", account.owner]


async def test_fails_on_purpose() -> None:
    """A test that fails leaves nothing either."""
    await as_prepared()
    await factory(Booking).create_many(3)
    raise AssertionError("on purpose")


async def test_after_a_failure() -> None:
    """The next test finds what was prepared."""
    await as_prepared()


async def test_many_tasks() -> None:
    """Tasks that write at the same time, in transactions and outside of them, have their turns."""
    await as_prepared()
    await asyncio.gather(*[book("Ann", cents) for cents in range(10)], *[factory(Account).create() for _ in range(5)])
    assert (
        await Account.select(Account.cents).where(Account.owner == "Ann").values(),
        await Account.select().count(),
    ) == (
        [145],
        6,
    )


async def test_leaves_a_transaction_open() -> None:
    """A task that is still in a transaction at the end of the test holds nobody up."""
    await as_prepared()
    inside = asyncio.Event()

    async def stay() -> None:
        async with db.transaction():
            await Account.insert(Account(owner="Cem"))
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(stay())
    await inside.wait()
    task.cancel()


async def test_cancels() -> None:
    """A cancelled transaction is undone, and the rest of the test goes on."""
    await as_prepared()

    async def slow() -> None:
        async with db.transaction():
            await Account.insert(Account(owner="Cem"))
            await asyncio.sleep(60)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(slow(), 0.05)
    assert await Account.select(Account.owner).values() == ["Ann"]


async def test_what_needs_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one transaction that is never committed cannot give is refused, and the refusal says what to do."""
    monkeypatch.setattr("tabor.testing.one_transaction.PATIENCE", 0.05)
    with pytest.raises(TransactionMisuse, match=r"@pytest\.mark\.tabor\(copy=True\)"):
        async with db.transaction(deferred_constraints=True):
            pass
    async with db.transaction(isolation="serializable"):
        with db.outside(), pytest.raises(TransactionMisuse, match=r"@pytest\.mark\.tabor\(copy=True\)"):
            await as_prepared()
    await as_prepared()


@pytest.mark.tabor(copy=True)
async def test_on_a_copy() -> None:
    """On a copy even what waits for a real commit can be tried."""
    await as_prepared()
    async with db.transaction(deferred_constraints=True):
        account = await Account.select().one()
        await Booking.insert(Booking(account=account, before=2, cents=1))  # the next one, which is not there yet
        await Booking.insert(Booking(account=account, cents=2))
    assert await Booking.select().count() == 2


@pytest.mark.tabor(copy=True)
async def test_on_another_copy() -> None:
    """Each test has a copy of its own."""
    await as_prepared()
    await factory(Account).create_many(3)


async def test_after_the_copies() -> None:
    """What is done to a copy reaches nobody else."""
    await as_prepared()


def test_without_a_loop() -> None:
    """A test that is not asynchronous can ask too."""
    assert Account.select(Account.owner).values().run_sync() == ["Ann"]
    Account.insert(Account(owner="Ben")).run_sync()


async def test_after_one_without_a_loop() -> None:
    """And it is undone as well."""
    await as_prepared()
