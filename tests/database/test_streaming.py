"""Tests of streams: page by page, in order, while others change the table."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tabor import Database, Query, QueryError, row_number
from tests.festival import Gig, Person, ann

pytestmark = pytest.mark.anyio


async def gigs(*notes: str | None) -> None:
    """A gig for each note, titled by its number."""
    person = await ann()
    await Gig.insert(*[Gig(title=f"{n}", note=note, booker=person) for n, note in enumerate(notes)])


async def test_a_stream_sees_changes_behind_its_page(db: Database) -> None:
    """Rows that are removed or added while it runs are seen as they are when their page is read, none twice."""
    await gigs(*"abcdef")
    seen: list[str] = []
    async for gig in Gig.select().order_by(Gig.note).stream(2):
        seen.append(gig.title)
        if gig.title == "1":
            await Gig.delete().where(Gig.note == "c")
            await Gig.insert(Gig(title="new", note="e", booker=1), Gig(title="old", note="a", booker=1))
    assert seen == ["0", "1", "3", "4", "new", "5"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Gig.select().order_by(Gig.note), "13024"),
        (Gig.select().order_by(Gig.note.desc()), "40213"),
        (Gig.select().order_by(Gig.note.asc(nulls_last=True)), "02413"),
        (Gig.select().order_by(Gig.note.desc(nulls_last=False)), "13402"),
        (Gig.select().order_by(Gig.note, Gig.id.desc()), "31204"),
        (Gig.select().order_by(Gig.id.desc()).limit(3), "432"),
        (Gig.select().order_by(Gig.id).offset(1).limit(3), "123"),
        (Gig.select().where(Gig.note.is_null()), "13"),
    ],
)
async def test_orders(db: Database, query: Query[Gig], expected: str) -> None:
    """Nulls, directions, limits and offsets are those of the query, whatever the page size."""
    await gigs("a", None, "a", None, "b")
    for size in (1, 2, 500):
        assert "".join([gig.title async for gig in query.stream(size)]) == expected


async def test_shapes(db: Database) -> None:
    """A stream gives the rows in the shape of its query."""
    await gigs("a", "b")
    assert [row async for row in Gig.select(Gig.title, Gig.note).stream(1)] == [("0", "a"), ("1", "b")]
    assert [row async for row in Gig.select(Gig.title).values().stream(1)] == ["0", "1"]
    assert [row async for row in Gig.select(Gig.title).dicts().stream(1)] == [{"title": "0"}, {"title": "1"}]
    assert [row async for row in Gig.select(Gig.title).into(int).stream(1)] == [0, 1]
    related = Person.select(Person.name, Person.gigs.order_by(Gig.id)).stream(1)
    assert [(name, [gig.title for gig in found]) async for name, found in related] == [("Ann", ["0", "1"])]
    pairs = Gig.select(Gig.title, Gig.booker.name).order_by(Gig.booker.name, Gig.title.desc()).stream(1)
    assert [row async for row in pairs] == [("1", "Ann"), ("0", "Ann")]


REFUSED: dict[str, Callable[[], object]] = {
    "distinct": lambda: Gig.select().distinct().stream(),
    "groups": lambda: Gig.select(Gig.note).group_by(Gig.note).stream(),
    "aggregates": lambda: Gig.select(Gig.id.max()).stream(),
    "windows": lambda: Gig.select(Gig.id, row_number().over(order_by=Gig.id)).stream(),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_refusals(db: Database, name: str) -> None:
    """A query whose rows have no key to go on from cannot be streamed."""
    with pytest.raises(
        QueryError,
        match=r"^stream\(\) reads on from a row's primary key; a distinct, windowed, grouped or combined query or a "
        r"table without a key has none\.$",
    ):
        REFUSED[name]()
    with pytest.raises(QueryError, match=r"^stream\(\) needs at least one row a page, got 0\.$"):
        Gig.select().stream(0)
