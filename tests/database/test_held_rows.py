"""Tests of deletes that are refused because of rows further on, which refer to rows that would be deleted too."""

from __future__ import annotations

import pytest

from tabor import Column, ForeignKey, ForeignKeyViolation, Table, column, key
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Firm(Table):
    """What is to be deleted."""

    id: Column[int] = column(primary_key=True)
    name: Column[str]


class Worker(Table):
    """What is deleted with it."""

    id: Column[int] = column(primary_key=True)
    firm: ForeignKey[Firm] = key(on_delete="cascade")
    chief: ForeignKey[Worker | None] = key(default=None)


class Badge(Table):
    """What is deleted with that."""

    id: Column[int] = column(primary_key=True)
    worker: ForeignKey[Worker] = key(on_delete="cascade")


class Entry(Table):
    """What stays, and holds all of them."""

    id: Column[int] = column(primary_key=True)
    badge: ForeignKey[Badge]


async def test_rows_that_hold_others_are_named(database_url: str) -> None:
    """The tables on both sides of the key that holds them are told, however far away, and nothing is deleted."""
    async with opened(database_url, Firm, Worker, Badge, Entry):
        firms = await Firm.insert(Firm(name="a"), Firm(name="b")).all()
        workers = await Worker.insert([Worker(firm=firm) for firm in firms]).all()
        await Worker.insert(Worker(firm=firms[0], chief=workers[0]))
        badges = await Badge.insert([Badge(worker=worker) for worker in workers]).all()
        await Entry.insert(Entry(badge=badges[0]))
        for delete in (firms[0].remove(), Firm.delete().where(Firm.name == "a"), Firm.delete().everything()):
            with pytest.raises(ForeignKeyViolation) as caught:
                await delete
            assert (caught.value.table, caught.value.references) == ("badge", "entry")
            assert str(caught.value) == "A row of badge cannot go while rows of entry refer to it."
        assert await Firm.delete().where(Firm.name == "b") == 1
        await Entry.delete().everything()
        await firms[0].remove()
        assert await Worker.select().count() == 0
