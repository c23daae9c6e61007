"""The two tables: cities, and a reading for each city and day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tabor import Column, Constraint, ForeignKey, Many, Table, check, column, key, many


class City(Table):
    """Places with a weather station."""

    id: Column[int] = column(primary_key=True)
    name: Column[str] = column(unique=True, min_length=1, max_length=100)
    readings: Many[Reading] = many(lambda: Reading.city)


class Reading(Table):
    """The weather of one day in one city, which together are the key."""

    city: ForeignKey[City] = key(primary_key=True, on_delete="cascade")
    day: Column[date] = column(primary_key=True, init=True)
    low: Column[Decimal] = column(max_digits=3, decimal_places=1, help="Degrees Celsius")
    high: Column[Decimal] = column(max_digits=3, decimal_places=1, help="Degrees Celsius")
    rain: Column[Decimal | None] = column(
        default=None, max_digits=4, decimal_places=1, minimum=0, help="Millimetres; empty where it was not measured"
    )

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """The coldest moment of a day is no warmer than the warmest."""
        return [check(cls.low <= cls.high, name="low_is_low")]


TABLES: tuple[type[Table], ...] = (City, Reading)
