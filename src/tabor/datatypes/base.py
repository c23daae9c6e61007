"""What every description of a column's values shares: its key, its label, and how it refuses a value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal as PythonDecimal
from typing import TYPE_CHECKING

from tabor.errors import InvalidValue, ValueOutOfRange

Number = int | float | PythonDecimal


def brief(value: object, form: Callable[[object], str] = repr) -> str:
    """A value as messages show it, in at most 60 characters; some have no text, such as a number of 5,000 digits."""
    try:
        text = form(value)
    except Exception:  # what a stranger's repr() raises must not stand in for the refusal
        return f"a value of the type {type(value).__name__} that cannot be shown"
    return text if len(text) <= 60 else text[:57] + "..."


def refuse_type(expected: str, value: object) -> InvalidValue:
    """The refusal of a value of the wrong type."""
    return InvalidValue(
        f"expected {expected}, got {brief(value)} ({type(value).__name__})", code="wrong_type", value=value
    )


def check_bounds(number: Number, minimum: Number | None, maximum: Number | None) -> None:
    """Raise ``ValueOutOfRange`` unless ``minimum <= number <= maximum``, as far as there are bounds."""
    if minimum is not None and number < minimum:
        raise ValueOutOfRange(f"{brief(number, str)} is less than {minimum}", code="too_small", value=number)
    if maximum is not None and number > maximum:
        raise ValueOutOfRange(f"{brief(number, str)} is more than {maximum}", code="too_large", value=number)


def check_length(length: int, minimum: int, maximum: int | None, unit: str, value: object) -> None:
    """Raise ``ValueOutOfRange`` for a ``value`` with fewer or more ``unit`` (characters, bytes, items) than allowed."""
    if maximum is not None and length > maximum:
        raise ValueOutOfRange(f"at most {maximum} {unit} are allowed, got {length}", code="too_long", value=value)
    if length < minimum:
        raise ValueOutOfRange(f"at least {minimum} {unit} are needed, got {length}", code="too_short", value=value)


@dataclass(frozen=True, slots=True)
class DataType:
    """Base of all descriptions."""

    @property
    def key(self) -> str:
        """Equal for types that are compiled and travel alike."""
        return type(self).__name__

    if not TYPE_CHECKING:

        def __init_subclass__(cls):
            # Every value in a query asks for it: where it is the same for all of a class, an attribute is quicker.
            if cls.key is DataType.key:
                cls.key = cls.__name__

    @property
    def label(self) -> str:
        """What people call a value of this type, with its article."""
        return "a value"

    @property
    def bare(self) -> DataType:
        """The same type without limits: what a value must be to be compared with."""
        return self

    def check(self, value: object) -> object:
        """The value to keep; raises ``InvalidValue`` where ``value`` does not fit."""
        return value
