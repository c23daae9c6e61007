"""``Rows``: what a query is to the expressions of another query."""

from __future__ import annotations

from typing import Generic, TypeVar

R_co = TypeVar("R_co", covariant=True)


class Rows(Generic[R_co]):
    """Something that would give rows ``R_co``: a query, to be used within another one.

    Example: ``Event.creator.id.is_in(User.select(User.id).where(User.name == "Ann"))``.
    """

    __slots__ = ()
