"""New databases on the tests' PostgreSQL server, which is started with the first of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from contextlib import suppress
from itertools import count
from threading import Thread
from urllib.parse import urlsplit, urlunsplit

from tabor.engines.postgres.connecting import Target
from tabor.engines.postgres.driver import load
from tabor.engines.postgres.failures import code_of
from tabor.engines.postgres.local_server import ENVIRONMENT, Programs
from tabor.engines.postgres.options import PostgresOptions
from tests.postgres_server import Server, new_server

# A locale in which upper and lower case is more than A to Z, so that what relies on the default collation is found out.
LOCALE = "TEMPLATE template0 LOCALE_PROVIDER builtin LOCALE 'C.UTF-8' STRATEGY file_copy"

# Emptying a database takes a twentieth of the time that making one takes.
EMPTY = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
    DROP SCHEMA public CASCADE;
    CREATE SCHEMA public;
    DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%'
            AND nspname NOT IN ('public', 'information_schema')
        LOOP EXECUTE format('DROP SCHEMA %I CASCADE', name); END LOOP;
    END $$;
"""


class Databases:
    """Makes and drops databases; ``url`` is where the server answers."""

    def __init__(self) -> None:
        self._programs: Programs | None = None
        self._server: Server | None = None
        self._numbers = count(1)
        self._free: list[str] = []
        self._url = os.environ.get(ENVIRONMENT, "")

    @property
    def url(self) -> str:
        """The address of the server's own database; starts the server at first use."""
        if not self._url:
            self._server = self.another_server()
            self._url = self._server.url
        return self._url

    def another_server(self) -> Server:
        """One more running server of one's own, to be stopped by who asked for it."""
        if self._programs is None:
            self._programs = Programs()
        server = new_server(self._programs)
        server.start()
        return server

    def create(self) -> str:
        """The URL of an empty database."""
        if self._free:
            return self._free.pop()
        name = f"tabor_{os.getpid()}_{next(self._numbers)}"
        parts = urlsplit(self.url)
        try:
            self.execute(f'CREATE DATABASE "{name}" {LOCALE}')
        except Exception as error:
            if code_of(error)[:2] not in ("22", "42"):
                raise
            # An older server, without that locale.
            self.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return urlunsplit(parts._replace(path=f"/{name}"))

    def drop(self, url: str) -> None:
        """Give a database back, whoever is still connected to it: it is emptied, and used again for the next."""
        self.execute(EMPTY, url)
        self._free.append(url)

    def execute(self, sql: str, url: str = "") -> None:
        """Run one statement as the server's own user, in its own database or in that of ``url``."""

        async def executed() -> None:
            connection = await Target(url or self.url, PostgresOptions(statement_timeout=60)).connect(load())
            try:
                await connection.execute(sql)
            finally:
                await connection.close()

        run_apart(executed())

    def names(self, pattern: str) -> list[str]:
        """The databases on the server whose names are LIKE this."""
        found: list[str] = []

        async def asked() -> None:
            connection = await Target(self.url, PostgresOptions()).connect(load())
            try:
                rows = await connection.fetch("SELECT datname FROM pg_database WHERE datname LIKE $1", pattern)
                found.extend([str(name) for (name,) in rows])
            finally:
                await connection.close()

        run_apart(asked())
        return found

    def close(self) -> None:
        """Drop the databases, and stop the server if it was started here."""
        if self._server is None:
            for url in self._free:
                self.execute(f'DROP DATABASE IF EXISTS "{urlsplit(url).path[1:]}" WITH (FORCE)')
        if self._server is not None:
            self._server.stop()
        if self._programs is not None:
            self._programs.remove()


def run_apart(work: Coroutine[object, object, None]) -> None:
    """Run ``work`` on a loop of its own in a thread of its own, whatever loop the test has."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:
            failures.append(error)

    thread = Thread(target=run)
    thread.start()
    thread.join()
    with suppress(IndexError):
        raise failures[0]
