"""From a database URL to the engine and compiler for it; the only place that knows which there are."""

from __future__ import annotations

import os
import re
from typing import NamedTuple, TypeAlias
from urllib.parse import unquote

from tabor.compile.compiler import Compiler
from tabor.compile.sqlite.compiler import SqliteCompiler
from tabor.engines.interface import Engine
from tabor.engines.postgres.options import PostgresOptions
from tabor.engines.sqlite.options import SqliteOptions
from tabor.errors import ConfigurationError

Options: TypeAlias = SqliteOptions | PostgresOptions
"""The settings of one engine; which of the two a database takes is for its URL to say."""


class Driver(NamedTuple):
    """What drives one database."""

    engine: Engine
    compiler: Compiler


class Place(NamedTuple):
    """Where a database is, as far as everybody may know: which product, its name or file, and its one server.

    ``schema`` is where tables are found that say no schema themselves, where there are schemas.
    """

    system: str
    name: str
    host: str = ""
    port: int | None = None
    schema: str = ""


SCRATCH = "sqlite:///:memory:"
"""A database that needs nothing and is gone when it is closed."""
# To the last @: in a password that was not encoded anything may stand.
_PASSWORD = re.compile(r"(://[^/@:]*:).*(?=@)|([?&](?:ssl)?password=)[^&]*", re.IGNORECASE | re.DOTALL)
COMMON: Compiler = SqliteCompiler()
"""The compiler by which a query is shown to people where no database was asked to run it."""


def driver_for(url: str | os.PathLike[str], options: Options | None = None) -> Driver:
    """The engine and compiler for ``url``.

    ``sqlite:///planner.db`` is a file beside the working directory, ``sqlite:////srv/planner.db`` an absolute path,
    ``sqlite:///:memory:`` a database in memory, ``postgresql://user:password@host:5432/planner`` one on a server (or
    on several, with commas between the hosts); a ``Path`` is a SQLite file.  Raises ``ConfigurationError`` for
    anything else.
    """
    if isinstance(url, os.PathLike):
        return _sqlite(url, options)
    if not isinstance(url, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without a checker
        raise ConfigurationError(
            f"A database URL is text or a Path, got {url!r}; is the environment variable set from which it comes?",
            setting="url",
        )
    scheme, separator, rest = url.partition("://")
    base, plus, wanted = scheme.partition("+")
    if plus and separator and base in ("sqlite", "postgresql", "postgres"):
        raise ConfigurationError(
            f"The database URL {without_password(url)!r} names a driver; leave out '+{wanted}', Tabor has its own.",
            setting="url",
        )
    if scheme in ("postgresql", "postgres") and separator:
        return _postgres(url, options)
    if scheme == "sqlite" and separator:
        host, _, path = rest.partition("/")
        if host:
            raise ConfigurationError(
                f"The URL {url!r} has two slashes where three are needed: sqlite:///planner.db.", setting="url"
            )
        name = unquote(path.partition("?")[0])
        if "?" in path:
            raise ConfigurationError(
                f"The URL {url!r} has parameters; pass options as options=SqliteOptions(...).", setting="url"
            )
        if separator and not name and rest:
            raise ConfigurationError(
                f"The URL {url!r} names no file; a database in memory is sqlite:///:memory:.", setting="url"
            )
        return _sqlite(name or ":memory:", options)
    raise ConfigurationError(
        f"The database URL {without_password(url)!r} is not understood; it begins with sqlite:/// and names a file, or "
        "with postgresql:// and names a server.",
        setting="url",
    )


def _sqlite(file: str | os.PathLike[str], options: Options | None) -> Driver:
    if not (options is None or isinstance(options, SqliteOptions)):
        raise ConfigurationError("A SQLite database takes options=SqliteOptions(...).", setting="options")
    if "\0" in str(file):
        raise ConfigurationError(f"The path {file!r} has a NUL in it, which no path may have.", setting="url")
    # An engine and its driver are loaded for a database that needs them: who uses the other one does not pay for it.
    from tabor.engines.sqlite.engine import SqliteEngine

    return Driver(SqliteEngine(file, options), SqliteCompiler())


def _postgres(url: str, options: Options | None) -> Driver:
    if not (options is None or isinstance(options, PostgresOptions)):
        raise ConfigurationError("A postgresql:// URL takes options=PostgresOptions(...).", setting="options")
    from tabor.compile.postgres.compiler import PostgresCompiler
    from tabor.engines.postgres.engine import PostgresEngine

    return Driver(PostgresEngine(url, options), PostgresCompiler())


def place_of(url: str, system: str) -> Place:
    """Where the database of a URL is; a list of several servers is left out.

    >>> place_of("postgresql://app:secret@db.example.org:5433/planner", "postgresql")
    Place(system='postgresql', name='planner', host='db.example.org', port=5433)
    """
    servers, _, path = url.partition("://")[2].partition("/")
    server = servers.rpartition("@")[2]
    name = unquote(path.partition("?")[0])
    host, separator, port = server.rpartition(":")
    if "," in server or (separator and not port.isdecimal()):
        return Place(system, name)
    return Place(system, name, host, int(port)) if separator else Place(system, name, server)


def url_of(place: str | os.PathLike[str]) -> str:
    """The URL of a database, which may be given as the path of a file.

    >>> from pathlib import PurePosixPath
    >>> url_of(PurePosixPath("/srv/planner.db"))
    'sqlite:////srv/planner.db'
    """
    return f"sqlite:///{os.fspath(place)}" if isinstance(place, os.PathLike) else place


def without_password(url: str) -> str:
    """The URL as it may be shown.

    >>> without_password("postgresql://app:secret@localhost/planner")
    'postgresql://app:***@localhost/planner'
    """
    return _PASSWORD.sub(r"\1\2***", url)
