"""The parts of days, times of day and moments: the methods of expressions that give each as a whole number."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Generic, TypeVar, overload

from tabor.expression import moments
from tabor.expression.operand import Operand

T_co = TypeVar("T_co", covariant=True)
Whole_co = TypeVar("Whole_co", covariant=True)
WholeOrNone_co = TypeVar("WholeOrNone_co", covariant=True)


class PartMethods(Operand[T_co], Generic[T_co, Whole_co, WholeOrNone_co]):
    """The parts of days, times of day and moments: these in UTC, or in the ``zone`` of a name.

    The types beside ``T_co`` are those of the expressions that come out: of whole numbers.
    """

    __slots__ = ()

    @overload
    def year(self: Operand[date], *, zone: str = "UTC") -> Whole_co: ...
    @overload
    def year(self: Operand[date | None], *, zone: str = "UTC") -> WholeOrNone_co: ...
    def year(self: Operand[date | None], *, zone: str = "UTC") -> object:
        """The year, 1 to 9999."""
        return self._expression(moments.part("year", self.node, zone))

    @overload
    def quarter(self: Operand[date], *, zone: str = "UTC") -> Whole_co: ...
    @overload
    def quarter(self: Operand[date | None], *, zone: str = "UTC") -> WholeOrNone_co: ...
    def quarter(self: Operand[date | None], *, zone: str = "UTC") -> object:
        """The quarter of the year, 1 to 4."""
        return self._expression(moments.part("quarter", self.node, zone))

    @overload
    def month(self: Operand[date], *, zone: str = "UTC") -> Whole_co: ...
    @overload
    def month(self: Operand[date | None], *, zone: str = "UTC") -> WholeOrNone_co: ...
    def month(self: Operand[date | None], *, zone: str = "UTC") -> object:
        """The month, 1 to 12."""
        return self._expression(moments.part("month", self.node, zone))

    @overload
    def day(self: Operand[date], *, zone: str = "UTC") -> Whole_co: ...
    @overload
    def day(self: Operand[date | None], *, zone: str = "UTC") -> WholeOrNone_co: ...
    def day(self: Operand[date | None], *, zone: str = "UTC") -> object:
        """The day of the month, 1 to 31."""
        return self._expression(moments.part("day", self.node, zone))

    @overload
    def weekday(self: Operand[date], *, zone: str = "UTC") -> Whole_co: ...
    @overload
    def weekday(self: Operand[date | None], *, zone: str = "UTC") -> WholeOrNone_co: ...
    def weekday(self: Operand[date | None], *, zone: str = "UTC") -> object:
        """The day of the week, Monday being 0 and Sunday 6."""
        return self._expression(moments.part("weekday", self.node, zone))

    @overload
    def day_of_year(self: Operand[date], *, zone: str = "UTC") -> Whole_co: ...
    @overload
    def day_of_year(self: Operand[date | None], *, zone: str = "UTC") -> WholeOrNone_co: ...
    def day_of_year(self: Operand[date | None], *, zone: str = "UTC") -> object:
        """The day of the year, 1 to 366."""
        return self._expression(moments.part("day_of_year", self.node, zone))

    @overload
    def week(self: Operand[date], *, zone: str = "UTC") -> Whole_co: ...
    @overload
    def week(self: Operand[date | None], *, zone: str = "UTC") -> WholeOrNone_co: ...
    def week(self: Operand[date | None], *, zone: str = "UTC") -> object:
        """The week by ISO 8601, 1 to 53: the first one has the year's first Thursday, and weeks begin on Monday."""
        return self._expression(moments.part("week", self.node, zone))

    @overload
    def iso_year(self: Operand[date], *, zone: str = "UTC") -> Whole_co: ...
    @overload
    def iso_year(self: Operand[date | None], *, zone: str = "UTC") -> WholeOrNone_co: ...
    def iso_year(self: Operand[date | None], *, zone: str = "UTC") -> object:
        """The year to which the ``week()`` belongs, which around New Year may be the one before or after."""
        return self._expression(moments.part("iso_year", self.node, zone))

    @overload
    def hour(self: Operand[datetime | time], *, zone: str = "UTC") -> Whole_co: ...
    @overload
    def hour(self: Operand[datetime | time | None], *, zone: str = "UTC") -> WholeOrNone_co: ...
    def hour(self: Operand[datetime | time | None], *, zone: str = "UTC") -> object:
        """The hour, 0 to 23."""
        return self._expression(moments.part("hour", self.node, zone))

    @overload
    def minute(self: Operand[datetime | time], *, zone: str = "UTC") -> Whole_co: ...
    @overload
    def minute(self: Operand[datetime | time | None], *, zone: str = "UTC") -> WholeOrNone_co: ...
    def minute(self: Operand[datetime | time | None], *, zone: str = "UTC") -> object:
        """The minute, 0 to 59."""
        return self._expression(moments.part("minute", self.node, zone))

    @overload
    def second(self: Operand[datetime | time]) -> Whole_co: ...
    @overload
    def second(self: Operand[datetime | time | None]) -> WholeOrNone_co: ...
    def second(self: Operand[datetime | time | None]) -> object:
        """The second, 0 to 59."""
        return self._expression(moments.part("second", self.node))

    @overload
    def microsecond(self: Operand[datetime | time]) -> Whole_co: ...
    @overload
    def microsecond(self: Operand[datetime | time | None]) -> WholeOrNone_co: ...
    def microsecond(self: Operand[datetime | time | None]) -> object:
        """The microsecond within the second, 0 to 999,999."""
        return self._expression(moments.part("microsecond", self.node))
