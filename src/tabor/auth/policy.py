"""Who asks, and rules: what a caller may do, as a condition on rows that the database itself keeps.

Nothing here reads a token, a request or a database; a rule is a plain function from the caller to an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from tabor.auth.errors import NotSignedIn
from tabor.errors import ConfigurationError
from tabor.query.conditions import Condition, is_condition
from tabor.schema.facts import facts_of
from tabor.schema.table import Table

K = TypeVar("K")


__all__ = [
    "Caller",
    "NotSignedIn",
    "Rule",
    "Verdict",
    "admins",
    "anyone",
    "decided",
    "nobody",
    "signed_in",
]


@dataclass(frozen=True, slots=True)
class Caller:
    """The one who asks.

    ``user`` is the caller's row, where it was read; ``key`` its primary key, taken from the row where that is given
    (neither: nobody is signed in); ``is_admin`` whether the caller administers the application, true as well where
    the row's column of that name is.

    Raises ``ConfigurationError`` for a row of a table whose key is not one column.

    >>> Caller(key=7).is_signed_in, Caller(key=7).id, Caller.anonymous().is_signed_in
    (True, 7, False)
    """

    user: Table | None = None
    key: object = None
    is_admin: bool = False

    def __post_init__(self) -> None:
        user = self.user
        if user is None:
            return
        if self.key is None:
            object.__setattr__(self, "key", _key_of(user))
        if getattr(user, "is_admin", False) is True:
            object.__setattr__(self, "is_admin", True)

    @classmethod
    def anonymous(cls) -> Caller:
        """The caller of whom nothing is known."""
        return _ANONYMOUS

    @property
    def is_signed_in(self) -> bool:
        """Whether it is known who asks."""
        return self.key is not None

    @property
    def id(self) -> int:
        """The caller's key, for rules such as ``Event.creator.id == caller.id``; ``id_as`` for keys of other types.

        Raises ``NotSignedIn`` for an anonymous caller: it is never None, since a comparison with None would match
        the rows that belong to nobody.
        """
        if self.key is None:
            raise NotSignedIn
        return cast("int", self.key)

    def id_as(self, kind: type[K]) -> K:
        """The caller's key where it is no ``int``: ``Note.owner.id == caller.id_as(UUID)``.

        Raises ``NotSignedIn`` for an anonymous caller, ``TypeError`` for a key of another type.
        """
        if self.key is None:
            raise NotSignedIn
        if not isinstance(self.key, kind):
            raise TypeError(f"The caller's key is {type(self.key).__name__}, not {kind.__name__}.")
        return self.key


def _key_of(user: Table) -> object:
    facts = facts_of(type(user))
    if len(facts.primary_key) != 1:
        raise ConfigurationError(f"A caller is known by a key of one column, and {facts.name} has another kind of key.")
    return cast("object", getattr(user, facts.primary_key[0]))


_ANONYMOUS = Caller()

Verdict = bool | Condition
"""What a rule answers: true, false, or true for the rows that fit a condition."""

Rule = Callable[[Caller], Verdict]
"""A rule, such as ``signed_in`` or ``lambda caller: Event.creator.id == caller.id``."""


def anyone(caller: Caller) -> bool:
    """Everybody, signed in or not; who asks is not even looked at."""
    return True


def signed_in(caller: Caller) -> bool:
    """Everybody who is signed in."""
    return caller.is_signed_in


def admins(caller: Caller) -> bool:
    """Administrators."""
    return caller.is_admin


def nobody(caller: Caller) -> bool:
    """Nobody: what this rule stands for is not offered at all."""
    return False


def decided(rule: Rule, caller: Caller) -> Verdict:
    """What ``rule`` says of ``caller``.

    Raises ``NotSignedIn`` where it says no to, or asks for the key of, a caller who is not signed in;
    ``ConfigurationError`` where it answers neither a bool nor a condition.
    """
    verdict = cast("object", rule(caller))
    if verdict is True:
        return True
    if verdict is False:
        if caller.key is None:
            raise NotSignedIn
        return False
    if is_condition(verdict):
        return verdict
    name = getattr(rule, "__name__", repr(rule))
    raise ConfigurationError(
        f"The rule {name} must answer True, False or a condition on rows, and it answered {verdict!r}."
    )
