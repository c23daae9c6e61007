"""Towns, their halls and what is shown there, whose columns a database may call otherwise than the tables do.

Loaded as it is, every column has the name of its attribute; with ``OTHERWISE`` set beforehand every one has another,
in the worst case that of a different attribute.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tabor import (
    Column,
    Constraint,
    Database,
    ForeignKey,
    Many,
    ManyToMany,
    SearchIndex,
    Setting,
    Table,
    alias,
    check,
    coalesce,
    column,
    cte,
    excluded,
    exists,
    index,
    key,
    many,
    optional,
    param,
    rank,
    recursive,
    search_index,
    unique,
    value,
)

OTHERWISE: bool = globals().get("OTHERWISE", False)
_SWAPPED = {"seats": "sold", "sold": "seats", "title": "note", "note": "select", "fee": 'the "fee" in €', "id": "ID_"}


def called(name: str) -> str | None:
    """What the database calls a column."""
    return _SWAPPED.get(name, f"{name} Of") if OTHERWISE else None


class Town(Table):
    """Where halls are."""

    id: Column[int] = column(primary_key=True, name=called("id"))
    label: Column[str] = column(unique=True, max_length=20, name=called("label"))
    code: Column[str] = column(secret=True, default="-", name=called("code"))
    shows: Many[Show] = many(lambda: Show.town)


class Hall(Table):
    """A part of a town's key and a number of its own."""

    town: ForeignKey[Town] = key(primary_key=True, name=called("town"))
    number: Column[int] = column(primary_key=True, init=True, name=called("number"))
    kind: Column[str] = column(default="plain", name=called("kind"))
    shows: Many[Show] = many(lambda: Show.hall)
    artists: ManyToMany[Artist] = many()


class Artist(Table):
    """Who is shown."""

    id: Column[int] = column(primary_key=True, name=called("id"))
    label: Column[str] = column(index=True, name=called("label"))
    shows: ManyToMany[Show] = many(through=lambda: Part)


class Show(Table):
    """Something of everything."""

    id: Column[int] = column(primary_key=True, name=called("id"))
    title: Column[str] = column(max_length=30, name=called("title"))
    note: Column[str | None] = column(default=None, name=called("note"))
    seats: Column[int] = column(minimum=0, default=0, name=called("seats"))
    sold: Column[int] = column(default=0, name=called("sold"))
    fee: Column[Decimal] = column(default=Decimal(0), max_digits=8, decimal_places=2, name=called("fee"))
    tags: Column[list[str]] = column(default_factory=list, name=called("tags"))
    facts: Column[dict[str, object]] = column(default_factory=dict, name=called("facts"))
    starts_at: Column[datetime | None] = column(default=None, name=called("starts_at"))
    state: Column[str] = column(server_default="new", name=called("state"))
    left: Column[int] = column(computed=lambda: Show.seats - Show.sold, name=called("left"))
    version: Column[int] = column(version=True, name=called("version"))
    removed_at: Column[datetime | None] = column(stamp="deleted", name=called("removed_at"))
    town: ForeignKey[Town] = key(on_delete="restrict", name=called("town"))
    number: Column[int | None] = column(default=None, name=called("number"))
    hall: ForeignKey[Hall | None, tuple[int, int]] = key(columns=lambda: (Show.town, Show.number))
    encore_of: ForeignKey[Show | None] = key(default=None, on_delete="set null", name=called("encore_of"))
    encores: Many[Show] = many(lambda: Show.encore_of)
    artists: ManyToMany[Artist] = many(lambda: Artist.shows)
    found_by: SearchIndex = search_index(lambda: (Show.title, Show.note))

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """Each kind."""
        return [
            unique(cls.town, cls.title),
            unique(cls.title.lower(), where=cls.number.is_null(), name="show_by_title"),
            index(cls.seats.desc(), cls.starts_at),
            check(cls.sold <= cls.seats, name="sold"),
        ]


class Part(Table):
    """The table between shows and artists."""

    show: ForeignKey[Show] = key(primary_key=True, on_delete="cascade", name=called("show"))
    artist: ForeignKey[Artist] = key(primary_key=True, on_delete="cascade", name=called("artist"))


class Review(Table):
    """A text found by its words, whose key is no number."""

    slug: Column[str] = column(primary_key=True, init=True, name=called("slug"))
    body: Column[str] = column(name=called("body"))
    found_by: SearchIndex = search_index(lambda: Review.body)


TABLES = (Town, Hall, Artist, Show, Part, Review)


@dataclass
class Card:
    """A show as a program wants it."""

    title: str
    town: str


