"""Tests of texts cut to a length or brought to one: every database gives exactly what plain Python gives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabor import Column, Database, Expr, InvalidValue, QueryError, SchemaError, Table, ValueOutOfRange, column, index
from tabor import value as given_value
from tests.festival import opened

pytestmark = pytest.mark.anyio

LARGEST = 2**63 - 1


class Label(Table):
    """A text, or none, and a number."""

    id: Column[int] = column(primary_key=True)
    text: Column[str] = column(default="")
    note: Column[str | None] = column(default=None)
    number: Column[int] = column(default=0)
    perhaps: Column[int | None] = column(default=None)


@pytest.fixture(scope="module")
async def db(shared_database_url: str) -> AsyncIterator[Database]:
    """A database shared by all tests, each of which empties it."""
    async with opened(shared_database_url, Label) as database:
        yield database


async def found(*expressions: Expr[Any], **values: Any) -> list[Any]:
    """What expressions give of a row with these values."""
    await Label.delete().everything()
    await Label.insert(Label(**values))
    select: Any = Label.select
    row: tuple[Any, ...] = await select(*expressions).one()
    return list(row)


TEXTS = st.text(
    st.sampled_from("aB é🎪'%\\") | st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6
)
NUMBERS = st.integers(-2, 8) | st.sampled_from([LARGEST, -LARGEST - 1])
WIDTHS = st.integers(-2, 12)
TIMES = st.integers(-2, 4)


def padding(text: str, width: int, fill: str) -> str:
    """What is missing for the width."""
    return (fill * max(width, 0))[: max(width - len(text), 0)]


@given(text=TEXTS, number=NUMBERS, width=WIDTHS, times=TIMES, fill=TEXTS)
async def test_lengths(db: Database, *, text: str, number: int, width: int, times: int, fill: str) -> None:
    """Ends, padding, repetition and reversal count characters; a number below zero is zero."""
    t, n = Label.text, Label.number
    cut = max(width, 0)
    assert await found(
        t.left(number), t.right(number), t.left(n), t.right(n), t.lpad(width, fill), t.rpad(width, fill),
        t.repeat(times), t.reverse(), text=text, number=number,
    ) == [
        text[: max(number, 0)],
        text[-min(number, 99) :] if number > 0 else "",
        text[: max(number, 0)],
        text[-min(number, 99) :] if number > 0 else "",
        padding(text, width, fill) + text[:cut],
        text[:cut] + padding(text, width, fill),
        text * times,
        text[::-1],
    ]  # fmt: skip


async def test_fills(db: Database) -> None:
    """Padding is of spaces unless it is said with what, cuts what is longer, and of nothing adds nothing."""
    t = Label.text
    assert await found(
        t.lpad(5), t.rpad(5), t.lpad(2), t.rpad(2), t.rpad(LARGEST, ""), t.lpad(8, "é🎪"), text="abc"
    ) == [
        "  abc",
        "abc  ",
        "ab",
        "ab",
        "abc",
        "é🎪é🎪éabc",
    ]


PERHAPS = Expr[int](Label.perhaps.node)


@pytest.mark.parametrize(
    "expression",
    [
        Label.note.left(1),
        Label.note.right(1),
        Label.note.lpad(3),
        Label.note.rpad(LARGEST, "x"),
        Label.note.repeat(LARGEST),
        Label.note.reverse(),
        Label.text.left(PERHAPS + 1),
        Label.text.right(PERHAPS + 1),
        Label.text.lpad(PERHAPS + 1, "x"),
        Label.text.rpad(PERHAPS + 1),
        Label.text.repeat(PERHAPS + 1),
    ],
)
async def test_nulls(db: Database, expression: Expr[Any]) -> None:
    """Of no text, or by no number, there is no text."""
    assert await found(expression, text="abc") == [None]
    assert await found(expression, text="") == [None]


@pytest.mark.parametrize(
    "expression",
    [
        Label.text.lpad(10_000_001, "x"),
        Label.text.rpad(LARGEST),
        Label.text.repeat(5_000_001),
        Label.text.repeat(LARGEST),
        Label.text.repeat(Label.number),
    ],
)
async def test_endless_texts_are_refused(db: Database, expression: Expr[Any]) -> None:
    """A text that would be too long is refused before it is made."""
    with pytest.raises(ValueOutOfRange) as caught:
        await found(expression, text="ab", number=LARGEST)
    assert caught.value.code == "too_long"


async def test_an_empty_text_repeated_is_empty(db: Database) -> None:
    """However often nothing is repeated, it is nothing, and nobody has to wait for it."""
    assert await found(Label.text.repeat(LARGEST), Label.text.lpad(LARGEST, ""), text="") == ["", ""]


async def test_in_conditions_and_updates(db: Database) -> None:
    """They stand wherever expressions stand, hostile texts as values."""
    hostile = "'); DROP TABLE label; --"
    await Label.delete().everything()
    await Label.insert(*[Label(text=text) for text in ("12", "123", "4")])
    await Label.update(Label.text.to(Label.text.lpad(4, "0"))).everything()
    order = Label.text.reverse()
    assert await Label.select(Label.text).order_by(order).values() == ["0012", "0123", "0004"]
    assert await Label.select().where(Label.text.right(2) == "23").count() == 1
    assert await Label.select(given_value(hostile).rpad(30, hostile)).values().first() == (hostile * 2)[:30]


def test_wrong_uses_are_refused() -> None:
    """Numbers have no ends, and not every database could keep a table whose index needs these functions."""
    wrong: Any = Label.number
    with pytest.raises(QueryError, match=r"lpad\(\) needs text, and this expression gives a whole number"):
        wrong.lpad(3)

    class Turned(Table):
        id: Column[int] = column(primary_key=True)
        text: Column[str]

        @classmethod
        def constraints(cls) -> list[Any]:
            return [index(cls.text.reverse())]

    with pytest.raises(SchemaError, match="a constraint cannot depend on a function that not every database has"):
        Database("sqlite:///:memory:", tables=[Turned]).schema_sql()


async def test_a_wrong_width_is_refused(db: Database) -> None:
    """A width is a whole number and a filling is text."""
    text: Any = Label.text
    for expression in (text.lpad("3"), text.lpad(3, 4), text.repeat(1.5)):
        with pytest.raises(InvalidValue):
            await found(expression, text="abc")
