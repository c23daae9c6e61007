"""Truth values, whole numbers, floating-point numbers and exact decimals."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context
from decimal import Decimal as PythonDecimal
from math import isfinite

from tabor.datatypes.base import DataType, brief, check_bounds, refuse_type
from tabor.errors import ValueOutOfRange

# Wide enough for every value that is taken, whatever the caller's own decimal context is.
_EXACT = Context(prec=60)
_ZERO, _ONE = PythonDecimal(0), PythonDecimal(1)
INT64_MIN = -(2**63)
INT64_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Integer(DataType):
    """Whole numbers of 64 bits with optional inclusive bounds."""

    minimum: int | None = None
    maximum: int | None = None

    @property
    def label(self) -> str:
        return "a whole number"

    @property
    def bare(self) -> DataType:
        return Integer()

    def check(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise refuse_type(self.label, value)
        check_bounds(value, self.minimum, self.maximum)
        if not INT64_MIN <= value <= INT64_MAX:
            raise ValueOutOfRange(f"{brief(value, str)} does not fit into 64 bits", code="out_of_range", value=value)
        return int(value)


@dataclass(frozen=True, slots=True)
class Float(DataType):
    """Finite floating-point numbers; a whole number is taken and stored as a float."""

    minimum: float | None = None
    maximum: float | None = None

    @property
    def label(self) -> str:
        return "a number"

    @property
    def bare(self) -> DataType:
        return Float()

    def check(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise refuse_type(self.label, value)
        try:
            number = float(value)
        except OverflowError:
            number = float("inf")
        if not isfinite(number):
            raise ValueOutOfRange(f"{brief(value, str)} is not a finite number", code="out_of_range", value=value)
        check_bounds(number, self.minimum, self.maximum)
        # Without the sign of a zero, which not every database keeps.
        return number + 0.0


class Boolean(DataType):
    """True or False."""

    __slots__ = ()

    @property
    def label(self) -> str:
        return "true or false"

    def check(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise refuse_type(self.label, value)
        return value


@dataclass(frozen=True, slots=True)
class Decimal(DataType):
    """Exact decimal numbers of at most ``max_digits`` digits, ``places`` of them behind the point.

    A value that needs more places is refused, never rounded; one that has fewer is given all of them.
    """

    places: int = 6
    max_digits: int = 18
    minimum: PythonDecimal | int | None = None
    maximum: PythonDecimal | int | None = None

    @property
    def key(self) -> str:
        return f"Decimal{self.places}"

    @property
    def label(self) -> str:
        return "a decimal number"

    @property
    def bare(self) -> DataType:
        return Decimal(self.places)

    def check(self, value: object) -> PythonDecimal:
        if isinstance(value, bool) or not isinstance(value, (int, PythonDecimal)):
            raise refuse_type(self.label, value)
        number = PythonDecimal(value)
        if not number.is_finite():
            raise ValueOutOfRange(f"{brief(value, str)} is not a finite number", code="out_of_range", value=value)
        _, digits, exponent = number.as_tuple()
        assert isinstance(exponent, int)  # it is a word only where a number is not finite
        trailing = len(digits) - len("".join(map(str, digits)).rstrip("0")) if number else 0
        if number and -(exponent + trailing) > self.places:
            raise ValueOutOfRange(
                f"{brief(value, str)} has more than {self.places} decimal places", code="too_precise", value=value
            )
        if number and number.adjusted() >= self.max_digits - self.places:
            whole = self.max_digits - self.places
            raise ValueOutOfRange(
                f"{brief(value, str)} has more than {whole} digits before the point", code="out_of_range", value=value
            )
        check_bounds(number, self.minimum, self.maximum)
        # As it comes back from the database: with all its places, and without the sign of a zero.
        return _EXACT.quantize(number if number else _ZERO, _EXACT.scaleb(_ONE, -self.places))
