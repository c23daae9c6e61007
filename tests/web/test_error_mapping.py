"""Tests of the problem that each error of the data half becomes."""

from __future__ import annotations

import json

import pytest

from tabor import errors
from tabor.errors import TaborError
from tabor.web import problems
from tabor.web.error_mapping import Place, problem_for
from tabor.web.problems import Fault, Problem, problem_body

SECRET = "select password from person"

CASES: dict[str, tuple[TaborError, int, tuple[Fault, ...]]] = {
    "not found": (errors.NotFound("event", 5), 404, ()),
    "unique": (
        errors.UniqueViolation("person", ("email",), constraint="person_email_unique"),
        409,
        (Fault("/body/email", "not_unique", "Another row already has this email."),),
    ),
    "unknown reference": (
        errors.ForeignKeyViolation("event", ("creator",), references="person", constraint="event_creator"),
        409,
        (Fault("/body/creator", "unknown_reference", "creator refers to a row that does not exist."),),
    ),
    "still referenced": (
        errors.ForeignKeyViolation("person", references="event"),
        409,
        (Fault("", "still_referenced", "Other rows still refer to this one."),),
    ),
    "some reference": (
        errors.ForeignKeyViolation(),
        409,
        (Fault("", "reference", "A row would refer to a row that does not exist, or lose the row it refers to."),),
    ),
    "check of a column": (
        errors.CheckViolation("event_price_check", table="event", columns=("price",)),
        422,
        (Fault("/body/price", "check", "price breaks a rule of the table."),),
    ),
    "check of a row": (
        errors.CheckViolation("event_check"),
        422,
        (Fault("/body", "check", "The row breaks a rule of the table."),),
    ),
    "not null": (
        errors.NotNullViolation("event", "title"),
        422,
        (Fault("/body/title", "required", "title needs a value."),),
    ),
    "invalid value": (
        errors.InvalidValue("expected text, got 5 (int)", code="wrong_type", value=5, table="event", column="title"),
        422,
        (Fault("/body/title", "wrong_type", "title: expected text, got 5 (int)."),),
    ),
    "invalid value of no column": (
        errors.InvalidValue("expected text, got 5 (int)", code="wrong_type", value=5),
        422,
        (Fault("/body", "wrong_type", "Expected text, got 5 (int)."),),
    ),
    "out of range": (
        errors.ValueOutOfRange("5 is less than 6", code="too_small", value=5, table="event", column="price"),
        422,
        (Fault("/body/price", "too_small", "price: 5 is less than 6."),),
    ),
    "overloaded": (errors.Overloaded("The writer is full.", retry_after=1.5), 503, ()),
    "conflict": (errors.TransactionConflict("deadlock"), 503, ()),
    "expired": (errors.TransactionExpired("too long", seconds=5), 503, ()),
    "timeout": (errors.StatementTimeout(5, sql=SECRET), 503, ()),
    "unavailable": (errors.DatabaseUnavailable("gone", reason="/var/lib/file.db"), 503, ()),
    "closed": (errors.DatabaseClosed("closed"), 503, ()),
    "failed": (errors.StatementFailed("near FROM", sql=SECRET), 500, ()),
    "misuse": (errors.TransactionMisuse("another task"), 500, ()),
    "query": (errors.QueryError("no such column"), 500, ()),
    "multiple": (errors.MultipleFound("event"), 500, ()),
}


@pytest.mark.parametrize("name", CASES)
def test_status_and_faults(name: str) -> None:
    """Each error becomes its status, and its columns become pointers."""
    error, status, faults = CASES[name]
    problem = problem_for(error)
    assert (problem.status, problem.errors) == (status, faults)


@pytest.mark.parametrize("name", CASES)
def test_nothing_inner_is_shown(name: str) -> None:
    """No document shows SQL, a path, or the name of a table's constraint."""
    body = problem_body(problem_for(CASES[name][0]), "").decode()
    assert [word for word in (SECRET, "/var/lib", "_unique", "_check", "event_creator") if f'"{word}' in body] == []
    assert SECRET not in body
    assert "file.db" not in body


def test_retry_after_is_rounded_up() -> None:
    """Overload says in whole seconds when to come back, as the error has it."""
    assert dict(problem_for(CASES["overloaded"][0]).headers) == {"Retry-After": "2"}


@pytest.mark.parametrize("name", ["conflict", "expired", "timeout", "unavailable", "closed"])
def test_every_503_says_when_to_come_back(name: str) -> None:
    """Whatever passes by itself carries Retry-After."""
    assert "Retry-After" in dict(problem_for(CASES[name][0]).headers)


def test_pointers_start_where_the_values_came_from() -> None:
    """The place given by the caller of the mapping stands before the column."""
    problem = problem_for(errors.NotNullViolation("event", "title"), Place(("body", 3)))
    assert problem.errors[0].pointer == "/body/3/title"


@pytest.mark.parametrize(
    "error",
    [
        errors.UniqueViolation("person", ("token_hash",)),
        errors.ForeignKeyViolation("person", ("token_hash",), references="token"),
        errors.CheckViolation("c", table="person", columns=("token_hash",)),
        errors.NotNullViolation("person", "token_hash"),
        errors.InvalidValue("expected text, got 5 (int)", code="wrong_type", table="person", column="token_hash"),
    ],
)
def test_hidden_columns_are_not_named(error: TaborError) -> None:
    """A column that does not exist for callers is named in no document."""
    assert b"token_hash" not in problem_body(problem_for(error, Place(hidden={"token_hash"})), "")


def test_long_values_are_cut() -> None:
    """A reason that quotes a value of a megabyte does not send it back."""
    error = errors.InvalidValue("got " + "x" * 1_000_000, code="not_a_member", column="status")
    message = problem_for(error).errors[0].message
    assert (len(message), message[-4:]) == (300, "x...")


class QuotaUsedUp(TaborError):
    """An error of an application."""


def _quota(error: TaborError, place: Place) -> Problem:
    return problems.too_many_requests(60)


def test_more_errors_can_be_mapped() -> None:
    """An application's own class of errors finds the problem that it was given, its subclasses too."""

    class DailyQuotaUsedUp(QuotaUsedUp):
        pass

    assert problem_for(DailyQuotaUsedUp("used"), more={QuotaUsedUp: _quota}).status == 429


def test_the_table_can_be_overruled() -> None:
    """What the application says of a class stands before what the table says."""
    assert problem_for(errors.NotFound("event"), more={errors.NotFound: _quota}).status == 429


def test_unknown_errors_are_internal() -> None:
    """An error that nobody knows is a 500 that says nothing of it."""
    document = json.loads(problem_body(problem_for(QuotaUsedUp("inner words")), "id"))
    assert document == {
        "type": "/problems/internal",
        "title": "Internal error",
        "status": 500,
        "detail": "The server failed; its log has the cause under the id in instance.",
        "instance": "id",
        "errors": [],
    }
