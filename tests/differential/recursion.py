"""Queries that go on from their own rows, over rows that refer to one another, in circles too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tabor import ForeignKey, column, key, recursive, value
from tests.differential.conditions import conditions, kept, matching
from tests.differential.formulas import Formula, attribute, leaves, leaves_of, told
from tests.differential.linked import declared, parts_of, some_columns
from tests.differential.queries import Model, Rows, at, tuples, unique
from tests.differential.schemas import INT, Link, Made, Row, World, row_of

__all__ = ["ForeignKey", "chained_schemas", "chained_worlds", "chains"]

NAME = "Knot"
LONGEST = 3
"""How far a chain goes that may lead in a circle."""


@st.composite
def chained_schemas(draw: st.DrawFn) -> list[Made]:
    """One table with a key to itself."""
    columns = draw(some_columns())
    annotations, attributes = parts_of(columns)
    annotations |= {"id": INT.annotation, "parent": f"ForeignKey[{NAME} | None]"}
    attributes |= {"id": column(primary_key=True, init=True), "parent": key(default=None, deferrable=True)}
    table = declared(NAME, annotations, attributes, __name__)
    made = Made(NAME.lower(), table, ("id",), {**columns, "id": (INT, False)}, [], {})
    made.links.append(Link("parent", made, ("parent",)))
    return [made]


@st.composite
def chained_worlds(draw: st.DrawFn, schema: list[Made]) -> World:
    """Rows that refer to any others."""
    (made,) = schema
    count = draw(st.integers(0, 6))
    parents = st.none() | st.integers(0, count - 1) if count else st.none()
    empty: World = {made.name: {}}
    rows = [{**draw(row_of(empty, made)), "id": number, "parent": draw(parents)} for number in range(count)]
    return {made.name: {(row["id"],): row for row in rows}}


@dataclass(frozen=True)
class Chain:
    """What a chain is made of: where it starts, where it goes, what it carries along, and what ends it."""

    made: Made
    base: Formula
    further: Formula
    carried: Formula
    downwards: bool
    distinct: bool
    measured: bool

    def rows(self, world: World) -> Rows:
        """Its rows: key, parent, what is carried, and how far each is where that is measured."""
        table = world[self.made.name].values()
        found = [self._row(world, row, 0) for row in kept(world, self.made, [self.base])]
        found = unique(found) if self.distinct else found
        last = found
        while last:
            steps = [
                self._row(world, row, self._far(before) + 1)
                for before in last
                for row in table
                if self._leads(world, before, row)
            ]
            known = {told(row) for row in found}
            last = [row for row in unique(steps) if told(row) not in known] if self.distinct else steps
            found = [*found, *last]
        return found

    def _row(self, world: World, row: Row, far: int) -> tuple[Any, ...]:
        found = (row["id"], row["parent"], self.carried.of(world, {"row": row}))
        return (*found, far) if self.measured else found

    def _far(self, row: tuple[Any, ...]) -> int:
        return row[3] if self.measured else 0

    def _leads(self, world: World, before: tuple[Any, ...], row: Row) -> bool:
        linked = row["parent"] == before[0] if self.downwards else row["id"] == before[1]
        near = not self.measured or self._far(before) < LONGEST
        return linked and near and self.further.of(world, {"row": row, "before": before}) is True


@st.composite
def chains(draw: st.DrawFn, made: Made) -> tuple[Any, Model, bool]:
    """A chain of rows, asked for its columns, or for the rows of the table that are in it."""
    table, measured = made.table, draw(st.booleans())
    parent, far = attribute(table.parent, "id"), value(0)
    own = [Formula(leaf.shown, leaf.kind, leaf.expr, on_row(leaf)) for leaf in leaves(made, 0)]
    carried = draw(st.sampled_from([leaf for leaf in own if leaf.shown != f"{made.name}.id"] or own))
    downwards, distinct = draw(st.booleans()), draw(st.booleans()) or not measured
    base = draw(conditions(made))
    given: list[Formula] = []

    def step(before: Any) -> Any:
        seen = [Formula("chain.id", INT, before[table.id], lambda _, pair: pair["before"][0])]
        seen.append(Formula("chain.carried", carried.kind, before[carried.expr], lambda _, pair: pair["before"][2]))
        given.append(draw(conditions(made, [*own, *seen], subqueries=False)))
        query = table.select(table.id, parent, carried.expr)
        query = query.also(before[far] + 1) if measured else query
        leads = parent == before[table.id] if downwards else table.id == before[parent]
        query = query.beside(before).where(leads, given[0].expr)
        return query.where(before[far] < LONGEST) if measured else query

    first = table.select(table.id, parent, carried.expr)
    first = (first.also(far) if measured else first).where(base.expr)
    chain = recursive("chain", first, step, distinct=distinct)
    model = Chain(made, base, given[0], carried, downwards, distinct, measured)
    columns = [("id", INT, table.id), ("parent", INT, parent), ("carried", carried.kind, carried.expr)]
    columns += [("far", INT, far)] if measured else []
    seen = [Formula(f"chain.{name}", kind, chain[expr], at(place)) for place, (name, kind, expr) in enumerate(columns)]
    outside = draw(conditions(made, seen, subqueries=False))
    if draw(st.booleans()):
        asked = chain.select().where(outside.expr)
        return asked, lambda world: matching(world, model.rows(world), [outside]), False
    inside = table.id.is_in(chain.select(chain[table.id]).where(outside.expr))
    shown = leaves_of(made, table, lambda _, row: row, made.name)

    def rows(world: World) -> Rows:
        keys = {row[0] for row in matching(world, model.rows(world), [outside])}
        return tuples(world, [row for row in world[made.name].values() if row["id"] in keys], shown[:1])

    return table.select(shown[0].expr).where(inside), rows, False


def on_row(one: Formula) -> Callable[[World, Any], Any]:
    """What a formula gives of the row that is added."""
    return lambda world, pair: one.of(world, pair["row"])
