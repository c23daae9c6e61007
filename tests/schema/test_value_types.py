"""Tests of annotations that say more than a Python type: ``Email``, ``Url``, ``PlainText`` and ``Json[Model]``."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import pytest
from pydantic import BaseModel, Field

from tabor import (
    CheckViolation,
    Column,
    Database,
    Email,
    InvalidValue,
    Json,
    PlainText,
    SchemaError,
    Table,
    Url,
    column,
)
from tabor.compile.postgres.compiler import PostgresCompiler
from tabor.compile.sqlite.compiler import SqliteCompiler
from tabor.schema.catalog import definition
from tabor.schema.facts import facts_of
from tests.festival import opened

pytestmark = pytest.mark.anyio


class Window(BaseModel):
    """When somebody is there."""

    opens: time
    closes: time


class Opening(BaseModel):
    """A model with fields that JSON has no type for, and with one under another name."""

    day: date
    fee: Decimal = Decimal("1.50")
    windows: list[Window] = Field(default_factory=list[Window])
    shown_as: str | None = Field(default=None, alias="shownAs")
    ratio: float = 1.0


class Lossy(BaseModel):
    """A model that does not come back as it was."""

    anything: object = None


class Shop(Table):
    """One column of each."""

    id: Column[int] = column(primary_key=True)
    contact: Column[Email] = column(unique=True)
    page: Column[Url | None] = column(default=None)
    motto: Column[PlainText] = column(default="", max_length=20)
    opening: Column[Json[Opening]]
    former: Column[Json[Opening] | None] = column(default=None)
    others: Column[list[Json[Opening]]] = column(default_factory=list, max_length=2)


FULL = Opening(
    day=date(2026, 5, 1), fee=Decimal("2.30"), windows=[Window(opens=time(9), closes=time(12, 30))], shownAs='Ü "x"'
)


def shop(**values: object) -> Shop:
    """A shop with these values beside those it needs."""
    return Shop(**{"contact": "a@example.org", "opening": FULL, **values})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # values by name


def test_definitions() -> None:
    """Models are JSON in each database, and the number of items of a list is checked there too."""
    table = definition(facts_of(Shop))
    lite, post = SqliteCompiler().create_table(table)[0], PostgresCompiler().create_table(table)[0]
    assert '"opening" TEXT NOT NULL' in lite
    assert 'CONSTRAINT "shop_opening_json_check" CHECK (json_valid("opening"))' in lite
    assert 'CONSTRAINT "shop_others_length_check" CHECK (json_array_length("others") <= 2)' in lite
    assert '"opening" jsonb NOT NULL' in post
    assert 'CONSTRAINT "shop_others_length_check" CHECK ((jsonb_array_length("others") <= 2))' in post


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("contact", "nobody", "'nobody' is not an e-mail address"),
        ("page", "ftp://example.org", "'ftp://example.org' is not an http or https address"),
        ("page", "https://ann@example.org/", "'https://ann@example.org/' is not an http or https address"),
        ("page", "https://example.org/a b", "'https://example.org/a b' is not an http or https address"),
        ("page", "https:///x", "'https:///x' is not an http or https address"),
        ("page", "javascript:alert(1)", "'javascript:alert(1)' is not an http or https address"),
        ("motto", "a <b>big</b> shop", "markup and control characters are not allowed here"),
        ("motto", "tick\x07", "markup and control characters are not allowed here"),
        ("motto", "x" * 21, "at most 20 characters are allowed, got 21"),
        ("opening", {"day": "2026-01-01"}, "expected the model Opening, got {'day': '2026-01-01'} (dict)"),
        ("others", [FULL] * 3, "at most 2 items are allowed, got 3"),
    ],
)
def test_refusals(name: str, value: object, reason: str) -> None:
    """A value that does not have the form is refused where the row is made."""
    with pytest.raises(InvalidValue) as caught:
        shop(**{name: value})
    assert (caught.value.reason, caught.value.column) == (reason, name)


@pytest.mark.parametrize(
    "page", ["https://example.org", "HTTP://example.org:8080/a?b=c#d", "https://[::1]/x", "https://пример.рф/ü"]
)
def test_addresses(page: str) -> None:
    """Addresses of pages are taken as they are."""
    assert shop(page=page).page == page


async def test_models_come_back(database_url: str) -> None:
    """A model comes back equal, in rows, tuples, dicts and JSON, alone and in lists; null stays null."""
    async with opened(database_url, Shop) as db:
        stored = await Shop.insert(shop(others=[FULL, Opening(day=date(2027, 1, 1))])).one()
        row = await Shop.get(stored.id)
        assert (row.opening, row.former, row.others) == (FULL, None, [FULL, Opening(day=date(2027, 1, 1))])
        assert isinstance(row.opening, Opening)
        assert await Shop.select(Shop.opening).values() == [FULL]
        assert await Shop.select(Shop.opening).dicts() == [{"opening": FULL}]
        assert await Shop.select().where(Shop.opening == FULL).count() == 1
        text = (await Shop.select(Shop.opening).json()).decode()
        expected = FULL.model_dump_json(by_alias=True)
        assert Opening.model_validate_json(text.removeprefix('[{"opening":').removesuffix("}]")) == FULL
        assert "shownAs" in expected
        assert await db.sql("select count(*) from shop").values() == [1]


async def test_changes_within_a_model_are_saved(database_url: str) -> None:
    """A change within a model is seen and written; without one nothing is."""
    async with opened(database_url, Shop):
        row = await Shop.insert(shop()).one()
        await row.save()
        row.opening.fee = Decimal("9.99")
        row.opening.windows.append(Window(opens=time(1), closes=time(2)))
        await row.save()
        again = await Shop.get(row.id)
        assert (again.opening.fee, len(again.opening.windows)) == (Decimal("9.99"), 2)
        row.former = Opening(day=date(2020, 1, 1))
        await row.save()
        assert (await Shop.get(row.id)).former == Opening(day=date(2020, 1, 1))


async def test_a_changed_model_is_checked_again(database_url: str) -> None:
    """A model that was made wrong after it was set is refused when it is written."""
    async with opened(database_url, Shop):
        row = await Shop.insert(shop()).one()
        row.opening.ratio = float("nan")
        with pytest.raises(InvalidValue):
            await row.save()
        assert (await Shop.get(row.id)).opening.ratio == 1.0


async def test_stored_json_that_is_no_model(database_url: str) -> None:
    """JSON that another program wrote and the model does not take is refused when it is read, naming the field."""
    async with opened(database_url, Shop) as db:
        await Shop.insert(shop())
        await db.sql("update shop set opening = {}", '{"day":"never"}')
        with pytest.raises(InvalidValue, match=r"^shop\.opening: Opening\.day: input should be a valid date"):
            await Shop.select()


async def test_the_database_counts_items(database_url: str) -> None:
    """A list that is too long is refused by the database too, whoever writes it."""
    async with opened(database_url, Shop) as db:
        await Shop.insert(shop())
        with pytest.raises(CheckViolation) as caught:
            await db.sql("update shop set others = {}", "[1,2,3]")
        assert caught.value.constraint == "shop_others_length_check"


def test_models_that_json_cannot_hold() -> None:
    """A value that would come back as another one is refused, so that nothing is lost in silence."""

    class Box(Table):
        id: Column[int] = column(primary_key=True)
        held: Column[Json[Lossy]]

    with pytest.raises(InvalidValue, match=r"^Box\.held: this Lossy would not come back from JSON as it is"):
        Box(held=Lossy(anything=date(2026, 1, 1)))
    assert Box(held=Lossy(anything={"a": [1, None]})).held.anything == {"a": [1, None]}


def test_only_models_are_models() -> None:
    """``Json[...]`` of anything else is refused."""

    class Bad(Table):
        id: Column[int] = column(primary_key=True)
        held: Column[Json[int]]

    with pytest.raises(SchemaError) as caught:
        Database("sqlite:///:memory:", tables=[Bad])
    assert str(caught.value) == "Bad.held: Json[...] takes a pydantic model, got <class 'int'>."


class Kind(StrEnum):
    """A member."""

    one = "one"


class Lists(Table):
    """A list of each simple type."""

    id: Column[int] = column(primary_key=True)
    ints: Column[list[int]]
    floats: Column[list[float]]
    bools: Column[list[bool]]
    texts: Column[list[str]] = column(min_length=1)
    mails: Column[list[Email]]
    blobs: Column[list[bytes]]
    exact: Column[list[Decimal]]
    days: Column[list[date]]
    times: Column[list[time]]
    moments: Column[list[datetime]]
    lengths: Column[list[timedelta]]
    tokens: Column[list[UUID]]
    kinds: Column[list[Kind]]
    nested: Column[list[list[int]]]
    holes: Column[list[int | None]]


async def test_lists_of_each_type(database_url: str) -> None:
    """A list of any simple type comes back item by item."""
    values: dict[str, object] = {
        "ints": [1, -(2**63)],
        "floats": [1.5, 1e300],
        "bools": [True, False],
        "texts": ["", "ü'\""],
        "mails": ["a@example.org"],
        "blobs": [b"", b"\0\xff"],
        "exact": [Decimal("1.5"), Decimal(-2)],
        "days": [date(1, 1, 2)],
        "times": [time(23, 59, 59, 999_999)],
        "moments": [datetime(2026, 1, 1, tzinfo=UTC)],
        "lengths": [timedelta(days=-3, microseconds=1)],
        "tokens": [UUID(int=7)],
        "kinds": [Kind.one],
        "nested": [[1], [], [2, 3]],
        "holes": [1, None],
    }
    async with opened(database_url, Lists):
        await Lists(**values).save()  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # values by name
        row = (await Lists.select())[0]
        assert {name: getattr(row, name) for name in values} == values
        with pytest.raises(InvalidValue, match=r"^Lists\.mails: 'x' is not an e-mail address\.$"):
            row.mails = ["x"]
