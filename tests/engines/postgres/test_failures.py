"""Tests of the errors: what the server refuses arrives as Tabor's error with its facts, chained to the driver's."""

from __future__ import annotations

import pytest

from tabor.engines.interface import Statement
from tabor.engines.postgres.engine import PostgresEngine
from tabor.engines.postgres.failures import Context, Times, translate
from tabor.errors import (
    CheckViolation,
    DatabaseUnavailable,
    ForeignKeyViolation,
    IntegrityViolation,
    InvalidValue,
    NotNullViolation,
    Overloaded,
    StatementFailed,
    StatementTimeout,
    TaborError,
    TransactionExpired,
    UniqueViolation,
    ValueOutOfRange,
)
from tests.engines.postgres.conftest import OpenEngine

pytestmark = pytest.mark.anyio

TABLES = """
    CREATE TABLE "Odd ""name" (a bigint, "B, c" text, UNIQUE (a, "B, c"), PRIMARY KEY (a));
    CREATE TABLE parent (id bigint PRIMARY KEY, boss bigint CONSTRAINT boss_fkey REFERENCES parent ON DELETE RESTRICT);
    CREATE TABLE child (parent bigint CONSTRAINT child_fkey REFERENCES parent ON DELETE RESTRICT,
        odd bigint REFERENCES "Odd ""name", small smallint, day date,
        EXCLUDE USING btree (small WITH =));
    CREATE UNIQUE INDEX child_day_key ON child ((day + 1));
    INSERT INTO parent VALUES (1, NULL), (2, 1);
    INSERT INTO child (parent) VALUES (2)
"""


@pytest.fixture
async def engine(open_engine: OpenEngine) -> PostgresEngine:
    """An engine on a database with tables that refuse in every way."""
    engine = await open_engine()
    await engine.write([Statement(sql) for sql in TABLES.split(";\n")])
    return engine


async def refusal(engine: PostgresEngine, sql: str, *parameters: object) -> TaborError:
    """The error of one statement; the connection serves on after it."""
    with pytest.raises(TaborError) as caught:
        await engine.write([Statement(sql, parameters)])
    assert caught.value.__cause__ is not None
    assert await engine.read("SELECT 1", ()) == [(1,)]
    return caught.value


async def test_unique(engine: PostgresEngine) -> None:
    """The table and the columns of the value that exists already are named."""
    error = await refusal(engine, "INSERT INTO gig (title) VALUES ('a'), ('a')")
    assert isinstance(error, UniqueViolation)
    assert (error.table, error.columns, error.constraint) == ("gig", ("title",), "gig_title_key")


async def test_unique_on_an_expression(engine: PostgresEngine) -> None:
    """A unique index on an expression names no column, but itself."""
    error = await refusal(engine, "INSERT INTO child (day) VALUES ('2024-01-01'), ('2024-01-01')")
    assert isinstance(error, UniqueViolation)
    assert (error.columns, error.constraint) == ((), "child_day_key")


async def test_a_missing_reference(engine: PostgresEngine) -> None:
    """The column that refers to nothing and the table it refers to are named, odd names included."""
    error = await refusal(engine, "INSERT INTO child (odd) VALUES (7)")
    assert isinstance(error, ForeignKeyViolation)
    assert (error.table, error.columns, error.references) == ("child", ("odd",), 'Odd "name')


async def test_a_referenced_row_stays(engine: PostgresEngine) -> None:
    """A row that others refer to: its own table, and the table that refers to it."""
    error = await refusal(engine, "DELETE FROM parent WHERE id = 2")
    assert isinstance(error, ForeignKeyViolation)
    assert (error.table, error.columns, error.references) == ("parent", (), "child")
    error = await refusal(engine, "DELETE FROM parent WHERE id = 1")
    assert isinstance(error, ForeignKeyViolation)
    assert (error.table, error.columns, error.references) == ("parent", (), "parent")


async def test_check(engine: PostgresEngine) -> None:
    """The broken check is named with its table."""
    error = await refusal(engine, "INSERT INTO gig (title, seats) VALUES ('a', 0)")
    assert isinstance(error, CheckViolation)
    assert (error.constraint, error.table) == ("gig_seats_positive", "gig")


async def test_not_null(engine: PostgresEngine) -> None:
    """The empty column is named."""
    error = await refusal(engine, "INSERT INTO gig (title) VALUES (NULL)")
    assert isinstance(error, NotNullViolation)
    assert (error.table, error.column) == ("gig", "title")


async def test_exclusion(engine: PostgresEngine) -> None:
    """A constraint of another kind is an integrity violation that names it."""
    error = await refusal(engine, "INSERT INTO child (small) VALUES (1), (1)")
    assert type(error) is IntegrityViolation
    assert (error.table, error.constraint) == ("child", "child_small_excl")


@pytest.mark.parametrize(
    ("sql", "parameters", "kind"),
    [
        ("INSERT INTO child (small) VALUES (70000)", (), ValueOutOfRange),
        ("UPDATE gig SET seats = $1::bigint", (2**63,), ValueOutOfRange),
        ("UPDATE gig SET seats = $1::bigint", ("x",), InvalidValue),
        ("UPDATE gig SET title = $1::text", ("a\0b",), InvalidValue),
        ("UPDATE gig SET title = $1::text", ("\ud800",), InvalidValue),
        ("INSERT INTO child (day) VALUES ('no day')", (), InvalidValue),
        ("INSERT INTO child (day) VALUES ('2024-02-31')", (), ValueOutOfRange),
        ("SELEKT 1", (), StatementFailed),
        ("SELECT 1 FROM nowhere", (), StatementFailed),
        ("SELECT 1 / 0", (), StatementFailed),
        ("SELECT $1::bigint", (), StatementFailed),
    ],
)
async def test_values_and_statements(
    engine: PostgresEngine, sql: str, parameters: tuple[object, ...], kind: type[TaborError]
) -> None:
    """Values that do not fit, and statements that are none, are told apart."""
    await engine.write([Statement("INSERT INTO gig (title) VALUES ('a')")])
    assert isinstance(await refusal(engine, sql, *parameters), kind)


class Served(Exception):
    """What a driver raises for an answer with a code."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__("the server's words")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("08006", DatabaseUnavailable),
        ("25006", DatabaseUnavailable),
        ("25P03", TransactionExpired),
        ("25P04", TransactionExpired),
        ("28P01", DatabaseUnavailable),
        ("3D000", DatabaseUnavailable),
        ("53100", DatabaseUnavailable),
        ("53300", Overloaded),
        ("55P03", Overloaded),
        ("57014", StatementTimeout),
        ("57P01", DatabaseUnavailable),
        ("58030", DatabaseUnavailable),
        ("XX001", DatabaseUnavailable),
        ("42501", StatementFailed),
        ("99999", StatementFailed),
    ],
)
def test_codes(code: str, kind: type[TaborError]) -> None:
    """Codes that a test cannot bring about have their errors too, exactly one kind each."""
    error = Served(code)
    failure = translate(error, Context("SELECT 1", Times(5, 2, 5)))
    assert type(failure) is kind
    assert failure.__cause__ is error


def test_an_error_of_tabors_own_stays() -> None:
    """What has been translated already is not translated again."""
    error = CheckViolation("x")
    assert translate(error, Context("", Times(5, 2, 5))) is error
