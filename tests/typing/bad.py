"""Mistakes that a type checker must report, one a line; the marks name the checkers that do. Nothing here runs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from tabor import Database, Expr, alias, optional, column, cte, every, excerpt, excluded, exists, key, lag, lead
from tabor import Table, index, list_agg, many, ntile, param, raw, recursive, row_number, search_index, string_agg, unique
from tabor import case, greatest, tuple_
from tests.typing.models import Bill, Chair, Gig, Opening, Person, Print, Shop, Sitting, Talk, Troupe


@dataclass
class Ticket:
    title: str
    email: int


async def mistakes(gig: Gig, person: Person, db: Database, sitting: Sitting, seats: Expr[int], troupe: Troupe) -> None:
    # Rows: wrong types, missing and unknown values.
    Gig(title=5, booker=3)  # error: pyright mypy
    Gig(booker=3)  # error: pyright mypy
    Gig(title="x", booker="ann")  # error: pyright mypy
    Gig(title="x", booker=3, tilte="y")  # error: pyright mypy
    Gig(title="x", booker=None)  # error: pyright mypy
    Gig(title="x", booker=3, id=9)  # error: pyright mypy
    Print(poster=3)  # error: pyright mypy
    gig.title = 5  # error: pyright mypy
    gig.booker = None  # error: pyright mypy
    gig.tilte = "x"  # error: pyright mypy
    person.gigs = []  # error: pyright mypy
    gig.to_dict("title")  # error: pyright mypy
    gig.refresh("title")  # error: pyright mypy
    gig.booker.name  # error: pyright mypy

    # Columns that the database fills.
    Bill(note="x")  # error: pyright mypy
    Bill(version=3)  # error: pyright mypy
    Bill(double=3)  # error: pyright mypy
    Bill(deleted_at=None)  # error: pyright mypy
    column(default=1, server_default=2)  # error: pyright mypy
    column(stamp="changed")  # error: pyright mypy
    column(default=1, name=3)  # error: pyright mypy
    key(columns=lambda: (Bill.id,), name="id")  # error: pyright mypy
    key(on_delete="set default")  # error: pyright mypy
    index(Bill.count, using="bloom")  # error: pyright mypy
    index(Bill.count, include=["note"])  # error: pyright mypy
    unique(Bill.count, nulls_distinct="no")  # error: pyright mypy
    key(default=None, on_delete="set default")  # error: pyright mypy

    # Models that a column keeps.
    Shop(contact=3, opening=Opening(hour=9))  # error: pyright mypy
    Shop(contact="a@example.org", opening={"hour": 9})  # error: pyright mypy

    # Keys of several columns: a part alone, parts of the wrong type, and the whole key in a new row.
    sitting.chair = 3  # error: pyright mypy
    sitting.chair = (1, 3)  # error: pyright mypy
    sitting.chair = None  # error: pyright mypy
    Sitting(poster=person, number=3)  # error: pyright mypy
    Sitting(chair=3)  # error: pyright mypy
    Chair.code.is_in([3])  # error: pyright mypy

    # Names that no column has, across a key too.
    Gig.tilte  # error: pyright mypy
    Gig.booker.emial  # error: pyright mypy
    Gig.sound.email  # error: pyright mypy
    Gig.sound.inner.emial  # error: pyright mypy
    Gig.encore_of(lambda gig: gig.booker).email  # error: pyright mypy
    Gig.select().where(Gig.sound)  # error: pyright mypy
    Gig.sound < 3  # error: pyright mypy

    # Comparisons between things that cannot be equal.
    Gig.select().where(Gig.title == 5)  # error: pyright mypy
    Gig.select().where(Gig.booker == 3)  # error: pyright mypy
    Gig.select().where(Gig.id == Gig.title)  # error: pyright mypy
    Gig.select().where(Gig.seats < "3")  # error: pyright mypy
    Gig.select().where(Gig.seats.is_in(["3"]))  # error: pyright mypy
    Gig.select().where(Gig.seats.between(1, "3"))  # error: pyright mypy
    Gig.seats.is_distinct_from("3")  # error: pyright mypy
    Gig.title.is_not_distinct_from(Gig.seats)  # error: pyright mypy
    tuple_(Gig.title, Gig.seats).is_in([(1, "x")])  # error: pyright mypy
    tuple_(Gig.title, Gig.seats).is_in([("x", 1, 2)])  # error: pyright mypy
    tuple_(Gig.title, Gig.seats).not_in(["x"])  # error: pyright mypy
    tuple_(Gig.title, Gig.seats).is_in(Gig.select(Gig.title))  # error: pyright mypy
    tuple_(Gig.title, Gig.seats).is_in(Gig.select(Gig.seats, Gig.title))  # error: pyright mypy
    tuple_(Gig.title)  # error: pyright mypy
    Gig.select().where(tuple_(Gig.title, Gig.seats) == ("x", 1))  # error: pyright mypy
    Gig.seats.like("%x")  # error: pyright mypy
    Gig.title.contains(Gig.seats)  # error: pyright mypy
    Gig.title.like(param(int))  # error: pyright mypy
    Gig.seats.lower()  # error: pyright mypy
    Gig.seats + "x"  # error: pyright mypy
    Gig.title - "x"  # error: pyright
    "x" - Gig.title  # error: pyright
    "x" * Gig.seats  # error: pyright mypy
    2.5 // Gig.seats  # error: pyright mypy
    Gig.title // 2  # error: pyright mypy
    Gig.title.sqrt()  # error: pyright mypy
    Gig.seats ** "2"  # error: pyright mypy
    Gig.title**2  # error: pyright mypy
    (Gig.seats**2) % 3  # error: pyright mypy
    Gig.fee * 1.5  # error: pyright mypy
    Gig.fee + 1.5  # error: pyright mypy
    1.5 - Gig.fee  # error: pyright mypy
    Gig.fee + "x"  # error: pyright mypy
    (Gig.seats + Decimal("1.5")).lower()  # error: pyright mypy
    Gig.select().where(Gig.fee == 1.5)  # error: pyright mypy
    Gig.select().where(Gig.fee == "5")  # error: pyright mypy
    Gig.select().where(Gig.fee < 1.5)  # error: pyright mypy
    Gig.select().where(Gig.seats == Decimal(5))  # error: pyright mypy
    Gig.fee.between(1.5, 2)  # error: pyright mypy
    Gig.fee.is_in(["5"])  # error: pyright mypy
    Gig.fee.is_distinct_from(1.5)  # error: pyright mypy
    greatest(Gig.fee, 5).lower()  # error: pyright mypy
    case((Gig.seats > 3, Gig.fee), else_=0) // 2  # error: pyright mypy
    lag(Gig.fee, default=0).over(order_by=Gig.id).lower()  # error: pyright mypy
    Gig.seats * Gig.title  # error: pyright mypy
    Gig.title.year()  # error: pyright mypy
    Gig.seats.reverse()  # error: pyright mypy
    Gig.title.lpad("3")  # error: pyright mypy
    Gig.title.left(3) + 1  # error: pyright mypy
    Gig.seats.week()  # error: pyright mypy
    Gig.starts_at.time() > Gig.starts_at  # error: pyright mypy
    Gig.seats.floor("down")  # error: pyright mypy
    Gig.genres.has_any([3])  # error: pyright mypy
    "folk" in Gig.genres  # error: pyright mypy
    Gig.genres.has(3)  # error: pyright mypy
    Gig.genres.append(3)  # error: pyright mypy
    Gig.genres.without(3)  # error: pyright mypy
    Gig.title.append("x")  # error: pyright mypy
    Gig.update(Gig.genres.to(Shop.words.append("x")))  # error: pyright mypy
    Shop.details.with_key("theme", "dark")  # error: pyright mypy
    Shop.details.with_key(3, value=1)  # error: pyright mypy
    Shop.opening.with_key("hour", value=1)  # error: pyright
    Shop.update(Shop.details.to(Shop.extra.without_key("a")))  # error: pyright mypy

    # Searches.
    Talk(title="x", found_by="late")  # error: pyright mypy
    Talk.found_by.matches(5)  # error: pyright mypy
    Talk.found_by.matches(Gig.seats)  # error: pyright mypy
    Gig.found_by.matches("late")  # error: pyright mypy
    Talk.found_by == "late"  # error: pyright mypy
    Talk.select(Talk.found_by)  # error: pyright mypy
    search_index(Talk.title)  # error: pyright mypy
    excerpt(Talk.title, "late")  # error: pyright mypy

    # The truth of a condition.
    if Gig.seats == 3:  # error: pyright
        return

    # Shapes.
    Gig.select("title")  # error: pyright mypy
    Gig.select().where("title")  # error: pyright mypy
    Gig.select(Gig.title, Gig.booker.email).into(Ticket)  # error: pyright mypy
    Gig.select(Gig.title, Gig.booker.email).values()  # error: pyright mypy
    Gig.select().values()  # error: pyright mypy
    Person.gigs.limit("3")  # error: pyright mypy
    Person.gigs.any(Gig.seats)  # error: pyright mypy
    Person.gigs.none(True)  # error: pyright mypy
    Person.select().where(Person.gigs.count() == "3")  # error: pyright mypy
    Person.gigs.scalar()  # error: pyright mypy
    Person.gigs.select(Gig.id, Gig.title).scalar()  # error: pyright mypy
    Person.select().where(Person.gigs.select(Gig.title).scalar() == 3)  # error: pyright mypy
    troupe.people.add("Ann")  # error: pyright mypy
    troupe.people.add(troupe)  # error: pyright mypy
    troupe.posters.remove(3)  # error: pyright mypy
    troupe.chairs.add(3)  # error: pyright mypy
    troupe.chairs.remove((3, UUID(int=1)))  # error: pyright mypy
    Troupe.people.add(person)  # error: pyright mypy
    Troupe(people=[person])  # error: pyright mypy
    Troupe.people.any(troupe.people)  # error: pyright mypy
    many(lambda: Person.gigs, through=lambda: Print)  # error: pyright mypy
    alias(Gig, "other").titel  # error: pyright mypy
    Gig.select().join(Person.gigs, on=Gig.seats == 3)  # error: pyright mypy
    Gig.select().join(optional(Gig, "other"), on=Gig.seats == 3)  # error: pyright mypy
    Gig.select().left_join(alias(Gig, "other"), on=Gig.seats == 3)  # error: pyright mypy
    Gig.select().join(alias(Gig, "other"), on=Gig.seats)  # error: pyright mypy
    optional(Gig)  # error: pyright mypy
    Gig.select().left_join(cte("titles", Gig.select(Gig.title)), on=Gig.seats == 3)  # error: pyright mypy
    Gig.select().join(optional(cte("titles", Gig.select(Gig.title))), on=Gig.seats == 3)  # error: pyright mypy
    optional(cte("numbers", Gig.select(Gig.seats)))[Gig.seats] + "x"  # error: pyright mypy
    optional(cte("gigs", Gig.select()))[Gig].title  # error: pyright mypy
    optional(Gig, "other").title  # error: pyright mypy
    Gig.update().join(Person, on=Gig.seats == 3)  # error: pyright mypy
    Person.gigs.select("title")  # error: pyright mypy
    Person.gigs.values()  # error: pyright mypy
    Person.gigs.select(Gig.title, Gig.booker.email).into(Ticket)  # error: pyright mypy

    # Aggregates, windows, SQL by hand.
    Gig.seats.sum().filter(Gig.seats)  # error: pyright mypy
    Gig.seats.filter(Gig.seats > 3)  # error: pyright mypy
    Gig.seats.over(order_by=Gig.id)  # error: pyright mypy
    string_agg(Gig.seats, ", ")  # error: pyright mypy
    string_agg(Gig.title)  # error: pyright mypy
    list_agg("title")  # error: pyright mypy
    every(Gig.seats)  # error: pyright mypy
    Gig.select(row_number())  # error: pyright mypy
    row_number().over()  # error: pyright mypy
    row_number().over(order_by="id")  # error: pyright mypy
    lag(Gig.title) + "x"  # error: pyright mypy
    lead(Gig.title, default=3).over(order_by=Gig.id) + "x"  # error: pyright
    ntile("4")  # error: pyright mypy
    Gig.seats.sum().over(order_by=Gig.id, rows=(1, "2"))  # error: pyright mypy
    Gig.seats.sum().over(order_by=Gig.id, rows=(0.5, 2))  # error: pyright mypy
    lag(Gig.seats).over(order_by=Gig.id).lower()  # error: pyright mypy
    raw("{} % 7", Gig.seats)  # error: pyright mypy
    raw("{} % 7", Gig.seats, kind=int).lower()  # error: pyright mypy
    Gig.select().where(raw("{} % 7", Gig.seats, kind=int))  # error: pyright mypy

    # Queries in queries.
    Gig.title.is_in(Person.select(Person.id))  # error: pyright mypy
    Gig.id.is_in(Person.select())  # error: pyright mypy
    Gig.id.not_in(Person.select(Person.id, Person.id))  # error: pyright mypy
    Person.select(Person.id, Person.name).scalar()  # error: pyright mypy
    Gig.select().where(Gig.title == Person.select(Person.id).scalar())  # error: pyright mypy
    Gig.update(Gig.seats.to(Person.select(Person.name).scalar()))  # error: pyright mypy
    exists(Gig.id == 3)  # error: pyright mypy
    Gig.select(Gig.title).union(Gig.select(Gig.seats))  # error: pyright mypy
    Gig.select(Gig.title).union_all(Gig.select(Gig.title, Gig.note))  # error: pyright mypy
    Gig.select(Gig.title).intersect(Gig.select(Gig.note))  # error: pyright mypy
    Gig.select().except_(Person.select())  # error: pyright mypy
    Gig.select().for_update(of=["gig"])  # error: pyright mypy
    Gig.select().distinct(on=["seats"])  # error: pyright mypy
    cte("titles", Gig.select(Gig.title))[Gig.title] + 1  # error: pyright mypy
    recursive("tree", Gig.select(Gig.id), lambda tree: Gig.select(Gig.title))  # error: pyright mypy
    Gig.select().beside(Person)  # error: pyright mypy
    db.sql("select * from gig").rows(Gig.title)  # error: pyright mypy

    # What has to be awaited first.
    len(person.gigs)  # error: pyright mypy
    Gig.select(Gig.title).first().title  # error: pyright mypy
    (await Gig.select().first()).title  # error: pyright mypy
    gig.booker.email  # error: pyright mypy
    gig.sound.id  # error: pyright mypy

    # Writes.
    Gig.update(Gig.seats.to("3"))  # error: pyright mypy
    Gig.update(Gig.fee.to("3"))  # error: pyright mypy
    Gig.update(Gig.fee.to(1.5))  # error: pyright mypy
    Gig.update(Gig.seats.to(Decimal(3)))  # error: pyright mypy
    Gig.update(Gig.seats == 3)  # error: pyright mypy
    Gig.insert(person)  # error: pyright mypy
    Gig.insert(gig).on_conflict("id")  # error: pyright mypy
    Gig.insert(gig).on_conflict(Gig.id).update("title")  # error: pyright mypy
    Gig.insert(gig).on_conflict(Gig.id).update(Gig.seats.to(excluded(Gig.title)))  # error: pyright mypy
    Gig.insert(gig).on_conflict(Gig.id).update(where=Gig.seats)  # error: pyright mypy
    Gig.insert([person])  # error: pyright mypy
    Gig.delete().returning(Gig.id, Gig.title).values()  # error: pyright mypy
    Gig.delete().returning(Gig.title, Gig.booker.email).into(Ticket)  # error: pyright mypy
    Gig.delete().returning("title")  # error: pyright mypy
    Gig.id.is_in(Gig.delete().returning(Gig.id))  # error: pyright mypy
    Gig.update(Gig.seats.to(3)).returning("seats")  # error: pyright mypy
    Gig.delete().everything().returning(Gig.id, Gig.title).values()  # error: pyright mypy
    Gig.delete().everything().returning(Gig.seats, Gig.title).into(Ticket)  # error: pyright mypy
    Gig.delete().everything().returning(Gig.seats).where(Gig.id == 5)  # error: pyright mypy
    len(await Gig.insert(gig).returning(Gig.title).first())  # error: pyright mypy
    (await Gig.update_many([gig]).returning(Gig.title).values())[0] + 1  # error: pyright mypy
    Gig.get_or_create(person, Gig.title)  # error: pyright mypy
    Gig.update_or_create(gig, Gig.title, update=["note"])  # error: pyright mypy
    Gig.update_many([person], Gig.title)  # error: pyright mypy
    Gig.update_many([gig], "title")  # error: pyright mypy
    Gig.update_many([gig], Gig.title, missing="skip")  # error: pyright mypy
    len(await Gig.insert(gig).on_conflict(Gig.id).ignore().first())  # error: pyright mypy
    Person.insert_from(Gig.select(Gig.seats, Gig.title), Person.email, Person.name)  # error: pyright mypy
    Person.insert_from(Gig.select(Gig.title), Person.email, Person.name)  # error: pyright mypy
    Person.insert_from(Gig.select(Gig.note), Person.email)  # error: pyright mypy
    Person.insert_from(Gig.select(), Person.email)  # error: pyright mypy
    Gig.insert(Gig.title.to(3))  # error: pyright mypy
    Gig.insert(gig, Gig.title.to("x"))  # error: pyright mypy

    # Values that come later.
    param("title")  # error: pyright mypy
    Gig.select().where(Gig.title == param(int))  # error: pyright mypy
    Gig.update(Gig.title.to(param(int)))  # error: pyright mypy
    Gig.update(Gig.title.to(param(Gig.note)))  # error: pyright mypy
    Gig.select().limit(param(str))  # error: pyright mypy
    Gig.select().offset("3")  # error: pyright mypy
    Gig.title.is_in(param(list[int]))  # error: pyright mypy
    Gig.title.is_in([param(int)])  # error: pyright mypy
    Gig.select().prepare("title")  # error: pyright mypy
    await Gig.select().limit(seats).prepare(seats)("3")  # error: pyright mypy
    await Gig.select().limit(seats).prepare(seats)(3, 4)  # error: pyright mypy
    await Gig.select().limit(seats).prepare(seats)()  # error: pyright mypy
    (await Gig.select().limit(seats).prepare(seats)(3)).title  # error: pyright mypy

    # Names of what is selected.
    Gig.seats.named(3)  # error: pyright mypy
    Person.gigs.named(Gig.title)  # error: pyright mypy
    await Gig.update(Gig.title.to(Gig.seats.named("title")))  # error: pyright mypy

    # Transactions.
    db.transaction(isolation="snapshot")  # error: pyright mypy
    db.transaction(timeout="1 s")  # error: pyright mypy
    db.after_commit(lambda number: number)  # error: pyright mypy
    db.lock(5)  # error: pyright mypy
    db.lock("report", wait="1 s")  # error: pyright mypy
    db.after_commit(5)  # error: pyright mypy

    # Names of tables and schemas.
    class Stand(Table, schema=3): ...  # error: pyright
