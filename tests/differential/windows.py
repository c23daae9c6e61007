"""Windows of rows, each beside the Python that says which rows are in it and what a function gives of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tabor import (
    cte,
    cume_dist,
    dense_rank,
    first_value,
    lag,
    last_value,
    lead,
    nth_value,
    ntile,
    percent_rank,
    rank,
    row_number,
)
from tests.differential.aggregates import MEAN, Summary, filtered, groupings, in_a_row, picked, summaries
from tests.differential.conditions import Term, conditions, kept, matching, ordered, orders
from tests.differential.formulas import Formula, leaves, told
from tests.differential.functions import computed
from tests.differential.queries import Model, Rows, at, cut, keys_of, selected, tuples, unique
from tests.differential.schemas import INT, REAL, SPAN, Kind, Made, World, decimals

Ends = tuple[Any, Any]


class Place(NamedTuple):
    """Where a row stands: among the rows of its partition, in order, with its equals, and in which frame."""

    world: World
    rows: list[Any]
    at: int
    first: int
    last: int
    frame: list[Any]


OfPlace = Callable[[Place], Any]


@dataclass(frozen=True)
class Over:
    """What ``over()`` is told, and the places that rows have by it."""

    partition: list[Formula]
    order: list[Term]
    rows: Ends | None = None
    range_: Ends | None = None

    @property
    def said(self) -> dict[str, Any]:
        """The arguments of ``over()``."""
        said: dict[str, Any] = {"partition_by": [one.expr for one in self.partition]} if self.partition else {}
        said |= {"order_by": [term.order for term in self.order]} if self.order else {}
        said |= {} if self.rows is None else {"rows": self.rows}
        return said if self.range_ is None else said | {"range_": self.range_}

    def places(self, world: World, records: list[Any]) -> Iterator[tuple[Any, Place]]:
        """Each record with its place."""
        parts: dict[str, list[Any]] = {}
        for record in records:
            parts.setdefault(told([one.of(world, record) for one in self.partition]), []).append(record)
        for part in parts.values():
            rows = ordered(world, part, self.order)
            for number, row in enumerate(rows):
                equal = [not any(term.compare(world, row, other) for term in self.order) for other in rows]
                first, last = equal.index(True), len(rows) - 1 - equal[::-1].index(True)
                place = Place(world, rows, number, first, last, [])
                yield row, place._replace(frame=list(self._frame(place)))

    def _frame(self, place: Place) -> Iterator[Any]:
        if self.range_ is not None:
            start, end = self.range_
            for other in range(len(place.rows)):
                if self._side(place, other, start, place.first) >= 0 >= self._side(place, other, end, place.last):
                    yield place.rows[other]
            return
        first, last = (None, place.last - place.at) if self.rows is None else self.rows
        last = last if self.order or self.rows else None
        for other, row in enumerate(place.rows):
            if (first is None or other - place.at >= first) and (last is None or other - place.at <= last):
                yield row

    def _side(self, place: Place, other: int, distance: Any, equal: int) -> int:
        """Below 0 where the other row comes before the end of a range, above 0 where it comes after."""
        if distance is None:
            return 0
        (term,) = self.order
        here, there = [term.formula.of(place.world, place.rows[number]) for number in (place.at, other)]
        if not distance or here is None:
            return other - equal
        if there is None:
            return other - place.at
        far = here - there if term.descending else there - here
        return int(far > distance) - int(far < distance)


@dataclass(frozen=True)
class Windowed:
    """An expression over a window with the places that its rows have."""

    shown: str
    kind: Kind
    expr: Any
    over: Over
    gives: OfPlace

    def __repr__(self) -> str:
        return self.shown

    def values(self, world: World, records: list[Any]) -> dict[int, Any]:
        """What it gives of each of the records, by their identity."""
        return {id(record): self.gives(place) for record, place in self.over.places(world, records)}


# --- functions ---


def ntiles(count: int) -> OfPlace:
    """In which of so many groups a row is; the first ones are one larger where they cannot be even."""

    def of(place: Place) -> int:
        size, larger = divmod(len(place.rows), count)
        sizes = [size + (n < larger) for n in range(count)]
        return next(n + 1 for n in range(count) if place.at < sum(sizes[: n + 1]))

    return of


def before(place: Place) -> float:
    """Which part of the other rows comes before."""
    return place.first / (len(place.rows) - 1) if len(place.rows) > 1 else 0.0


def tiers(place: Place, order: list[Term]) -> int:
    """How many different places there are up to this one."""
    rows = place.rows[: place.first + 1]
    return 1 + sum([any(term.compare(place.world, a, b) for term in order) for a, b in pairwise(rows)])


@st.composite
def ranked(draw: st.DrawFn, over: Over) -> Windowed:
    """The place of a row, in an order in which rows may be equal."""
    ways: list[tuple[Any, Kind, OfPlace]] = [
        (rank, INT, lambda place: place.first + 1),
        (dense_rank, INT, lambda place: tiers(place, over.order)),
        (percent_rank, MEAN, before),
        (cume_dist, MEAN, lambda place: (place.last + 1) / len(place.rows)),
    ]
    make, kind, gives = draw(st.sampled_from(ways))
    return Windowed(f"{make.__name__}() over {over}", kind, make().over(**over.said), over, gives)


@st.composite
def numbered(draw: st.DrawFn, over: Over) -> Windowed:
    """The number of a row, in an order that tells all rows apart."""
    if draw(st.booleans()):
        return Windowed(f"row_number() over {over}", INT, row_number().over(**over.said), over, lambda p: p.at + 1)
    count = draw(st.integers(1, 4))
    return Windowed(f"ntile({count}) over {over}", INT, ntile(count).over(**over.said), over, ntiles(count))


@st.composite
def neighbours(draw: st.DrawFn, over: Over, among: list[Formula]) -> Windowed:
    """A value of the row so many before or after, or another one where there is none."""
    one, number = draw(computed(among)), draw(st.integers(0, 2))
    name, make, way = draw(st.sampled_from([("lag", lag, -1), ("lead", lead, 1)]))
    alike = [formula for formula in among if formula.kind is one.kind]
    given = draw(one.kind.values) if one.kind.ordered else None
    plain = Formula(repr(given), one.kind, given, lambda _, __: given)
    other = draw(st.sampled_from([None, plain, *alike])) if one.kind.ordered else None
    expr = make(one.expr, number) if other is None else make(one.expr, number, default=other.expr)

    def of(place: Place) -> Any:
        at = place.at + way * number
        if 0 <= at < len(place.rows):
            return one.of(place.world, place.rows[at])
        return None if other is None else other.of(place.world, place.rows[place.at])

    return Windowed(f"{name}({one}, {number}, {other}) over {over}", one.kind, expr.over(**over.said), over, of)


@st.composite
def framed(draw: st.DrawFn, over: Over, among: list[Formula]) -> Windowed:
    """A value of a row of the frame."""
    one, number = draw(computed(among)), draw(st.integers(1, 3))
    ways: list[tuple[str, Any, Callable[[list[Any]], list[Any]]]] = [
        ("first_value", first_value(one.expr), lambda rows: rows[:1]),
        ("last_value", last_value(one.expr), lambda rows: rows[-1:]),
        (f"nth_value {number}", nth_value(one.expr, number), lambda rows: rows[number - 1 : number]),
    ]
    name, made, cut_out = draw(st.sampled_from(ways))

    def of(place: Place) -> Any:
        return next((one.of(place.world, row) for row in cut_out(place.frame)), None)

    return Windowed(f"{name}({one}) over {over}", one.kind, made.over(**over.said), over, of)


def summed(one: Summary, over: Over) -> Windowed:
    """An aggregate over a window."""
    expr = one.expr.over(**over.said)
    return Windowed(f"{one} over {over}", one.kind, expr, over, lambda place: one.of(place.world, place.frame))


# --- windows ---


@dataclass(frozen=True)
class Ground:
    """What windows may look at: leaves for their functions and orders, those that are columns alone, a whole order."""

    made: Made
    among: list[Formula]
    plain: list[Formula]
    whole: list[Term]


@st.composite
def windows(draw: st.DrawFn, ground: Ground) -> Windowed:
    """A function over a window."""
    sortable = [formula for formula in ground.among if formula.kind.ordered]
    partition = draw(st.lists(st.sampled_from(sortable), max_size=2, unique_by=str))
    flags = st.sampled_from([None, True, False])
    loose = draw(st.lists(st.builds(Term, computed(sortable), st.booleans(), flags), max_size=2))
    whole = Over(partition, [*loose, *ground.whole])
    summary = draw(summaries(ground.made, sortable).flatmap(lambda one: filtered(one, ground.made, ground.plain)))
    way = draw(st.sampled_from(["ranked", "numbered", "neighbour", "frame", "loose", "rows", "range", "in a row"]))
    if way == "ranked" and loose:
        return draw(ranked(Over(partition, loose)))
    if way == "numbered":
        return draw(numbered(whole))
    if way == "neighbour":
        return draw(neighbours(whole, ground.among))
    if way == "range":
        return draw(ranges(partition, sortable, summary))
    if way == "in a row":
        row = draw(in_a_row(ground.among, None).flatmap(lambda one: filtered(one, ground.made, ground.plain)))
        return summed(row, draw(counted(whole)))
    if way == "frame":
        return draw(framed(draw(counted(whole)), ground.among))
    return summed(summary, draw(counted(whole)) if way == "rows" else Over(partition, loose))


@st.composite
def counted(draw: st.DrawFn, over: Over) -> Over:
    """The same with a frame that counts rows, or without one."""
    if draw(st.booleans()):
        return over
    start, end = draw(st.none() | st.integers(-2, 2)), draw(st.none() | st.integers(-2, 2))
    if start is not None and end is not None and start > end:
        start, end = end, start
    return replace(over, rows=(start, end))


def measured(kind: Kind) -> bool:
    """Whether there is a distance between its values."""
    return kind in (INT, REAL, SPAN) or kind.python is Decimal


@st.composite
def ranges(draw: st.DrawFn, partition: list[Formula], among: list[Formula], summary: Summary) -> Windowed:
    """An aggregate over a frame that measures values."""
    one = draw(computed(among))
    # In whole ones, which decimals of any places have.
    far = decimals(0).values if one.kind.python is Decimal else one.kind.values if measured(one.kind) else st.just(0)
    start, end = draw(st.none() | far), draw(st.none() | far)
    if start is not None and end is not None and start > end:
        start, end = end, start
    order = [Term(one, draw(st.booleans()), draw(st.sampled_from([None, True, False])))]
    return summed(summary, Over(partition, order, range_=(start, end)))


# --- questions ---


@dataclass(frozen=True)
class Beside:
    """Windows beside the records that they look at; formulas look into pairs of a record and the windows' values."""

    found: list[Windowed]
    among: list[Formula]

    @property
    def leaves(self) -> list[Formula]:
        """What may be selected: what the records have, and the windows."""
        own = [replace(one, of=on_record(one)) for one in self.among]
        made = [Formula(one.shown, one.kind, one.expr, picked("windows", n)) for n, one in enumerate(self.found)]
        return [*own, *made, *made]

    def pairs(self, world: World, records: list[Any]) -> list[Any]:
        """The records with what the windows give of them."""
        values = [one.values(world, records) for one in self.found]
        return [{"record": record, "windows": [value[id(record)] for value in values]} for record in records]

    def on_pairs(self, order: list[Term]) -> list[Term]:
        """An order of records as one of pairs."""
        return [replace(term, formula=replace(term.formula, of=on_record(term.formula))) for term in order]


