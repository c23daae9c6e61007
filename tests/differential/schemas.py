"""Random schemas with random rows: tables of every type of column, keys between them, keys of several columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, cast
from uuid import UUID

from hypothesis import strategies as st

from tabor import Column, ForeignKey, Many, Table, column, key, many

Row = dict[str, Any]
World = dict[str, dict[tuple[Any, ...], Row]]
"""The rows of each table by their keys."""


class Size(StrEnum):
    """A member column holds one of these."""

    small = "small"
    large = "Large"


@dataclass(frozen=True, repr=False, eq=False)
class Kind:
    """A type of column: what stands in the annotation, few enough values that they meet, whether they have an order."""

    python: Any
    values: st.SearchStrategy[Any]
    ordered: bool = True
    options: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def annotation(self) -> Any:
        """The column's annotation where it may not be null."""
        return Column[self.python]  # type: ignore[name-defined]  # made as the test runs

    def __repr__(self) -> str:
        return str(getattr(self.python, "__name__", self.python))


LETTERS = st.text(st.sampled_from("abBé%_\\🎪' "), max_size=3)
NUMBERS = st.integers(-3, 3)
QUARTERS = st.integers(-8, 8).map(lambda n: n / 4)
NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)
DAYS = st.integers(-400, 400).map(lambda n: date(2024, 2, 29) + timedelta(days=n))
SPANS = st.sampled_from([timedelta(0), timedelta(microseconds=1), timedelta(days=-2), timedelta(hours=30)])
JSON_KEYS = st.sampled_from("ab'")
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | LETTERS, lambda inner: st.lists(inner, max_size=2), max_leaves=3
)

INT = Kind(int, NUMBERS)
TEXT = Kind(str, LETTERS)
FLAG = Kind(bool, st.booleans())
WORDS = Kind(list[str], st.lists(st.sampled_from(["a", "B", "é"]), max_size=2), ordered=False)
REAL = Kind(float, QUARTERS)
BLOB = Kind(bytes, st.binary(max_size=2))
DAY = Kind(date, DAYS)
HOUR = Kind(time, st.sampled_from([time(0), time(12, 30), time(23, 59, 59, 999_999)]))
MOMENT = Kind(datetime, st.tuples(NUMBERS, SPANS).map(lambda ago: NOON + timedelta(days=ago[0]) + ago[1]))
SPAN = Kind(timedelta, SPANS)
MARK = Kind(UUID, st.integers(0, 3).map(lambda n: UUID(int=n << 120)))
SIZE = Kind(Size, st.sampled_from(Size))
EXTRA = Kind(dict[str, object], st.dictionaries(JSON_KEYS, JSON, max_size=2), ordered=False)


@cache
def decimals(places: int) -> Kind:
    """Decimals with so many places."""
    values = st.decimals(-3, 3, places=places)
    return Kind(Decimal, values, options={"max_digits": 6 + places, "decimal_places": places})


PRICE = decimals(2)
KINDS = {
    "whole": INT,
    "text": TEXT,
    "flag": FLAG,
    "price": PRICE,
    "words": WORDS,
    "real": REAL,
    "blob": BLOB,
    "day": DAY,
    "hour": HOUR,
    "moment": MOMENT,
    "span": SPAN,
    "mark": MARK,
    "size": SIZE,
    "extra": EXTRA,
}


@dataclass(frozen=True)
class Link:
    """A foreign key: its name, where it leads, and the columns that hold it."""

    name: str
    target: Made
    columns: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Made:
    """A table that was made up, with what the model has to know of it."""

    name: str
    table: Any
    key: tuple[str, ...]
    columns: dict[str, tuple[Kind, bool]]
    links: list[Link]
    relations: dict[str, tuple[Made, Link]]
    linked: list[Any] = field(default_factory=list[Any])
    """Its relations by a table between."""
    implied: bool = False
    """Whether it is made with another table, for a relation of that."""

    def __repr__(self) -> str:
        links = ", ".join([f"{link.name} to {link.target.name}" for link in self.links])
        return f"{self.name}({self.columns}, key {self.key}, {links})"


def nullable(kind: Kind) -> Any:
    """The column's annotation where it may be null."""
    return Column[kind.python | None]  # type: ignore[name-defined]  # made as the test runs


