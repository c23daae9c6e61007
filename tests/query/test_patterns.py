"""Texts are looked for in one another whether they are known, come later, or stand in a column themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tabor import Column, Database, Expr, QueryError, Table, column, param

pytestmark = pytest.mark.anyio


class Pair(Table):
    """A text, and another that may be within it."""

    id: Column[int] = column(primary_key=True)
    whole: Column[str]
    part: Column[str | None] = column(default=None)


@pytest.fixture(scope="module")
async def pairs(shared_database_url: str) -> AsyncIterator[Database]:
    """A database that all examples share."""
    async with Database(shared_database_url, tables=[Pair]) as db:
        await db.create_tables()
        yield db


TEXTS = st.text(st.sampled_from("aAb%_\\*[é☃"), max_size=4)


def lower(text: str) -> str:
    """The letters A to Z made small."""
    return text.replace("A", "a")


WAYS: list[tuple[Callable[[Expr[str | None]], Expr[bool]], Callable[[str, str], bool]]] = [
    (Pair.whole.contains, lambda whole, part: part in whole),
    (Pair.whole.icontains, lambda whole, part: lower(part) in lower(whole)),
    (Pair.whole.starts_with, str.startswith),
    (Pair.whole.ends_with, str.endswith),
]


@given(whole=TEXTS, part=st.none() | TEXTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
async def test_texts_of_columns(pairs: Database, whole: str, part: str | None) -> None:
    """A text that a column holds is looked for as what it is, whatever its characters; null makes it unknown."""
    await Pair.delete().everything()
    await Pair.insert(Pair(whole=whole, part=part))
    one, two, three, four = [ask(Pair.part) for ask, _ in WAYS]
    expected = [None if part is None else holds(whole, part) for _, holds in WAYS]
    assert await Pair.select(one, two, three, four).one() == tuple(expected)


@given(whole=TEXTS, part=TEXTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
async def test_texts_that_come_later(pairs: Database, whole: str, part: str) -> None:
    """A prepared query finds the same rows with a text as one that was built with it."""
    await Pair.delete().everything()
    await Pair.insert(Pair(whole=whole))
    for ask, holds in WAYS:
        assert bool(await Pair.select().where(ask(param(str))).count().prepare()(part)) is holds(whole, part)


async def test_patterns_that_come_later(pairs: Database) -> None:
    """A pattern may come later, too, and one place stand for a pattern here and a text there."""
    await Pair.delete().everything()
    await Pair.insert(Pair(whole="Barn"), Pair(whole="b%"), Pair(whole="Field"))
    wholes = Pair.select(Pair.whole).order_by(Pair.id).values()
    assert await wholes.where(Pair.whole.like(param(str))).prepare()("b%") == ["b%"]
    assert await wholes.where(Pair.whole.ilike(param(str))).prepare()("b%") == ["Barn", "b%"]
    given = param(str)
    either = wholes.where(Pair.whole.like(given) | (Pair.whole == given)).prepare(given)
    assert [await either("B_rn"), await either("Field")] == [["Barn"], ["Field"]]


def test_what_is_no_text() -> None:
    """A pattern from a column, which databases spell differently, and anything but text are refused."""
    whole: Any = Pair.whole
    with pytest.raises(
        QueryError, match=r"^like\(\) takes a pattern that is text or param\(str\), and got an expression"
    ):
        whole.like(Pair.part)
    with pytest.raises(QueryError, match=r"^starts_with\(\) needs text, and this expression gives a whole number"):
        whole.starts_with(Pair.id)
