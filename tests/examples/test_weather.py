"""Promises of ``examples/weather``: files that are loaded at the same time, and what the questions answer."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tabor import Database
from weather import questions
from weather.__main__ import main
from weather.loading import Failed, Loaded, load
from weather.questions import Extreme, Spell
from weather.stations import StationError, city_of, files, read
from weather.tables import TABLES, City, Reading

pytestmark = pytest.mark.anyio

CITIES = ["Cala Verda", "Halvik", "Montequil", "Ostrelin", "Port Ellis", "Sandomar"]


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """An open database with empty tables."""
    async with Database(database_url, tables=TABLES) as database:
        await database.create_tables()
        yield database


def station(folder: Path, name: str, *lines: str, header: str = "day,low,high,rain") -> Path:
    """A station's file."""
    path = folder / f"{name}.csv"
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


async def test_all_files_at_once(db: Database) -> None:
    """Every day of every file is stored once, and a second time there is nothing to change."""
    assert await load(db, files()) == [Loaded(city, 365, 365) for city in CITIES]
    assert await load(db, files()) == [Loaded(city, 365, 0) for city in CITIES]
    stored = await City.select(City.name, City.readings.order_by(Reading.day)).order_by(City.name)
    assert [name for name, _ in stored] == CITIES
    for path, (_, readings) in zip(files(), stored, strict=True):
        assert [(each.day, each.low, each.high, each.rain) for each in readings] == [
            (each.day, each.low, each.high, each.rain) for each in read(path)
        ]


async def test_corrected_file(db: Database, tmp_path: Path) -> None:
    """Of a file that was corrected only the different days are written, also where rain was added or taken away."""
    lines = ["2030-01-01,-3.0,1.5,0.0", "2030-01-02,-1.0,2.5,", "2030-01-03,0.0,2.0,4.5", "2030-01-04,1.0,3.0,0.5"]
    await load(db, [station(tmp_path, "north", *lines)])
    lines[0] = "2030-01-01,-3.0,1.7,0.0"
    lines[1] = "2030-01-02,-1.0,2.5,1.0"
    lines[2] = "2030-01-03,0.0,2.0,"
    assert await load(db, [station(tmp_path, "north", *lines, "2030-01-05,1.0,4.0,0.0")]) == [Loaded("North", 5, 4)]
    assert await Reading.select(Reading.high, Reading.rain).order_by(Reading.day).limit(3) == [
        (Decimal("1.7"), Decimal("0.0")),
        (Decimal("2.5"), Decimal("1.0")),
        (Decimal("2.0"), None),
    ]


async def test_bad_file_among_good_ones(db: Database, tmp_path: Path) -> None:
    """A file that is refused leaves nothing behind, says why, and keeps no other from being stored."""
    paths = [
        station(tmp_path, "a_good_one", "2030-01-01,1.0,2.0,"),
        station(tmp_path, "upside_down", "2030-01-01,1.0,2.0,", "2030-01-02,5.0,4.0,"),
        station(tmp_path, "hot", "2030-01-01,1.0,200.0,"),
        station(tmp_path, "torn", "2030-01-01,1.0,2.0,", "2030-01-0"),
        tmp_path / "missing.csv",
        station(tmp_path, "empty"),
    ]
    good, upside_down, *others = await load(db, paths)
    assert good == Loaded("A Good One", 1, 1)
    assert isinstance(upside_down, Failed)
    assert upside_down.reason.endswith("The row breaks the check reading_low_is_low_check of reading.")
    assert others == [
        Failed("Hot", "Reading.high: 200.0 has more than 2 digits before the point."),
        Failed("Torn", "torn.csv: line 3 is not a day with its weather: '2030-01-0'."),
        Failed("Missing", "missing.csv: it cannot be read as a table of text."),
        Loaded("Empty", 0, 0),
    ]
    assert await City.select(City.name).order_by(City.name).values() == ["A Good One", "Empty"]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["2030-02-30,1.0,2.0,"], "line 2 is not a day with its weather: '2030-02-30,1.0,2.0,'"),
        (
            ["2030-02-01,1.0,2.0,", "2030-02-02,cold,2.0,"],
            "line 3 is not a day with its weather: '2030-02-02,cold,2.0,'",
        ),
        (["2030-02-01,1.0,2.0"], "line 2 is not a day with its weather: '2030-02-01,1.0,2.0'"),
    ],
)
def test_bad_lines(tmp_path: Path, lines: list[str], reason: str) -> None:
    """A line that is no day is named by its number."""
    with pytest.raises(StationError) as caught:
        read(station(tmp_path, "bad", *lines))
    assert caught.value.reason == reason


