"""Tests of the columns that an account has, and of the one spelling of its address."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tabor import Column, Database, Table, UniqueViolation, column
from tabor.auth.accounts import Account, normalised_email


class Member(Account):
    """People of a club."""

    number: Column[int] = column(primary_key=True)
    nickname: Column[str | None] = column(default=None)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("ann@example.org", "ann@example.org"),
        ("Ann@Example.ORG", "ann@example.org"),
        (
            "Jo\N{LATIN SMALL LETTER E}\N{COMBINING DIAERESIS}l@example.org",
            "jo\N{LATIN SMALL LETTER E WITH DIAERESIS}l@example.org",
        ),
        (
            "\N{LATIN CAPITAL LETTER A WITH RING ABOVE}sa@example.org",
            "\N{LATIN SMALL LETTER A WITH RING ABOVE}sa@example.org",
        ),
        (" ann@example.org", " ann@example.org"),
    ],
)
def test_normalised_email(given: str, stored: str) -> None:
    """Case and composition make no difference; nothing else is mended."""
    assert normalised_email(given) == stored
    assert normalised_email(stored) == stored


def test_an_account_is_no_table_of_its_own() -> None:
    """A subclass has the columns of the account beside its own, and only it is created."""
    sql = Database("sqlite:///:memory:", tables=[Member]).schema_sql()
    assert sql.count("CREATE TABLE") == 1
    for name in ("number", "email", "password_hash", "is_admin", "epoch", "created_at", "nickname"):
        assert f'    "{name}" ' in sql


def test_defaults() -> None:
    """Whoever signs up is no administrator, of epoch 0, and made now."""
    before = datetime.now(UTC)
    member = Member(email="ann@example.org", password_hash="x")
    assert (member.is_admin, member.epoch, before <= member.created_at <= datetime.now(UTC)) == (False, 0, True)


def test_secrets_are_not_shown() -> None:
    """The hash and the epoch are left out where a row is shown."""
    member = Member(email="ann@example.org", password_hash="hunter2")
    assert "hunter2" not in repr(member)
    assert "epoch" not in repr(member)


@pytest.mark.anyio
async def test_one_account_for_an_address() -> None:
    """The database refuses a second account with the same address."""
    async with Database("sqlite:///:memory:", tables=[Member]) as db:
        await db.create_tables()
        await Member.insert(Member(email="ann@example.org", password_hash="x"))
        with pytest.raises(UniqueViolation) as caught:
            await Member.insert(Member(email="ann@example.org", password_hash="y"))
    assert caught.value.columns == ("email",)


def test_an_account_is_a_table() -> None:
    """Whatever takes a table takes an account."""
    assert issubclass(Member, Table)
