"""Reads are prepared once for each connection, and anew where that no longer serves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import cast

import pytest

from tabor.engines.interface import Row, Statement
from tabor.engines.postgres.engine import PostgresEngine
from tabor.errors import DivisionByZero, StatementFailed, ValueOutOfRange
from tests.engines.postgres.conftest import READ, OpenEngine, Raw, gig

pytestmark = pytest.mark.anyio

KEPT = "SELECT statement FROM pg_prepared_statements WHERE statement LIKE 'SELECT title%' ORDER BY statement"
ALL = "SELECT * FROM gig ORDER BY id"


async def kept(engine: PostgresEngine) -> list[Row]:
    """The reads of titles that the server keeps for the engine's only connection."""
    return await engine.read(KEPT, ())


async def test_a_read_is_prepared_once(open_engine: OpenEngine) -> None:
    """A statement that is read again and again is one prepared statement."""
    engine = await open_engine(pool_size=1)
    await engine.write([gig("a")])
    for _ in range(3):
        assert await engine.read(READ, ()) == [("a",)]
    assert await kept(engine) == [(READ,)]


async def test_a_connection_keeps_so_many_reads(open_engine: OpenEngine) -> None:
    """Where as many are kept as there may be, the one prepared first makes room."""
    engine = await open_engine(pool_size=1, statement_cache=3)
    await engine.write([gig("a")])
    reads = [f"SELECT title, {number} AS number FROM gig" for number in range(6)]
    for number, sql in enumerate(reads):
        assert await engine.read(sql, ()) == [("a", number)]
    assert await kept(engine) == [(sql,) for sql in reads[-2:]]
    assert await engine.read(reads[0], ()) == [("a", 0)]


async def test_a_long_text_is_not_kept(open_engine: OpenEngine) -> None:
    """A statement of many thousand characters is read without being kept."""
    engine = await open_engine(pool_size=1)
    await engine.write([gig("a")])
    text = "x" * 20_000
    for _ in range(2):
        assert await engine.read(f"SELECT title, '{text}' FROM gig", ()) == [("a", text)]
    assert await kept(engine) == []


async def test_a_table_that_changed(open_engine: OpenEngine, raw: Raw) -> None:
    """Reads go on, on every connection, where a column has changed its type and another was added meanwhile."""
    engine = await open_engine(pool_size=3)
    await engine.write([gig("a", 5)])
    slow = ALL.replace("SELECT *", "SELECT *, pg_sleep(0.05)::text")
    await asyncio.gather(*[engine.read(slow, ()) for _ in range(3)])
    assert engine.gauges().connections == 3
    server = await raw()
    await server.execute(
        "ALTER TABLE gig ALTER COLUMN title TYPE varchar(90), ADD COLUMN hall text DEFAULT 'Old brewery'"
    )
    for rows in await asyncio.gather(*[engine.read(slow, ()) for _ in range(3)]):
        assert rows == [(1, "a", 5, None, "Old brewery", "")]
    assert engine.gauges().connections == 3


async def test_a_composite_type_that_changed(open_engine: OpenEngine, raw: Raw) -> None:
    """Reads of whole rows go on, on every connection, where their table has another column."""
    engine = await open_engine(pool_size=3)
    await engine.write([gig("a", 5)])
    whole = "SELECT gig, pg_sleep(0.05)::text FROM gig"
    await asyncio.gather(*[engine.read(whole, ()) for _ in range(3)])
    await (await raw()).execute("ALTER TABLE gig ADD COLUMN hall text DEFAULT 'Old brewery'")
    for [(row, _)] in await asyncio.gather(*[engine.read(whole, ()) for _ in range(3)]):
        assert tuple(cast("Iterable[object]", row)) == (1, "a", 5, None, "Old brewery")
    assert engine.gauges().connections == 3


async def test_a_composite_type_that_changed_under_a_lock(open_engine: OpenEngine, raw: Raw) -> None:
    """A statement that was run and may not be run twice is refused, and works the next time."""
    engine = await open_engine(pool_size=1)
    await engine.write([gig("a", 5)])
    locking = "SELECT gig FROM gig FOR UPDATE"
    await engine.read(locking, ())
    await (await raw()).execute("ALTER TABLE gig ADD COLUMN hall text")
    with pytest.raises(StatementFailed, match="unexpected number of attributes"):
        await engine.read(locking, ())
    [(row,)] = await engine.read(locking, ())
    assert tuple(cast("Iterable[object]", row)) == (1, "a", 5, None, None)


async def test_a_session_is_cleaned_after_a_read_that_was_prepared_anew(open_engine: OpenEngine, raw: Raw) -> None:
    """A setting that a statement leaves in its session is gone afterwards, also where its table had changed."""
    engine = await open_engine(pool_size=1)
    await engine.write([gig("a")])
    setting = "SELECT *, set_config('tabor.mood', 'dark', false) FROM gig"
    await engine.read(setting, ())
    await (await raw()).execute("ALTER TABLE gig ADD COLUMN hall text")
    assert await engine.read(setting, ()) == [(1, "a", None, None, None, "dark")]
    assert await engine.read("SELECT current_setting('tabor.mood', true)", ()) in ([("",)], [(None,)])


async def test_a_statement_that_the_server_forgot(open_engine: OpenEngine, raw: Raw) -> None:
    """Where somebody ran DEALLOCATE ALL on the connection, one read fails and the next is prepared anew."""
    engine = await open_engine(pool_size=1)
    await engine.write([gig("a")])
    await engine.read(READ, ())
    await engine.write([Statement("DEALLOCATE ALL")])
    with pytest.raises(StatementFailed, match="does not exist"):
        await engine.read(READ, ())
    assert await engine.read(READ, ()) == [("a",)]


async def test_a_read_that_failed_is_read_again(open_engine: OpenEngine) -> None:
    """Values that a statement refuses say nothing about the statement."""
    engine = await open_engine(pool_size=1)
    divided = "SELECT 10 / $1::bigint"
    for _ in range(2):
        assert await engine.read(divided, (5,)) == [(2,)]
        with pytest.raises(DivisionByZero):
            await engine.read(divided, (0,))
        with pytest.raises(ValueOutOfRange):
            await engine.read(divided, (2**64,))


async def test_a_statement_that_cannot_be_prepared(open_engine: OpenEngine) -> None:
    """A text that is no SQL is refused each time, and the connection goes on."""
    engine = await open_engine(pool_size=1)
    for _ in range(2):
        with pytest.raises(StatementFailed, match="syntax error"):
            await engine.read("SELECT title FRM gig", ())
    assert await engine.read(READ, ()) == []
    assert engine.gauges().connections == 1
