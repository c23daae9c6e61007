"""Who takes part in the data path, in the order of the table; who is not installed is left out with a notice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import cast

from benchmarks.contenders.contender import PostgresContender, SqliteContender
from benchmarks.progress import notice

BASELINE = "apsw"
TABOR = "Tabor"
POOL = "asyncpg pool"
HELD = "asyncpg held"
PEERS = ("SQLAlchemy", "Piccolo")
ROSTER = (
    (BASELINE, "benchmarks.contenders.raw", "RawApsw"),
    (TABOR, "benchmarks.contenders.tabor_contender", "TaborOnSqlite"),
    ("aiosqlite", "benchmarks.peers.aiosqlite_contender", "Aiosqlite"),
    ("SQLAlchemy", "benchmarks.peers.sqlalchemy_contender", "SqlAlchemy"),
    ("Piccolo", "benchmarks.peers.piccolo_contender", "Piccolo"),
)
"""Name, module and class; the name is the contender's own."""
POSTGRES_ROSTER = (
    (POOL, "benchmarks.contenders.raw_postgres", "AsyncpgPool"),
    (HELD, "benchmarks.contenders.raw_postgres", "AsyncpgHeld"),
    (TABOR, "benchmarks.contenders.tabor_contender", "TaborOnPostgres"),
    ("SQLAlchemy", "benchmarks.peers.sqlalchemy_postgres", "SqlAlchemyOnPostgres"),
    ("Piccolo", "benchmarks.peers.piccolo_postgres", "PiccoloOnPostgres"),
)
"""The same for PostgreSQL."""


def installed_contenders() -> tuple[list[SqliteContender], list[str]]:
    """Load everybody that can be imported; the second list says who cannot, and why."""
    found, notices = _installed(ROSTER, "data path")
    return cast("list[SqliteContender]", found), notices


def installed_on_postgres() -> tuple[list[PostgresContender], list[str]]:
    """The same for PostgreSQL."""
    found, notices = _installed(POSTGRES_ROSTER, "data path on PostgreSQL")
    return cast("list[PostgresContender]", found), notices


def _installed(roster: Sequence[tuple[str, str, str]], part: str) -> tuple[list[object], list[str]]:
    contenders: list[object] = []
    notices: list[str] = []
    for name, module, attribute in roster:
        try:
            make = cast("Callable[[], object]", getattr(import_module(module), attribute))
        except ImportError as missing:
            notices.append(notice(f"{name} is left out of the {part}: {missing}."))
        else:
            contenders.append(make())
    return contenders, notices
