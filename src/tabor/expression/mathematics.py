"""What is computed of numbers as floats, and as whole numbers: quotients, powers, roots, logarithms, signs."""

from __future__ import annotations

from typing import Generic, TypeVar, overload

from tabor.expression import arithmetic
from tabor.expression.kinds import Real
from tabor.expression.operand import Operand

T_co = TypeVar("T_co", covariant=True)
Whole_co = TypeVar("Whole_co", covariant=True)
WholeOrNone_co = TypeVar("WholeOrNone_co", covariant=True)
Float_co = TypeVar("Float_co", covariant=True)
FloatOrNone_co = TypeVar("FloatOrNone_co", covariant=True)


class MathMethods(Operand[T_co], Generic[T_co, Whole_co, WholeOrNone_co, Float_co, FloatOrNone_co]):
    """What gives a float, or a whole number, of any kind of number.

    The types beside ``T_co`` are those of the expressions that come out: of whole numbers and of floats.  A division
    by zero raises ``DivisionByZero``; a root, logarithm or power that is not defined, or that no float holds,
    ``ValueOutOfRange``, on every database.
    """

    __slots__ = ()

    @overload
    def __truediv__(self: Operand[Real], other: Real | Operand[Real]) -> Float_co: ...
    @overload
    def __truediv__(self: Operand[Real | None], other: Real | Operand[Real | None]) -> FloatOrNone_co: ...
    def __truediv__(self: Operand[object], other: object) -> object:
        return self._expression(arithmetic.divided(self.node, other))

    @overload
    def __rtruediv__(self: Operand[Real], other: Real) -> Float_co: ...
    @overload
    def __rtruediv__(self: Operand[Real | None], other: Real) -> FloatOrNone_co: ...
    def __rtruediv__(self: Operand[object], other: object) -> object:
        return self._expression(arithmetic.divided_by(other, self))

    @overload
    def __pow__(self: Operand[Real], other: Real | Operand[Real]) -> Float_co: ...
    @overload
    def __pow__(self: Operand[Real | None], other: Real | Operand[Real | None]) -> FloatOrNone_co: ...
    def __pow__(self: Operand[object], other: object) -> object:
        return self._expression(arithmetic.power(self.node, other))

    @overload
    def __rpow__(self: Operand[Real], other: Real) -> Float_co: ...
    @overload
    def __rpow__(self: Operand[Real | None], other: Real) -> FloatOrNone_co: ...
    def __rpow__(self: Operand[object], other: object) -> object:
        return self._expression(arithmetic.power_of(other, self.node))

    @overload
    def floor(self: Operand[Real]) -> Whole_co: ...
    @overload
    def floor(self: Operand[Real | None]) -> WholeOrNone_co: ...
    def floor(self: Operand[Real | None]) -> object:
        """The largest whole number that is not larger."""
        return self._expression(arithmetic.to_whole("floor", self.node))

    @overload
    def ceil(self: Operand[Real]) -> Whole_co: ...
    @overload
    def ceil(self: Operand[Real | None]) -> WholeOrNone_co: ...
    def ceil(self: Operand[Real | None]) -> object:
        """The smallest whole number that is not smaller."""
        return self._expression(arithmetic.to_whole("ceil", self.node))

    @overload
    def sign(self: Operand[Real]) -> Whole_co: ...
    @overload
    def sign(self: Operand[Real | None]) -> WholeOrNone_co: ...
    def sign(self: Operand[Real | None]) -> object:
        """-1 of a negative number, 0 of zero, 1 of a positive one."""
        return self._expression(arithmetic.sign(self.node))

    @overload
    def sqrt(self: Operand[Real]) -> Float_co: ...
    @overload
    def sqrt(self: Operand[Real | None]) -> FloatOrNone_co: ...
    def sqrt(self: Operand[Real | None]) -> object:
        """The square root as a float; raises ``ValueOutOfRange`` for a negative number."""
        return self._expression(arithmetic.of_floats("sqrt", self.node))

    @overload
    def exp(self: Operand[Real]) -> Float_co: ...
    @overload
    def exp(self: Operand[Real | None]) -> FloatOrNone_co: ...
    def exp(self: Operand[Real | None]) -> object:
        """The number e to this power, as a float; raises ``ValueOutOfRange`` for what no float holds."""
        return self._expression(arithmetic.of_floats("exp", self.node))

    @overload
    def ln(self: Operand[Real]) -> Float_co: ...
    @overload
    def ln(self: Operand[Real | None]) -> FloatOrNone_co: ...
    def ln(self: Operand[Real | None]) -> object:
        """The natural logarithm as a float; raises ``ValueOutOfRange`` for zero and negative numbers."""
        return self._expression(arithmetic.of_floats("ln", self.node))
