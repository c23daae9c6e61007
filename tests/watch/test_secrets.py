"""Tests of secret values: neither events nor errors nor what is shown of a query tells them."""

from __future__ import annotations

import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tabor import (
    CheckViolation,
    Column,
    Database,
    Email,
    IntegrityViolation,
    InvalidValue,
    StatementEvent,
    Table,
    UniqueViolation,
    coalesce,
    column,
    param,
    tuple_,
)
from tabor.database.url import without_password

pytestmark = pytest.mark.anyio

SECRET = "hunter2"
PIN = 987_654_321


class Account(Table):
    """Has secrets of several types."""

    id: Column[int] = column(primary_key=True)
    name: Column[str] = column(unique=True)
    password: Column[str] = column(secret=True, unique=True, max_length=40)
    contact: Column[Email | None] = column(secret=True, default=None)
    pin: Column[int | None] = column(secret=True, default=None, minimum=1_000)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """A database with one account."""
    async with Database(database_url, tables=[Account]) as opened:
        await opened.create_tables()
        await Account.insert(Account(name="Ann", password=SECRET, pin=PIN))
        yield opened


def told(error: BaseException) -> str:
    """All that a log says of an error, without the lines of code."""
    lines = "".join(traceback.format_exception(error)).splitlines()
    return "\n".join([*[line for line in lines if not line.startswith("    ")], repr(error), repr(vars(error))])


async def test_many_rows_at_once_are_hidden(db: Database) -> None:
    """The event of update_many() hides the values of secret columns and shows the others."""
    events: list[StatementEvent] = []
    db.on_statement(events.append)
    ann = await Account.select().one()
    ann.name, ann.password = "Anna", f"{SECRET}!"
    await Account.update_many([ann], Account.name, Account.password)
    assert [str(event.parameters) for event in events if "UPDATE" in event.sql] == ["(1, 'Anna', <hidden>)"]


async def test_values_of_tuples_and_distinctions_are_hidden(db: Database) -> None:
    """The event of a query hides what stands beside a secret column, in a tuple and in a distinction too."""
    events: list[StatementEvent] = []
    db.on_statement(events.append)
    both = tuple_(Account.name, Account.password).is_in([("Ann", SECRET)])
    assert await Account.select(Account.id).where(both, Account.pin.is_not_distinct_from(PIN)).values() == [1]
    assert SECRET not in str(events[-1].parameters)
    assert str(PIN) not in str(events[-1].parameters)


# What no checker would let through.
TEXT: Any = SECRET
DATA: Any = SECRET.encode()
NUMBER: Any = PIN
WRONG: dict[str, Callable[[], Awaitable[object]]] = {
    "the type of a text": lambda: Account.insert(Account(name="x", password=DATA)),
    "the type of a number": lambda: Account.insert(Account(name="x", password="", pin=TEXT)),
    "a form": lambda: Account.insert(Account(name="x", password="", contact=SECRET)),
    "a bound": lambda: Account.insert(Account(name="x", password="", pin=-PIN)),
    "a length": lambda: Account.insert(Account(name="x", password=SECRET * 9)),
    "a character": lambda: Account.insert(Account(name="x", password=f"{SECRET}\0")),
    "a condition": lambda: Account.select().where(Account.pin == TEXT),
    "a distinction": lambda: Account.select().where(Account.pin.is_distinct_from(TEXT)),
    "a tuple": lambda: Account.select().where(tuple_(Account.id, Account.pin).is_in([(1, TEXT)])),
    "an expression": lambda: Account.select().where(coalesce(Account.password, "") == NUMBER),
    "a new value": lambda: Account.update(Account.pin.to(-PIN)).everything(),
    "a prepared value": lambda: Account.select().where(Account.pin == param(int)).prepare()(TEXT),
}


@pytest.mark.parametrize("name", WRONG)
async def test_refusals_do_not_quote_them(db: Database, name: str) -> None:
    """The refusal of a secret value says where and why, and neither quotes nor keeps the value."""
    with pytest.raises(InvalidValue) as caught:
        await WRONG[name]()
    assert SECRET not in told(caught.value)
    assert str(PIN) not in told(caught.value)


async def test_refusals_say_what_they_can(db: Database) -> None:
    """A reason that tells nothing of the value stays; another is told by its code."""
    with pytest.raises(InvalidValue) as caught:
        Account(name="x", password=SECRET * 9)
    assert str(caught.value) == "Account.password: at most 40 characters are allowed, got 63."
    with pytest.raises(InvalidValue) as caught:
        Account(name="x", password="", pin=-PIN)
    assert (str(caught.value), caught.value.value) == ("Account.pin: a secret value is refused, too small.", None)


@pytest.mark.parametrize("count", [1, 2, 60], ids=["one row", "several rows", "many rows"])
async def test_the_drivers_error_does_not_quote_them(db: Database, count: int) -> None:
    """A refusal by the database is chained to the driver's error, which quotes no value of the row."""
    rows = [Account(name=f"{number}", password=f"{SECRET}{number or ''}") for number in range(count)]
    with pytest.raises(UniqueViolation) as caught:
        await Account.insert(*rows)
    assert caught.value.columns == ("password",)
    assert SECRET not in told(caught.value)
    broken: list[IntegrityViolation] = []
    for statement in ("pin = 5", "name = null"):
        with pytest.raises(IntegrityViolation) as refused:
            await db.sql(f"update account set {statement}")
        broken.append(refused.value)
    assert isinstance(broken[0], CheckViolation)
    assert [SECRET in told(error) for error in broken] == [False, False]


def test_a_query_does_not_show_them() -> None:
    """The text of a query has its values, but for secret ones."""
    query = Account.select(Account.id).where(Account.name == "Ann", Account.password == SECRET)
    assert str(query).endswith("""("account"."name" = 'Ann') AND ("account"."password" = <hidden>)""")
    assert SECRET not in repr(query)
    assert SECRET not in str(Account.insert(Account(name="Ann", password=SECRET)))


def test_a_url_does_not_show_them() -> None:
    """A password is hidden where it stands before the host and where it is a parameter."""
    url = "postgresql://app:hunter2@one,two/planner?password=hunter2&sslpassword=hunter2&sslmode=require"
    assert without_password(url) == "postgresql://app:***@one,two/planner?password=***&sslpassword=***&sslmode=require"