async def filled() -> AsyncIterator[object]:
    """Insert rows in every way."""
    north = await Town.insert(Town(label="North", code="n")).one()
    south = Town(label="South")
    await south.save()
    yield [repr(north), repr(south), north.code]
    yield await Hall.insert(Hall(town=north, number=1), Hall(town=south, number=1, kind="big"))
    yield await Artist.insert(Artist(label="Ann"), Artist(label="Bob")).returning(Artist.label, Artist.id)
    at = datetime(2030, 5, 1, 18, tzinfo=UTC)
    rows = [
        Show(title="Pyramid", seats=10, sold=4, fee=Decimal("2.50"), tags=["folk"], starts_at=at, town=1, number=1),
        Show(title="Night stage", note="late night", seats=20, facts={"a": {"b": 3}}, town=2, number=1, encore_of=1),
        Show(title="Quiet", seats=5, sold=5, town=1, encore_of=2),
    ]
    yield [repr(row) for row in await Show.insert(*rows).all()]
    # Enough rows for COPY.
    yield await Show.insert([Show(title=f"Many {number}", seats=number, town=2) for number in range(100, 160)])
    yield await Show.insert(Show.title.to("Set"), Show.town.id.to(1), Show.sold.to(0), Show.seats.to(value(2) + 1))
    sold = Show.select(Show.title + " again", Town.id, Show.seats + 1).join(Town, on=Town.id == 2).where(Show.sold > 0)
    yield await Show.insert_from(sold, Show.title, Show.town.id, Show.seats)
    yield await Review.insert(Review(slug="one", body="A pyramid at night"), Review(slug="two", body="Noise"))


async def conflicts() -> AsyncIterator[object]:
    """Meet rows that are there."""
    again = [Show(title="Pyramid", seats=11, town=1, number=1), Show(title="New", seats=1, town=1, number=1)]
    inserting = Show.insert(*again)
    more = Show.seats.to(Show.seats + excluded(Show.seats))
    yield await inserting.on_conflict(
        constraint="show_" + ("town Of_note" if OTHERWISE else "town_title") + "_key"
    ).update(more)
    yield await Show.insert(again[0]).on_conflict(Show.town.id, Show.title).ignore()
    partial = Show.insert(Show(title="QUIET", town=2)).on_conflict(constraint="show_by_title")
    yield await partial.update(Show.sold.to(Show.sold - 1), where=Show.sold > excluded(Show.sold)).returning(Show.title)
    yield await Town.update_or_create(Town(label="North", code="nn"), Town.label)
    yield await Town.get_or_create(Town(label="West"), Town.label)
    rows = await Show.select().where(Show.id <= 2).order_by(Show.id)
    for row in rows:
        row.seats += 100
    yield await Show.update_many(rows, Show.seats).returning(Show.title, Show.seats, Show.left, Show.version)


async def questions() -> AsyncIterator[object]:
    """Read in every way."""
    small = Show.select().where(Show.id < 5).order_by(Show.id)
    yield [repr(row) for row in await small]
    yield repr(await Hall.get((1, 1)))
    yield await Show.select(Show.title, Show.town.label, Show.hall(lambda hall: hall.town.label)).order_by(Show.id)
    yield await Show.select(Show.title, Show.encore_of(lambda one: one.encore_of)).order_by(Show.id).limit(3).dicts()
    yield await Show.select(Show, Show.town, Show.hall).where(Show.town.code != "x").order_by(Show.id).limit(3).dicts()
    yield await small.json()
    nested = Town.select(Town.label, Town.shows.where(Show.seats > 3).order_by(Show.seats.desc(), Show.id).limit(2))
    yield await nested.order_by(Town.id).dicts()
    yield await Town.select(Town.label, Town.shows.count(), Town.shows.any(Show.sold > 4)).order_by(Town.id)
    yield await Hall.select(Hall.kind, Hall.shows.select(Show.title)).order_by(Hall.town.id).json()
    yield (
        await Show.select(Show.town.label, Show.seats.sum())
        .group_by(Show.town.label)
        .having(Show.seats.max() > 5)
        .order_by(Show.town.label.desc())
    )
    yield await Show.select(Show.title).distinct(on=[Show.town.id]).order_by(Show.fee.desc(), Show.id)
    turn = rank().over(partition_by=Show.town.id, order_by=Show.seats.desc())
    yield await Show.select(Show.title, turn).order_by(Show.id).limit(4)
    yield (
        await Show.select(Show.title, coalesce(Show.note, Show.title.upper()))
        .where(Show.tags.has("folk") | Show.facts["a"]["b"].is_not_null() | Show.title.starts_with("Qui"))
        .order_by(Show.title)
    )
    yield await Show.select(Show.title).where(Show.town.id.is_in(Town.select(Town.id).where(Town.label == "North")))
    yield await Town.select(Town.label).where(exists(Show.select().where(Show.town.id == Town.id, Show.sold > 4)))
    other = alias(Show, "other")
    pairs = Show.select(Show.id, other.id).join(other, on=other.encore_of(lambda one: one.id) == Show.id)
    yield await pairs.order_by(Show.id)
    show = optional(Show, "show_there")
    there = Town.select(Town.label, show(lambda row: row.title))
    yield await there.left_join(show, on=(show.inner.town.id == Town.id) & (show.inner.sold > 0)).order_by(Town.id)
    prepared = Show.select(Show.title, Show.left).where(Show.seats > param(int)).order_by(Show.id).prepare()
    yield await prepared(140)
    yield [card async for card in Show.select(Show.title, Show.town.label).into(Card).stream(10)]
    yield [repr(row) async for row in Show.select().where(Show.seats > 100).order_by(Show.seats.desc()).stream(7)]
    yield (
        await Show.select(Show.title, Show.sold)
        .where(Show.found_by.matches("night OR pyr*"))
        .order_by(Show.found_by.rank("night OR pyr*").desc(), Show.id)
    )
    yield await Review.select(Review.slug).where(Review.found_by.matches("night"))
    yield (await small.arrow()).to_pylist()
    yield await Show.select(Show.title).union(Town.select(Town.label)).order_by(Show.title).limit(5)


