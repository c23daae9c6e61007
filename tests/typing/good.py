"""What a type checker must accept, and the types it must see; nothing here runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import assert_type
from uuid import UUID

from typing_extensions import TypeVar

from tabor import (
    Aggregate,
    ArrowTable,
    Column,
    CommonTable,
    Database,
    DeleteQuery,
    Explanation,
    Expr,
    FrameFunction,
    InsertQuery,
    LinkedRows,
    Maybe,
    OnConflict,
    OptionalTable,
    Piece,
    Prepared,
    Query,
    Ref,
    Related,
    Returned,
    Runnable,
    Table,
    UpdateManyQuery,
    UpdateQuery,
    WindowFunction,
    alias,
    case,
    cast,
    coalesce,
    concat,
    count,
    cte,
    cume_dist,
    dense_rank,
    every,
    excerpt,
    excluded,
    exists,
    first_value,
    greatest,
    lag,
    last_value,
    lead,
    least,
    list_agg,
    now,
    nth_value,
    ntile,
    nullif,
    optional,
    param,
    percent_rank,
    random,
    rank,
    raw,
    recursive,
    row_number,
    some,
    string_agg,
    tuple_,
    value,
)
from tests.typing.models import Bill, Chair, Gig, Mood, Opening, Person, Poster, Print, Shop, Sitting, Talk, Troupe

M = TypeVar("M", bound=Table)


@dataclass
class Card:
    """A record that rows are turned into."""

    title: str
    email: str


async def columns_that_the_database_fills(bill: Bill) -> None:
    """They are no part of a new row, and have the type of their annotation."""
    Bill()
    Bill(count=3)
    assert_type(await Bill.insert(Bill.id.to(5), Bill.count.to(3)).one(), Bill)
    assert_type(Bill.count, Column[int])
    assert_type(bill.note, str)
    assert_type(bill.double, int)
    assert_type(bill.version, int)
    assert_type(Bill.created_at, Column[datetime])
    assert_type(bill.deleted_at, datetime | None)
    assert_type(await Bill.select().with_deleted(), list[Bill])
    await bill.restore()


async def values_with_a_form(shop: Shop) -> None:
    """For a checker a formed text is text, and a column of JSON is the model."""
    assert_type(Shop.contact, Column[str])
    assert_type(Shop.page, Column[str | None])
    assert_type(Shop.opening, Column[Opening])
    assert_type(shop.opening, Opening)
    assert_type(shop.opening.hour, int)
    assert_type(shop.former, Opening | None)
    assert_type(shop.others, list[Opening])
    assert_type(await Shop.select(Shop.motto, Shop.opening), list[tuple[str, Opening]])
    Shop(contact="a@example.org", opening=Opening(hour=9), others=[Opening(hour=3)])


async def keys_of_several_columns(sitting: Sitting, chair: Chair) -> None:
    """A key of several columns is a tuple, on both ends."""
    assert_type(await Chair.get((UUID(int=1), 3)), Chair)
    assert_type(Sitting.chair, type[Chair])
    assert_type(sitting.chair, Ref[Chair, tuple[UUID, int]])
    assert_type(sitting.chair.id, tuple[UUID, int])
    assert_type(await sitting.chair, Chair)
    assert_type(sitting.spare, Ref[Chair, tuple[UUID, int]] | None)
    assert_type(await Sitting.select(Sitting.chair.code), list[tuple[str]])
    assert_type(Sitting.spare(lambda spare: spare.code), Expr[str | None])
    Sitting(poster=UUID(int=1), number=3)
    sitting.chair = chair
    sitting.chair = (UUID(int=1), 3)
    sitting.spare = None


async def all_of(table: type[M]) -> list[M]:
    """A function over any table keeps the type of its rows."""
    return await table.select()


def columns_and_keys() -> None:
    """On the class there are columns, tables behind keys, and related rows."""
    assert_type(Gig.title, Column[str])
    assert_type(Gig.note, Column[str | None])
    assert_type(Gig.created, Column[int])
    assert_type(Gig.mood, Column[Mood])
    assert_type(Gig.genres, Column[list[str]])
    assert_type(Gig.booker, type[Person])
    assert_type(Gig.booker.email, Column[str])
    assert_type(Print.poster.artist.email, Column[str])
    assert_type(Print.poster.id, Column[UUID])
    assert_type(Person.gigs, Related[Gig])
    assert_type(Gig.sound(lambda person: person.email), Expr[str | None])
    assert_type(Gig.sound.inner.email, Column[str])
    assert_type(Gig.encore_of(lambda first: first.booker.email), Expr[str | None])


async def rows() -> None:
    """On a row there are values and references, and a new row is checked field by field."""
    gig = Gig(title="Opening", booker=3)
    booker = Person(email="ann@example.org", name="Ann")
    Gig(title="Opening", booker=booker, note="late", seats=40, genres=["folk"], created=3, mood=Mood.quiet)
    Gig(title="Opening", booker=booker, sound=None, encore_of=gig, starts_at=datetime.now().astimezone())
    Print(poster=UUID(int=1), copies=3)
    Poster(artist=booker)
    assert_type(gig.title, str)
    assert_type(gig.note, str | None)
    assert_type(gig.fee, Decimal)
    assert_type(gig.booker, Ref[Person, int])
    assert_type(gig.booker.id, int)
    assert_type(await gig.booker, Person)
    gig.booker = booker
    assert_type(gig.booker, Ref[Person, int])
    gig.booker = 7
    assert_type(gig.sound, Ref[Person, int] | None)
    gig.sound = None
    assert_type(Print(poster=UUID(int=1)).poster, Ref[Poster, UUID])
    assert_type(await booker.gigs.where(Gig.seats < 30), list[Gig])
    assert_type(await gig.save(), None)
    assert_type(await gig.refresh(Gig.title, Gig.booker.id), None)
    assert_type(gig.to_dict(), dict[str, object])
    assert_type(gig.to_dict(Gig.title), dict[str, object])


async def results() -> None:
    """A query knows the type of what it gives."""
    assert_type(await all_of(Gig), list[Gig])
    assert_type(await Gig.select(), list[Gig])
    assert_type(await Gig.select().first(), Gig | None)
    assert_type(await Gig.select().one(), Gig)
    assert_type(await Gig.get(5), Gig)
    assert_type(await Gig.select().where(Gig.seats > 3).get(5), Gig)
    assert_type(await Gig.select().count(), int)
    assert_type(await Gig.select().exists(), bool)
    assert_type(await Gig.select().json(), bytes)
    assert_type(await Gig.select(Gig.title, Gig.booker.email).arrow(), ArrowTable)
    assert_type(await Gig.select().dicts(), list[dict[str, object]])
    assert_type(await Gig.select((Gig.seats * 2).named("twice"), Gig.note.named("said")), list[tuple[int, str | None]])
    assert_type(
        await Person.select(Person.gigs.named("booked"), Gig.id.count().named("n")), list[tuple[list[Gig], int]]
    )
    assert_type(Gig.select().run_sync(), list[Gig])
    assert_type(await Gig.select(Gig.title), list[tuple[str]])
    assert_type(await Gig.select(Gig.title).values(), list[str])
    assert_type(Gig.select(Gig.title, Gig.booker.email), Query[tuple[str, str]])
    assert_type(await Gig.select(Gig.title, Gig.booker.email), list[tuple[str, str]])
    assert_type(await Gig.select(Gig.title, Gig.note, Gig.seats), list[tuple[str, str | None, int]])
    assert_type(await Gig.select(Gig.title, Gig.booker.email).first(), tuple[str, str] | None)
    assert_type(
        await Gig.select(Gig.title, Gig.id, Gig.created).also(Gig.booker.name).also(Gig.note),
        list[tuple[str, int, int, str, str | None]],
    )
    assert_type(await Gig.select(Gig.title, Gig.sound(lambda person: person.email)), list[tuple[str, str | None]])
    for title, email in await Gig.select(Gig.title, Gig.booker.email):
        assert_type(title, str)
        assert_type(email, str)
    async for gig in Gig.select().stream():
        assert_type(gig, Gig)


@dataclass
class Remark:
    """What somebody noted of a gig."""

    title: str
    note: str | None


async def tables_and_related() -> None:
    """Whole rows behind keys and lists of related rows stand beside columns."""
    assert_type(await Gig.select(Gig, Gig.booker), list[tuple[Gig, Person]])
    assert_type(await Gig.select(Gig.title, Gig.booker), list[tuple[str, Person]])
    assert_type(await Gig.select(Gig, Gig.sound), list[tuple[Gig, Person | None]])
    assert_type(await Gig.select(Gig.sound).values(), list[Person | None])
    assert_type(await Gig.select(Gig.title).also(Gig.encore_of), list[tuple[str, Gig | None]])
    assert_type(Gig.encore_of(lambda gig: gig.booker), Maybe[Person])
    assert_type(Gig.encore_of(lambda gig: gig.sound), Maybe[Person])
    assert_type(Gig.encore_of(lambda gig: gig.booker)(lambda person: person.email), Expr[str | None])
    assert_type(await Person.select(Person, Person.gigs), list[tuple[Person, list[Gig]]])
    assert_type(
        await Person.select(Person, Person.gigs.where(Gig.seats < 30).order_by(Gig.id.desc())),
        list[tuple[Person, list[Gig]]],
    )
    gigs = Person.gigs.limit(3).offset(1)
    assert_type(gigs, Related[Gig])
    assert_type(gigs.select(Gig.title, Gig.sound), Related[tuple[str, Person | None]])
    assert_type(gigs.select(Gig.title).also(Gig.booker), Related[tuple[str, Person]])
    assert_type(gigs.select(Gig.title).values(), Related[str])
    assert_type(
        await Person.select(Person, gigs.select(Gig, Gig.booker.gigs)),
        list[tuple[Person, list[tuple[Gig, list[Gig]]]]],
    )
    assert_type(
        await Person.select(Person.name, gigs.select(Gig.title, Gig.note).into(Remark)), list[tuple[str, list[Remark]]]
    )
    assert_type(await Gig.select(Gig.booker.gigs).values(), list[list[Gig]])
    assert_type(await Person.select(Person.name, Person.gigs.limit(3).count()), list[tuple[str, int]])
    assert_type(await Gig.select(Gig.sound(lambda person: person.gigs.count())).values(), list[int | None])
    assert_type(Person.gigs.order_by(Gig.id).select(Gig.title).scalar(), Expr[str | None])
    assert_type(await Person.select(Person.gigs.select(Gig.seats.sum()).scalar()).values(), list[int | None])
    assert_type(Person.gigs.any(Gig.seats > 3, Gig.title == "x"), Expr[bool])
    Person.select().where(Person.gigs.none() | (Person.gigs.count() > 3)).order_by(Person.gigs.count().desc())


async def rows_linked_by_a_table_between() -> None:
    """A many-to-many relation is a list on the class, and on a row a query that links and unlinks."""
    troupe = Troupe()
    assert_type(Troupe.people, Related[Person])
    assert_type(Troupe.posters, Related[Poster])
    assert_type(troupe.people, LinkedRows[Person, int])
    assert_type(troupe.posters, LinkedRows[Poster, UUID])
    assert_type(await troupe.people, list[Person])
    assert_type(await troupe.people.where(Person.name == "Ann").order_by(Person.id).first(), Person | None)
    assert_type(await troupe.people.add(Person(email="ann@example.org", name="Ann"), 3), int)
    assert_type(await troupe.posters.remove(UUID(int=1)), int)
    assert_type(await troupe.allies.set(troupe, 3), None)
    assert_type(troupe.chairs, LinkedRows[Chair, tuple[UUID, int]])
    assert_type(await troupe.chairs.add((UUID(int=1), 3), Chair(poster=UUID(int=1), number=4)), int)
    assert_type(
        await Troupe.select(Troupe, Troupe.people.where(Person.id > 3).order_by(Person.name).limit(3)),
        list[tuple[Troupe, list[Person]]],
    )
    assert_type(await Troupe.select(Troupe.people.select(Person.name).values()).values(), list[list[str]])
    Troupe.select().where(Troupe.people.any(Person.name == "Ann"), Troupe.allies.count() > 3)
    Troupe.select(Troupe.id, Person.name).join(Person, on=Troupe.people)


async def joins() -> None:
    """An alias is the table; what stands on the right side of a left join may be None."""
    other = alias(Gig, "other")
    assert_type(other, type[Gig])
    assert_type(
        await Gig.select(Gig.title, other.title, other).join(other, on=other.seats == Gig.seats),
        list[tuple[str, str, Gig]],
    )
    assert_type(await other.select(other.title).where(other.seats > 3), list[tuple[str]])
    later = optional(Gig, "later")
    assert_type(later, Maybe[Gig])
    assert_type(
        await Person.select(Person.email, later, later(lambda gig: gig.seats)).left_join(later, on=Person.gigs),
        list[tuple[str, Gig | None, int | None]],
    )
    Gig.select(later(lambda gig: gig.booker)).left_join(later, on=later(lambda gig: gig.seats > 3))
    Person.select(Person.email, Gig.title).join(Gig, on=Gig.booker.id == Person.id)
    Person.select(Person.email, Gig.title).join(Gig, on=Person.gigs.where(Gig.seats > 3))


async def other_shapes() -> None:
    """Rows become records of the reader's own, checked against their parameters."""
    pairs = Gig.select(Gig.title, Gig.booker.email)
    assert_type(await pairs.into(Card), list[Card])
    assert_type(await Gig.select(Gig.seats).into(Opening), list[Opening])
    assert_type(Person.gigs.select(Gig.seats).into(Opening), Related[Opening])
    assert_type(await pairs.into(lambda title, mail: (mail, len(title))).first(), tuple[str, int] | None)
    assert_type(await Gig.select().explain(), Explanation)
    rows = Person.insert_from(Gig.select(Gig.title, Gig.booker.name), Person.email, Person.name)
    assert_type(rows, InsertQuery[Person])
    assert_type(await rows.on_conflict(Person.email).ignore().all(), list[Person])
    Gig.insert_from(Gig.select(Gig.title, Gig.booker.id, Gig.seats), Gig.title, Gig.booker.id, Gig.seats)
    Gig.insert_from(Gig.select(Gig.title, Gig.booker.id), Gig.note, Gig.booker.id)
    prepared = Gig.select().where(Gig.booker.id == param(int)).limit(10).prepare()
    assert_type(prepared, Prepared[list[Gig]])
    assert_type(await prepared(7), list[Gig])
    booker, some = param(Gig.booker.id), param(int)
    assert_type(booker, Expr[int])
    assert_type(param(Gig.note), Expr[str | None])
    assert_type(param(list[int]), Expr[list[int]])
    known = Gig.select(Gig.title).where(Gig.booker.id == booker).limit(some).prepare(booker, some)
    assert_type(known, Prepared[list[tuple[str]], [int, int]])
    assert_type(await known(7, 10), list[tuple[str]])
    assert_type(Gig.select().first().prepare(booker), Prepared[Gig | None, [int]])
    Gig.select().where(Gig.id.is_in(param(list[int])), Gig.note.is_in(param(list[str])), Gig.id.is_in([booker, 3]))
    Gig.select().limit(some).offset(param(int))
    made = Gig.insert(Gig.title.to(param(str)), Gig.note.to(param(Gig.note)), Gig.booker.id.to(booker))
    assert_type(made, InsertQuery[Gig])
    assert_type(await made.one().prepare(booker)(3), Gig)


