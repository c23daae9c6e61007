"""Cleans one record of the file: a ``Film`` and what was repaired, or the reason why there can be none.

Pure functions: nothing here reads a file or a database.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import cast

from movies.tables import Director, Film, Rating
from tabor import InvalidValue

COLUMN_OF = {
    "Title": "title",
    "US Gross": "us_gross",
    "Worldwide Gross": "worldwide_gross",
    "US DVD Sales": "us_dvd_sales",
    "Production Budget": "production_budget",
    "Release Date": "release_date",
    "MPAA Rating": "mpaa_rating",
    "Running Time min": "running_time",
    "Distributor": "distributor",
    "Source": "source",
    "Major Genre": "major_genre",
    "Creative Type": "creative_type",
    "Director": "director",
    "Rotten Tomatoes Rating": "rotten_tomatoes_rating",
    "IMDB Rating": "imdb_rating",
    "IMDB Votes": "imdb_votes",
}
"""The column for each field of a record."""

FIELD_OF = {column: field for field, column in COLUMN_OF.items()} | {"name": "Director"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LAST_YEAR = 2011
"""The data are as of 2010 and announce films up to this year; a later one stands for the century before."""
FIRST_YEAR = 1888
"""The year of the oldest film that survives."""

_INT64 = 2**63
_DATE = re.compile(r"([A-Z][a-z]{2}) (\d{2}) (\d{4})", re.ASCII)
_ARTICLE_LAST = re.compile(r"(?P<rest>.+), (?P<article>The|A|An|Das|Les)", re.DOTALL)
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


class Dirt(StrEnum):
    """The kinds of dirt that a film can be freed from."""

    number_title = "titles that are numbers, read as text"
    century = "years a century ahead, put back"
    letters = "texts with garbled letters, restored"
    article = "titles with the article at the end, put in front"
    spacing = "texts with doubled spaces or quotes, made single"
    gross = "films that are said to have earned 0 in the whole world, read as unknown"
    rating = 'ratings "Open", read as Not Rated'


@dataclass(frozen=True, slots=True)
class Repair:
    """One value that was changed: ``before`` as it stood in the record ``number``, ``after`` as it is loaded."""

    number: int
    dirt: Dirt
    before: str | int
    after: str | None


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A film ready to be loaded, its director's name (None where unknown), and its repairs."""

    number: int
    film: Film
    director: str | None
    repairs: tuple[Repair, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that gives no film, with the reason."""

    number: int
    reason: str


def clean(number: int, record: object) -> Cleaned | Refused:
    """What the record ``number`` (counted from 1) of the file gives; never raises, whatever JSON it is given.

    Example: ``clean(22, {"Title": 1776, "Release Date": "Nov 09 1972"})`` gives a film with the title ``"1776"``.
    """
    if not isinstance(record, dict):
        return Refused(number, f"a record is an object, and this is {_shown(record)}")
    fields = cast("dict[str, object]", record)
    unknown = fields.keys() - COLUMN_OF.keys()
    if unknown:
        return Refused(number, f"the field {_shown(min(unknown))} is not known")
    reading = _Reading(number, fields)
    try:
        return Cleaned(number, reading.film(), reading.director(), tuple(reading.repairs))
    except _Unfit as error:
        return Refused(number, f"{error.field}: {error.reason}")
    except InvalidValue as error:
        return Refused(number, f"{FIELD_OF.get(error.column or '', error.column)}: {error.reason}")


def clean_all(records: Sequence[object]) -> list[Cleaned | Refused]:
    """What each record gives, in their order, numbered from 1."""
    return [clean(number, record) for number, record in enumerate(records, start=1)]


def twins(films: Sequence[Film]) -> list[tuple[Film, ...]]:
    """Films that share a title and the very same IMDb figures, of which at most one can be right."""
    groups: dict[tuple[str, Decimal | None, int], list[Film]] = defaultdict(list)
    for film in films:
        if film.imdb_votes is not None:
            groups[film.title, film.imdb_rating, film.imdb_votes].append(film)
    return [tuple(group) for group in groups.values() if len(group) > 1]


class _Unfit(Exception):
    """A field that cannot be used."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason


class _Reading:
    """Reads the fields of one record and keeps account of what it repairs."""

    def __init__(self, number: int, fields: dict[str, object]) -> None:
        self._number = number
        self._fields = fields
        self.repairs: list[Repair] = []

    def director(self) -> str | None:
        """The director's name, checked as the row that it becomes; raises ``InvalidValue`` as that does."""
        name = self._text("Director")
        return None if name is None else Director(name=name).name

    def film(self) -> Film:
        """The film without its director; raises ``InvalidValue`` where a value is none for its column."""
        us_gross, worldwide_gross = self._grosses()
        return Film(
            record=self._number,
            title=self._title(),
            release_date=self._release_date(),
            running_time=self._whole("Running Time min"),
            mpaa_rating=self._rating(),
            distributor=self._text("Distributor"),
            source=self._text("Source"),
            major_genre=self._text("Major Genre"),
            creative_type=self._text("Creative Type"),
            production_budget=self._whole("Production Budget"),
            us_gross=us_gross,
            worldwide_gross=worldwide_gross,
            us_dvd_sales=self._whole("US DVD Sales"),
            rotten_tomatoes_rating=self._whole("Rotten Tomatoes Rating"),
            imdb_rating=self._tenths("IMDB Rating"),
            imdb_votes=self._whole("IMDB Votes"),
        )

    def _text(self, field: str) -> str | None:
        """A text without doubled spaces and quotes and with its letters restored; None where it is blank."""
        value = self._fields.get(field)
        if value is None:
            return None
        if not isinstance(value, str):
            raise _Unfit(field, f"expected text, got {_shown(value)}")
        if _CONTROL.search(value):
            raise _Unfit(field, "it has characters that no text may have")
        tidy = self._repaired(Dirt.spacing, value, " ".join(value.split()).replace('""', '"'))
        return self._repaired(Dirt.letters, tidy, _restored(tidy)) or None

    def _title(self) -> str:
        value = self._fields.get("Title")
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _INT64:
            return self._repaired(Dirt.number_title, value, str(value))
        title = self._text("Title")
        if title is None:
            raise _Unfit("Title", "a film needs a title, and this one has none")
        last = _ARTICLE_LAST.fullmatch(title)
        if last is None:
            return title
        return self._repaired(Dirt.article, title, f"{last['article']} {last['rest']}")

    def _release_date(self) -> date:
        value = self._text("Release Date")
        if value is None:
            raise _Unfit("Release Date", "a film needs a date, and this one has none")
        parts = _DATE.fullmatch(value)
        if parts is None or parts[1] not in MONTHS:
            raise _Unfit("Release Date", f'expected a date such as "Jun 12 1998", got {_shown(value)}')
        written = int(parts[3])
        year = written - 100 if LAST_YEAR < written < 2100 else written
        try:
            day = date(year, MONTHS.index(parts[1]) + 1, int(parts[2]))
        except ValueError:
            raise _Unfit("Release Date", f"there is no such day as {_shown(value)}") from None
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise _Unfit("Release Date", f"{written} is no year of the films of {FIRST_YEAR} to {LAST_YEAR}")
        if year != written:
            self._note(Dirt.century, value, day.isoformat())
        return day

    def _grosses(self) -> tuple[int | None, int | None]:
        us, worldwide = self._whole("US Gross"), self._whole("Worldwide Gross")
        if us == 0 and worldwide == 0:
            self._note(Dirt.gross, 0, None)
            return None, None
        return us, worldwide

    def _rating(self) -> Rating | None:
        value = self._text("MPAA Rating")
        if value is None:
            return None
        if value == "Open":
            value = self._repaired(Dirt.rating, value, Rating.not_rated.value)
        try:
            return Rating(value)
        except ValueError:
            known = ", ".join(Rating)
            raise _Unfit("MPAA Rating", f"expected one of {known}, got {_shown(value)}") from None

    def _whole(self, field: str) -> int | None:
        value = self._fields.get(field)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not -_INT64 <= value < _INT64:
            raise _Unfit(field, f"expected a whole number, got {_shown(value)}")
        return value

    def _tenths(self, field: str) -> Decimal | None:
        value = self._fields.get(field)
        # The shortest text of a float is what the file says, where Decimal(6.1) would be 6.0999999999999996447.
        if isinstance(value, float):
            return Decimal(repr(value))
        whole = self._whole(field)
        return None if whole is None else Decimal(whole)

    def _repaired(self, dirt: Dirt, before: str | int, after: str) -> str:
        if before != after:
            self._note(dirt, before, after)
        return after

    def _note(self, dirt: Dirt, before: str | int, after: str | None) -> None:
        self.repairs.append(Repair(self._number, dirt, before, after))


def _restored(text: str) -> str:
    """The text with its letters restored where bytes of one 8-bit alphabet were once read as another.

    Somebody took Windows-1252 for Mac Roman: "é" became "È".  Taking it back is right only where each letter
    that changes becomes a small accented one or one of the two signs that film titles have; a text that was right from
    the start gives other signs, or cannot be taken back at all, and stays as it is.

    Example: ``_restored("LÈon")`` is ``"Léon"``, and so is ``_restored("Léon")``.
    """
    try:
        restored = text.encode("mac_roman").decode("cp1252")
    except UnicodeError:
        return text
    changed = [new for old, new in zip(text, restored, strict=True) if old != new]
    return restored if all("ß" <= new <= "ÿ" or new in "½…" for new in changed) else text


def _shown(value: object) -> str:
    """A value as a reason names it, short."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        return "a number of more than 64 bits"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    shown = f'"{value}"' if isinstance(value, str) else str(value)
    shown = "".join([c if c.isprintable() else "?" for c in shown])
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
