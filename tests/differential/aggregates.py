"""Aggregates with filters, orders and different values, each beside the Python that says what it gives of some rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from tabor import count, every, list_agg, some, string_agg
from tests.differential.conditions import Term, conditions, kept, matching, ordered, orders
from tests.differential.formulas import Formula, leaves, told
from tests.differential.functions import computed
from tests.differential.queries import Model, Rows, able
from tests.differential.schemas import BLOB, EXTRA, FLAG, INT, REAL, SPAN, TEXT, WORDS, Kind, Made, World

OfRows = Callable[[World, list[Any]], Any]

MEAN = Kind(float, st.floats(-3, 3))
"""A float that the functions leave alone: what they make of one that is no quarter is rounded."""
LISTED = Kind(list, st.nothing(), ordered=False)


@dataclass(frozen=True)
class Summary:
    """An aggregate beside the Python that says what it gives of rows; some depend on the order of these."""

    shown: str
    kind: Kind
    expr: Any
    of: OfRows
    puts_in_order: bool = False

    def __repr__(self) -> str:
        return self.shown


def values(world: World, rows: list[Any], one: Formula) -> list[Any]:
    """What the formula gives of the rows, without nulls."""
    return [value for value in (one.of(world, row) for row in rows) if value is not None]


def exact(one: Formula) -> bool:
    """Whether sums of it are exact: those of other floats depend on the order of the rows."""
    return one.kind is not REAL or all(sign not in one.shown for sign in "(*/")


def adds(one: Formula) -> bool:
    """Whether there is a sum of it that can be told."""
    return exact(one) and (one.kind in (INT, REAL, SPAN) or one.kind.python is Decimal)


@st.composite
def summaries(draw: st.DrawFn, made: Made, among: list[Formula]) -> Summary:
    """An aggregate that does not depend on the order of the rows."""
    if draw(st.integers(0, 4)) == 0:
        return Summary("count()", INT, count(), lambda _, rows: len(rows))
    if draw(st.integers(0, 4)) == 0:
        return draw(tested(made, among))
    one = draw(computed(among).filter(lambda formula: formula.kind.ordered and formula.kind is not FLAG))
    ways: list[tuple[str, Kind, Callable[[list[Any]], Any]]] = [
        ("count", INT, len),
        ("min", one.kind, lambda found: extremes(found)[0]),
        ("max", one.kind, lambda found: extremes(found)[1]),
    ]
    ways += [("sum", one.kind, total)] * 2 if adds(one) else []
    ways += [("avg", MEAN, mean)] * 2 if adds(one) and one.kind is not SPAN else []
    name, kind, gives = draw(st.sampled_from(ways))
    return Summary(f"{one}.{name}()", kind, getattr(one.expr, name)(), lambda w, rows: gives(values(w, rows, one)))


@st.composite
def tested(draw: st.DrawFn, made: Made, among: list[Formula]) -> Summary:
    """Whether a condition holds in every row, or in some."""
    test = draw(conditions(made, among, subqueries=False))
    name, make, gives = draw(st.sampled_from([("every", every, all), ("some", some, any)]))

    def of(world: World, rows: list[Any]) -> bool | None:
        found = values(world, rows, test)
        return gives(found) if found else None

    return Summary(f"{name}({test})", FLAG, make(test.expr), of)


def extremes(values: list[Any]) -> tuple[Any, Any]:
    """The smallest and the largest."""
    return min(values, default=None), max(values, default=None)


def total(values: list[Any]) -> Any:
    """The sum, or None of no values."""
    return sum(values[1:], values[0]) if values else None


def mean(found: list[Any]) -> float | None:
    """The mean as the nearest float."""
    return float(sum(map(Fraction, found), Fraction(0)) / len(found)) if found else None


@st.composite
def different(draw: st.DrawFn, among: list[Formula]) -> Summary:
    """An aggregate of each different value once."""
    one = draw(computed(among).filter(lambda formula: formula.kind.ordered))
    ways = ["count", *(["sum"] if adds(one) else []), *(["avg"] if adds(one) and one.kind is not SPAN else [])]
    ways += ["list_agg"] if one.kind is not BLOB else []
    ways += ["string_agg"] if one.kind is TEXT else []
    name, descending = draw(st.sampled_from(ways)), draw(st.none() | st.booleans())
    order: Any = () if descending is None else one.expr.desc() if descending else one.expr.asc()
    made: dict[str, tuple[Kind, Callable[[], Any], Callable[[list[Any]], Any]]] = {
        "count": (INT, lambda: one.expr.count(distinct=True), len),
        "sum": (one.kind, lambda: one.expr.sum(distinct=True), total),
        "avg": (MEAN, lambda: one.expr.avg(distinct=True), mean),
        "list_agg": (LISTED, lambda: list_agg(one.expr, distinct=True, order_by=order), list),
        "string_agg": (TEXT, lambda: string_agg(one.expr, "é", distinct=True, order_by=order), texts("é")),
    }
    kind, make, gives = made[name]

    def of(world: World, rows: list[Any]) -> Any:
        return gives(
            sorted({told(value): value for value in values(world, rows, one)}.values(), reverse=bool(descending))
        )

    return Summary(f"{name}(distinct {one}, descending={descending})", kind, make(), of)


def texts(separator: str) -> Callable[[list[str]], str | None]:
    """The texts as one, null where there is none."""
    return lambda found: separator.join(found) if found else None


@st.composite
def in_a_row(draw: st.DrawFn, among: list[Formula], order: list[Term] | None) -> Summary:
    """Values or texts in a row: in an order that is said, or with None in that in which the rows are."""
    lists = (BLOB, WORDS, LISTED, *([EXTRA] if order is None else []))
    one = draw(computed(among).filter(lambda formula: formula.kind not in lists))
    own = order is not None and one.kind is not EXTRA and draw(st.booleans())
    separator = draw(st.sampled_from(["", ", ", "'"]))
    as_text = one.kind is TEXT and draw(st.booleans())
    said: Any = {} if own or order is None else {"order_by": [term.order for term in order]}
    expr = string_agg(one.expr, separator, **said) if as_text else list_agg(one.expr, **said)
    gives: Callable[[list[Any]], Any] = texts(separator) if as_text else list[Any]

    def of(world: World, rows: list[Any]) -> Any:
        found = values(world, rows if order is None else ordered(world, rows, order), one)
        return gives(sorted(found) if own else found)

    shown = f"{'string' if as_text else 'list'}_agg({one}, {separator!r}, {'' if own else order})"
    return Summary(shown, TEXT if as_text else LISTED, expr, of, puts_in_order=True)


@st.composite
def filtered(draw: st.DrawFn, one: Summary, made: Made, among: list[Formula]) -> Summary:
    """The same, perhaps of some rows alone."""
    if draw(st.booleans()):
        return one
    test = draw(conditions(made, among, subqueries=False))

    def of(world: World, rows: list[Any]) -> Any:
        return one.of(world, matching(world, rows, [test]))

    return replace(one, shown=f"{one}.filter({test})", expr=one.expr.filter(test.expr), of=of)


@dataclass(frozen=True)
class Groups:
    """The rows of a table put together: by which columns, of which rows, and what is computed of each group.

    What is computed of groups looks into records of ``heads`` and ``values``.
    """

    made: Made
    by: list[Formula]
    condition: Formula
    computed: list[Summary]

    @property
    def heads(self) -> list[Formula]:
        """The columns by which they are grouped, as formulas of a group."""
        return [replace(one, of=picked("heads", place)) for place, one in enumerate(self.by)]

    @property
    def leaves(self) -> list[Formula]:
        """Everything that a group has, as formulas of it."""
        made = [
            Formula(one.shown, one.kind, one.expr, picked("values", place)) for place, one in enumerate(self.computed)
        ]
        return [*self.heads, *made]

    def query(self, columns: list[Formula]) -> Any:
        """The query that selects these of each group."""
        query = self.made.table.select(columns[0].expr)
        for column in columns[1:]:
            query = query.also(column.expr)
        query = query.where(self.condition.expr)
        return query.group_by(*[one.expr for one in self.by]) if self.by else query

    def records(self, world: World) -> list[dict[str, list[Any]]]:
        """The groups."""
        rows = kept(world, self.made, [self.condition])
        together: dict[str, tuple[list[Any], list[Any]]] = {} if self.by else {"": ([], rows)}
        for row in rows if self.by else ():
            heads = [one.of(world, row) for one in self.by]
            together.setdefault(told(heads), (heads, []))[1].append(row)
        return [
            {"heads": heads, "values": [one.of(world, members) for one in self.computed]}
            for heads, members in together.values()
        ]


def picked(part: str, place: int) -> Callable[[World, Any], Any]:
    """A value of a record."""

    def of(_: World, record: Any) -> Any:
        return record[part][place]

    return of


@st.composite
def groupings(draw: st.DrawFn, made: Made, least: int = 0) -> Groups:
    """Rows put together by up to two columns."""
    by = draw(st.lists(st.sampled_from(able(made)), min_size=least, max_size=2, unique_by=str))
    among = leaves(made)
    kinds = summaries(made, able(made)) | different(able(made)) | in_a_row(among, draw(orders(made)))
    one = kinds.flatmap(lambda summary: filtered(summary, made, among))
    chosen = draw(st.lists(one, min_size=1, max_size=4, unique_by=str))
    return Groups(made, by, draw(conditions(made)), chosen)


@st.composite
def groups(draw: st.DrawFn, made: Made) -> tuple[Any, Model, bool]:
    """What is computed of each group, and of that again, of the groups for which a condition holds."""
    found = draw(groupings(made))
    columns = draw(st.lists(computed(found.leaves), min_size=1, max_size=4))
    wanted = [draw(conditions(made, found.leaves, subqueries=False))] if found.by else []
    query = found.query(columns)
    query = query.having(*[one.expr for one in wanted]) if wanted else query

    def model(world: World) -> Rows:
        records = matching(world, found.records(world), wanted)
        return [tuple([column.of(world, record) for column in columns]) for record in records]

    return query, model, False
