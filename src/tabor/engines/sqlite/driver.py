"""The part of apsw that the engine uses, fully typed: apsw's own stubs leave the types of values partly unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, cast

import apsw

from tabor.engines.interface import Parameters, Row


class Cursor(Protocol):
    """Runs statements and gives their rows."""

    def execute(self, statements: str, bindings: Parameters | None = None) -> Cursor: ...

    def executemany(self, statements: str, sequenceofbindings: Iterable[Parameters]) -> Cursor: ...

    def fetchall(self) -> list[Row]: ...


class Backup(Protocol):
    """A copy of a database under way."""

    def step(self, npages: int = -1) -> bool: ...

    def finish(self) -> None: ...


class Connection(Protocol):
    """One connection, used by one thread at a time."""

    authorizer: Callable[[int, str | None, str | None, str | None, str | None], int] | None

    def cursor(self) -> Cursor: ...

    def backup(self, databasename: str, sourceconnection: Connection, sourcedatabasename: str) -> Backup: ...

    def close(self, force: bool = False) -> None: ...

    def changes(self) -> int: ...

    def total_changes(self) -> int: ...

    def get_autocommit(self) -> bool: ...

    def config(self, op: int, *args: int) -> int: ...

    def pragma(self, name: str, value: int | str | None = None) -> object: ...

    def create_scalar_function(
        self,
        name: str,
        callable: Callable[..., str | None] | None,  # noqa: A002  # apsw's name for it
        numargs: int = -1,
        *,
        deterministic: bool = False,
    ) -> None: ...

    def set_last_insert_rowid(self, rowid: int) -> None: ...

    def set_busy_timeout(self, milliseconds: int) -> None: ...

    def set_progress_handler(self, callable: Callable[[], bool] | None, nsteps: int = 100) -> None: ...  # noqa: A002  # apsw's name for it

    def set_wal_hook(self, callable: Callable[[object, str, int], int] | None) -> None: ...  # noqa: A002  # apsw's name for it

    def wal_autocheckpoint(self, n: int) -> None: ...

    def wal_checkpoint(
        self, dbname: str | None = None, mode: int = apsw.SQLITE_CHECKPOINT_PASSIVE
    ) -> tuple[int, int]: ...


def connect(name: str, flags: int, vfs: str | None, statement_cache: int) -> Connection:
    """Open a connection as it comes, without any setting."""
    return cast("Connection", apsw.Connection(name, flags=flags, vfs=vfs, statementcachesize=statement_cache))


def extended_code(error: Exception) -> int:
    """SQLite's extended result code (https://sqlite.org/rescode.html) behind an exception, 0 where there is none."""
    code: object = getattr(error, "extendedresult", 0)
    return code if isinstance(code, int) else 0
