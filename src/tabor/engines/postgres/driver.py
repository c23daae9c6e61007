"""The part of asyncpg that the engine uses, fully typed, and its import at first use."""

# ruff: noqa: ASYNC109  # the driver calls its parameters `timeout`, and a protocol must too

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from socket import socket
from typing import Protocol, TypeAlias, cast, overload

from tabor.engines.interface import Row
from tabor.errors import ConfigurationError


class Record(Protocol):
    """One row of the driver's own class; a slice of it is a tuple."""

    def __iter__(self) -> Iterator[object]: ...

    @overload
    def __getitem__(self, part: int, /) -> object: ...

    @overload
    def __getitem__(self, part: slice, /) -> Row: ...


class Prepared(Protocol):
    """A statement that the server keeps for one connection."""

    async def fetch(self, *args: object, timeout: float | None = None) -> list[Record]: ...

    def get_statusmsg(self) -> str: ...


class Connection(Protocol):
    """One connection, used by one task at a time."""

    async def prepare(self, query: str) -> Prepared: ...

    async def fetch(self, query: str, *args: object, timeout: float | None = None) -> list[Record]: ...

    async def fetchmany(
        self, query: str, args: Iterable[Sequence[object]], *, timeout: float | None = None
    ) -> list[Record]: ...

    async def execute(self, query: str, *args: object, timeout: float | None = None) -> str: ...

    async def executemany(
        self,
        command: str,
        args: Iterable[Sequence[object]],
        *,
        timeout: float | None = None,
    ) -> None: ...

    async def copy_records_to_table(
        self,
        table_name: str,
        *,
        records: Iterable[Sequence[object]],
        columns: Sequence[str],
        schema_name: str | None = None,
        timeout: float | None = None,
    ) -> str: ...

    def is_closed(self) -> bool: ...

    def is_in_transaction(self) -> bool: ...

    async def close(self, *, timeout: float | None = None) -> None: ...

    def terminate(self) -> None: ...

    def get_server_pid(self) -> int: ...


class Driver(Protocol):
    """The driver's module."""

    async def connect(
        self,
        dsn: str,
        *,
        timeout: float,
        command_timeout: float | None,
        statement_cache_size: int,
        max_cached_statement_lifetime: float,
        server_settings: Mapping[str, str],
        target_session_attrs: str | None,
    ) -> Connection: ...


def is_outdated(error: BaseException) -> bool:
    """Whether a statement was prepared for a table that has changed since; its code says only "not supported"."""
    return type(error).__name__ == "InvalidCachedStatementError"


def is_unread(error: BaseException) -> bool:
    """Whether a statement was run, and its rows hold a composite type that has changed since it was prepared."""
    return type(error).__name__ == "OutdatedSchemaCacheError"


Address: TypeAlias = tuple[str, int] | str
"""A host and a port, or the path of a socket."""


_WHOLE = slice(None)


def rows_of(records: Sequence[Record]) -> list[Row]:
    """The records as tuples; a slice of a record takes a third of the time that ``tuple(record)`` takes."""
    return [record[_WHOLE] for record in records]


def address_of(connection: Connection) -> Address | None:
    """Where the server at the other end is; ``None`` where the connection is closed already."""
    transport = cast("asyncio.Transport | None", getattr(connection, "_transport"))  # noqa: B009  # as in socket_of()
    return None if transport is None else cast("Address | None", transport.get_extra_info("peername"))


def socket_of(connection: Connection) -> int:
    """The file descriptor of a connection's socket; the driver keeps its transport to itself."""
    transport = cast("asyncio.Transport", getattr(connection, "_transport"))  # noqa: B009  # not a part of the protocol
    found = cast("socket", transport.get_extra_info("socket"))
    return found.fileno()


def load() -> Driver:
    """The driver; raises ``ConfigurationError`` that says what to install where it is missing."""
    try:
        return cast("Driver", import_module("asyncpg"))
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            'PostgreSQL needs the driver asyncpg, which is not installed: pip install "tabor[postgres]".', setting="url"
        ) from error
