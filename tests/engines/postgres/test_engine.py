"""Tests of the PostgreSQL engine: reads, writes as units, bulk writes, and its refusals."""

from __future__ import annotations

import asyncio
import sys

import pytest

from tabor.engines.interface import Result, Statement
from tabor.engines.postgres.driver import Connection
from tabor.engines.postgres.engine import PostgresEngine
from tabor.engines.postgres.features import Features
from tabor.engines.postgres.local_server import free_port
from tabor.errors import (
    ConfigurationError,
    DatabaseClosed,
    DatabaseError,
    DatabaseUnavailable,
    StatementFailed,
    UniqueViolation,
    UnsupportedDatabase,
)
from tests.engines.postgres.conftest import INSERT, ONE_IDLE, OpenEngine, gig, titles

pytestmark = pytest.mark.anyio

UPDATE = "UPDATE gig SET seats = $1::bigint WHERE title = $2::text"


async def test_a_write_gives_rows_and_count(engine: PostgresEngine) -> None:
    """RETURNING rows come as tuples, and a write without them says how many rows it changed."""
    assert await engine.write([gig("a"), gig("b"), Statement(INSERT, ("c", None, None))]) == [
        Result([(1,)], 1),
        Result([(2,)], 1),
        Result([], 1),
    ]
    assert await engine.write([Statement("UPDATE gig SET seats = 5")]) == [Result([], 3)]
    assert await engine.read("SELECT id, title, seats FROM gig WHERE id = $1::bigint", (2,)) == [(2, "b", 5)]


async def test_a_unit_is_all_or_nothing(engine: PostgresEngine) -> None:
    """Where one statement of a unit fails, none is kept, and the connection serves on."""
    with pytest.raises(UniqueViolation):
        await engine.write([gig("a"), gig("b"), gig("a")])
    assert await titles(engine) == []
    assert engine.gauges() == ONE_IDLE


async def test_no_statement_is_no_work(engine: PostgresEngine) -> None:
    """An empty unit gives an empty answer."""
    assert await engine.write([]) == []


@pytest.mark.parametrize("size", [0, 3, 60, 20_001])
async def test_bulk_inserts_keep_every_row(engine: PostgresEngine, size: int) -> None:
    """A plain insert of many rows, by COPY from a certain number on, keeps them all and counts them."""
    sets = [(f"t{number}", number + 1, None) for number in range(size)]
    statement = Statement(INSERT, (), sets, ("gig", ("title", "seats", "next")))
    assert await engine.write([statement]) == [Result([], size)]
    assert await engine.read("SELECT count(*), max(seats) FROM gig", ()) == [(size, size or None)]


@pytest.mark.parametrize("size", [3, 60, 20_001])
async def test_a_failed_bulk_insert_keeps_nothing(engine: PostgresEngine, size: int) -> None:
    """One refused row among many, whichever way they travel, refuses all of them."""
    sets = [(f"t{number}", 1, None) for number in range(size - 1)] + [("t0", 1, None)]
    with pytest.raises(UniqueViolation):
        await engine.write([Statement(INSERT, (), sets, ("gig", ("title", "seats", "next")))])
    assert await titles(engine) == []


async def test_bulk_rows_come_back_in_order(engine: PostgresEngine) -> None:
    """A bulk insert with RETURNING answers in the order of its sets."""
    sets = [(f"t{number}", None, None) for number in range(500)]
    (result,) = await engine.write([Statement(f"{INSERT} RETURNING id, title", (), sets)])
    assert result.rows == [(number + 1, f"t{number}") for number in range(500)]


async def test_a_bulk_update_counts_the_rows_it_changed(engine: PostgresEngine) -> None:
    """An update run for many sets counts changed rows, not sets."""
    await engine.write([gig("a"), gig("b")])
    sets = [(1, "a"), (2, "b"), (3, "nobody")]
    assert (await engine.write([Statement(UPDATE, (), sets)]))[0].count == 2
    assert await engine.read("SELECT seats FROM gig ORDER BY id", ()) == [(1,), (2,)]


async def test_reads_are_never_inline(engine: PostgresEngine) -> None:
    """A server is a round trip away, so no read is answered at once."""
    assert engine.read_now("SELECT 1", ()) is None


@pytest.mark.parametrize("sql", ["BEGIN", "commit", "  ROLLBACK", "/* x */ SAVEPOINT a", "COPY gig FROM STDIN"])
async def test_transactions_are_the_engines_own(engine: PostgresEngine, sql: str) -> None:
    """A statement by hand that would begin or end a transaction is refused before it is sent."""
    with pytest.raises(StatementFailed):
        await engine.read(sql, ())
    with pytest.raises(StatementFailed):
        await engine.write([Statement(sql)])


async def test_definitions_made_at_the_same_moment_do_not_clash(open_engine: OpenEngine) -> None:
    """Many workers that create the same table at start all succeed."""
    engine = await open_engine()
    definition = Statement("CREATE TABLE IF NOT EXISTS t (id bigint PRIMARY KEY)")
    await asyncio.gather(*[engine.write([definition]) for _ in range(10)])
    assert await engine.read("SELECT count(*) FROM t", ()) == [(0,)]


