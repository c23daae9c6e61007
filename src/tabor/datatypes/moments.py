"""Days, times of day, moments and durations."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from tabor.datatypes.base import DataType, refuse_type
from tabor.datatypes.numbers import INT64_MAX, INT64_MIN
from tabor.errors import InvalidValue, ValueOutOfRange


class Date(DataType):
    """A calendar day."""

    __slots__ = ()

    @property
    def label(self) -> str:
        return "a date"

    def check(self, value: object) -> date:
        if isinstance(value, datetime) or not isinstance(value, date):
            raise refuse_type(self.label, value)
        return value


class Time(DataType):
    """A time of day without a zone, to the microsecond."""

    __slots__ = ()

    @property
    def label(self) -> str:
        return "a time of day without a zone"

    def check(self, value: object) -> time:
        if not isinstance(value, time) or value.tzinfo is not None:
            raise refuse_type(self.label, value)
        return value.replace(fold=0) if value.fold else value


class DateTime(DataType):
    """A moment with a time zone, kept and given back in UTC, to the microsecond."""

    __slots__ = ()

    @property
    def label(self) -> str:
        return "a date and time with a zone"

    def check(self, value: object) -> datetime:
        if not isinstance(value, datetime):
            raise refuse_type(self.label, value)
        if value.tzinfo is not UTC and value.utcoffset() is None:
            raise InvalidValue(
                f"{value.isoformat()} has no time zone; use datetime.now(UTC) or .replace(tzinfo=...)",
                code="no_time_zone",
                value=value,
            )
        try:
            return value if value.tzinfo is UTC else value.astimezone(UTC)
        except OverflowError:
            raise ValueOutOfRange(
                f"{value.isoformat()} is outside the calendar in UTC", code="out_of_range", value=value
            ) from None


class Duration(DataType):
    """A length of time, to the microsecond, within 64 bits of microseconds (about 292,000 years)."""

    __slots__ = ()

    @property
    def label(self) -> str:
        return "a duration"

    def check(self, value: object) -> timedelta:
        if not isinstance(value, timedelta):
            raise refuse_type(self.label, value)
        if not INT64_MIN <= value // timedelta(microseconds=1) <= INT64_MAX:
            raise ValueOutOfRange(f"{value} is longer than 292,000 years", code="out_of_range", value=value)
        return value
