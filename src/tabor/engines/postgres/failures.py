"""From the server's and the driver's errors to Tabor's, by SQLSTATE: the texts are in the server's own language.

The codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from tabor.compile.postgres.schemas import missing_in, name_in
from tabor.compile.postgres.search import index_asked
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
    StatementTimeout,
    TaborError,
    TransactionConflict,
    TransactionExpired,
    UniqueViolation,
    ValueOutOfRange,
)

PLACE = "tabor_place"
"""The attribute of an error that came while connecting which says to what."""
READ_ONLY = "25006"
CONFLICTS = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock: the whole transaction is to be run again."""
# The server goes down, or went down, or comes up.
_GOING = frozenset({"57P01", "57P02", "57P03"})
_KEY = re.compile(r"\((.+?)\)=\(", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_NAMES = re.compile(rf"{_QUOTED.pattern}(?:, |$)|(.+?)(?:, |$)", re.DOTALL)
_COLUMN = re.compile(r"column (.+) does not exist")
_OF_TABLE = re.compile(r"column (\S+)\.(\S+) does not exist")
_LINE = re.compile(r"COPY [^\n]* (\d+)(?:,|$)", re.MULTILINE)
_TARGET = re.compile(r'"(.*)"', re.DOTALL)
_LOCK_RETRY = 0.5
_ADVICE = {
    "28": "check the user and the password in its URL",
    "3D": "make the database, or correct its name in the URL",
}
"""What to do about a failure to connect, by the class of its code."""


class Times(NamedTuple):
    """The deadlines, in seconds, that errors about deadlines name."""

    statement: float
    lock: float
    idle: float


class Context(NamedTuple):
    """What was under way when an error came."""

    sql: str
    times: Times


def code_of(error: BaseException) -> str:
    """The SQLSTATE of an error of the server, empty for any other."""
    code: object = getattr(error, "sqlstate", None)
    return code if isinstance(code, str) else ""


def _fact(error: BaseException, name: str) -> str | None:
    value: object = getattr(error, name, None)
    return value if isinstance(value, str) and value else None


def said(error: BaseException) -> str:
    """What an error says, in one line and without a full stop."""
    hint = _fact(error, "hint")
    words = str(error).partition("\n")[0].rstrip(".") or type(error).__name__
    return f"{words} ({hint.rstrip('.')})" if hint else words


def is_lost(error: BaseException) -> bool:
    """Whether an error says that the connection, or the server behind it, serves no more."""
    code = code_of(error)
    return isinstance(error, OSError) or code in _GOING or code == READ_ONLY or code.startswith("08")


def translate(error: Exception, context: Context) -> TaborError:
    """Tabor's error for what the driver raised, chained to it and ready to be raised."""
    if isinstance(error, TaborError):
        return error
    code = code_of(error)
    make = _CODES.get(code) or _CLASSES.get(code[:2]) or _without_code
    failure = make(error, context)
    failure.__cause__ = error
    if isinstance(failure, IntegrityViolation):
        failure.row = _row(error)
        # Both quote values of the row, and the error goes into logs with its cause.
        vars(error).update(detail=None, context=None)
    return failure


def _row(error: Exception) -> int | None:
    """The place of the refused row among those of a COPY, which tells the line; ``run_many`` knows where it began."""
    match = _LINE.match(_fact(error, "context") or "")
    start: object = getattr(error, "first_row", 0)
    return int(match.group(1)) - 1 + start if match is not None and isinstance(start, int) else None


def unavailable(error: BaseException, *, not_applied: bool, writing: bool = False) -> DatabaseUnavailable:
    """The error for a connection that could not be made, or was lost with work under way."""
    late = isinstance(error, TimeoutError)
    reason = "no answer in time" if late and not str(error) else said(error)
    if writing and not not_applied:
        what = "The database did not answer a write in time" if late else "The connection was lost during a write"
        message = f"{what}, which may or may not have been applied: {reason}. Read before you write again."
    else:
        place = _fact(error, PLACE)
        advice = _ADVICE.get(code_of(error)[:2], "see to the server, then try again")
        message = (
            f"The database{f' {place}' if place else ''} cannot be reached: {reason}. Nothing was changed; {advice}."
        )
    failure = DatabaseUnavailable(message, reason=reason, not_applied=not_applied)
    failure.__cause__ = error
    return failure


def _table(error: Exception, context: Context) -> str | None:
    """The table that an error is about, as Tabor calls it: with its schema where that is said."""
    table, schema = _fact(error, "table_name"), _fact(error, "schema_name")
    if table is None or schema is None:
        return table
    return name_in(context.sql, schema, table, _fact(error, "constraint_name") or "")


def _unique(error: Exception, context: Context) -> TaborError:
    columns = _key_columns(error)
    return UniqueViolation(_table(error, context), columns, constraint=_fact(error, "constraint_name"))


def _key_columns(error: Exception) -> tuple[str, ...]:
    """The columns of ``Key (a, "B")=(…) …``; none where it names expressions."""
    match = _KEY.search(_fact(error, "detail") or "")
    names = [] if match is None else _NAMES.findall(match.group(1))
    if any("(" in plain for _, plain in names):
        return ()
    return tuple([quoted.replace('""', '"') or plain for quoted, plain in names])


def _reference(error: Exception, context: Context) -> TaborError:
    constraint = _fact(error, "constraint_name")
    # "update or delete on table "A" violates foreign key constraint "C" on table "B"", in which no name is escaped.
    before, _, after = str(error).partition("\n")[0].partition(f'"{constraint}"')
    tables = _TARGET.search(before), _TARGET.search(after)
    if tables[0] is not None and tables[1] is not None:
        return ForeignKeyViolation(tables[0].group(1), references=tables[1].group(1), constraint=constraint)
    # The detail is: Key (a, b)=(5, 6) is not present in table "A".
    detail = _fact(error, "detail") or ""
    columns, target = _KEY.search(detail), _TARGET.search(detail.rpartition(") ")[2])
    return ForeignKeyViolation(
        _table(error, context),
        tuple(columns.group(1).split(", ")) if columns is not None else (),
        references=target.group(1) if target is not None else None,
        constraint=constraint,
    )


def _check(error: Exception, context: Context) -> TaborError:
    return CheckViolation(_fact(error, "constraint_name") or "", table=_table(error, context))


def _not_null(error: Exception, context: Context) -> TaborError:
    return NotNullViolation(_table(error, context), _fact(error, "column_name") or "a column")


def _integrity(error: Exception, context: Context) -> TaborError:
    return IntegrityViolation(
        f"The database refused a row: {error}.",
        table=_table(error, context),
        constraint=_fact(error, "constraint_name"),
    )


def _missing_table(error: Exception, context: Context) -> TaborError:
    names = [name.replace('""', '"') for name in _QUOTED.findall(str(error).partition("\n")[0])]
    return MissingTable(missing_in(context.sql, names[0]) if names else "", sql=context.sql)


def _missing_column(error: Exception, context: Context) -> TaborError:
    found = _COLUMN.match(str(error))
    index = None if found is None else index_asked(context.sql, found[1])
    if index is not None:
        return MissingTable(index, sql=context.sql, kind="search index")
    told = str(error).partition("\n")[0]
    place = _OF_TABLE.match(told)
    if place is not None:
        return MissingColumn(place[2], place[1], sql=context.sql)
    column, table, *_ = [*[name.replace('""', '"') for name in _QUOTED.findall(told)], "", ""]
    return MissingColumn(column or told, table, sql=context.sql)


def _conflict(error: Exception, context: Context) -> TaborError:
    return TransactionConflict(
        f"Another transaction wanted the same rows and this one had to give way: {error}. "
        "Run it again; db.transact() does."
    )


def _timeout(error: Exception, context: Context) -> TaborError:
    return StatementTimeout(context.times.statement, sql=context.sql)


def _locked(error: Exception, context: Context) -> TaborError:
    seconds = context.times.lock
    message = f"Another transaction held a lock that this statement needs for more than {seconds:g} s."
    if context.sql.endswith(" NOWAIT"):
        message = "Another transaction has locked a row, and this statement was not to wait for it."
    return Overloaded(message, retry_after=_LOCK_RETRY)


def _crowded(error: Exception, context: Context) -> TaborError:
    return Overloaded(f"The server takes no more connections: {said(error)}.", retry_after=1.0)


def _expired(error: Exception, context: Context) -> TaborError:
    seconds = context.times.idle
    message = f"The transaction was idle for more than {seconds:g} s and was rolled back. Keep it short."
    return TransactionExpired(message, seconds=seconds)


def _out_of_range(error: Exception, context: Context) -> TaborError:
    return ValueOutOfRange(f"a value is outside what its column or expression can hold ({error})", code="out_of_range")


def _by_zero(error: Exception, context: Context) -> TaborError:
    return DivisionByZero(sql=context.sql)


def _undefined(error: Exception, context: Context) -> TaborError:
    return ValueOutOfRange("a root, logarithm or power is not defined for its number", code="undefined")


def _too_long(error: Exception, context: Context) -> TaborError:
    return ValueOutOfRange(f"a value or statement is longer than the database takes ({error})", code="too_long")


def _wrong_value(error: Exception, context: Context) -> TaborError:
    return InvalidValue(f"a value cannot be stored ({error})", code="wrong_type")


def _unsendable(error: Exception, context: Context) -> TaborError:
    """The driver's own refusal of a value, whose cause says why."""
    if isinstance(error.__cause__, OverflowError):
        return _out_of_range(error, context)
    if isinstance(error.__cause__, UnicodeEncodeError):
        return _bad_character(error, context)
    return _wrong_value(error, context)


def _bad_character(error: Exception, context: Context) -> TaborError:
    return InvalidValue("text may not contain NUL or lone surrogates", code="bad_character")


def _unreachable(error: Exception, context: Context) -> TaborError:
    return unavailable(error, not_applied=False)


def _refused(error: Exception, context: Context) -> TaborError:
    return StatementFailed(said(error), sql=context.sql)


def _without_code(error: Exception, context: Context) -> TaborError:
    if isinstance(error, TimeoutError):
        return _timeout(error, context)
    if isinstance(error, OSError):
        return _unreachable(error, context)
    if isinstance(error, UnicodeEncodeError):
        return _bad_character(error, context)
    # The driver refuses a value before it travels with an error that is also a ValueError.
    if isinstance(error, (ValueError, TypeError, OverflowError)):
        return _wrong_value(error, context)
    return _refused(error, context)


def _wrong_column(error: Exception, context: Context) -> TaborError:
    # The code stands for several mistakes; these words are SQL's own, in whatever language the server speaks.
    return MissingConstraint(sql=context.sql) if "ON CONFLICT" in said(error) else _refused(error, context)


_Make = Callable[[Exception, Context], TaborError]

_CODES: dict[str, _Make] = {
    "22000": _unsendable,
    "22001": _too_long,
    "22003": _out_of_range,
    "22007": _wrong_value,
    "22008": _out_of_range,
    "22012": _by_zero,
    "2201E": _undefined,
    "2201F": _undefined,
    "22021": _bad_character,
    "22P02": _wrong_value,
    "22P03": _wrong_value,
    "22P05": _bad_character,
    "23001": _reference,
    "23502": _not_null,
    "23503": _reference,
    "23505": _unique,
    "23514": _check,
    "25006": _unreachable,
    "25P03": _expired,
    "25P04": _expired,
    "42703": _missing_column,
    "42P01": _missing_table,
    "42P10": _wrong_column,
    "40001": _conflict,
    "40P01": _conflict,
    "53300": _crowded,
    "54000": _too_long,
    "55P03": _locked,
    "57014": _timeout,
}
_CLASSES: dict[str, _Make] = {
    "08": _unreachable,
    "23": _integrity,
    "28": _unreachable,
    "3D": _unreachable,
    "53": _unreachable,
    "57": _unreachable,
    "58": _unreachable,
    "XX": _unreachable,
}
