"""From a database URL to the engine and compiler for it; the only place that knows which there are."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote

from tabor.compile.compiler import Compiler
from tabor.compile.sqlite.compiler import SqliteCompiler
from tabor.engines.interface import Engine
from tabor.engines.sqlite.engine import SqliteEngine
from tabor.engines.sqlite.options import SqliteOptions
from tabor.errors import ConfigurationError


class Driver(NamedTuple):
    """What drives one database."""

    engine: Engine
    compiler: Compiler


COMMON: Compiler = SqliteCompiler()
"""The compiler by which a query is shown to people where no database was asked to run it."""


def driver_for(url: str, options: SqliteOptions | None = None) -> Driver:
    """The engine and compiler for ``url``.

    ``sqlite:///planner.db`` is a file beside the working directory, ``sqlite:////srv/planner.db`` an absolute path,
    ``sqlite:///:memory:`` a database in memory.  Raises ``ConfigurationError`` for anything else.
    """
    scheme, separator, rest = url.partition("://")
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
        return Driver(SqliteEngine(name or ":memory:", options), SqliteCompiler())
    raise ConfigurationError(
        f"The database URL {url!r} is not understood; it begins with sqlite:/// and names a file.", setting="url"
    )