def functions() -> None:
    """Functions know the type of what they give, and whether it may be null."""
    assert_type(Gig.title.lower(), Expr[str])
    assert_type(Gig.note.strip().replace("a", "b"), Expr[str | None])
    assert_type(Gig.title.length(), Expr[int])
    assert_type(Gig.note.length(), Expr[int | None])
    assert_type(Gig.genres.length(), Expr[int])
    assert_type(Gig.genres[0], Expr[str | None])
    assert_type(Gig.seats + 1, Expr[int])
    assert_type(Gig.seats / 2, Expr[float])
    assert_type(Gig.seats // 2 % 3, Expr[int])
    assert_type(Gig.fee * 2 - Decimal("0.5"), Expr[Decimal])
    assert_type(Gig.fee.round(1), Expr[Decimal])
    assert_type(-Gig.fee.floor(), Expr[int])
    assert_type(Gig.note + "!", Expr[str | None])
    assert_type(now() + timedelta(days=1), Expr[datetime])
    assert_type(now() - now(), Expr[timedelta])
    assert_type(Gig.starts_at - timedelta(days=1), Expr[datetime | None])
    assert_type(Gig.starts_at.year(), Expr[int | None])
    assert_type(now().trunc("month").day(), Expr[int])
    assert_type(Gig.title.left(3) + Gig.title.right(Gig.seats), Expr[str])
    assert_type(Gig.note.lpad(8, "0").rpad(9).repeat(2).reverse(), Expr[str | None])
    assert_type(Gig.title.reverse().contains("x"), Expr[bool])
    assert_type(now().quarter() + now().week(zone="Europe/Berlin"), Expr[int])
    assert_type(Gig.starts_at.day_of_year(), Expr[int | None])
    assert_type(Gig.starts_at.iso_year(), Expr[int | None])
    assert_type(now().time(zone="Europe/Berlin"), Expr[time])
    assert_type(Gig.starts_at.time().hour(), Expr[int | None])
    assert_type(now().trunc("month", zone="Europe/Berlin").hour(zone="Europe/Berlin"), Expr[int])
    assert_type(1 - Gig.seats, Expr[int])
    assert_type(2 * Gig.fee, Expr[Decimal])
    assert_type(Gig.seats * Gig.fee, Expr[Decimal])
    assert_type((Gig.seats * Decimal("1.5")).sum(), Aggregate[Decimal | None])
    assert_type(Gig.seats * 1.5, Expr[float])
    assert_type(Gig.seats * lag(Gig.fee).over(order_by=Gig.id), Expr[Decimal | None])
    assert_type(lag(Gig.seats).over(order_by=Gig.id) * Gig.fee, Expr[Decimal | None])
    assert_type(100 / Gig.seats, Expr[float])
    assert_type(100 // Gig.seats % 7, Expr[int])
    assert_type("The " + Gig.title, Expr[str])
    assert_type(case((Gig.seats > 3, "many"), else_="few"), Expr[str])
    assert_type(case((Gig.seats > 3, Gig.seats)), Expr[int | None])
    assert_type(coalesce(Gig.note, Gig.title), Expr[str])
    assert_type(coalesce(Gig.note, Gig.note), Expr[str | None])
    assert_type(coalesce(Gig.note, Gig.sound(lambda person: person.name), "nobody"), Expr[str])
    assert_type(coalesce(Gig.fee.sum(), 0), Expr[Decimal])
    assert_type(nullif(Gig.seats, 0), Expr[int | None])
    assert_type(greatest(Gig.seats, 3), Expr[int])
    assert_type(concat(Gig.title, "!"), Expr[str])
    assert_type(cast(Gig.fee, int), Expr[int])


def mixed_numbers() -> None:
    """Whole numbers beside decimals give decimals, beside floats floats, wherever both may stand."""
    real = Gig.seats / 2
    none = lag(Gig.seats).over(order_by=Gig.id)
    fee = lag(Gig.fee).over(order_by=Gig.id)
    assert_type(Gig.seats**2 + 2**Gig.fee, Expr[float])
    assert_type(none ** Decimal("0.5"), Expr[float | None])
    assert_type(1.5**none, Expr[float | None])
    assert_type(Gig.seats**fee, Expr[float | None])
    assert_type((Gig.fee.sqrt() + Gig.seats.exp()).ln(), Expr[float])
    assert_type(none.sqrt(), Expr[float | None])
    assert_type(Gig.fee.sign() // 2, Expr[int])
    assert_type(fee.sign(), Expr[int | None])
    assert_type(1.5 * Gig.seats, Expr[float])
    assert_type(1.5 * none, Expr[float | None])
    assert_type(Decimal("2.5") * Gig.seats, Expr[Decimal])
    assert_type(Decimal("2.5") * none, Expr[Decimal | None])
    assert_type(2 * Gig.seats, Expr[int])
    assert_type(2 * Gig.fee, Expr[Decimal])
    assert_type(2 * fee, Expr[Decimal | None])
    assert_type(Decimal("2") + Gig.seats, Expr[Decimal])
    assert_type(Decimal("2") + none, Expr[Decimal | None])
    assert_type(Gig.seats + Decimal("2"), Expr[Decimal])
    assert_type(Gig.seats - Decimal("2"), Expr[Decimal])
    assert_type(Decimal("2") - Gig.seats, Expr[Decimal])
    assert_type(Gig.fee + 5, Expr[Decimal])
    assert_type(5 - Gig.fee, Expr[Decimal])
    assert_type(5 + fee, Expr[Decimal | None])
    assert_type(Gig.seats + Gig.fee, Expr[Decimal])
    assert_type(Gig.fee - Gig.seats, Expr[Decimal])
    assert_type(Gig.fee - none, Expr[Decimal | None])
    assert_type(none + Gig.fee, Expr[Decimal | None])
    assert_type(Gig.seats + 1.5, Expr[float])
    assert_type(1.5 - Gig.seats, Expr[float])
    assert_type(Gig.seats + real, Expr[float])
    assert_type(Gig.seats + 1, Expr[int])
    assert_type(Gig.fee == 5, Expr[bool])
    assert_type(Gig.fee < 5, Expr[bool])
    assert_type(Gig.seats <= Gig.fee, Expr[bool])
    assert_type(Gig.fee >= Gig.seats, Expr[bool])
    assert_type(Gig.fee.between(1, Decimal("2.5")), Expr[bool])
    assert_type(Gig.fee.is_in([1, 2, Decimal("2.5"), Gig.seats]), Expr[bool])
    assert_type(Gig.fee.not_in([1, 2]), Expr[bool])
    assert_type(fee.is_distinct_from(5), Expr[bool])
    assert_type(fee != 5, Expr[bool])
    Gig.update(Gig.fee.to(5), Gig.fee.to(Gig.seats))
    assert_type(greatest(Gig.fee, 5), Expr[Decimal])
    assert_type(least(Gig.fee, Gig.seats, 7, Decimal("1.5")), Expr[Decimal])
    assert_type(greatest(fee, 5), Expr[Decimal | None])
    assert_type(greatest(Gig.fee, fee), Expr[Decimal | None])
    assert_type(greatest(Gig.seats, Gig.fee), Expr[Decimal])
    assert_type(greatest(Gig.seats, Decimal("1.5")), Expr[Decimal])
    assert_type(greatest(Gig.seats, 5), Expr[int])
    assert_type(greatest(real, 5), Expr[float])
    assert_type(nullif(Gig.fee, 0), Expr[Decimal | None])
    assert_type(nullif(Gig.seats, Gig.fee), Expr[Decimal | None])
    assert_type(nullif(Gig.seats, 0), Expr[int | None])
    assert_type(coalesce(fee, 0), Expr[Decimal])
    assert_type(coalesce(fee, Gig.seats), Expr[Decimal])
    assert_type(coalesce(fee, fee, 0), Expr[Decimal])
    assert_type(coalesce(none, Gig.fee), Expr[Decimal])
    assert_type(coalesce(none, 0), Expr[int])
    assert_type(coalesce(fee, fee), Expr[Decimal | None])
    assert_type(case((Gig.seats > 3, Gig.fee), else_=0), Expr[Decimal])
    assert_type(case((Gig.seats > 3, Gig.fee), (Gig.seats > 2, 1), else_=Gig.seats), Expr[Decimal])
    assert_type(case((Gig.seats > 3, 0), else_=Gig.fee), Expr[Decimal])
    assert_type(case((Gig.seats > 3, 0), else_=fee), Expr[Decimal | None])
    assert_type(case((Gig.seats > 3, fee), else_=0), Expr[Decimal | None])
    assert_type(case((Gig.seats > 3, Gig.fee)), Expr[Decimal | None])
    assert_type(case((Gig.seats > 3, Gig.fee), (Gig.seats > 2, 0)), Expr[Decimal | None])
    assert_type(case((Gig.seats > 3, Decimal("1.5")), else_=0), Expr[Decimal])
    assert_type(case((Gig.seats > 3, 1), else_=0), Expr[int])
    assert_type(case((Gig.seats > 3, Gig.seats), else_=0), Expr[int])
    assert_type(case((Gig.seats > 3, Gig.seats)), Expr[int | None])
    assert_type(case((Gig.seats > 3, Gig.note), else_="x"), Expr[str | None])
    assert_type(lag(Gig.fee, default=0).over(order_by=Gig.id), Expr[Decimal])
    assert_type(lead(Gig.fee, 2, 0).over(order_by=Gig.id), Expr[Decimal])
    assert_type(lag(fee, default=0).over(order_by=Gig.id), Expr[Decimal | None])
    assert_type(lag(Gig.seats, default=0).over(order_by=Gig.id), Expr[int])
    assert_type(Gig.fee.sum() - 1, Expr[Decimal | None])
    assert_type(Gig.seats * Gig.fee - 5, Expr[Decimal])
    assert_type(Gig.seats + lag(real).over(order_by=Gig.id), Expr[float | None])
    assert_type(none + 1.5, Expr[float | None])
    assert_type(1.5 + none, Expr[float | None])
    assert_type(greatest(Gig.note, "x"), Expr[str | None])
    assert_type(greatest(none, Decimal(1)), Expr[Decimal | None])
    assert_type(greatest(Gig.seats, 1.5), Expr[float])
    assert_type(case((Gig.seats > 3, 1), else_=2.5), Expr[float])
    assert_type(coalesce(none, 2.5), Expr[float])
    assert_type(nullif(Gig.seats, 2.5), Expr[float | None])
    assert_type(lag(Gig.seats, default=1.5).over(order_by=Gig.id), Expr[float])
    assert_type(case((Gig.seats > 3, fee), else_=None), Expr[Decimal | None])
    assert_type(Gig.fee / 2, Expr[float])
    assert_type(Gig.fee / 1.5, Expr[float])


def changed_structures() -> None:
    """A list or a JSON object with more in it, or less, is of the same type."""
    assert_type(Gig.genres.append("folk", "late"), Expr[list[str]])
    assert_type(Gig.genres.without("folk"), Expr[list[str]])
    assert_type(Gig.genres + Gig.genres, Expr[list[str]])
    assert_type(Shop.words.append("x"), Expr[list[str] | None])
    assert_type(Shop.words.without("x"), Expr[list[str] | None])
    assert_type(Shop.words + Gig.genres, Expr[list[str] | None])
    assert_type(coalesce(Shop.words, []).append("x"), Expr[list[str]])
    assert_type(Shop.details.with_key("theme", value="dark"), Expr[dict[str, object]])
    assert_type(Shop.details.with_key("a", "b", value={"c": [1, None]}), Expr[dict[str, object]])
    assert_type(Shop.extra.with_key("a", value=Gig.seats + 1), Expr[dict[str, object] | None])
    assert_type(Shop.extra.without_key("a", "b"), Expr[dict[str, object] | None])
    Shop.update(Shop.details.to(Shop.details.with_key("theme", value="dark")), Shop.words.to(Shop.words.append("x")))
    Gig.update(Gig.genres.to(case((Gig.genres.has("folk"), Gig.genres), else_=Gig.genres.append("folk"))))


def conditions() -> None:
    """Comparisons take values and expressions of the column's own type."""
    Gig.select().where((Gig.title == "x") & (Gig.note == None) & (Gig.note == Gig.title))
    Gig.select().where(Gig.seats == 3, Gig.title.is_in(["a", "b"]), ~(Gig.title != "c") | Gig.sound.is_null())
    Gig.select().where(Gig.booker.id == 3, Gig.mood == Mood.quiet, Gig.fee >= Decimal("9.50"))
    assert_type(Gig.note.is_distinct_from(Gig.title) & Gig.title.is_not_distinct_from(Gig.note), Expr[bool])
    Gig.select().where(Gig.note.is_distinct_from(None), Gig.seats.is_not_distinct_from(param(int)))
    Gig.select().where(Gig.note.like("%x"), Gig.title.starts_with("y"), Gig.genres.has("folk"))
    Gig.select().where(Gig.title.contains(Gig.note), Gig.note.ends_with(param(str)), Gig.title.like(param(str)))
    Gig.select().where(Gig.starts_at > now(), Gig.seats.between(3, 9), Gig.title.length() < 20)
    assert_type(Gig.seats == 3, Expr[bool])
    assert_type(Gig.seats + Gig.created, Expr[int])
    assert_type(Gig.title.lower(), Expr[str])
    assert_type(Gig.seats.max(), Aggregate[int | None])
    assert_type(Gig.id.count(), Aggregate[int])


async def aggregates_and_windows() -> None:
    """Aggregates and window functions know what they give, and whether it may be null."""
    seats = Gig.seats.sum(distinct=True).filter(Gig.seats > 3, Gig.note == None)
    assert_type(seats, Aggregate[int | None])
    assert_type(count().filter(Gig.seats > 3), Aggregate[int])
    assert_type(Gig.fee.avg(distinct=True), Aggregate[float | None])
    assert_type(string_agg(Gig.title, ", ", order_by=Gig.id.desc()), Aggregate[str | None])
    assert_type(string_agg(Gig.note, ", ", distinct=True), Aggregate[str | None])
    assert_type(list_agg(Gig.mood), Aggregate[list[Mood]])
    assert_type(list_agg(Gig.note, order_by=[Gig.id, Gig.seats.desc()]), Aggregate[list[str]])
    assert_type(every(Gig.seats > 3), Aggregate[bool | None])
    Gig.select(Gig.mood).group_by(Gig.mood).having(every(Gig.seats > 3), some(Gig.note == "x"), seats > 5)
    assert_type(await Gig.select(Gig.mood, list_agg(Gig.id)).group_by(Gig.mood), list[tuple[Mood, list[int]]])
    turn = row_number().over(partition_by=Gig.mood, order_by=[Gig.seats.desc(), Gig.id])
    assert_type(row_number(), WindowFunction[int])
    assert_type(turn, Expr[int])
    assert_type(rank().over(order_by=Gig.id), Expr[int])
    assert_type(dense_rank().over(order_by=Gig.id), Expr[int])
    assert_type(percent_rank().over(order_by=Gig.id), Expr[float])
    assert_type(cume_dist().over(order_by=Gig.id), Expr[float])
    assert_type(ntile(4).over(order_by=Gig.id), Expr[int])
    assert_type(lag(Gig.title).over(order_by=Gig.id), Expr[str | None])
    assert_type(lead(Gig.seats, 2, 0).over(order_by=Gig.id), Expr[int])
    assert_type(lag(Gig.seats, default=Gig.created).over(order_by=Gig.id), Expr[int])
    assert_type(lead(Gig.note, default="").over(order_by=Gig.id), Expr[str | None])
    assert_type(Gig.seats - lag(Gig.seats).over(order_by=Gig.id), Expr[int | None])
    assert_type(Gig.fee + lag(Gig.fee).over(order_by=Gig.id), Expr[Decimal | None])
    assert_type(Gig.seats / Gig.seats.sum().over(), Expr[float | None])
    assert_type(Gig.starts_at - lag(Gig.starts_at).over(order_by=Gig.id), Expr[timedelta | None])
    assert_type(first_value(Gig.title), FrameFunction[str])
    assert_type(first_value(Gig.title).over(order_by=Gig.id), Expr[str])
    assert_type(last_value(Gig.title).over(order_by=Gig.id, rows=(None, None)), Expr[str])
    assert_type(last_value(Gig.title).over(order_by=Gig.id, rows=(1, 2)), Expr[str | None])
    assert_type(last_value(Gig.title).over(order_by=Gig.id, range_=(-1, None)), Expr[str | None])
    assert_type(nth_value(Gig.seats, 2).over(order_by=Gig.id), Expr[int | None])
    assert_type(Gig.seats.sum().over(order_by=Gig.fee, range_=(Decimal("-0.5"), 0)), Expr[int | None])
    assert_type(count().over(rows=(-1, 1), order_by=Gig.id), Expr[int])
    placed = cte("placed", Gig.select(Gig.title, turn))
    assert_type(await placed.select().where(placed[turn] <= 3), list[tuple[str, int]])


async def sql_by_hand() -> None:
    """A fragment is an expression of the type that was said."""
    assert_type(raw("{} % {}", Gig.seats, 7, kind=int), Expr[int])
    assert_type(raw("nullif({}, {})", Gig.seats, 7, kind=int, nullable=True), Expr[int | None])
    assert_type(await Gig.select(raw("upper({})", Gig.title, kind=str)).values(), list[str])
    Gig.select().where(raw("{} > {}", Gig.seats, 7, kind=bool)).order_by(raw("random()", kind=float))


def tuples() -> None:
    """Columns together know the tuples that they may hold, and the queries that give them."""
    place = tuple_(Gig.title, Gig.seats)
    assert_type(place.is_in([("x", 1), ("y", 2)]) & place.not_in([]), Expr[bool])
    assert_type(place.is_in(Gig.select(Gig.title, Gig.seats).where(Gig.id > 3)), Expr[bool])
    assert_type(place.not_in(Gig.select(Gig.note, Gig.seats)), Expr[bool])
    Gig.select().where(tuple_(Gig.title, Gig.seats, Gig.fee).is_in([("x", 1, Decimal(1))]))


def chance() -> None:
    """An order by chance is one by a float."""
    assert_type(random(), Expr[float])
    Gig.select().order_by(random()).limit(3)


async def searches(talk: Talk) -> None:
    """An index is no part of a new row; a search is a condition, a rank a number, an excerpt pieces of a text."""
    Talk(title="x")
    assert_type(Talk.found_by.matches("late night"), Expr[bool])
    assert_type(Talk.titled.rank("late"), Expr[float])
    search = Talk.select(Talk.title, Talk.found_by.rank("late")).where(Talk.found_by.matches(param(str)))
    assert_type(await search.order_by(Talk.found_by.rank("late").desc()), list[tuple[str, float]])
    later = optional(Talk, "later")
    assert_type(later(lambda row: row.found_by.matches("late")), Expr[bool | None])
    assert_type(excerpt(talk.about or "", "late", words=20), list[Piece])
    for text, found in excerpt(talk.title, "late"):
        assert_type(text, str)
        assert_type(found, bool)


async def queries_in_queries() -> None:
    """A query of one column is a list or a value of its type for another query."""
    people = Person.select(Person.id).where(exists(Gig.select().where(Gig.booker.id == Person.id)))
    assert_type(exists(people), Expr[bool])
    assert_type(Gig.booker.id.is_in(people), Expr[bool])
    assert_type(Gig.booker.id.not_in(people.values()), Expr[bool])
    assert_type(Person.id.is_in(Gig.select(Gig.sound(lambda person: person.id))), Expr[bool])
    assert_type(Gig.sound(lambda person: person.id).is_in(people), Expr[bool])
    count = Gig.select(Gig.id.count()).where(Gig.booker.id == Person.id).scalar()
    assert_type(count, Expr[int | None])
    assert_type(await Person.select(Person.name, count), list[tuple[str, int | None]])
    Person.select().where(count > 3).order_by(count.desc())
    titles = Gig.select(Gig.title, Gig.note).union(Person.select(Person.name, Person.email)).order_by(Gig.title)
    assert_type(titles, Query[tuple[str, str | None]])
    assert_type(await titles.except_(titles).intersect(titles).limit(3), list[tuple[str, str | None]])
    assert_type(await Gig.select().union_all(Gig.select()).first(), Gig | None)
    assert_type(Gig.select().for_update(skip_locked=True, of=[Gig, Gig.booker]), Query[Gig])
    assert_type(await Gig.select(Gig.title).distinct(on=[Gig.seats]).order_by(Gig.id), list[tuple[str]])
    seats = Gig.seats.sum()
    totals = cte("totals", Gig.select(Gig.booker.id, seats).group_by(Gig.booker.id))
    assert_type(totals, CommonTable[tuple[int, int | None]])
    assert_type(totals[seats], Expr[int | None])
    assert_type(await totals.select(), list[tuple[int, int | None]])
    assert_type(await Person.select(Person.name, totals[seats]).beside(totals), list[tuple[str, int | None]])
    maybe, others = optional(totals), alias(totals, "others")
    assert_type(maybe, OptionalTable[tuple[int, int | None]])
    assert_type(maybe[Gig.booker.id], Expr[int | None])
    assert_type(maybe[seats], Expr[int | None])
    counts = Person.select(Person.name, maybe[Gig.booker.id], maybe[seats])
    assert_type(
        await counts.left_join(maybe, on=(maybe[Gig.booker.id] == Person.id) & (maybe[seats] > 3)),
        list[tuple[str, int | None, int | None]],
    )
    assert_type(others, CommonTable[tuple[int, int | None]])
    assert_type(
        await totals.select(totals[seats], others[Gig.booker.id]).join(others, on=others[seats] > totals[seats]),
        list[tuple[int | None, int]],
    )
    quiet = cte("quiet", Gig.select().where(Gig.mood == Mood.quiet))
    assert_type(optional(quiet)[Gig], Maybe[Gig])
    assert_type(optional(quiet, "q")[Gig](lambda gig: gig.seats), Expr[int | None])
    assert_type(await Person.select(Person, optional(quiet)[Gig]), list[tuple[Person, Gig | None]])
    assert_type(quiet[Gig].booker.email, Column[str])
    assert_type(await quiet.select().where(quiet[Gig].seats > 3), list[Gig])
    depth = value(0)
    top = Gig.select(Gig.id, depth)
    tree = recursive("tree", top, lambda tree: Gig.select(Gig.id, tree[depth] + 1).beside(tree))
    assert_type(await tree.select(), list[tuple[int, int]])
    Gig.update(Gig.note.to(Person.select(Person.name).where(Person.id == Gig.booker.id).scalar()))


async def writes() -> None:
    """Writing gives what it changed."""
    assert_type(Gig.insert(Gig(title="x", booker=3)), InsertQuery[Gig])
    assert_type(await Gig.insert(Gig(title="x", booker=3)), int)
    assert_type(await Gig.insert(Gig(title="x", booker=3)).one(), Gig)
    assert_type(await Gig.insert(Gig(title="x", booker=3)).all(), list[Gig])
    assert_type(await Gig.insert(Gig(title="x", booker=3)).returning(Gig.id, Gig.note), list[tuple[int, str | None]])
    assert_type(Gig.update(Gig.seats.to(Gig.seats - 1), Gig.note.to(None)).where(Gig.id == 5), UpdateQuery[Gig])
    assert_type(await Gig.update(Gig.sound.to(None)).everything(), int)
    assert_type(await Gig.update(Gig.seats.to(3)).where(Gig.id == 5).returning(Gig.seats), list[tuple[int]])
    given = Gig.delete().where(Gig.id == 5).returning(Gig.title, Gig.note)
    assert_type(given, Returned[tuple[str, str | None]])
    assert_type(await given.one(), tuple[str, str | None])
    assert_type(await given.into(Remark), list[Remark])
    assert_type(await given.dicts().first(), dict[str, object] | None)
    assert_type(await Gig.insert(Gig(title="x", booker=3)).returning(Gig.id).values(), list[int])
    assert_type(await Gig.insert(Gig(title="x", booker=3)).returning(Gig).values().one(), Gig)
    assert_type(Gig.delete().where(Gig.id == 5), DeleteQuery[Gig])
    assert_type(await Gig.insert([Gig(title="x", booker=3)]).all(), list[Gig])
    changed = Gig.update(Gig.seats.to(3)).where(Gig.id == 5)
    assert_type(changed.returning(), Returned[Gig])
    assert_type(await changed.returning().one(), Gig)
    assert_type(await changed.returning(Gig).values(), list[Gig])
    assert_type(changed.returning(Gig.title, Gig.note), Returned[tuple[str, str | None]])
    assert_type(await changed.returning(Gig.note).values().first(), str | None)
    assert_type(await changed.returning(Gig.note).values().one(), str | None)
    assert_type(await Person.delete().everything().returning(Person.name, Person.email).into(Card), list[Card])
    assert_type(await changed.returning(Gig.title).into(len).one(), int)
    assert_type(await changed.returning(Gig.title).also(Gig.seats).also(Gig.note), list[tuple[str, int, str | None]])
    assert_type(await changed.returning().dicts(), list[dict[str, object]])
    assert_type(await changed.returning(Gig.title).dicts().first(), dict[str, object] | None)
    assert_type(await changed.returning().json(), bytes)
    assert_type(await changed.returning(Gig.title).arrow(), ArrowTable)
    assert_type(await Gig.delete().everything().returning(), list[Gig])
    assert_type(
        await Gig.delete().everything().returning(Gig.id, Gig.title, Gig.seats, Gig.note, Gig.mood, Gig.booker.id),
        list[tuple[int, str, int, str | None, Mood, int]],
    )
    assert_type(Gig.update_many([], Gig.seats), UpdateManyQuery[Gig])
    assert_type(await Gig.update_many([], Gig.seats).returning(Gig.seats).values(), list[int])
    assert_type(await Gig.update_many([], Gig.seats).returning(), list[Gig])
    conflict = Gig.insert(Gig(title="x", booker=3)).on_conflict(Gig.id)
    assert_type(conflict, OnConflict[Gig])
    assert_type(excluded(Gig.note), Expr[str | None])
    updating = conflict.update(Gig.title, Gig.seats.to(Gig.seats + excluded(Gig.seats)), where=Gig.seats > 3)
    assert_type(updating, InsertQuery[Gig])
    assert_type(await updating.one(), Gig)
    assert_type(await conflict.ignore().first(), Gig | None)
    assert_type(await conflict.ignore().returning(Gig.id), list[tuple[int]])
    assert_type(await Person.get_or_create(Person(email="a@x.io", name="Ann"), Person.email), tuple[Person, bool])
    making = Gig.update_or_create(Gig(title="x", booker=3), Gig.title, update=[Gig.note, Gig.seats.to(3)])
    assert_type(making, Runnable[tuple[Gig, bool]])
    assert_type(await Gig.update_many(await Gig.select(), Gig.title, Gig.booker.id, missing="ignore"), int)


async def databases(db: Database) -> None:
    """A database runs queries of any table, in and out of transactions."""
    async with db.transaction(isolation="serializable", read_only=True, timeout=2.5):
        assert_type(await Gig.select().run(db), list[Gig])
    async with db.transaction(deferred_constraints=True, statement_timeout=1):
        db.after_commit(lambda: Gig.delete().where(Gig.id == 5))
        db.after_rollback(lambda: None)
    assert_type(await db.transact(lambda: Gig.select(), isolation="repeatable read"), list[Gig])
    assert_type(Gig.select().first(), Runnable[Gig | None])
    assert_type(await db.sql("select title from gig where id = {}", 5).values(), list[object])
    assert_type(await db.sql("select * from gig where id = {}", 5).rows(Gig), list[Gig])
    assert_type(await db.sql("select * from gig").rows(Gig).first(), Gig | None)


__all__ = [
    "aggregates_and_windows",
    "columns_and_keys",
    "conditions",
    "databases",
    "functions",
    "joins",
    "other_shapes",
    "queries_in_queries",
    "results",
    "rows",
    "sql_by_hand",
    "tables_and_related",
    "writes",
]
