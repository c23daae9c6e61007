"""Tests of callers and rules."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from uuid import UUID

import pytest

from tabor import Column, Table, column
from tabor.auth.errors import NotSignedIn
from tabor.auth.policy import Caller, Rule, admins, anyone, decided, nobody, signed_in
from tabor.errors import ConfigurationError
from tabor.query.conditions import is_condition
from tabor.schema.table import Table as AnyTable
from tests.festival import Gig, Person

KEY = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


class Member(Table):
    """A user with an id of its own kind."""

    id: Column[UUID] = column(primary_key=True)
    is_admin: Column[bool] = column(default=False)


class Pair(Table):
    """Known by two columns."""

    left: Column[int] = column(primary_key=True, init=True)
    right: Column[int] = column(primary_key=True, init=True)


def stored(row: AnyTable, **values: object) -> AnyTable:
    """The row as if the database had given it these values."""
    for name, value in values.items():
        setattr(row, name, value)
    return row


def test_nobody_is_signed_in_without_a_key() -> None:
    """The anonymous caller has no id, and asking for it is an error, never None."""
    caller = Caller.anonymous()
    assert (caller.is_signed_in, caller.is_admin, caller.user) == (False, False, None)
    with pytest.raises(NotSignedIn):
        _ = caller.id
    with pytest.raises(NotSignedIn):
        caller.id_as(UUID)


def test_a_caller_is_known_by_the_key_of_its_row() -> None:
    """The row gives the key, and its column is_admin the rights."""
    ann = Person(email="ann@example.org", name="Ann")
    caller = Caller(stored(ann, id=7))
    assert (caller.is_signed_in, caller.id, caller.is_admin, caller.user) == (True, 7, False, ann)
    assert Caller(Member(is_admin=True)).is_admin
    assert not Caller(Member()).is_admin


def test_a_key_alone_is_enough() -> None:
    """A token may tell the key without the row being read."""
    assert Caller(key=0).is_signed_in
    assert Caller(key=0).id == 0
    assert Caller(key=1, is_admin=True).is_admin


def test_keys_of_other_types() -> None:
    """id_as gives the key with its type, and refuses another one."""
    assert Caller(key=KEY).id_as(UUID) == KEY
    with pytest.raises(TypeError, match="is UUID, not str"):
        Caller(key=KEY).id_as(str)


def test_a_caller_does_not_change() -> None:
    """A caller is a value."""
    with pytest.raises(FrozenInstanceError):
        Caller(key=1).is_admin = True  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]  # frozen


def test_a_row_of_two_keys_is_nobody() -> None:
    """A table whose key is not one column cannot say who somebody is."""
    with pytest.raises(ConfigurationError, match="a key of one column"):
        Caller(Pair(left=1, right=2))


@pytest.mark.parametrize(
    ("rule", "unknown", "known", "admin"),
    [
        (anyone, True, True, True),
        (signed_in, False, True, True),
        (admins, False, False, True),
        (nobody, False, False, False),
    ],
)
def test_ready_rules(rule: Rule, unknown: bool, known: bool, admin: bool) -> None:
    """Each ready rule answers by what it says."""
    assert rule(Caller.anonymous()) is unknown
    assert rule(Caller(key=1)) is known
    assert rule(Caller(key=1, is_admin=True)) is admin


def test_a_no_to_nobody_is_a_call_to_sign_in() -> None:
    """A rule that refuses a caller who is not signed in raises; one that refuses a known caller says no."""
    with pytest.raises(NotSignedIn):
        decided(signed_in, Caller.anonymous())
    assert decided(admins, Caller(key=1)) is False
    assert decided(anyone, Caller.anonymous()) is True


def test_a_rule_may_answer_a_condition() -> None:
    """A condition on rows is passed on as it is."""
    verdict = decided(lambda caller: Gig.booker.id == caller.id, Caller(key=1))
    assert is_condition(verdict)
    with pytest.raises(NotSignedIn):
        decided(lambda caller: Gig.booker.id == caller.id, Caller.anonymous())


@pytest.mark.parametrize("answer", [None, 1, "yes", Gig.title, Person(email="a@b.cd", name="x")])
def test_any_other_answer_is_a_mistake(answer: object) -> None:
    """A rule that answers something else is never taken for a yes."""

    def careless(caller: Caller) -> bool:
        return answer  # type: ignore[return-value]  # pyright: ignore[reportReturnType]  # the mistake under test

    with pytest.raises(ConfigurationError, match="The rule careless must answer"):
        decided(careless, Caller(key=1))