async def named() -> AsyncIterator[object]:
    """Named and recursive queries, with rows and keys within."""
    some = cte("some", Show.select(Show, Show.town, Show.seats * 2).where(Show.sold > 0))
    yield [repr(row) for row in await some.select().order_by(some[Show].id)]
    yield await some.select(some[Show].title, some[Show].left, some[Show].town.label, some[Show.seats * 2]).order_by(
        some[Show].id
    )
    towns = cte("towns", Show.select(Show.town, Show.id).where(Show.sold > 0))
    yield await towns.select(towns[Show.town].label, towns[Show.id]).order_by(towns[Show.id])
    depth = value(0)
    top = Show.select(Show.id, Show.title, depth).where(Show.encore_of.is_null(), Show.sold > 0)
    tree = recursive(
        "tree",
        top,
        lambda tree: (
            Show.select(Show.id, Show.title, tree[depth] + 1)
            .beside(tree)
            .where(Show.encore_of(lambda first: first.id) == tree[Show.id])
        ),
    )
    yield await tree.select().order_by(tree[depth], tree[Show.id])


async def links() -> AsyncIterator[object]:
    """Link rows, and read along the links."""
    ann = await Artist.select().where(Artist.label == "Ann").one()
    yield await ann.shows.add(1, 2)
    yield await ann.shows.remove(2)
    await ann.shows.set(1, 3)
    hall = await Hall.get((2, 1))
    yield await hall.artists.add(ann, 2)
    yield await Artist.select(Artist.label, Artist.shows.select(Show.title).order_by(Show.id)).order_by(Artist.id)
    yield await Hall.select(Hall.kind, Hall.artists.order_by(Artist.label.desc())).order_by(Hall.town.id).dicts()
    yield [repr(row) for row in await ann.shows.order_by(Show.id)]
    yield (
        await Show.select(Show.title, Show.artists.count())
        .where(Show.artists.any(Artist.label == "Ann"))
        .order_by(Show.id)
    )


async def changes() -> AsyncIterator[object]:
    """Change and delete in every way."""
    more: list[Setting] = [Show.sold.to(Show.sold + 1), Show.note.to("sold")]
    yield await Show.update(*more).where(Show.town.label == "South", Show.hall(lambda hall: hall.kind) == "big")
    yield (
        await Show.update(Show.fee.to(Show.fee * 2), Show.number.to(None))
        .where(Show.id == 1)
        .returning(Show.title, Show.fee, Show.left, Show.version)
    )
    show = await Show.get(2)
    show.title, show.hall = "Saved", None
    await show.save()
    yield repr(show)
    await show.refresh()
    await show.remove()
    yield await Show.select().where(Show.id == 2).count()
    await show.restore()
    yield (await Show.get(2)).title
    yield await Show.delete().where(Show.town.label == "South", Show.title.starts_with("Many"))
    yield await Town.delete().where(Town.label == "West").returning(Town.id)
    yield await Show.select(Show.id, Show.title, Show.seats, Show.sold, Show.note, Show.fee).order_by(Show.id).dicts()


async def everything(db: Database) -> list[Any]:
    """What all of it gives, one after the other."""
    await db.create_tables()
    await db.create_tables()
    return [result for part in (filled, conflicts, questions, named, links, changes) async for result in part()]
