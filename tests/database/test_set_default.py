"""Tests of keys that lead to another row once theirs is deleted."""

from __future__ import annotations

from uuid import UUID

import pytest

from tabor import Column, ForeignKey, ForeignKeyViolation, Table, column, key
from tests.festival import opened

pytestmark = pytest.mark.anyio
FIRST, SECOND = UUID(int=1), UUID(int=2)


class Desk(Table):
    """Where letters lie; those of one that goes lie on the first."""

    id: Column[int] = column(primary_key=True)
    name: Column[str]


class Letter(Table):
    """Lies on a desk."""

    id: Column[int] = column(primary_key=True)
    desk: ForeignKey[Desk] = key(default=1, on_delete="set default", name="deskId")


class Shelf(Table):
    """A table whose key is no number."""

    id: Column[UUID] = column(primary_key=True, default_factory=lambda: SECOND)


class Folder(Table):
    """Stands on a shelf, or on none."""

    id: Column[int] = column(primary_key=True)
    shelf: ForeignKey[Shelf | None, UUID] = key(default=FIRST, on_delete="set default")


TABLES = (Desk, Letter, Shelf, Folder)


async def test_rows_lead_to_the_default(database_url: str) -> None:
    """What refers to a deleted row refers to that of the default afterwards; so does a new row that says nothing."""
    async with opened(database_url, *TABLES):
        await Desk.insert(Desk(name="first"), Desk(name="second"))
        await Letter.insert(Letter(), Letter(desk=2), Letter(desk=2))
        assert await Letter.select(Letter.desk.id).order_by(Letter.id).values() == [1, 2, 2]
        assert await Desk.delete().where(Desk.id == 2) == 1
        assert await Letter.select(Letter.desk.id).values() == [1, 1, 1]
        assert repr(Letter()) == "Letter(desk=Ref(Desk, 1))"


async def test_keys_that_are_no_numbers(database_url: str) -> None:
    """The default stands in the definition whatever type the key has, and an empty key stays empty."""
    async with opened(database_url, *TABLES) as db:
        await db.sql("insert into shelf (id) values ({})", str(FIRST))
        await Shelf().save()
        await Folder.insert(Folder(shelf=SECOND), Folder(shelf=None))
        await Shelf.delete().where(Shelf.id == SECOND)
        folders = await Folder.select().order_by(Folder.id)
        assert [folder.shelf and folder.shelf.id for folder in folders] == [FIRST, None]


async def test_refusals(database_url: str) -> None:
    """The delete is refused where the row of the default is not there, or goes itself."""
    async with opened(database_url, *TABLES):
        await Desk.insert(Desk(name="first"), Desk(name="second"))
        await Letter.insert(Letter(desk=2))
        await Desk.delete().where(Desk.id == 1)
        with pytest.raises(ForeignKeyViolation) as missing:
            await Desk.delete().where(Desk.id == 2)
        found = (missing.value.table, missing.value.columns, missing.value.references)
        assert found == ("letter", ("desk",), "desk")
        assert str(missing.value) == "letter.desk refers to a row of desk that does not exist."
    async with opened(database_url, *TABLES):
        assert await Letter.select(Letter.desk.id).values() == [2]


async def test_the_default_itself_stays(database_url: str) -> None:
    """The row of the default cannot go while a row refers to it."""
    async with opened(database_url, *TABLES) as db:
        await Desk(name="first").save()
        await Letter().save()
        with pytest.raises(ForeignKeyViolation, match=r"^A row of desk cannot go while rows of letter refer to it\.$"):
            await Desk.delete().where(Desk.id == 1)
        assert '"deskId"' in db.schema_sql()
        assert "NOT NULL DEFAULT (1)" in db.schema_sql()
