"""Formulas: what the database computes of a row, beside the Python that says what it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast, overload

from tabor import Maybe
from tests.differential.schemas import Kind, Link, Made, Row, World

Of = Callable[[World, Any], Any]
"""What a formula gives of a row, of a pair of rows, or of the values of a row: of what its leaves look into."""
Find = Callable[[World, Any], Row | None]


@dataclass(frozen=True)
class Formula:
    """An expression for the database beside the Python that says what it gives of a row."""

    shown: str
    kind: Kind
    expr: Any
    of: Of

    def __repr__(self) -> str:
        return self.shown


def leaves(made: Made, depth: int = 2) -> list[Formula]:
    """Every column that a query on the table reaches, across its keys too."""
    return leaves_of(made, made.table, lambda _, row: row, made.name, depth)


def leaves_of(made: Made, at: Any, find: Find, shown: str, depth: int = 0) -> list[Formula]:
    """The same of a table under another name, whose row ``find`` finds in what the formulas are given."""
    return list(_leaves(made, at, find, shown, depth))


def _leaves(made: Made, at: Any, find: Find, shown: str, depth: int) -> Iterator[Formula]:
    for name, (kind, _) in made.columns.items():
        yield Formula(f"{shown}.{name}", kind, attribute(at, name), _value(find, name))
    for link in made.links if depth else ():
        there = attribute(at, link.name)
        yield from _leaves(link.target, there, _followed(find, link), f"{shown}.{link.name}", depth - 1)


def attribute(at: Any, name: str) -> Any:
    """A column or a key of a table, of a row behind a key, or of a row that may be missing."""

    def picked(row: Any) -> Any:
        return getattr(row, name)

    return cast("Any", at)(picked) if isinstance(at, Maybe) else picked(at)


def _value(find: Find, name: str) -> Of:
    def of(world: World, row: Any) -> Any:
        there = find(world, row)
        return None if there is None else there[name]

    return of


def _followed(find: Find, link: Link) -> Find:
    def follow(world: World, row: Any) -> Row | None:
        here = find(world, row)
        return None if here is None else world[link.target.name].get(tuple(here[part] for part in link.columns))

    return follow


@overload
def lifted(kind: Kind, shown: str, expr: Any, function: Callable[[Any], Any], one: Formula, /) -> Formula: ...
@overload
def lifted(
    kind: Kind, shown: str, expr: Any, function: Callable[[Any, Any], Any], one: Formula, two: Formula, /
) -> Formula: ...
def lifted(kind: Kind, shown: str, expr: Any, function: Callable[..., Any], /, *args: Formula) -> Formula:
    """A formula of others by SQL's rule for most operators: null where one of them is null."""

    def of(world: World, row: Any) -> Any:
        values = [arg.of(world, row) for arg in args]
        return None if any(value is None for value in values) else function(*values)

    return Formula(shown, kind, expr, of)


def told(value: Any) -> str:
    """A value with its type and all its digits, so that 1, 1.0 and True differ."""
    if isinstance(value, dict):
        pairs: list[tuple[str, Any]] = sorted(cast("dict[str, Any]", value).items())
        return "{" + ", ".join([f"{name!r}: {told(item)}" for name, item in pairs]) + "}"
    if isinstance(value, (list, tuple)):
        items = cast("list[object]", value)
        return f"{type(items).__name__}[{', '.join([told(item) for item in items])}]"
    return f"{type(value).__name__} {value!r}"
