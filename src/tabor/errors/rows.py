"""What is wrong with rows and with values: not there, too many, stale, or not what a column can hold."""

from __future__ import annotations

from tabor.errors.program import TaborError


class NotFound(TaborError):
    """No row matches where exactly one was asked for.

    ``table`` is the table's name, ``key`` the primary key asked for (``None`` where the row was asked for
    by a condition).
    """

    def __init__(self, table: str, key: object = None, *, message: str | None = None) -> None:
        what = f"no {table} with the key {key!r}" if key is not None else f"no {table} that matches the query"
        super().__init__(message or f"There is {what}.")
        self.table = table
        self.key = key


class RowsNotFound(NotFound):
    """Some of many rows to be written are not stored; none was written.

    ``table`` is the table's name, ``keys`` are the primary keys that no row has, ``key`` is the first of them.
    """

    def __init__(self, table: str, keys: tuple[object, ...], asked: int) -> None:
        first = keys[0]
        shown = ", ".join([repr(key) for key in keys[:10]]) + (", ..." if len(keys) > 10 else "")
        message = f"{len(keys)} of {asked} rows of {table} are not stored, with the keys {shown}; nothing was written."
        super().__init__(table, first, message=f'{message} Insert them, or pass missing="ignore".')
        self.keys = keys


class StaleRow(TaborError):
    """A row was changed by somebody else since it was read, so nothing was written; read it again and decide anew.

    ``table`` is the table's name, ``key`` the row's key (``keys`` where it was one of many), ``expected`` its version.
    """

    def __init__(self, table: str, key: object, expected: int, *others: object) -> None:
        self.keys: tuple[object, ...] = (key, *others)
        many = f"{len(self.keys)} rows of {table} are no longer at the versions that they were read with, with the "
        many += f"keys {', '.join([repr(each) for each in self.keys[:10]])}; nothing was written. Read them again."
        one = f"The {table} with the key {key!r} is no longer at version {expected}: somebody else changed it since it "
        super().__init__(many if others else f"{one}was read. Read it again and decide anew.")
        self.table = table
        self.key = key
        self.expected = expected


class MultipleFound(TaborError):
    """More than one row matches where exactly one was asked for."""

    def __init__(self, table: str) -> None:
        super().__init__(f"More than one {table} matches; narrow the query, or use first() to take one of them.")
        self.table = table


# The codes of refusals whose reasons quote nothing of the value.
_TELLS_NO_VALUE = frozenset({"null", "too_long", "too_short", "bad_character", "not_plain", "read_only", "not_saved"})


class InvalidValue(TaborError):
    """A value does not fit its column: wrong type, too long, not a member, not an address.

    ``table`` and ``column`` name the place (``None`` where a value has no column), ``value`` is what was
    given, ``code`` a stable word for programs (``wrong_type``, ``too_long`` and so on), ``reason`` the
    sentence part for people.  ``row`` is the place of the refused row among many that were given, counted from 0,
    ``argument`` that of the value among those that a prepared query was called with, counted from 1.
    """

    def __init__(
        self,
        reason: str,
        *,
        code: str,
        value: object = None,
        table: str | None = None,
        column: str | None = None,
        row: int | None = None,
        argument: int | None = None,
    ) -> None:
        place = f"{table}.{column}" if table and column else column or table or (argument and f"Value {argument}")
        message = f"{place}: {reason}." if place else f"{reason[:1].upper()}{reason[1:]}."
        super().__init__(message if row is None else f"Row {row}: {message}")
        self.reason = reason
        self.code = code
        self.value = value
        self.table = table
        self.column = column
        self.row = row
        self.argument = argument

    def hidden(self) -> InvalidValue:
        """The same refusal of a secret value, which it neither tells nor keeps."""
        told = (
            self.reason if self.code in _TELLS_NO_VALUE else f"a secret value is refused, {self.code.replace('_', ' ')}"
        )
        return type(self)(
            told, code=self.code, table=self.table, column=self.column, row=self.row, argument=self.argument
        )

    def at(self, table: str, column: str) -> InvalidValue:
        """The same refusal, saying which column it is about."""
        return type(self)(self.reason, code=self.code, value=self.value, table=table, column=column)

    def in_row(self, row: int) -> InvalidValue:
        """The same refusal, saying which of many rows it is about, counted from 0."""
        return type(self)(self.reason, code=self.code, value=self.value, table=self.table, column=self.column, row=row)


class ValueOutOfRange(InvalidValue):
    """A value has the right type and is too large, too small, too long or too precise for its column."""
