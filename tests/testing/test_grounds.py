"""Tests of the places where databases for tests are made, and of the stand-in for a program's engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabor import ConfigurationError, DatabaseClosed, DatabaseError, DatabaseUnavailable
from tabor.database.trial import trial_for
from tabor.testing.grounds import Grounds
from tests.testing.trial.program import Account, db

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("url", ["sqlite:///planner.db", "mysql://", "postgresql", ""])
def test_a_url_that_is_somebodys_database_is_refused(url: str, tmp_path: Path) -> None:
    """A file is nothing that may come and go, and neither is what is no URL."""
    with pytest.raises(ConfigurationError, match="is none of these"):
        trial_for(url, tmp_path)


async def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    """The refusal says which server, why, and what it needs."""
    scratch, _ = trial_for("postgresql://nobody:secret@127.0.0.1:1/planner", tmp_path)
    with pytest.raises(DatabaseUnavailable, match=r"The server 127\.0\.0\.1:1/planner made no database") as caught:
        await scratch.create()
    assert "secret" not in str(caught.value)
    await scratch.close()


def test_between_tests_nobody_answers(tmp_path: Path) -> None:
    """The program's own database is used neither in a test nor between its fixtures, and afterwards it is as before."""
    own, asked = db.url, Account.select()
    grounds = Grounds(tmp_path)
    with grounds.test(db, "sqlite://", type(db).create_tables, copy=False):
        assert db.url != own
        assert asked.run_sync() == []
        with pytest.raises(DatabaseError, match="is open; close it first"), db.driven_by(db._drives):  # pyright: ignore[reportPrivateUsage]  # what a second stand-in would do
            pass
    assert db.url == own
    grounds.close()
    assert list(tmp_path.iterdir()) == []
    assert not db.health().ok


async def test_a_test_that_has_ended_is_over(tmp_path: Path) -> None:
    """What a task of an earlier test still wants is refused, and does not reach the next one."""
    grounds = Grounds(tmp_path)
    with grounds.test(db, "sqlite://", type(db).create_tables, copy=False):
        block = db.transaction()
        await block.__aenter__()
        await Account.insert(Account(owner="Ann"))
    with grounds.test(db, "sqlite://", type(db).create_tables, copy=False):
        with pytest.raises(DatabaseClosed, match="has ended"):
            await Account.insert(Account(owner="Ben"))
        with pytest.raises(DatabaseClosed, match="has ended"):
            await block.__aexit__(None, None, None)
        assert await Account.select().count() == 0
    grounds.close()