def on_record(one: Formula) -> Callable[[World, Any], Any]:
    """What the formula gives of the record of a pair."""
    return lambda world, pair: one.of(world, pair["record"])


@st.composite
def beside(draw: st.DrawFn, ground: Ground) -> Beside:
    """One to three windows."""
    return Beside(draw(st.lists(windows(ground), min_size=1, max_size=3, unique_by=str)), ground.among)


def key_terms(made: Made) -> list[Term]:
    """The order by the key."""
    return [Term(leaf) for leaf in leaves(made, 0) if leaf.shown in keys_of(made, made.name)]


@st.composite
def window_pages(draw: st.DrawFn, made: Made) -> tuple[Any, Model, bool]:
    """Windows beside the rows that fit a condition, in an order that may be theirs, from the middle."""
    among = leaves(made)
    found = draw(beside(Ground(made, among, among, key_terms(made))))
    columns = draw(st.lists(computed(found.leaves), min_size=1, max_size=4))
    condition = draw(conditions(made))
    sortable = [one for one in found.leaves if one.kind.ordered]
    first = draw(st.lists(st.builds(Term, st.sampled_from(sortable), st.booleans()), max_size=2))
    order = [*first, *found.on_pairs(draw(orders(made)))]
    query = selected(made, columns).where(condition.expr).order_by(*[term.order for term in order])

    def model(world: World) -> Rows:
        pairs = found.pairs(world, kept(world, made, [condition]))
        return tuples(world, ordered(world, pairs, order), columns)

    return *draw(cut(query, model)), True


