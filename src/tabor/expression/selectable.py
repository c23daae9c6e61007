"""What can be selected: the common base of expressions and of rows that may be missing."""

from __future__ import annotations

from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


class Selectable(Generic[T_co]):
    """Something that ``select()`` takes and that gives a ``T_co`` for each row.

    Expressions are selectable and have operators besides; a row that may be missing is only selectable.
    """

    __slots__ = ()


class Outer(Selectable[T_co]):
    """A row that may be missing: behind a key that may be empty, or on the right side of a left join."""

    __slots__ = ()
