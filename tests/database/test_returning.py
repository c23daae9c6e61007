"""Tests of what writes give back: values of the same types as a select gives."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tabor import Column, Database, Table, case, coalesce, column, nullif
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Load(Table):
    """What a stage bears, in tons."""

    id: Column[int] = column(primary_key=True)
    tons: Column[float] = column(default=2.0)
    spare: Column[float | None] = column(default=None)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """An open database with one load of two tons."""
    async with opened(database_url, Load) as database:
        await Load.insert(Load())
        yield database


async def test_whole_floats_stay_floats(db: Database) -> None:
    """A float without a fraction that an expression passes on is given back as a float, as by a select."""
    heavy = case((Load.tons > 1.0, Load.tons), else_=0.5)
    first, unless = coalesce(Load.spare, Load.tons), nullif(Load.tons, 3.0)
    update = Load.update(Load.spare.to(None)).everything()
    again = Load.insert(Load()).on_conflict(Load.id).update(Load.spare)
    asked = [
        await Load.select(heavy, first, unless),
        await update.returning(heavy, first, unless),
        await again.returning(heavy, first, unless),
        await Load.delete().where(Load.id == 1).returning(heavy, first, unless),
    ]
    assert [[list(map(repr, row)) for row in rows] for rows in asked] == [[["2.0", "2.0", "2.0"]]] * 4
