"""Opening SQLite: the version floor, where the database lies, the settings of every connection, what SQL may not do.

Nothing but SQLite itself may open a database file, its ``-wal`` or its ``-shm``: POSIX locks belong to the process,
and closing any other descriptor of the file drops the locks that SQLite holds.
"""

from __future__ import annotations

import os
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple
from urllib.parse import quote
from uuid import uuid4

import apsw

from tabor.engines.sqlite import driver, structures, text_functions, zones
from tabor.engines.sqlite.driver import Connection
from tabor.engines.sqlite.options import SqliteOptions
from tabor.errors import DatabaseUnavailable, UnsupportedDatabase

VERSION_FLOOR = (3, 51, 3)
"""Older versions have a race between a checkpoint and the reset of the write-ahead log that can lose commits."""

_STATEMENT_CACHE = 256
_NAP = 0.002
_CACHE_KIBIBYTES = 16 * 1024
# A connection is used by one thread at a time, so SQLite's own lock around it would be paid for nothing.
_OPEN = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_NOMUTEX
_FORBIDDEN = {
    apsw.SQLITE_TRANSACTION,
    apsw.SQLITE_SAVEPOINT,
    apsw.SQLITE_ATTACH,
    apsw.SQLITE_DETACH,
}
_UNUSABLE = (apsw.CantOpenError, apsw.CorruptError, apsw.IOError, apsw.PermissionsError, apsw.ReadOnlyError)
# The pragmas that may be given an argument: they look, or they are about the data and not about the connection.
_PRAGMAS_WITH_ARGUMENT = {
    "application_id",
    "foreign_key_check",
    "foreign_key_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "max_page_count",
    "optimize",
    "quick_check",
    "table_info",
    "table_list",
    "table_xinfo",
    "user_version",
}


class Location(NamedTuple):
    """Where a database lies, as SQLite is told, and whether it is in memory."""

    name: str
    flags: int
    memory: bool
    vfs: str | None = None


def locate(path: str | os.PathLike[str]) -> Location:
    """The location for a path; ``":memory:"`` is a new database in memory that this process's connections share.

    >>> locate("planner.db").name.endswith("planner.db")
    True
    """
    name = os.fspath(path)
    if name == ":memory:":
        return Location(f"file:/tabor-{uuid4().hex}?vfs=memdb", _OPEN | apsw.SQLITE_OPEN_URI, memory=True)
    absolute = str(Path(name).absolute())
    # Two slashes at the beginning, as of sqlite://// before an absolute path, would name another machine in a URI.
    return Location(absolute[1:] if absolute.startswith("//") else absolute, _OPEN, memory=False)


def check_version(found: str | None = None) -> None:
    """Raise ``UnsupportedDatabase`` where the SQLite library is older than Tabor can rely on."""
    found = found or apsw.sqlite_lib_version()
    if tuple(int(part) for part in found.split(".")) < VERSION_FLOOR:
        needed = ".".join(map(str, VERSION_FLOOR))
        raise UnsupportedDatabase(
            f"SQLite {found} can lose committed rows; install an apsw that brings SQLite {needed} or newer.",
            found=found,
            needed=needed,
        )


def create_file(location: Location) -> None:
    """Let SQLite create the database file, readable and writable by its owner only; an existing one stays as it is.

    SQLite's ``modeof`` names a file whose permissions a new database takes over, which needs no change of the
    process-wide umask and no open of the database by anybody else.
    """
    if location.memory or os.path.lexists(location.name):
        return
    # Not of the standard library's tempfile: its import takes longer than that of all SQLite.
    pattern = Path(location.name).parent / f".tabor-{os.urandom(8).hex()}"
    try:
        os.close(os.open(pattern, os.O_CREAT | os.O_EXCL | os.O_RDONLY, 0o600))
        try:
            uri = f"file:{quote(location.name)}?modeof={quote(str(pattern))}"
            flags = _OPEN | apsw.SQLITE_OPEN_CREATE | apsw.SQLITE_OPEN_URI
            driver.connect(uri, flags, location.vfs, 0).close()
        finally:
            pattern.unlink()
    except OSError as error:
        reason = f"{error.strerror or error}"
        message = f"The database {location.name} cannot be created: {reason}. Make its folder, or choose another path."
        raise DatabaseUnavailable(message, reason=reason) from error