def test_wrong_header(tmp_path: Path) -> None:
    """A file with other columns is refused by its first line."""
    with pytest.raises(StationError, match=r"^bad\.csv: its first line is not day,low,high,rain\.$"):
        read(station(tmp_path, "bad", header="day,high,low,rain"))


def test_city_of() -> None:
    """The name of a city is that of its file."""
    assert city_of(Path("port_ellis.csv")) == "Port Ellis"


async def test_warmest_days(db: Database) -> None:
    """The warmest day of each city is that of its file."""
    await load(db, files())
    expected = [
        Extreme(city_of(path), best.day, best.high)
        for path in files()
        for best in [min(read(path), key=lambda each: (-each.high, each.day))]
    ]
    assert await questions.warmest_days() == sorted(expected, key=lambda each: (-each.degrees, each.day))


async def test_months(db: Database) -> None:
    """The months of a city add up to what its file has."""
    await load(db, files())
    rain: dict[int, Decimal] = defaultdict(Decimal)
    wet: dict[int, int] = defaultdict(int)
    high: dict[int, list[Decimal]] = defaultdict(list)
    for each in read(files()[1]):
        rain[each.day.month] += each.rain or 0
        wet[each.day.month] += each.rain is not None and each.rain >= 1
        high[each.day.month].append(each.high)
    found = await questions.months("Halvik")
    assert [(each.number, each.rain, each.wet_days) for each in found] == [(n, rain[n], wet[n]) for n in range(1, 13)]
    means = [float(sum(values) / len(values)) for values in high.values()]
    assert [each.high for each in found] == pytest.approx(means, rel=1e-12)


async def test_longest_dry_spell(db: Database, tmp_path: Path) -> None:
    """A wet day, a day without a measurement and a missing day end a spell; of equal ones the first counts."""
    begin = date(2030, 6, 1)
    rain = ["0.9", "0.0", "1.0", "0.0", "", "0.0", "0.0", None, "0.0"]
    lines = [f"{begin + timedelta(days=n)},10.0,20.0,{mm}" for n, mm in enumerate(rain) if mm is not None]
    await load(db, [station(tmp_path, "dry", *lines)])
    assert await questions.longest_dry_spell("Dry") == Spell(begin, date(2030, 6, 2), 2)
    assert await questions.longest_dry_spell("Nowhere") is None


async def test_cities_side_by_side(db: Database) -> None:
    """Days are compared with the same day elsewhere."""
    await load(db, files())
    here, there = read(files()[3]), read(files()[4])
    warmer = sum(one.high > other.high for one, other in zip(here, there, strict=True))
    assert 0 < warmer < 365
    assert await questions.warmer_days("Ostrelin", "Port Ellis") == warmer


async def test_unmeasured(db: Database) -> None:
    """Days without a measurement are counted for each city that has some."""
    await load(db, files())
    counts = {city_of(path): sum(each.rain is None for each in read(path)) for path in files()}
    expected = sorted([(city, days) for city, days in counts.items() if days], key=lambda each: (-each[1], each[0]))
    assert 0 < len(expected) < len(CITIES)
    assert await questions.unmeasured() == expected


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The program says what it loaded and answers; a file that cannot be used is one sentence and the exit status 1."""
    assert main(["--file", str(tmp_path / "weather.db")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "Loaded",
        "  Cala Verda: 365 days, 365 of them new or changed",
        "  Halvik: 365 days, 365 of them new or changed",
    ]
    assert [line for line in lines if line and not line.startswith(" ")] == [
        "Loaded",
        "Warmest day of each city",
        "Longest time without a wet day",
    ]
    assert len(lines) == 23
    assert main(["--file", str(tmp_path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_command_line_names_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bad file is named among the results."""
    station(tmp_path, "torn", "2030")
    assert main(["--file", str(tmp_path / "weather.db"), "--data", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == [
        "Loaded",
        "  Torn: nothing stored. torn.csv: line 2 is not a day with its weather: '2030'.",
    ]


def test_files_are_small_tables() -> None:
    """The files that come with the example have a line for each day of one year, in order."""
    for path in files():
        with path.open(encoding="utf-8", newline="") as file:
            days = [line["day"] for line in csv.DictReader(file)]
        assert days == [str(date(2023, 1, 1) + timedelta(days=n)) for n in range(365)]
