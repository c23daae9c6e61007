"""Databases for tests: on a server that is named, or on one that is started for them; copied by the server."""

from __future__ import annotations

import asyncio
import os
from itertools import count
from secrets import token_hex
from urllib.parse import urlsplit, urlunsplit

from tabor.engines.postgres.connecting import Target
from tabor.engines.postgres.driver import load
from tabor.engines.postgres.engine import PostgresEngine
from tabor.engines.postgres.local_server import ENVIRONMENT, LocalServer, Programs, free_port, initialised
from tabor.engines.postgres.options import PostgresOptions
from tabor.engines.scratch import Scratch
from tabor.errors import DatabaseUnavailable

_DAY = 86_400.0
_PATIENT = PostgresOptions(pool_size=1, transaction_idle=_DAY, transaction_total=_DAY, idle_lifetime=_DAY)
_MAKING = PostgresOptions(statement_timeout=60)


class PostgresScratch(Scratch):
    """Databases on the server of ``url``; where that is a bare ``postgresql://``, on one that is started at first use.

    The environment variable ``TABOR_TEST_POSTGRES`` names a server in place of one that is started.
    """

    def __init__(self, url: str) -> None:
        self._url = url if _names_server(url) else os.environ.get(ENVIRONMENT, "")
        self._mark = token_hex(4)
        self._numbers = count(1)
        self._made: list[str] = []
        self._server: LocalServer | None = None

    async def create(self) -> str:
        return await self._create("")

    async def copy(self, url: str) -> str:
        return await self._create(f" TEMPLATE {_name(url)}")

    async def drop(self, url: str) -> None:
        await self._execute(f"DROP DATABASE IF EXISTS {_name(url)} WITH (FORCE)")
        self._made.remove(url)

    def engine(self, url: str, *, patient: bool) -> PostgresEngine:
        return PostgresEngine(url, _PATIENT if patient else None)

    async def close(self) -> None:
        if self._server is None:
            for url in list(self._made):
                await self.drop(url)
        else:
            await asyncio.to_thread(_stopped, self._server)
            self._server, self._url = None, ""

    async def _create(self, original: str) -> str:
        if not self._url:
            self._server = await asyncio.to_thread(_started)
            self._url = self._server.url
        url = urlunsplit(urlsplit(self._url)._replace(path=f"/tabor_test_{self._mark}_{next(self._numbers)}"))
        await self._execute(f"CREATE DATABASE {_name(url)}{original}")
        self._made.append(url)
        return url

    async def _execute(self, sql: str) -> None:
        """Run a statement in the database that the URL names; raises ``DatabaseUnavailable`` where that fails."""
        target = Target(self._url, _MAKING)
        driver = load()
        try:
            connection = await target.connect(driver)
            try:
                await connection.execute(sql)
            finally:
                await connection.close()
        except Exception as error:
            raise DatabaseUnavailable(
                f"The server {target.label} made no database for tests: {error}. Name one that can be reached and "
                "whose user may create databases.",
                reason=str(error),
            ) from error


def _names_server(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.netloc or parts.path or parts.query)


def _name(url: str) -> str:
    """The name of a database that was made here, quoted."""
    return f'"{urlsplit(url).path[1:]}"'


def _started() -> LocalServer:
    programs = Programs()
    try:
        server = LocalServer(programs, initialised(programs), free_port())
    except BaseException:
        programs.remove()
        raise
    try:
        server.start()
    except BaseException:
        _stopped(server)
        raise
    return server


def _stopped(server: LocalServer) -> None:
    server.stop()
    server.programs.remove()
