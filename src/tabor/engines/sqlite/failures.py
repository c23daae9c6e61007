"""From what apsw raises to Tabor's errors, each with the facts that SQLite's message carries.

SQLite names the columns of a broken constraint only in the text of its message; the forms parsed here are those of
``sqlite3UniqueConstraint``, ``sqlite3HaltConstraint`` and ``OP_TypeCheck`` in its source.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import apsw

from tabor.compile.sqlite.search import searched
from tabor.engines.sqlite.driver import extended_code
from tabor.engines.sqlite.file_at_path import FileMoved
from tabor.errors import (
    CheckViolation,
    DatabaseUnavailable,
    DivisionByZero,
    ForeignKeyViolation,
    IntegrityViolation,
    InvalidValue,
    MissingColumn,
    MissingConstraint,
    MissingTable,
    NotNullViolation,
    Overloaded,
    StatementFailed,
    TaborError,
    UniqueViolation,
    ValueOutOfRange,
)

_WRONG_TYPE = re.compile(r"cannot store (\w+) value in (\w+) column (.+)\Z", re.DOTALL)
_UNIQUE_CODES = {
    apsw.SQLITE_CONSTRAINT_UNIQUE,
    apsw.SQLITE_CONSTRAINT_PRIMARYKEY,
    apsw.SQLITE_CONSTRAINT_ROWID,
}
_NO_TABLE = "no such table: "
_NO_COLUMN = re.compile(r"no such column: (?:(.+)\.)?(.+)|table (.+) has no column named (.+)")
_FOREIGN_KEY = "FOREIGN KEY constraint failed"
_BUSY_RETRY = 0.5


def translate(error: Exception, sql: str = "", row: int | None = None) -> TaborError:
    """Tabor's error for what the driver raised while it ran ``sql``, chained to it and ready to be raised.

    ``row`` is the number of the set of values, where it ran for several.

    >>> translate(apsw.SQLError('near "selec": syntax error'), "selec gig").args
    ('The database refused a statement: near "selec": syntax error. The statement was: selec gig',)
    """
    if isinstance(error, TaborError):
        return error
    failure = _KINDS.get(type(error), _other)(error, sql)
    failure.__cause__ = error
    if isinstance(failure, IntegrityViolation):
        failure.row = row
    return failure


def _after_colon(error: Exception) -> str:
    return str(error).partition(": ")[2]


def _split(place: str) -> tuple[str | None, str]:
    table, dot, column = place.partition(".")
    return (table, column) if dot else (None, place)


def _constraint(error: Exception, sql: str) -> TaborError:
    code = extended_code(error)
    if code in _UNIQUE_CODES:
        return _unique(_after_colon(error))
    # ON DELETE RESTRICT is a trigger inside SQLite, and refuses with a trigger's code.
    if code == apsw.SQLITE_CONSTRAINT_FOREIGNKEY or str(error) == "FOREIGN KEY constraint failed":
        return ForeignKeyViolation()
    if code == apsw.SQLITE_CONSTRAINT_NOTNULL:
        return NotNullViolation(*_split(_after_colon(error)))
    if code == apsw.SQLITE_CONSTRAINT_CHECK:
        return CheckViolation(_after_colon(error))
    wrong_type = _WRONG_TYPE.match(str(error))
    if wrong_type:
        found, expected, place = wrong_type.groups()
        table, column = _split(place)
        return InvalidValue(f"expected {expected}, got {found}", code="wrong_type", table=table, column=column)
    return IntegrityViolation(f"The database refused a row: {error}.")


def _unique(places: str) -> UniqueViolation:
    if places.startswith("index '"):
        return UniqueViolation(None, (), constraint=places[len("index '") : -1])
    table, columns = _split(places)
    # "t.a, t.b", in which a name may have commas and dots of its own.
    return UniqueViolation(table, tuple(columns.split(f", {table}.")))


def _busy(error: Exception, sql: str) -> TaborError:
    return Overloaded("Another process or connection holds the database.", retry_after=_BUSY_RETRY)


def is_read_only(error: Exception) -> bool:
    """Whether a statement was refused because its connection only reads; a file that cannot be written is another."""
    return isinstance(error, apsw.ReadOnlyError) and extended_code(error) == apsw.SQLITE_READONLY


def _read_only(error: Exception, sql: str) -> TaborError:
    if is_read_only(error):
        return StatementFailed("it would write where only reading is possible", sql=sql)
    return _unavailable(error, sql)


def _unavailable(error: Exception, sql: str) -> TaborError:
    reason = str(error)
    return DatabaseUnavailable(
        f"The database file cannot be used: {reason}. See to the disk and the file's permissions, then try again.",
        reason=reason,
    )


def _moved(error: Exception, sql: str) -> TaborError:
    assert isinstance(error, FileMoved)
    return DatabaseUnavailable(
        f"The file {error.path} was moved, removed or replaced while it was open, and what is written now would be "
        "lost. Nothing was changed; put the file back, or close the database, remove the -wal and -shm beside the "
        "file, and open it again.",
        reason=str(error),
        not_applied=True,
    )


def _full(error: Exception, sql: str) -> TaborError:
    reason = str(error)
    return DatabaseUnavailable(
        f"The database cannot grow: {reason}. Make room on the disk, then try again.", reason=reason
    )


def _too_big(error: Exception, sql: str) -> TaborError:
    return ValueOutOfRange("a value or statement is larger than SQLite takes", code="too_long")


def _overflow(error: Exception, sql: str) -> TaborError:
    return ValueOutOfRange("a whole number does not fit into 64 bits", code="out_of_range")


def _mismatch(error: Exception, sql: str) -> TaborError:
    return InvalidValue("a value has the wrong type for its column", code="wrong_type")


def _unbindable(error: Exception, sql: str) -> TaborError:
    return InvalidValue(f"a value cannot be stored ({error})", code="wrong_type")


def _unencodable(error: Exception, sql: str) -> TaborError:
    return InvalidValue("text may not contain lone surrogates", code="bad_character")


def _denied(error: Exception, sql: str) -> TaborError:
    reason = "transactions, attached files and connection settings are the engine's own; use transaction()"
    return StatementFailed(reason, sql=sql)


def _refused(error: Exception, sql: str) -> TaborError:
    reason = str(error)
    if reason.startswith(_NO_TABLE):
        name = reason[len(_NO_TABLE) :]
        return MissingTable(name, sql=sql, kind="search index" if searched(name) in sql else "table")
    # For a name in quotes SQLite adds the question whether it should have been a text.
    column = _NO_COLUMN.fullmatch(reason.partition(" - should this be ")[0])
    if column is not None:
        return MissingColumn((column[2] or column[4]).strip('"'), column[1] or column[3] or "", sql=sql)
    return _overflow(error, sql) if reason == "integer overflow" else _other(error, sql)


def _other(error: Exception, sql: str) -> TaborError:
    # The words that compile/sqlite/numbers.py makes SQLite say, and SQLite's own.
    message = str(error)
    if message.startswith("ON CONFLICT clause does not match"):
        return MissingConstraint(sql=sql)
    if message == "bad JSON path: 'division by zero'":
        return DivisionByZero(sql=sql)
    if message == "bad JSON path: 'undefined'":
        return ValueOutOfRange("a root, logarithm or power is not defined for its number", code="undefined")
    if message in ("bad JSON path: 'out of range'", "integer overflow"):
        return ValueOutOfRange("a result does not fit its type (64 bits, the years 1 to 9999)", code="out_of_range")
    return StatementFailed(str(error) or type(error).__name__, sql=sql)


_KINDS: dict[type[Exception], Callable[[Exception, str], TaborError]] = {
    apsw.AuthError: _denied,
    apsw.BusyError: _busy,
    apsw.CantOpenError: _unavailable,
    apsw.ConstraintError: _constraint,
    apsw.CorruptError: _unavailable,
    apsw.FullError: _full,
    FileMoved: _moved,
    apsw.IOError: _unavailable,
    apsw.LockedError: _busy,
    apsw.MismatchError: _mismatch,
    apsw.NoMemError: _unavailable,
    apsw.NotADBError: _unavailable,
    apsw.PermissionsError: _unavailable,
    apsw.ProtocolError: _busy,
    apsw.ReadOnlyError: _read_only,
    apsw.SQLError: _refused,
    apsw.TooBigError: _too_big,
    MemoryError: _unavailable,
    OverflowError: _overflow,
    TypeError: _unbindable,
    UnicodeEncodeError: _unencodable,
}
