"""From the errors of the data half to problem documents.

Names of fields and the caller's own values may stand in a document; SQL, paths, constraint names, other rows'
values and hidden fields never do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from tabor.errors import (
    CheckViolation,
    DatabaseClosed,
    DatabaseUnavailable,
    ForeignKeyViolation,
    IntegrityViolation,
    InvalidValue,
    NotFound,
    NotNullViolation,
    Overloaded,
    StaleRow,
    StatementTimeout,
    TaborError,
    TransactionConflict,
    TransactionExpired,
    UniqueViolation,
)
from tabor.web import problems
from tabor.web.problems import Fault, Problem, pointer


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the request the values came from, and which columns must not be named.

    ``base`` are the steps of the pointer before the field, ``("body", 3)`` for the fourth row of an array;
    ``hidden`` names the columns that do not exist for a caller.
    """

    base: tuple[str | int, ...] = ("body",)
    hidden: Collection[str] = ()

    def of(self, column: str | None) -> str:
        """The pointer to a column's value, or to the whole where it may not be named."""
        return pointer(*self.base) if column is None or column in self.hidden else pointer(*self.base, column)

    def shown(self, columns: tuple[str, ...]) -> list[tuple[str, str]]:
        """Pointer and name of each column that may be named."""
        return [(self.of(column), column) for column in columns if column not in self.hidden]


WHOLE_BODY = Place()
"""The place of a plain object in the body of the request."""

_MESSAGE_LENGTH = 300  # a reason quotes the caller's value, which may be as long as the body

ProblemFor = Callable[[TaborError, Place], Problem]
"""Gives the problem for one class of errors."""


def problem_for(
    error: TaborError, place: Place = WHOLE_BODY, more: Mapping[type[TaborError], ProblemFor] | None = None
) -> Problem:
    """The problem that tells a caller of ``error``: the nearest base class that the table knows decides.

    ``more`` adds classes, or replaces what the table says of one. What nobody knows is a 500 without details.

    >>> problem_for(UniqueViolation("user", ("email",))).status
    409
    """
    for ancestor in type(error).__mro__:
        if maker := (more or {}).get(ancestor) or _TABLE.get(ancestor):
            return maker(error, place)
    return problems.internal()


def _not_found(error: TaborError, place: Place) -> Problem:
    return problems.not_found()


def _unique(error: TaborError, place: Place) -> Problem:
    assert isinstance(error, IntegrityViolation)
    return problems.not_unique(place.shown(error.columns))


def _foreign_key(error: TaborError, place: Place) -> Problem:
    assert isinstance(error, ForeignKeyViolation)
    if shown := place.shown(error.columns):
        return problems.unknown_reference(shown)
    if error.references and not error.columns:
        return problems.still_referenced()
    return problems.reference_in_the_way()


def _check(error: TaborError, place: Place) -> Problem:
    assert isinstance(error, IntegrityViolation)
    places = place.shown(error.columns) or [(place.of(None), "The row")]
    return problems.validation(Fault(where, "check", f"{name} breaks a rule of the table.") for where, name in places)


def _not_null(error: TaborError, place: Place) -> Problem:
    assert isinstance(error, NotNullViolation)
    name = "A field" if error.column in place.hidden else error.column
    return problems.validation([Fault(place.of(error.column), "required", f"{name} needs a value.")])


def _invalid_value(error: TaborError, place: Place) -> Problem:
    assert isinstance(error, InvalidValue)
    reason = f"{error.reason[:1].upper()}{error.reason[1:]}."
    named = error.column is not None and error.column not in place.hidden
    message = f"{error.column}: {error.reason}." if named else reason
    if len(message) > _MESSAGE_LENGTH:
        message = message[: _MESSAGE_LENGTH - 3] + "..."
    return problems.validation([Fault(place.of(error.column), error.code, message)])


def _stale(error: TaborError, place: Place) -> Problem:
    assert isinstance(error, StaleRow)
    return problems.conflict(
        f"The row is no longer at version {error.expected}: it was changed since it was read. Read it again."
    )


def _overloaded(error: TaborError, place: Place) -> Problem:
    assert isinstance(error, Overloaded)
    return problems.unavailable("There is more work waiting than can be done; nothing was done.", error.retry_after)


def _conflict(error: TaborError, place: Place) -> Problem:
    return problems.unavailable("Another request changed the same rows; nothing was done. Send it again.", 1)


def _slow(error: TaborError, place: Place) -> Problem:
    return problems.unavailable("The database took too long; nothing was done.", 5)


def _away(error: TaborError, place: Place) -> Problem:
    return problems.unavailable("The database cannot be reached now; nothing was done.", 5)


_TABLE: dict[type, ProblemFor] = {
    NotFound: _not_found,
    UniqueViolation: _unique,
    ForeignKeyViolation: _foreign_key,
    CheckViolation: _check,
    NotNullViolation: _not_null,
    IntegrityViolation: _check,
    InvalidValue: _invalid_value,
    StaleRow: _stale,
    Overloaded: _overloaded,
    TransactionConflict: _conflict,
    TransactionExpired: _slow,
    StatementTimeout: _slow,
    DatabaseUnavailable: _away,
    DatabaseClosed: _away,
}
