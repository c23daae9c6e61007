"""Tests of columns that are true or false as conditions: alone, combined, and wherever a condition may stand."""

from __future__ import annotations

import pytest

from tabor import Column, ForeignKey, Table, case, coalesce, column, every, key, some
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Member(Table):
    """Somebody who pays, or not, or of whom that is not known."""

    id: Column[int] = column(primary_key=True)
    active: Column[bool] = column(default=True)
    paid: Column[bool | None] = column(default=None)
    mentor: ForeignKey[Member | None] = key(default=None)


async def test_a_column_is_a_condition(database_url: str) -> None:
    """It needs no comparison; what is not known is not true."""
    async with opened(database_url, Member):
        await Member.insert(Member(), Member(active=False, paid=True), Member(paid=True), Member(paid=False))
        ids = Member.select(Member.id).order_by(Member.id).values()
        assert await ids.where(Member.active) == [1, 3, 4]
        assert await ids.where(~Member.active) == [2]
        assert await ids.where(Member.active, coalesce(Member.paid, False)) == [3]
        assert await ids.where(Member.active & ~Member.paid) == [4]
        assert await ids.where(~Member.paid | Member.active) == [1, 3, 4]
        assert await Member.update(Member.paid.to(True)).where(Member.active) == 3
        assert await Member.delete().where(Member.active) == 3


async def test_wherever_a_condition_may_stand(database_url: str) -> None:
    """In a choice, in aggregates and across a key too."""
    async with opened(database_url, Member):
        await Member.insert(Member(), Member(active=False, mentor=1), Member(mentor=2))
        assert await Member.select(case((Member.active, "yes"), else_="no")).order_by(Member.id).values() == [
            "yes",
            "no",
            "yes",
        ]
        assert await Member.select(every(Member.active), some(Member.active)) == [(False, True)]
        assert await Member.select(Member.id.count().filter(Member.active)).values() == [2]
        from_active = coalesce(Member.mentor(lambda mentor: mentor.active), False)
        assert await Member.select(Member.id).where(from_active).values() == [2]
