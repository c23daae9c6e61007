"""What a table needs so that its rows can sign in: the columns of an account, and one spelling for an address."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

from tabor.schema.column import Column, column
from tabor.schema.table import Table

MAX_EMAIL = 254
"""The longest address in characters (RFC 5321, section 4.5.3.1, as corrected by its erratum 1690)."""


def _now() -> datetime:
    return datetime.now(UTC)


class Account(Table):
    """Columns to inherit by the application's own table of people, which adds a primary key and whatever it likes.

    Addresses are stored as ``normalised_email`` gives them: ``Ann@Example.org`` and ``ann@example.org`` are one
    account. ``Authentication`` does so by itself; code that writes the column by other ways calls the function.
    Raising ``epoch`` ends every token of the account.

        class User(Account):
            id: Column[int] = column(primary_key=True)
            name: Column[str] = column(max_length=200)
    """

    email: Column[str] = column(unique=True, email=True, max_length=MAX_EMAIL, help="The address to sign in with")
    password_hash: Column[str] = column(secret=True)
    is_admin: Column[bool] = column(default=False, help="Whether everything is allowed")
    epoch: Column[int] = column(default=0, secret=True)
    created_at: Column[datetime] = column(default_factory=_now, help="When the account was made")


def normalised_email(email: str) -> str:
    """The one spelling of an address under which its account is stored and found: Unicode NFC, lower case.

    RFC 5321 lets a mail server tell ``Ann@`` from ``ann@``; none in use does, and people type both.

    >>> normalised_email("Ann@Example.ORG")
    'ann@example.org'
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", email).lower())