@st.composite
def window_values(draw: st.DrawFn, made: Made) -> tuple[Any, Model, bool]:
    """The different values of windows."""
    among = leaves(made)
    found = draw(beside(Ground(made, among, among, key_terms(made))))
    columns = draw(st.lists(computed([one for one in found.leaves if one.kind.ordered]), min_size=1, max_size=2))
    condition = draw(conditions(made))

    def model(world: World) -> Rows:
        return unique(tuples(world, found.pairs(world, kept(world, made, [condition])), columns))

    return selected(made, columns).where(condition.expr).distinct(), model, False


@st.composite
def window_groups(draw: st.DrawFn, made: Made) -> tuple[Any, Model, bool]:
    """Windows over groups, of what is grouped by and of aggregates."""
    together = draw(groupings(made, least=1))
    found = draw(beside(Ground(made, together.leaves, together.heads, [Term(one) for one in together.heads])))
    columns = draw(st.lists(computed(found.leaves), min_size=1, max_size=4))

    def model(world: World) -> Rows:
        return tuples(world, found.pairs(world, together.records(world)), columns)

    return together.query(columns), model, False


@st.composite
def named_windows(draw: st.DrawFn, made: Made) -> tuple[Any, Model, bool]:
    """A named query of windows, with a condition on them from outside."""
    among, key = leaves(made), key_terms(made)
    found = draw(beside(Ground(made, among, among, key)))
    keys = [replace(term.formula, of=on_record(term.formula)) for term in key]
    columns = [*keys, *found.leaves[len(among) : len(among) + len(found.found)]]
    inside = draw(conditions(made))
    named = cte("placed", selected(made, columns).where(inside.expr))
    seen = [Formula(f"placed[{n}]", one.kind, named[one.expr], at(n)) for n, one in enumerate(columns)]
    outside = draw(conditions(made, seen, subqueries=False))
    query: Any = named.select().where(outside.expr).order_by(*[one.expr for one in seen[: len(keys)]])

    def model(world: World) -> Rows:
        rows = tuples(world, found.pairs(world, kept(world, made, [inside])), columns)
        return ordered(world, matching(world, rows, [outside]), [Term(one) for one in seen[: len(keys)]])

    return *draw(cut(query, model)), True


def window_questions(made: Made) -> st.SearchStrategy[tuple[Any, Model, bool]]:
    """A question with windows in it, of any form."""
    return window_pages(made) | window_pages(made) | window_values(made) | window_groups(made) | named_windows(made)
