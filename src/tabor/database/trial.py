"""From a URL to where databases for tests are made, and to the compiler for them; what ``url`` is outside of tests."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tabor.compile.compiler import Compiler
from tabor.compile.sqlite.compiler import SqliteCompiler
from tabor.database.url import without_password
from tabor.engines.scratch import Scratch
from tabor.engines.sqlite.scratch import SqliteScratch
from tabor.errors import ConfigurationError


class Trial(NamedTuple):
    """Where databases for tests are made, and what turns queries into their SQL."""

    scratch: Scratch
    compiler: Compiler


def trial_for(url: str, folder: Path) -> Trial:
    """Where databases for tests are made: ``sqlite://`` in ``folder``, ``postgresql://…`` on that server.

    A bare ``postgresql://`` starts a server.  Raises ``ConfigurationError`` for anything else, a file included.
    """
    scheme, separator, rest = url.partition("://")
    if scheme in ("postgresql", "postgres") and separator:
        from tabor.compile.postgres.compiler import PostgresCompiler
        from tabor.engines.postgres.scratch import PostgresScratch

        return Trial(PostgresScratch(url), PostgresCompiler())
    if scheme == "sqlite" and separator and rest in ("", "/:memory:"):
        return Trial(SqliteScratch(folder), SqliteCompiler())
    raise ConfigurationError(
        f"Databases for tests come and go at sqlite://, at postgresql:// or on a server that may be used for that "
        f"(postgresql://user@host); {without_password(url)!r} is none of these.",
        setting="tabor_urls",
    )