def _link_to(target: Made, place: int, *, optional: bool, tables: list[Any]) -> tuple[Link, Row, Row]:
    """A foreign key to a table: with the annotations and the attributes that declare it."""
    name, own = f"k{place}", len(tables)
    if len(target.key) == 1:
        lands = target.table | None if optional else target.table
        key_to: Any = ForeignKey[lands]  # type: ignore[valid-type]  # made as the test runs
        return Link(name, target, (name,)), {name: key_to}, {name: key(default=None) if optional else key()}
    parts = tuple(f"{name}_{part}" for part in target.key)
    kinds = [target.columns[part][0] for part in target.key]
    attributes: Row = {part: column(default=None) for part in parts}
    attributes[name] = key(columns=lambda: tuple(getattr(tables[own], part) for part in parts))
    annotations: Row = {part: nullable(kind) for part, kind in zip(parts, kinds, strict=True)}
    annotations[name] = ForeignKey[target.table | None, tuple[int, str]]  # type: ignore[name-defined]  # made as the test runs
    return Link(name, target, parts), annotations, attributes


def _related(tables: list[Any], child: int, link: str) -> Callable[[], object]:
    return lambda: getattr(tables[child], link)


@st.composite
def schemas(draw: st.DrawFn, prefix: str = "t") -> list[Made]:
    """One to three tables, each with keys to at most two of those before it."""
    made: list[Made] = []
    tables: list[Any] = []
    plans = draw(st.lists(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=4), min_size=1, max_size=3))
    aims = [draw(st.lists(st.integers(0, n - 1), max_size=2, unique=True)) if n else [] for n in range(len(plans))]
    for place, kinds in enumerate(plans):
        composite = draw(st.integers(0, 3)) == 0
        columns = {f"{name}_{n}": (KINDS[name], draw(st.booleans())) for n, name in enumerate(kinds)}
        annotations: Row = {n: nullable(k) if empty else k.annotation for n, (k, empty) in columns.items()}
        attributes: Row = {n: column(**k.options) for n, (k, _) in columns.items() if k.options}
        parts = {"id": INT, "part": TEXT} if composite else {"id": INT}
        for part, kind in parts.items():
            annotations[part] = kind.annotation
            attributes[part] = column(primary_key=True, init=True)
            columns[part] = (kind, False)
        links: list[Link] = []
        for n, aim in enumerate(aims[place]):
            link, told, set_to = _link_to(made[aim], n, optional=draw(st.booleans()), tables=tables)
            links.append(link)
            annotations |= told
            attributes |= set_to
        relations: dict[str, tuple[Made, Link]] = {}
        for later, targets in enumerate(aims):
            if place in targets and not composite:
                name = f"many{later}"
                annotations[name] = Many[Table]
                attributes[name] = many(_related(tables, later, f"k{targets.index(place)}"))
        names = f"{prefix.title()}{place}"
        space = {"__annotations__": annotations, "__module__": __name__, "__qualname__": names, **attributes}
        table: Any = cast("Any", type(Table))(names, (Table,), space)
        tables.append(table)
        here = Made(f"{prefix}{place}", table, tuple(parts), columns, links, relations)
        for link in links:
            if len(link.columns) == 1:
                link.target.relations[f"many{place}"] = (here, link)
        made.append(here)
    return made


@st.composite
def worlds(draw: st.DrawFn, schema: list[Made]) -> World:
    """Rows for every table of a schema, whose keys lead to rows that are there."""
    world: World = {}
    for made in schema:
        rows: dict[tuple[Any, ...], Row] = {}
        for number in range(0 if _lacking(world, made) else draw(st.integers(0, 6))):
            row = draw(row_of(world, made))
            row["id"] = number // 2 if len(made.key) > 1 else number
            rows[tuple(row[part] for part in made.key)] = row
        world[made.name] = rows
    return world


@st.composite
def row_of(draw: st.DrawFn, world: World, made: Made) -> Row:
    """A row for a table of the world, without a number for its key."""
    row: Row = {
        name: draw(st.none() | kind.values if empty else kind.values) for name, (kind, empty) in made.columns.items()
    }
    for link in made.links:
        row |= draw(_references(world, made, link))
    return row


@st.composite
def rows_of(draw: st.DrawFn, world: World, made: Made, keys: st.SearchStrategy[int], *, max_size: int) -> list[Row]:
    """Some rows for a table of the world, none where they would lack what their keys lead to."""
    if _lacking(world, made):
        return []
    return [{**draw(row_of(world, made)), "id": draw(keys)} for _ in range(draw(st.integers(0, max_size)))]


def _lacking(world: World, made: Made) -> bool:
    return any(not world[link.target.name] and not _may_be_empty(made, link) for link in made.links)


def _may_be_empty(made: Made, link: Link) -> bool:
    declared = made.table._declared_.get(link.name)
    return declared is None or declared.options.default is None


def _references(world: World, made: Made, link: Link) -> st.SearchStrategy[Row]:
    keys = list(world[link.target.name])
    given = [st.sampled_from(keys)] if keys else []
    empty = (None,) * len(link.columns)
    given += [st.just(empty)] if _may_be_empty(made, link) else []
    return st.one_of(given).map(lambda parts: dict(zip(link.columns, parts, strict=True)))
