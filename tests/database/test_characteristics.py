"""Tests of what can be asked of one transaction: isolation, only reading, deadlines, deferred constraints."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest

from tabor import (
    Column,
    Database,
    ForeignKey,
    ForeignKeyViolation,
    Isolation,
    QueryError,
    ReadOnlyTransaction,
    StatementTimeout,
    Table,
    TransactionExpired,
    TransactionMisuse,
    UniqueViolation,
    column,
    key,
)
from tabor.engines.interface import LEVELS
from tests.database.test_transaction import names
from tests.festival import Person, ann, bob, opened

pytestmark = pytest.mark.anyio
# Runs for minutes wherever nobody stops it.
ENDLESS = "with recursive n(x) as (select 1 union all select x + 1 from n where x < {}) select count(*) from n"


@pytest.mark.parametrize("level", LEVELS)
async def test_levels(db: Database, level: Isolation) -> None:
    """A transaction of each level keeps its work, reads included; inner blocks may ask for it again."""
    async with db.transaction(isolation=level):
        await ann()
        async with db.transaction(isolation=level):
            await bob()
        async with db.transaction(isolation="read committed"):
            assert await names() == ["Ann", "Bob"]
    async with db.transaction(isolation=level, read_only=True):
        assert await names() == ["Ann", "Bob"]


async def test_unknown_characteristics(db: Database) -> None:
    """What no transaction can have is refused before one begins."""
    with pytest.raises(QueryError, match=r"^There is no isolation level 'snapshot'; there are read committed, "):
        db.transaction(isolation=cast("Isolation", "snapshot"))
    with pytest.raises(QueryError, match=r"^timeout=0 is no number of seconds above 0\.$"):
        db.transaction(timeout=0)
    with pytest.raises(QueryError, match=r"^statement_timeout=-1 is no number of seconds above 0\.$"):
        await db.transact(names, statement_timeout=-1)


async def test_inner_blocks_cannot_ask_for_more(db: Database) -> None:
    """What belongs to a whole transaction is asked for by its outermost block, and the transaction goes on."""
    async with db.transaction():
        await ann()
        with pytest.raises(TransactionMisuse, match=r"^Constraints are deferred for a whole transaction"):
            async with db.transaction(deferred_constraints=True):
                await bob()
        with pytest.raises(TransactionMisuse, match=r"^A deadline is for a whole transaction"):
            async with db.transaction(timeout=1):
                await bob()
    assert await names() == ["Ann"]


async def test_a_reading_transaction_refuses_every_way_to_write(db: Database) -> None:
    """Queries and SQL by hand alike are refused, with the statement named, and reading goes on."""
    await ann()
    async with db.transaction(read_only=True):
        with pytest.raises(ReadOnlyTransaction, match=r"^This transaction only reads, by read_only=True") as caught:
            await bob()
        assert caught.value.sql.startswith('INSERT INTO "person"')
        with pytest.raises(ReadOnlyTransaction):
            await db.sql("delete from person")
        with pytest.raises(ReadOnlyTransaction):
            await Person.update(Person.name.to("x")).everything()
        assert await names() == ["Ann"]
    assert await names() == ["Ann"]


async def test_an_inner_block_that_only_reads(db: Database) -> None:
    """A block that only reads refuses to write inside of one that writes, which may go on afterwards."""
    async with db.transaction():
        await ann()
        async with db.transaction(read_only=True):
            assert await names() == ["Ann"]
            with pytest.raises(ReadOnlyTransaction):
                await bob()
        await bob()
    assert await names() == ["Ann", "Bob"]


async def test_a_reading_transaction_holds_nobody_up(db: Database) -> None:
    """While it is open others write, and it goes on seeing what it saw."""
    await ann()
    async with db.transaction(read_only=True):
        assert await names() == ["Ann"]
        with db.outside():
            await asyncio.create_task(bob())
        assert await names() == ["Ann"]
    assert await names() == ["Ann", "Bob"]


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_transaction_has_a_deadline_of_its_own(db: Database, *, read_only: bool) -> None:
    """The deadline stops the statement that is under way, and nothing is kept."""

    async def work() -> None:
        if not read_only:
            await ann()
        await db.sql(ENDLESS, 10**12)

    with pytest.raises(TransactionExpired) as caught:
        await db.transact(work, timeout=0.1, read_only=read_only)
    assert caught.value.seconds == 0.1
    assert await names() == []


async def test_a_deadline_counts_from_the_wait_for_the_beginning(db: Database) -> None:
    """A transaction that nobody lets begin expires all the same."""
    block = db.transaction(timeout=1e-9)
    with pytest.raises(TransactionExpired, match=r"^The transaction could not begin within 1e-09 s") as caught:
        async with block:
            await ann()
    assert caught.value.seconds == 1e-9
    assert await names() == []


async def test_statements_have_a_deadline_of_their_own(db: Database) -> None:
    """A statement that takes too long is stopped and named; the transaction goes on."""
    async with db.transaction(statement_timeout=0.05):
        await ann()
        with pytest.raises(StatementTimeout) as caught:
            await db.sql(ENDLESS, 10**12)
        assert (caught.value.seconds, caught.value.sql.partition(" n(")[0]) == (0.05, "with recursive")
        await bob()
    assert await names() == ["Ann", "Bob"]


class Egg(Table):
    """Laid by a chicken."""

    name: Column[str] = column(primary_key=True, init=True)
    chicken: ForeignKey[Chicken, str] = key(deferrable=True)


class Chicken(Table):
    """Came out of an egg."""

    name: Column[str] = column(primary_key=True, init=True)
    egg: ForeignKey[Egg, str] = key(deferrable=True)


@pytest.fixture
async def farm(database_url: str) -> AsyncIterator[Database]:
    """A database in which neither chicken nor egg can come first."""
    async with opened(database_url, Chicken, Egg) as db:
        yield db


async def lay(name: str) -> None:
    """An egg of a chicken that comes out of it, in two statements."""
    await Egg.insert(Egg(name=name, chicken=name))
    await Chicken.insert(Chicken(name=name, egg=name))


async def test_deferred_constraints_are_checked_at_the_commit(farm: Database) -> None:
    """Rows that refer to each other come and go in two statements where the check waits for the commit."""
    async with farm.transaction(deferred_constraints=True):
        async with farm.transaction():
            await lay("ada")
        with pytest.raises(UniqueViolation):
            await Egg.insert(Egg(name="ada", chicken="ada"))
        await lay("eve")
    async with farm.transaction(deferred_constraints=True):
        await Egg.delete().where(Egg.name == "ada")
        await Chicken.delete().where(Chicken.name == "ada")
    assert await Egg.select(Egg.name, Egg.chicken.name) == [("eve", "eve")]


async def test_a_commit_with_a_broken_constraint_is_refused(farm: Database) -> None:
    """What is still broken at the commit is refused there, nothing is kept, and the next transaction is as usual."""

    async def half() -> None:
        await Egg.insert(Egg(name="ada", chicken="nobody"))

    with pytest.raises(ForeignKeyViolation):
        await farm.transact(half, deferred_constraints=True)
    assert await Egg.select().count() == 0
    async with farm.transaction():
        with pytest.raises(ForeignKeyViolation):
            await half()
    assert await Egg.select().count() == 0


async def test_keys_are_checked_at_once_where_nothing_is_deferred(farm: Database) -> None:
    """A deferrable key is checked with its statement in every other transaction and outside of one."""
    await farm.transact(lambda: lay("ada"), deferred_constraints=True)
    with pytest.raises(ForeignKeyViolation):
        await lay("eve")
    with pytest.raises(ForeignKeyViolation):
        await Egg.delete().where(Egg.name == "ada")
    async with farm.transaction():
        with pytest.raises(ForeignKeyViolation):
            await Egg.delete().where(Egg.name == "ada")
    assert await Egg.select(Egg.name).values() == ["ada"]
