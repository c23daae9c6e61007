"""Tests of what mistakes that newcomers make are told, and of how tables and what belongs to them are shown."""

from __future__ import annotations

import asyncio
import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from tabor import (
    Column,
    Database,
    ForeignKey,
    Many,
    ManyToMany,
    NotFound,
    SearchIndex,
    Table,
    alias,
    column,
    cte,
    key,
    many,
    optional,
    search_index,
)
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Band(Table):
    """Plays."""

    id: Column[int] = column(primary_key=True)
    name: Column[str]
    concerts: Many[Concert] = many(lambda: Concert.band)
    tags: ManyToMany[Tag] = many()


class Concert(Table):
    """Is played."""

    id: Column[int] = column(primary_key=True)
    band: ForeignKey[Band]
    guest: ForeignKey[Band | None] = key(default=None)
    text: Column[str] = column(default="")
    found_by: SearchIndex = search_index(lambda: Concert.text)


class Tag(Table):
    """A word."""

    id: Column[int] = column(primary_key=True)


TABLES = (Band, Concert, Tag)


async def test_a_key_that_is_none(database_url: str) -> None:
    """No row has the key None, and the error says what to look for."""
    async with opened(database_url, *TABLES):
        with pytest.raises(NotFound) as caught:
            await Band.get(None)
        assert (caught.value.table, caught.value.key) == ("band", None)
        assert str(caught.value) == (
            "There is no band with the key None, which no row has; look whether there is a key before."
        )


QUERIES: dict[str, Callable[[], Any]] = {
    "select": Band.select,
    "insert": lambda: Band.insert(Band(name="x")),
    "update": lambda: Band.update(Band.name.to("y")).everything(),
    "delete": lambda: Band.delete().everything(),
}


@pytest.mark.parametrize("name", QUERIES)
def test_queries_are_awaited(name: str) -> None:
    """A query that is gone through as if it were its rows says what to write."""
    query = QUERIES[name]()
    with pytest.raises(TypeError, match=r"^A query gives nothing until it is awaited: for row in await query\.$"):
        list(query)
    with pytest.raises(
        TypeError, match=r"^A query has no places: cut it by limit\(\) and offset\(\), or await it for a"
    ):
        query[0]

    async def gone_through() -> None:
        async for _ in query:
            raise AssertionError

    with pytest.raises(TypeError, match=r"^A query is awaited as a whole: .*; or row by row: query\.stream\(\)\.$"):
        asyncio.run(gone_through())


def test_relations_are_not_set() -> None:
    """Related rows cannot be assigned; the error says how they come to be related."""
    band: Any = Band(name="x")
    with pytest.raises(AttributeError) as many_rows:
        band.concerts = []
    assert str(many_rows.value) == (
        "Band.concerts cannot be set, it is a query of other rows: set their key to this row and save them."
    )
    with pytest.raises(AttributeError) as linked:
        band.tags = []
    assert str(linked.value) == (
        "Band.tags cannot be set, it is a query of other rows: await band.tags.set(...), add(...) or remove(...)."
    )
    with pytest.raises(AttributeError, match=r"^Band has no column 'nmae'; it has id, name\.$"):
        band.nmae = "y"


def test_references_say_how_to_read_their_row() -> None:
    """A reference has a key and nothing of the row; it is shown, copied and pickled as before."""
    reference: Any = Concert(band=7).band
    with pytest.raises(AttributeError) as caught:
        assert reference.name
    assert str(caught.value) == (
        "A reference to Band has the key, .id, and no 'name'; the row has it: (await reference).name, or select it "
        "along the key."
    )
    assert not hasattr(reference, "_name")
    assert repr(reference) == "Ref(Band, 7)"
    assert pickle.loads(pickle.dumps(reference)) == reference == copy.deepcopy(reference)


def test_how_they_are_shown() -> None:
    """At a prompt and in messages each is told from the others."""
    shown: dict[object, str] = {
        Band: "<Table Band: id, name>",
        type(Band(name="x")): "<Table Band: id, name>",
        Table: "<class 'tabor.schema.table.Table'>",
        Concert.band: "<Band behind band>",
        Concert.guest: "<Band behind guest, or None>",
        alias(Band, "other"): "<Band as other>",
        optional(Band, "other"): "<Band as other, or None>",
        cte("busy", Band.select(Band.id, Band.name)): "<CommonTable busy: id, name>",
        Concert.found_by: "<SearchIndex Concert.found_by>",
    }
    assert {each: repr(each) for each in shown} == shown
    assert repr(Band.concerts) == "<Related band.concerts>"
    assert repr(Band.tags.where(Tag.id > 3)) == "<Related band.tags>"
    database = Database("postgresql://ann:secret@localhost/music", tables=TABLES)
    assert repr(database).startswith("<Database postgresql://")
    assert "secret" not in repr(database)