def connect(location: Location, options: SqliteOptions, *, writer: bool, busy_seconds: float) -> Connection:
    """Open one connection with the settings that every one has; all but the writer's refuse to write.

    Another process that opens or closes the same file may have it locked for a moment, and where SQLite sees that
    waiting could lead to a deadlock it does not wait, so that the whole is tried again for ``busy_seconds``.
    """
    until = monotonic() + busy_seconds
    while True:
        try:
            return _connect_once(location, options, writer=writer, busy_seconds=busy_seconds)
        except apsw.NotADBError as error:
            raise DatabaseUnavailable(
                f"The file {location.name} is not a database of SQLite, or is encrypted. Choose another path, or move "
                "the file away to have a new database made there.",
                reason="file is not a database",
            ) from error
        except _UNUSABLE as error:
            raise _unusable(location, error) from error
        except apsw.BusyError:
            if monotonic() >= until:
                raise
            sleep(_NAP)


def _unusable(location: Location, error: Exception) -> DatabaseUnavailable:
    """The error for a file that cannot be opened, with what a look at it from outside tells."""
    path = Path(location.name)
    what, advice = str(error), "See to the disk and to the permissions of the file and its folder"
    if isinstance(error, apsw.CorruptError):
        advice = "Put a backup in its place"
    elif path.is_dir():
        what, advice = "it is a folder", "Choose the path of a file in it"
    elif path.is_symlink() and not path.exists():
        what, advice = f"it is a link to {path.readlink()}, which is not there", "Make that file, or remove the link"
    elif not os.access(path, os.R_OK | os.W_OK):
        what = f"this user may not read and write it ({what})"
    elif not os.access(path.parent, os.W_OK):
        what = f"this user may not write in its folder, where SQLite keeps a log beside it ({what})"
    return DatabaseUnavailable(f"The database {path} cannot be opened: {what}. {advice}.", reason=what)


def _connect_once(location: Location, options: SqliteOptions, *, writer: bool, busy_seconds: float) -> Connection:
    connection = _open(location)
    try:
        _configure(connection, options, busy_seconds)
        if not location.memory:
            _configure_file(connection, location, options, writer=writer)
        if not writer:
            connection.pragma("query_only", 1)
    except BaseException:
        connection.close(force=True)
        raise
    return connection


def _open(location: Location) -> Connection:
    create = apsw.SQLITE_OPEN_CREATE if location.memory else 0
    return driver.connect(location.name, location.flags | create, location.vfs, _STATEMENT_CACHE)


def _configure(connection: Connection, options: SqliteOptions, busy_seconds: float) -> None:
    connection.set_busy_timeout(int(busy_seconds * 1000))
    connection.pragma("foreign_keys", 1)
    connection.pragma("trusted_schema", 0)
    zones.offer(connection)
    structures.offer(connection)
    text_functions.offer(connection)
    connection.pragma("temp_store", "MEMORY")
    connection.pragma("cache_size", -_CACHE_KIBIBYTES)
    connection.pragma("mmap_size", 0)
    connection.pragma("synchronous", options.synchronous)
    for setting, value in (
        (apsw.SQLITE_DBCONFIG_DQS_DML, 0),
        (apsw.SQLITE_DBCONFIG_DQS_DDL, 0),
        (apsw.SQLITE_DBCONFIG_DEFENSIVE, 1),
        (apsw.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0),
        # Without it, SQLite plans a statement anew whenever another value is bound to its LIMIT.
        (apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1),
    ):
        connection.config(setting, value)


def _configure_file(connection: Connection, location: Location, options: SqliteOptions, *, writer: bool) -> None:
    if writer:
        mode = connection.pragma("journal_mode", "WAL")
        if mode != "wal":
            reason = f"journal mode is {mode}"
            message = f"The database {location.name} cannot keep a write-ahead log; put it on a local disk."
            raise DatabaseUnavailable(message, reason=reason)
        connection.pragma("journal_size_limit", options.wal_limit)
    # Nobody checkpoints by the way: the writer does it between batches, when nobody waits for an answer.
    connection.wal_autocheckpoint(0)


class Permissions:
    """What statements may do: not touch transactions, other files or the connection's settings.

    SQLite asks while it prepares a statement.  A statement of the engine's own is prepared between ``grant`` and
    ``revoke``; its text is nobody else's (see ``execution.py``), so that no other statement finds it in the cache.
    """

    __slots__ = ("granted",)

    def __init__(self, connection: Connection) -> None:
        self.granted: bool = False
        connection.authorizer = self

    def __call__(
        self, action: int, first: str | None, second: str | None, database: str | None, trigger: str | None
    ) -> int:
        if self.granted:
            return apsw.SQLITE_OK
        if action in _FORBIDDEN:
            return apsw.SQLITE_DENY
        if action == apsw.SQLITE_PRAGMA and second is not None and str(first).lower() not in _PRAGMAS_WITH_ARGUMENT:
            return apsw.SQLITE_DENY
        return apsw.SQLITE_OK
