"""Tests of what is refused as a query is built or compiled, alike on every database, and of values nobody expects."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import reduce
from typing import Any

import pytest

from tabor import Database, Expr, QueryError, TaborError, ValueOutOfRange, case, cast, coalesce, param, value
from tests.festival import Gig, Mood, ann

pytestmark = pytest.mark.anyio

GIG: Any = Gig
DEEP: list[object] = reduce(lambda inner, _: [inner], range(5_000), list[object]())


@pytest.fixture
async def gig(db: Database) -> None:
    """One gig."""
    await Gig.insert(Gig(title="O'Neil", seats=3, genres=["folk"], booker=await ann()))


@pytest.mark.parametrize(
    "condition",
    [
        lambda: GIG.title == GIG.seats,
        lambda: GIG.seats == param(str),
        lambda: GIG.starts_at > GIG.starts_at.date(),
        lambda: GIG.seats.is_in(GIG.select(GIG.title)),
        lambda: GIG.seats.between(GIG.title, 3),
        lambda: GIG.genres == GIG.title,
    ],
)
async def test_values_of_different_types_are_not_compared(gig: None, condition: Callable[[], Expr[bool]]) -> None:
    """Databases would refuse it, or compare texts with numbers each in its own way."""
    with pytest.raises(QueryError, match="cannot be compared with"):
        await Gig.select().where(condition())


@pytest.mark.parametrize(
    "query",
    [
        lambda: GIG.select().where(GIG.genres < ["folk"]),
        lambda: GIG.select().where(GIG.genres.between([], ["folk"])),
        lambda: GIG.select().order_by(GIG.genres),
        lambda: GIG.select(GIG.genres.max()),
    ],
)
async def test_lists_have_no_order(gig: None, query: Callable[[], Any]) -> None:
    """Databases sort lists and JSON in orders of their own, so that nothing is sorted by them."""
    with pytest.raises(QueryError, match="a list has no order that databases share"):
        await query()


async def test_members_of_an_enumeration_compare_with_text(gig: None) -> None:
    """What is stored alike may be compared."""
    assert await Gig.select().where(GIG.mood == coalesce(GIG.note, "loud")).count() == 1
    assert await Gig.select().where(GIG.mood == value("loud")).count() == 1


HOSTILE = [10**5_000, -(10**5_000), DEEP, {"a": DEEP}, {}, object, b"x", {1: 2}]


@pytest.mark.parametrize("given", HOSTILE, ids=range(len(HOSTILE)))
async def test_values_that_nobody_expects_are_refused(gig: None, given: Any) -> None:
    """A value that cannot even be shown is refused like any other, by an error of Tabor."""
    uses: list[Callable[[], Any]] = [
        lambda: GIG.select().where(GIG.seats == given),
        lambda: GIG.select().where(given),
        lambda: GIG.select(given),
        lambda: GIG.select().order_by(given),
        lambda: GIG.select().where(GIG.genres.has_all(given)),
        lambda: GIG.select(GIG.genres[given]),
        lambda: GIG.select(cast(GIG.seats, given)),
        lambda: GIG.select(coalesce(GIG.seats, given)),
        lambda: GIG.select(GIG.starts_at.trunc(given)),
        lambda: GIG.insert(given, given),
        lambda: GIG.update(given).everything(),
        lambda: GIG.select().join(given, on=given),
        lambda: GIG.select().where(param(given) == 1),
    ]
    for use in uses:
        with pytest.raises(TaborError):
            await use()


async def test_a_query_can_be_shown_before_it_is_refused(gig: None) -> None:
    """Whatever stands in a query, its text can be looked at."""
    assert "WHERE" in str(Gig.select().where(GIG.seats == DEEP))


async def test_an_index_beyond_every_list_is_nothing(gig: None) -> None:
    """A list has null where it has no item, however far away that is."""
    assert await Gig.select(Gig.genres[2**60], Gig.genres[-(2**60)], Gig.genres[0]) == [(None, None, "folk")]


@pytest.mark.parametrize("given", [Decimal("1E-19"), Decimal("1E-999999")])
async def test_a_decimal_has_18_places_at_most(gig: None, given: Decimal) -> None:
    """Beside a column a decimal with more places is refused before a database is asked."""
    with pytest.raises(ValueOutOfRange, match="more than 18 decimal places"):
        coalesce(GIG.fee, given)


async def test_different_rows_sorted_by_what_is_selected(gig: None) -> None:
    """Columns and expressions that are selected can be sorted by, and those of a whole row."""
    doubled = Gig.select(Gig.seats * 2, Gig.mood).distinct().order_by((Gig.seats * 2).desc(), Gig.mood)
    assert await doubled == [(6, Mood.loud)]
    titles = Gig.select(Gig.title)
    assert await titles.union(titles).distinct().order_by(Gig.title) == [("O'Neil",)]
    assert len(await Gig.select(Gig, Gig.booker).distinct().order_by(Gig.booker.name)) == 1
    assert len(await Gig.select().distinct().order_by(Gig.booker.id, Gig.title.desc())) == 1


async def test_text_is_what_it_holds(gig: None) -> None:
    """A text of a class of its own is bound as its characters, not as what it shows itself as."""

    class Disguised(str):
        """Shows itself as another text."""

        __slots__ = ()

        def __str__(self) -> str:
            return "' OR 1=1 --"

    assert await Gig.select(Gig.id).where(Gig.title == Disguised("O'Neil")).count() == 1


async def test_methods_of_texts_need_text(gig: None) -> None:
    """A number or a list has no pattern to fit."""
    calls: list[Callable[[], Any]] = [
        lambda: GIG.seats.like("3%"),
        lambda: GIG.genres.contains("folk"),
        lambda: GIG.seats.lower(),
    ]
    for use in calls:
        with pytest.raises(QueryError, match=r"needs text, and this expression gives"):
            use()


async def test_lists_beside_lists_and_json(gig: None) -> None:
    """A plain list is a list beside a list column, also where it is empty."""
    genres = case((Gig.seats > 100, Gig.genres), else_=[])
    assert await Gig.select(genres, coalesce(Gig.genres, [])) == [([], ["folk"])]


async def test_an_empty_list_leaves_the_values_beside_it_out(gig: None) -> None:
    """A condition that an empty list decides takes none of its values along, and those after it keep their places."""
    nothing = (Gig.seats + 7).is_in([])
    query = Gig.select(Gig.seats + 1).where(~nothing, Gig.title == "O'Neil", (Gig.seats * 5).not_in([]))
    assert await query.values() == [4]


@pytest.mark.parametrize(
    ("column", "given", "message"),
    [
        ("seats", lambda: GIG.seats / 2, "gig.seats holds a whole number and is set to a number; cast() it first."),
        (
            "seats",
            lambda: GIG.seats > 2,
            "gig.seats holds a whole number and is set to true or false; cast() it first.",
        ),
        ("title", lambda: GIG.seats, "gig.title holds text and is set to a whole number; cast() it first."),
        ("genres", lambda: GIG.title, "gig.genres holds a list and is set to text; cast() it first."),
        (
            "starts_at",
            lambda: GIG.starts_at.date(),
            "gig.starts_at holds a date and time with a zone and is set to a date; cast() it first.",
        ),
    ],
)
async def test_a_column_is_set_to_its_kind_of_value(
    gig: None, column: str, given: Callable[[], Expr[Any]], message: str
) -> None:
    """One database would refuse another kind, the other round it or keep what the column cannot hold."""
    change = getattr(Gig, column).to(given())
    person = await Gig.select(Gig.booker.id).values().one()
    for write in (
        Gig.update(change).everything(),
        Gig.insert(Gig(title="x", booker=person)).on_conflict(Gig.id).update(change),
    ):
        with pytest.raises(QueryError) as caught:
            await write
        assert str(caught.value) == message


async def test_a_column_is_set_to_what_is_stored_alike(gig: None) -> None:
    """Whole parts of numbers, members of enumerations as texts, and whole numbers as numbers fit."""
    assert await Gig.update(Gig.seats.to((Gig.seats / 2).floor())).everything().returning(Gig.seats) == [(1,)]
    assert await Gig.update(Gig.seats.to(cast(Gig.seats / 2, int))).everything().returning(Gig.seats) == [(0,)]
    assert await Gig.update(Gig.title.to(Gig.mood)).everything().returning(Gig.title) == [("loud",)]


async def test_different_rows_are_sorted_by_what_is_selected(gig: None) -> None:
    """Which of several equal rows would decide is anybody's guess; one database refuses it, the other guesses."""
    await Gig.insert(Gig(title="A", seats=9, booker=1), Gig(title="B", seats=9, booker=1))
    seats = Gig.select(Gig.seats).distinct()
    assert await seats.order_by(Gig.seats.desc()).values() == [9, 3]
    assert await Gig.select(Gig.booker.name, Gig.seats).distinct().order_by(Gig.seats) == [("Ann", 3), ("Ann", 9)]
    assert [one.title for one in await Gig.select().distinct().order_by(Gig.title).limit(2)] == ["A", "B"]
    for query in (
        seats.order_by(Gig.title),
        seats.order_by(-Gig.seats),
        Gig.select().distinct().order_by(Gig.seats + 1),
    ):
        with pytest.raises(
            QueryError, match=r"^distinct\(\) gives rows that differ in what is selected, and can be sor"
        ):
            await query
    assert await seats.order_by(Gig.title).count() == 2


