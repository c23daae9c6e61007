"""SQLite's refusals become Tabor's errors with the facts of the message."""

from __future__ import annotations

import apsw
import pytest

from tabor.engines.interface import Statement
from tabor.engines.sqlite.engine import SqliteEngine
from tabor.engines.sqlite.failures import translate
from tabor.errors import (
    CheckViolation,
    DatabaseUnavailable,
    ForeignKeyViolation,
    IntegrityViolation,
    InvalidValue,
    NotNullViolation,
    Overloaded,
    StatementFailed,
    TaborError,
    UniqueViolation,
    ValueOutOfRange,
)
from tests.engines.conftest import gig

pytestmark = pytest.mark.anyio

SCHEMA = (
    "CREATE TABLE act (a INTEGER, b TEXT, c REAL, d BLOB, PRIMARY KEY (a, b)) STRICT, WITHOUT ROWID",
    "CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES gig (id)) STRICT",
    "CREATE UNIQUE INDEX gig_title_folded ON gig (lower(title))",
    "CREATE TRIGGER gig_kept BEFORE DELETE ON gig WHEN old.seats = 1 BEGIN SELECT RAISE(ABORT, 'gigs: stay'); END",
)

Facts = tuple[type[TaborError], dict[str, object]]

CASES: dict[str, tuple[Statement, Facts]] = {
    "primary key": (
        Statement("INSERT INTO gig (id, title) VALUES (1, 'x')"),
        (UniqueViolation, {"table": "gig", "columns": ("id",)}),
    ),
    "composite key": (
        Statement("INSERT INTO act (a, b) VALUES (1, 'b')"),
        (UniqueViolation, {"table": "act", "columns": ("a", "b")}),
    ),
    "expression index": (
        Statement("INSERT INTO gig (title) VALUES ('FIRST')"),
        (UniqueViolation, {"table": None, "columns": (), "constraint": "gig_title_folded"}),
    ),
    "not null": (
        Statement("INSERT INTO gig (seats) VALUES (2)"),
        (NotNullViolation, {"table": "gig", "column": "title", "columns": ("title",)}),
    ),
    "check": (gig("x", 0), (CheckViolation, {"constraint": "gig_seats_positive"})),
    "foreign key": (Statement("INSERT INTO child (parent) VALUES (9)"), (ForeignKeyViolation, {})),
    "trigger": (
        Statement("DELETE FROM gig"),
        (IntegrityViolation, {"args": ("The database refused a row: gigs: stay.",)}),
    ),
    "text as integer": (
        Statement("INSERT INTO gig (title, seats) VALUES ('x', ?1)", ("many",)),
        (
            InvalidValue,
            {"table": "gig", "column": "seats", "code": "wrong_type", "reason": "expected INTEGER, got TEXT"},
        ),
    ),
    "real as integer": (
        Statement("INSERT INTO act (a, b) VALUES (?1, 'x')", (1.5,)),
        (InvalidValue, {"table": "act", "column": "a"}),
    ),
    "text as rowid": (
        Statement("INSERT INTO gig (id, title) VALUES ('x', 'x')"),
        (InvalidValue, {"code": "wrong_type"}),
    ),
    "integer of 65 bits": (
        Statement("INSERT INTO gig (title, seats) VALUES ('x', ?1)", (2**63,)),
        (ValueOutOfRange, {"code": "out_of_range"}),
    ),
    "object": (Statement("SELECT ?1", (object(),)), (InvalidValue, {"code": "wrong_type"})),
    "surrogate": (Statement("SELECT ?1", ("\udfff",)), (InvalidValue, {"code": "bad_character"})),
    "huge": (Statement("SELECT zeroblob(2000000000)"), (ValueOutOfRange, {"code": "too_long"})),
    "syntax": (
        Statement("SELEC 1"),
        (StatementFailed, {"sql": "SELEC 1", "reason": 'near "SELEC": syntax error'}),
    ),
    "missing value": (Statement("SELECT ?1"), (StatementFailed, {"sql": "SELECT ?1"})),
}


@pytest.fixture
async def stage(engine: SqliteEngine) -> SqliteEngine:
    """The engine with something to break."""
    await engine.write([Statement(sql) for sql in SCHEMA])
    await engine.write([gig("first", 1), Statement("INSERT INTO act (a, b) VALUES (1, 'b')")])
    return engine


@pytest.mark.parametrize("case", CASES)
async def test_a_refusal_carries_its_facts(stage: SqliteEngine, case: str) -> None:
    """The error has the expected class and attributes, and is chained to the driver's."""
    statement, (kind, facts) = CASES[case]
    with pytest.raises(TaborError) as refused:
        await stage.write([statement])
    assert type(refused.value) is kind
    assert {name: getattr(refused.value, name) for name in facts} == facts
    assert isinstance(refused.value.__cause__, Exception)
    assert refused.value.__cause__.__traceback__ is None


async def test_the_failing_statement_of_several_is_named(stage: SqliteEngine) -> None:
    """Of several statements, bulk ones included, the error names the text of the one that failed."""
    for bad in (Statement("INSERT gig"), Statement("INSERT bulk", (), [(1,)])):
        with pytest.raises(StatementFailed) as refused:
            await stage.write([gig("x"), bad, gig("y")])
        assert refused.value.sql == bad.sql


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (apsw.SQLITE_BUSY, Overloaded),
        (apsw.SQLITE_BUSY_SNAPSHOT, Overloaded),
        (apsw.SQLITE_LOCKED, Overloaded),
        (apsw.SQLITE_FULL, DatabaseUnavailable),
        (apsw.SQLITE_IOERR_FSYNC, DatabaseUnavailable),
        (apsw.SQLITE_NOMEM, DatabaseUnavailable),
        (apsw.SQLITE_CORRUPT, DatabaseUnavailable),
        (apsw.SQLITE_NOTADB, DatabaseUnavailable),
        (apsw.SQLITE_CANTOPEN, DatabaseUnavailable),
        (apsw.SQLITE_READONLY_DBMOVED, DatabaseUnavailable),
        (apsw.SQLITE_PERM, DatabaseUnavailable),
        (apsw.SQLITE_READONLY, StatementFailed),
        (apsw.SQLITE_AUTH, StatementFailed),
        (apsw.SQLITE_ERROR, StatementFailed),
        (apsw.SQLITE_SCHEMA, StatementFailed),
    ],
)
def test_every_result_code_has_its_error(code: int, kind: type[TaborError]) -> None:
    """A result code of SQLite becomes the error that its handler can act on."""
    error = apsw.exception_for(code)
    failure = translate(error, "SELECT 1")
    assert type(failure) is kind
    assert failure.__cause__ is error
