"""Sells tickets and takes them back: never more than there are places, whoever buys at the same time."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from bands.tables import Concert, Kind, Ticket
from tabor import Database, NotFound

SHARE_OF_PRICE = {Kind.standing: Decimal(1), Kind.seated: Decimal("1.4"), Kind.reduced: Decimal("0.6")}
"""What a ticket of each kind costs, as a share of the price of the concert."""


class SoldOut(Exception):
    """A concert has fewer places left than were wanted; ``left`` says how many."""

    def __init__(self, wanted: int, left: int) -> None:
        super().__init__(f"{wanted} tickets were wanted, and {left} are left.")
        self.wanted = wanted
        self.left = left


async def sell(db: Database, concert: int, holder: str, kind: Kind = Kind.standing, number: int = 1) -> list[Ticket]:
    """Sell so many tickets to the e-mail address ``holder``, all or none.

    Raises ``SoldOut`` where there are not enough places, ``NotFound`` where there is no such concert.
    """
    with db.use():
        async with db.transaction():
            # One statement asks and takes, so that two buyers never see the same last place.
            taken = await (
                Concert.update(Concert.places.to(Concert.places - number))
                .where(Concert.id == concert, Concert.places >= number)
                .returning(Concert.price)
            )
            if not taken:
                raise SoldOut(number, (await Concert.get(concert)).places)
            price = (taken[0][0] * SHARE_OF_PRICE[kind]).quantize(Decimal("0.01"), ROUND_HALF_UP)
            tickets = [Ticket(concert=concert, holder=holder, kind=kind, price=price) for _ in range(number)]
            return await Ticket.insert(tickets).all()


async def give_back(db: Database, ticket: UUID) -> Decimal:
    """Take a ticket back, which frees its place; gives what it cost.  Raises ``NotFound`` for one that is not sold."""
    with db.use():
        async with db.transaction():
            returned = await Ticket.delete().where(Ticket.id == ticket).returning(Ticket.concert.id, Ticket.price)
            if not returned:
                raise NotFound("ticket", ticket)
            concert, price = returned[0]
            await Concert.update(Concert.places.to(Concert.places + 1)).where(Concert.id == concert)
            return price


async def call_off(db: Database, concert: int) -> dict[str, Decimal]:
    """Delete a concert, and its tickets with it; gives what each holder gets back.

    Raises ``NotFound`` where there is no such concert, ``StaleRow`` where a ticket was sold meanwhile.
    """
    with db.use():
        async with db.transaction():
            row = await Concert.get(concert)
            refunds = await (
                Ticket.select(Ticket.holder, Ticket.price.sum())
                .where(Ticket.concert.id == concert)
                .group_by(Ticket.holder)
            )
            await row.remove()
            return {holder: total for holder, total in refunds if total is not None}