async def test_a_member_of_an_enumeration_is_a_value(gig: None) -> None:
    """A member stands as a column of a query, and is given back as such."""
    assert await Gig.select(value(Mood.quiet), Gig.mood == value(Mood.loud)).one() == (Mood.quiet, True)
    with pytest.raises(
        QueryError, match=r"^value\(\) takes a member of an enumeration, or one of int, float, bool, str,"
    ):
        value(None)


async def test_a_setting_is_named_where_it_does_not_belong(gig: None) -> None:
    """What update() takes is called by its column where something else is expected."""
    with pytest.raises(QueryError, match=r"such as Event\.title, got <Setting of gig\.seats>\.$"):
        await Gig.update_many(await Gig.select(), GIG.seats.to(3))


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        (Gig.title == "secret", "<Expr eq(gig.title, ?)>"),
        (~(Gig.seats.sum() > 3), "<Expr not(gt(sum(gig.seats), ?))>"),
        (Gig.title.lower(), "<Expr lower(gig.title)>"),
        (Gig.seats.count(), "<Aggregate count(gig.seats)>"),
        (param(int), "<Expr ?>"),
    ],
)
def test_an_expression_says_what_it_is(expression: Expr[Any], told: str) -> None:
    """In messages and at a prompt an expression shows its columns and what is done with them, and no value."""
    assert repr(expression) == told
