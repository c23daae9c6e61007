"""Queries of every form, each with the rows that it should give by a model in plain Python."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tabor import alias, cte, optional
from tests.differential.conditions import Term, conditions, kept, matching, ordered, orders, scalars
from tests.differential.formulas import Formula, Of, leaves, leaves_of, told
from tests.differential.functions import computed
from tests.differential.schemas import Made, Row, World

Rows = list[tuple[Any, ...]]
Model = Callable[[World], Rows]


@dataclass(frozen=True, repr=False)
class Asked:
    """A query with the rows that it should give, in this order or in any."""

    query: Any
    expected: list[str]
    in_order: bool

    def __repr__(self) -> str:
        return str(self.query)


def answers(rows: Rows, *, in_order: bool) -> list[str]:
    """Rows as they are compared."""
    shown = [told(tuple(row)) for row in rows]
    return shown if in_order else sorted(shown)


def tuples(world: World, rows: list[Row], columns: list[Formula]) -> Rows:
    """What selecting the columns gives of the rows."""
    return [tuple([column.of(world, row) for column in columns]) for row in rows]


def selected(made: Made, columns: list[Formula]) -> Any:
    """The query that selects them."""
    query = made.table.select(columns[0].expr)
    for column in columns[1:]:
        query = query.also(column.expr)
    return query


some_rows = st.none() | st.integers(0, 5)


@st.composite
def cut(draw: st.DrawFn, query: Any, model: Model) -> tuple[Any, Model]:
    """A page of it."""
    limit, offset = draw(some_rows), draw(some_rows)
    query = query if limit is None else query.limit(limit)
    query = query if offset is None else query.offset(offset)

    def page(world: World) -> Rows:
        rows = model(world)[offset or 0 :]
        return rows if limit is None else rows[:limit]

    return query, page


def able(made: Made) -> list[Formula]:
    """Columns whose values can be compared with one another."""
    return [leaf for leaf in leaves(made) if leaf.kind.ordered]


@st.composite
def pages(draw: st.DrawFn, made: Made) -> tuple[Any, Model, bool]:
    """Columns, computed ones too, of the rows that fit a condition, in an order, from the middle."""
    among = computed(leaves(made))
    columns = draw(st.lists(among | scalars(made) if made.relations else among, min_size=1, max_size=4))
    condition, order = draw(conditions(made)), draw(orders(made))
    query = selected(made, columns).where(condition.expr).order_by(*[term.order for term in order])

    def model(world: World) -> Rows:
        return tuples(world, ordered(world, kept(world, made, [condition]), order), columns)

    return *draw(cut(query, model)), True


@st.composite
def whole_rows(draw: st.DrawFn, made: Made) -> tuple[Any, Model, bool]:
    """How many rows there are, or whether there is any."""
    condition, how = draw(conditions(made)), draw(st.sampled_from(["count", "exists"]))
    query = getattr(made.table.select().where(condition.expr), how)()

    def model(world: World) -> Rows:
        number = len(kept(world, made, [condition]))
        return [(number if how == "count" else number > 0,)]

    return query, model, True


def unique(rows: Rows) -> Rows:
    """Each different row once."""
    return list({told(row): row for row in rows}.values())


def by_places(draw: st.DrawFn, columns: list[Formula]) -> list[Term]:
    """An order of rows by all of their columns, as they stand in the row."""
    flags = st.sampled_from([None, True, False])

    places = draw(st.permutations(range(len(columns))))
    formulas = [Formula(str(place), columns[place].kind, columns[place].expr, at(place)) for place in places]
    return [Term(formula, draw(st.booleans()), draw(flags)) for formula in formulas]


def at(place: int) -> Of:
    """The value at a place of a row of values."""

    def of(_: World, row: Any) -> Any:
        return row[place]

    return of


@st.composite
def different(draw: st.DrawFn, made: Made) -> tuple[Any, Model, bool]:
    """The different rows, or those of set operations, in an order and cut, or in any."""
    columns = draw(st.lists(st.sampled_from(able(made)), min_size=1, max_size=3, unique_by=str))
    one, two, three = draw(conditions(made)), draw(conditions(made)), draw(conditions(made))
    left, right = selected(made, columns).where(one.expr), selected(made, columns).where(two.expr)
    last = selected(made, columns).where(three.expr)
    first_way, second_way = draw(st.sampled_from(sorted(SETS))), draw(st.none() | st.sampled_from(sorted(SETS)))
    query = left.distinct() if first_way == "distinct" else getattr(left, first_way)(right)
    if second_way and second_way != "distinct":
        query = getattr(query, second_way)(last)

    def model(world: World) -> Rows:
        a, b, c = [tuples(world, kept(world, made, [condition]), columns) for condition in (one, two, three)]
        rows = SETS[first_way](a, b)
        return rows if not second_way or second_way == "distinct" else SETS[second_way](rows, c)

    if draw(st.booleans()):
        return query, model, False
    order = by_places(draw, columns)
    query = query.order_by(*[term.order for term in order])

    def sorted_model(world: World) -> Rows:
        return ordered(world, model(world), order)

    return *draw(cut(query, sorted_model)), True


def _among(rows: Rows) -> set[str]:
    return {told(row) for row in rows}


SETS: dict[str, Callable[[Rows, Rows], Rows]] = {
    "distinct": lambda a, _: unique(a),
    "union": lambda a, b: unique([*a, *b]),
    "union_all": lambda a, b: [*a, *b],
    "intersect": lambda a, b: unique([row for row in a if told(row) in _among(b)]),
    "except_": lambda a, b: unique([row for row in a if told(row) not in _among(b)]),
}


@st.composite
def first_of_each(draw: st.DrawFn, made: Made) -> tuple[Any, Model, bool]:
    """The first row of those with the same values."""
    columns = draw(st.lists(st.sampled_from(leaves(made)), min_size=1, max_size=3))
    same = draw(st.lists(st.sampled_from(able(made)), min_size=1, max_size=2))
    condition, order = draw(conditions(made)), draw(orders(made))
    query = selected(made, columns).where(condition.expr).order_by(*[term.order for term in order])
    query = query.distinct(on=[formula.expr for formula in same])

    def model(world: World) -> Rows:
        firsts: dict[str, Row] = {}
        for row in ordered(world, kept(world, made, [condition]), order):
            firsts.setdefault(told([formula.of(world, row) for formula in same]), row)
        return tuples(world, list(firsts.values()), columns)

    return *draw(cut(query, model)), True


@st.composite
def related(draw: st.DrawFn, made: Made) -> tuple[Any, Model, bool]:
    """A list of the rows that refer to each row."""
    child, link, name = relation_of(draw, made)
    condition, order = draw(conditions(child)), draw(orders(child))
    limit, column = draw(some_rows), draw(computed(leaves(child)))
    beside = getattr(made.table, name).where(condition.expr).order_by(*[term.order for term in order])
    beside = beside if limit is None else beside.limit(limit)
    query = made.table.select(made.table.id, beside.select(column.expr).values()).order_by(made.table.id)

    def model(world: World) -> Rows:
        found: Rows = []
        for row in sorted(world[made.name].values(), key=lambda row: row["id"]):
            theirs = [r for r in kept(world, child, [condition]) if r[link.columns[0]] == row["id"]]
            found.append((row["id"], [column.of(world, r) for r in ordered(world, theirs, order)[:limit]]))
        return found

    return query, model, True


def relation_of(draw: st.DrawFn, made: Made) -> Any:
    """The rows of another table that refer to this one: by which key, under which name."""
    name = draw(st.sampled_from(sorted(made.relations)))
    return *made.relations[name], name


@st.composite
def joins(draw: st.DrawFn, made: Made, other: Made) -> tuple[Any, Model, bool]:
    """The rows of two tables that belong together by a condition; of a left join the others of the first, too.

    The other table may be a named query of some of its rows.
    """
    left = draw(st.booleans())
    inside = draw(st.none() | conditions(other))
    table: Any = other.table if inside is None else cte("named", other.table.select().where(inside.expr))
    called: Any = optional if left else alias
    joined: Any = called(table, "j")
    there: Any = joined if inside is None else joined[other.table]
    inner = there.inner if left else there
    ours = leaves_of(made, made.table, lambda _, pair: pair["left"], made.name, 1)
    theirs = leaves_of(other, there, lambda _, pair: pair["right"], "j", 1)
    on = draw(
        conditions(other, [*ours, *leaves_of(other, inner, lambda _, pair: pair["right"], "j")], subqueries=False)
    )
    columns = draw(st.lists(computed([*ours, *theirs]), min_size=1, max_size=4))
    condition = draw(conditions(other, [*ours, *theirs], subqueries=False))
    order = [Term(leaf) for leaf in (*ours, *theirs) if leaf.shown in keys_of(made, made.name) + keys_of(other, "j")]
    query = selected(made, columns)
    query = query.left_join(joined, on=on.expr) if left else query.join(joined, on=on.expr)
    query = query.where(condition.expr).order_by(*[term.order for term in order])

    def model(world: World) -> Rows:
        pairs: list[Row] = []
        some = kept(world, other, [] if inside is None else [inside])
        for one in world[made.name].values():
            fitting = matching(world, [{"left": one, "right": two} for two in some], [on])
            pairs += fitting or ([{"left": one, "right": None}] if left else [])
        return tuples(world, ordered(world, matching(world, pairs, [condition]), order), columns)

    return *draw(cut(query, model)), True


def keys_of(made: Made, shown: str) -> list[str]:
    """How the columns of its key are shown."""
    return [f"{shown}.{part}" for part in made.key]


@st.composite
def named_queries(draw: st.DrawFn, made: Made) -> tuple[Any, Model, bool]:
    """A named query, filtered from outside, alone or beside its own table."""
    keys = [leaf for leaf in leaves(made, 0) if leaf.shown in keys_of(made, made.name)]
    others = draw(st.lists(st.sampled_from(able(made)), max_size=2, unique_by=str))
    columns = [*keys, *[column for column in others if column.shown not in [key.shown for key in keys]]]
    inside = draw(conditions(made))
    named = cte("named", selected(made, columns).where(inside.expr))
    seen = [
        Formula(f"named[{place}]", column.kind, named[column.expr], at(place)) for place, column in enumerate(columns)
    ]
    outside = draw(conditions(made, seen, subqueries=False))
    shown = draw(st.lists(computed(seen), min_size=1, max_size=3))
    query: Any = named.select(shown[0].expr)
    for formula in shown[1:]:
        query = query.also(formula.expr)
    query = query.where(outside.expr).order_by(*[seen[place].expr for place in range(len(keys))])

    def model(world: World) -> Rows:
        rows: Any = tuples(world, kept(world, made, [inside]), columns)
        rows = ordered(world, matching(world, rows, [outside]), [Term(seen[place]) for place in range(len(keys))])
        return tuples(world, rows, shown)

    return *draw(cut(query, model)), True


@st.composite
def questions(draw: st.DrawFn, schema: list[Made], world: World) -> Asked:
    """A query of any form on any table, with the rows that it should give."""
    made = draw(st.sampled_from(schema))
    other = draw(st.sampled_from(schema))
    kinds = [pages(made), different(made), joins(made, other), first_of_each(made)]
    kinds += [whole_rows(made), named_queries(made), *([related(made)] * bool(made.relations))]
    query, model, in_order = draw(draw(st.sampled_from(kinds)))
    return Asked(query, answers(model(world), in_order=in_order), in_order)
