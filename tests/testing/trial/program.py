"""A small program whose tests are run by the tests of the pytest plugin."""

from __future__ import annotations

from tabor import Column, Database, ForeignKey, Table, column, key


class Account(Table):
    """Somebody who has money."""

    id: Column[int] = column(primary_key=True)
    owner: Column[str] = column(unique=True)
    cents: Column[int] = column(minimum=0, default=0)


class Booking(Table):
    """Money that went to an account."""

    id: Column[int] = column(primary_key=True)
    account: ForeignKey[Account]
    before: ForeignKey[Booking | None] = key(default=None, deferrable=True)
    cents: Column[int]


db = Database("sqlite:///never-made.db", tables=[Account, Booking])


async def book(owner: str, cents: int) -> None:
    """Book money in a transaction of the program's own; all or nothing."""
    async with db.transaction():
        account = await Account.select().where(Account.owner == owner).one()
        await Booking.insert(Booking(account=account, cents=cents))
        await Account.update(Account.cents.to(Account.cents + cents)).where(Account.id == account.id)
