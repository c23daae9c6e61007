"""Reads the file of a weather station: the name of its city is that of the file, each line after the first is a day."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

BUNDLED = Path(__file__).with_name("data")
"""The files that come with the example; the readings in them are made up, and so are the cities."""

HEADER = ["day", "low", "high", "rain"]


class StationError(Exception):
    """A file is no station's; ``path`` names it, ``reason`` says why, with the line where it is about one."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path.name}: {reason}.")
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Weather:
    """A line of the file: degrees Celsius, and millimetres of rain where they were measured."""

    day: date
    low: Decimal
    high: Decimal
    rain: Decimal | None


def files(folder: Path = BUNDLED) -> list[Path]:
    """The stations' files in a folder, by name."""
    return sorted(folder.glob("*.csv"))


def city_of(path: Path) -> str:
    """The name of a city; that of ``port_ellis.csv`` is ``Port Ellis``."""
    return path.stem.replace("_", " ").title()


def read(path: Path) -> list[Weather]:
    """The days of one file; raises ``StationError`` where it cannot be read or a line of it is no day."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
    except (OSError, UnicodeError, csv.Error) as error:
        raise StationError(path, "it cannot be read as a table of text") from error
    if not lines or lines[0] != HEADER:
        raise StationError(path, f"its first line is not {','.join(HEADER)}")
    return [_weather(path, number, line) for number, line in enumerate(lines[1:], start=2)]


def _weather(path: Path, number: int, line: list[str]) -> Weather:
    try:
        day, low, high, rain = line
        return Weather(date.fromisoformat(day), Decimal(low), Decimal(high), Decimal(rain) if rain else None)
    except (ValueError, InvalidOperation) as error:
        raise StationError(path, f"line {number} is not a day with its weather: {','.join(line)!r}") from error