async def test_definitions_run_alone_where_the_database_wants_it(engine: PostgresEngine) -> None:
    """Features are detected by asking for them; this server takes definitions together."""
    assert engine.features.ddl_alone is False
    assert engine.features.advisory_locks is True


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that has other features than the tests' own."""

    async def other(connection: Connection, seconds: float) -> Features:
        return Features(ddl_alone=True, advisory_locks=False)

    monkeypatch.setattr("tabor.engines.postgres.engine.detect", other)


@pytest.mark.usefixtures("alone")
async def test_each_definition_in_a_transaction_of_its_own(open_engine: OpenEngine) -> None:
    """Where definitions run alone, those before one that is refused are kept, and rows are still all or none."""
    engine = await open_engine()
    with pytest.raises(StatementFailed):
        await engine.write([Statement("CREATE TABLE one (id bigint)"), Statement("CREATE TABLE two (id nothing)")])
    assert await engine.read("SELECT count(*) FROM one", ()) == [(0,)]
    with pytest.raises(StatementFailed):
        await engine.write([Statement("INSERT INTO one VALUES (1)"), Statement("INSERT INTO two VALUES (1)")])
    assert await engine.read("SELECT count(*) FROM one", ()) == [(0,)]


@pytest.mark.usefixtures("alone")
async def test_a_definition_that_conflicts_is_run_again(open_engine: OpenEngine) -> None:
    """Such a server may ask for a definition to be run again."""
    engine = await open_engine()
    await engine.write([Statement("CREATE SEQUENCE tries"), Statement("CREATE TABLE made (try bigint)")])
    again = (
        "DO $$ DECLARE try bigint := nextval('tries'); BEGIN "
        "IF try < 3 THEN RAISE EXCEPTION 'restart' USING ERRCODE = '40001'; END IF; "
        "INSERT INTO made VALUES (try); END $$"
    )
    await engine.write([Statement(again)])
    assert await engine.read("SELECT try FROM made", ()) == [(3,)]


@pytest.mark.usefixtures("alone")
async def test_locks_by_name_need_a_server_that_has_them(open_engine: OpenEngine) -> None:
    """A server without advisory locks is named as the reason."""
    engine = await open_engine()
    with pytest.raises(UnsupportedDatabase, match=r"^This database has no advisory locks, which db\.lock\(\) needs\."):
        await engine.lock("report", 0)


async def test_a_closed_engine_refuses(engine: PostgresEngine) -> None:
    """After close() everything is refused, and closing again does nothing."""
    await engine.close()
    await engine.close()
    for work in (engine.read("SELECT 1", ()), engine.write([gig("a")]), engine.begin()):
        with pytest.raises(DatabaseClosed):
            await work
    assert engine.health().ok is False


async def test_an_engine_opens_once(engine: PostgresEngine) -> None:
    """Opening twice is refused; opening after closing works."""
    assert engine.health().ok is True
    with pytest.raises(DatabaseError, match="open already"):
        await engine.open()
    await engine.close()
    await engine.open()
    assert await titles(engine) == []


async def test_nobody_answers() -> None:
    """A server that is not there is said to be unavailable, without the password."""
    engine = PostgresEngine(f"postgresql://app:secret@127.0.0.1:{free_port()}/planner")
    with pytest.raises(DatabaseUnavailable) as caught:
        await engine.open()
    assert caught.value.not_applied is True
    assert "secret" not in str(caught.value)


async def test_a_database_that_does_not_exist(postgres_url: str) -> None:
    """A wrong database name is said to be the reason."""
    with pytest.raises(DatabaseUnavailable, match="nowhere"):
        await PostgresEngine(f"{postgres_url}_nowhere").open()


async def test_a_missing_driver_names_the_extra(monkeypatch: pytest.MonkeyPatch, postgres_url: str) -> None:
    """Without the optional driver the error says what to install."""
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "asyncpg", None)
        with pytest.raises(ConfigurationError, match=r'pip install "tabor\[postgres\]"'):
            await PostgresEngine(postgres_url).open()


@pytest.mark.parametrize("url", ["mysql://localhost/x", "postgresql:", "postgresql:///"])
def test_a_url_that_is_none(url: str) -> None:
    """A URL of another form is refused at once."""
    with pytest.raises(ConfigurationError):
        PostgresEngine(url)


async def test_every_session_has_the_settings(open_engine: OpenEngine) -> None:
    """Deadlines, the search path and the time zone are set, whatever the user's own are."""
    engine = await open_engine(statement_timeout=7, lock_timeout=0.5, transaction_idle=3, search_path="public")
    sql = "SELECT name, setting FROM pg_settings WHERE name = ANY($1::text[])"
    names = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "search_path", "TimeZone"]
    assert sorted(await engine.read(sql, (names,)), key=str) == [
        ("TimeZone", "UTC"),
        ("idle_in_transaction_session_timeout", "4000"),
        ("lock_timeout", "500"),
        ("search_path", "public"),
        ("statement_timeout", "7000"),
    ]


async def test_a_url_overrides_a_setting(postgres_url: str) -> None:
    """What the URL says about the session wins over the options."""
    engine = PostgresEngine(f"{postgres_url}?application_name=mine&search_path=pg_temp")
    await engine.open()
    sql = "SELECT current_setting('application_name'), current_setting('search_path')"
    assert await engine.read(sql, ()) == [("mine", "pg_temp")]
    await engine.close()
