"""Inserts, upserts, updates and deletes, each with what a model in plain Python says that it gives and leaves."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tabor import coalesce, excluded
from tests.differential.conditions import conditions, kept
from tests.differential.formulas import Formula, leaves, leaves_of
from tests.differential.functions import computed
from tests.differential.queries import answers
from tests.differential.schemas import Kind, Made, Row, World, rows_of


@dataclass(frozen=True, repr=False)
class Written:
    """A write with the rows that it gives back, in any order, and all rows of its table afterwards."""

    made: Made
    query: Any
    given: list[str]
    left: list[str]

    def __repr__(self) -> str:
        return str(self.query)


def all_rows(made: Made, world: World) -> list[str]:
    """Every row of the table, as it is compared."""
    return answers([tuple(row[name] for name in made.columns) for row in world[made.name].values()], in_order=False)


def told_of(made: Made, row: Any) -> tuple[Any, ...]:
    """The columns of a row as they are compared."""
    return tuple(getattr(row, name) for name in made.columns)


def key_of(made: Made, row: Row) -> tuple[Any, ...]:
    """The primary key of a row."""
    return tuple(row[part] for part in made.key)


@st.composite
def settings_of(draw: st.DrawFn, made: Made, among: list[Formula]) -> dict[str, Formula]:
    """New values for some columns, computed from ``among``."""
    own = {name: column for name, column in made.columns.items() if name not in made.key}
    names = draw(st.lists(st.sampled_from(sorted(own)), min_size=1, max_size=3, unique=True))
    return {name: draw(new_value(*own[name], among)) for name in names}


@st.composite
def new_value(draw: st.DrawFn, kind: Kind, nullable: bool, among: list[Formula]) -> Formula:
    """A value or a formula for a column."""
    plain = draw(st.none() | kind.values if nullable else kind.values)
    given = Formula(repr(plain), kind, plain, lambda _, __: plain)
    found = draw(st.none() | computed(among))
    if found is None or found.kind is not kind or "*" in found.shown:
        return given
    if nullable:
        return found
    expr = coalesce(found.expr, plain)

    def of(world: World, row: Row) -> Any:
        value = found.of(world, row)
        return plain if value is None else value

    return Formula(f"coalesce({found}, {plain!r})", kind, expr, of)


def assigned(made: Made, settings: dict[str, Formula]) -> list[Any]:
    """The settings as a query takes them."""
    return [getattr(made.table, name).to(formula.expr) for name, formula in settings.items()]


@st.composite
def updates(draw: st.DrawFn, made: Made, world: World) -> Written:
    """New values for the rows that fit a condition."""
    own = leaves(made, 0)
    settings, condition = draw(settings_of(made, own)), draw(conditions(made))
    returned = draw(computed(own))
    query = made.table.update(*assigned(made, settings)).where(condition.expr)
    query = query.returning(made.table.id, returned.expr)
    rows = kept(world, made, [condition])
    for row in rows:
        row.update({name: formula.of(world, row) for name, formula in settings.items()})
    given = answers([(row["id"], returned.of(world, row)) for row in rows], in_order=False)
    return Written(made, query, given, all_rows(made, world))


@st.composite
def deletes(draw: st.DrawFn, made: Made, world: World) -> Written:
    """Gone are the rows that fit a condition."""
    condition, returned = draw(conditions(made)), draw(computed(leaves(made, 0)))
    query = made.table.delete().where(condition.expr).returning(made.table.id, returned.expr)
    rows = kept(world, made, [condition])
    given = answers([(row["id"], returned.of(world, row)) for row in rows], in_order=False)
    for row in rows:
        del world[made.name][key_of(made, row)]
    return Written(made, query, given, all_rows(made, world))


def stored_and_excluded(made: Made) -> list[Formula]:
    """The columns of the stored row and of the row that could not be inserted, as formulas of both."""
    stored = leaves_of(made, made.table, lambda _, pair: pair["stored"], made.name)
    refused = [
        Formula(f"excluded({leaf})", leaf.kind, excluded(leaf.expr), offered(name))
        for name, leaf in zip(made.columns, stored, strict=True)
    ]
    return [*stored, *refused]


@st.composite
def upserts(draw: st.DrawFn, made: Made, world: World) -> Written:
    """Rows of which some are there already: changed, left alone, or changed on a condition."""
    both = stored_and_excluded(made)
    rows = draw(rows_of(world, made, st.integers(0, 8), max_size=4))
    settings = draw(settings_of(made, both))
    condition = draw(st.none() | conditions(made, both, subqueries=False))
    ignores = draw(st.integers(0, 3)) == 0
    query = made.table.insert([made.table(**row) for row in rows])
    query = query.on_conflict(*[getattr(made.table, part) for part in made.key])
    where = None if condition is None else condition.expr
    query = query.ignore() if ignores else query.update(*assigned(made, settings), where=where)
    found: list[Row] = []
    for row in rows:
        there = world[made.name].setdefault(key_of(made, row), row)
        if there is not row:
            pair = {"stored": there, "excluded": row}
            if ignores or not (condition is None or condition.of(world, pair) is True):
                continue
            there |= {name: formula.of(world, pair) for name, formula in settings.items()}
        found.append({**there})
    given = answers([tuple(row[name] for name in made.key) for row in found], in_order=False)
    query = query.returning(*[getattr(made.table, part) for part in made.key])
    return Written(made, query, given, all_rows(made, world))


def offered(name: str) -> Any:
    """The value of the row that could not be inserted."""

    def of(_: World, pair: Any) -> Any:
        return pair["excluded"][name]

    return of


@st.composite
def changes(draw: st.DrawFn, schema: list[Made], world: World) -> list[Written]:
    """Writes one after the other; the world is left as it was."""
    world = deepcopy(world)
    # Nothing refers to the last table, so that its rows can go.
    ways = [updates, updates, upserts, upserts, deletes]
    done: list[Written] = []
    for _ in range(draw(st.integers(1, 5))):
        way = draw(st.sampled_from(ways))
        made = schema[-1] if way is deletes else draw(st.sampled_from(schema))
        done.append(draw(way(made, world)))
    return done
