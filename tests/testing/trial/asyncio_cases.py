"""Tests of the program with pytest-asyncio, in each scope of its loops; ``test_plugin.py`` runs them."""

from __future__ import annotations

import pytest
import pytest_asyncio

from tabor import Database
from tabor.testing import factory
from tests.testing.trial.program import Account, Booking, book


@pytest_asyncio.fixture(loop_scope="session")
async def ben(tabor: Database) -> Account:
    """A row that is made in another loop than that of most tests."""
    return await Account.insert(Account(owner="Ben")).one()


@pytest_asyncio.fixture(loop_scope="function")
async def cem(tabor: Database) -> Account:
    """One that is made in yet another."""
    return await factory(Account).create(owner="Cem")


async def uses_the_database(*others: Account) -> None:
    """Finds what was prepared and what its fixtures made, and leaves something for the next to trip over."""
    found = await Account.select(Account.owner).order_by(Account.id).values()
    assert found == ["Ann", *[other.owner for other in others]]
    await book("Ann", 5)
    assert await Booking.select().count() == 1


@pytest.mark.asyncio(loop_scope="function")
async def test_function(ben: Account, cem: Account) -> None:
    """In a loop of the test's own."""
    await uses_the_database(ben, cem)


@pytest.mark.asyncio(loop_scope="function")
async def test_function_again(cem: Account) -> None:
    """In another one."""
    await uses_the_database(cem)


@pytest.mark.asyncio(loop_scope="class")
class TestClass:
    """In one loop for the tests of a class."""

    async def test_class(self, ben: Account) -> None:
        """The first."""
        await uses_the_database(ben)

    async def test_class_again(self, cem: Account) -> None:
        """The second."""
        await uses_the_database(cem)


@pytest.mark.asyncio(loop_scope="module")
async def test_module(ben: Account) -> None:
    """In one loop for a module."""
    await uses_the_database(ben)


@pytest.mark.asyncio(loop_scope="package")
async def test_package(cem: Account) -> None:
    """In one loop for a package."""
    await uses_the_database(cem)


@pytest.mark.asyncio(loop_scope="session")
async def test_session(ben: Account, cem: Account) -> None:
    """In one loop for all tests."""
    await uses_the_database(ben, cem)


@pytest.mark.asyncio(loop_scope="session")
async def test_session_again(tabor: Database) -> None:
    """In the same one."""
    await uses_the_database()


@pytest.mark.tabor(copy=True)
@pytest.mark.asyncio(loop_scope="session")
async def test_copy(ben: Account) -> None:
    """A copy knows no loop either."""
    await uses_the_database(ben)
