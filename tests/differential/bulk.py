"""Writes of many rows and of rows that may be there, each with what a model in plain Python says that it leaves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tabor import Database, RowsNotFound, coalesce
from tests.differential.conditions import conditions, kept, ordered, orders
from tests.differential.formulas import Formula, attribute, leaves
from tests.differential.functions import computed
from tests.differential.queries import answers, selected
from tests.differential.schemas import INT, Link, Made, Row, World, rows_of
from tests.differential.writes import Written, all_rows, assigned, key_of, settings_of, stored_and_excluded, told_of

MISSING = "rows are missing"


@dataclass(frozen=True, repr=False)
class Work:
    """Something to be done on a database that is more than a query."""

    shown: str
    work: Callable[[], Awaitable[Any]]

    async def run(self, db: Database) -> list[tuple[Any, ...]]:
        """Do it there."""
        with db.use():
            return [await self.work()]

    def __repr__(self) -> str:
        return self.shown


# --- rows that may be there ---


@st.composite
def found_or_made(draw: st.DrawFn, made: Made, world: World) -> Written | None:
    """A row that is found by its key, updated, or made."""
    rows = draw(rows_of(world, made, st.integers(0, 8), max_size=1))
    if not rows:
        return None
    # A copy is written: the row itself is in the world, where later writes change it.
    row, given, table = rows[0], deepcopy(rows[0]), made.table
    by = [getattr(table, part) for part in made.key]
    there = world[made.name].get(key_of(made, row))
    new = there is None
    stored = world[made.name].setdefault(key_of(made, row), row)
    if draw(st.booleans()):
        query: Any = Work(f"get_or_create({given})", lambda: told_row(made, table.get_or_create(table(**given), *by)))
        return Written(made, query, [*_answer(made, stored, new)], all_rows(made, world))
    both = stored_and_excluded(made)
    settings = draw(st.none() | settings_of(made, both))
    if there is not None:
        pair = {"stored": there, "excluded": row}
        changed = row if settings is None else {name: one.of(world, pair) for name, one in settings.items()}
        stored.update(deepcopy(changed))
    update = [] if settings is None else assigned(made, settings)
    query = Work(
        f"update_or_create({given}, {settings})",
        lambda: told_row(made, table.update_or_create(table(**given), *by, update=update)),
    )
    return Written(made, query, [*_answer(made, stored, new)], all_rows(made, world))


async def told_row(made: Made, doing: Awaitable[tuple[Any, bool]]) -> tuple[Any, ...]:
    """The row and whether it was made, as they are compared."""
    row, new = await doing
    return (*told_of(made, row), new)


def _answer(made: Made, row: Row, new: bool) -> list[str]:
    return answers([(*[row[name] for name in made.columns], new)], in_order=False)


# --- many rows ---


@st.composite
def many_updated(draw: st.DrawFn, made: Made, world: World) -> Written:
    """New values for some columns of many rows, each its own; some are not stored."""
    given = {key_of(made, row): row for row in draw(rows_of(world, made, st.integers(0, 8), max_size=4))}
    own = [name for name in made.columns if name not in made.key]
    names = draw(st.lists(st.sampled_from(own), min_size=1, unique=True))
    ignores, table = draw(st.booleans()), made.table
    stored = world[made.name]
    found = [key for key in given if key in stored]
    refused = len(found) < len(given) and not ignores
    for key in () if refused else found:
        stored[key].update({name: given[key][name] for name in names})

    async def work() -> tuple[Any, ...]:
        rows = [table(**row) for row in given.values()]
        columns = [getattr(table, name) for name in names]
        try:
            count = await table.update_many(rows, *columns, missing="ignore" if ignores else "raise")
        except RowsNotFound as error:
            return (MISSING, sorted(map(str, error.keys)))
        return (count, [])

    missing = [key[0] if len(key) == 1 else key for key in given if key not in stored]
    answer: tuple[Any, ...] = (MISSING, sorted(map(str, missing))) if refused else (len(found), [])
    query = Work(f"{made.name}.update_many({list(given.values())}, {names}, ignores={ignores})", work)
    return Written(made, query, answers([answer], in_order=False), all_rows(made, world))


# --- rows from a query ---


@st.composite
def copied(draw: st.DrawFn, made: Made, world: World) -> Written:
    """The rows of a query into its own table, under other keys; those that are there are left alone or changed."""
    table, own, further = made.table, leaves(made, 0), draw(st.sampled_from([1, 100]))
    targets: dict[str, Any] = {name: getattr(table, name) for name in made.columns}
    columns = {name: draw(copy_of(made, name, own)) for name in made.columns}
    columns["id"] = Formula(f"id + {further}", INT, table.id + further, lambda _, row: row["id"] + further)
    for link in made.links:
        for part in link.columns:
            targets[part] = column_of(made, link, part)
            columns[part] = Formula(part, INT, targets[part], kept_value(part))
    condition, order = draw(conditions(made)), draw(orders(made))
    query = selected(made, list(columns.values())).where(condition.expr).order_by(*[term.order for term in order])
    insert = table.insert_from(query, *targets.values())
    settings = draw(st.none() | settings_of(made, stored_and_excluded(made)))
    conflict = insert.on_conflict(*[getattr(table, part) for part in made.key])
    insert = conflict.ignore() if settings is None else conflict.update(*assigned(made, settings))
    rows = ordered(world, kept(world, made, [condition]), order)
    new = [{name: one.of(world, row) for name, one in columns.items()} for row in rows]
    given: list[tuple[Any, ...]] = []
    for row in deepcopy(new):
        there = world[made.name].setdefault(key_of(made, row), row)
        if there is not row:
            if settings is None:
                continue
            pair = {"stored": there, "excluded": row}
            there |= {name: one.of(world, pair) for name, one in settings.items()}
        given.append(key_of(made, row))
    insert = insert.returning(*[getattr(table, part) for part in made.key])
    return Written(made, insert, answers(given, in_order=False), all_rows(made, world))


def kept_value(name: str) -> Callable[[World, Any], Any]:
    """The value of a column as it is."""
    return lambda _, row: row[name]


@st.composite
def copy_of(draw: st.DrawFn, made: Made, name: str, own: list[Formula]) -> Formula:
    """What goes into a column: what stands there, or something computed of the row."""
    kind, empty = made.columns[name]
    here = next(leaf for leaf in own if leaf.shown == f"{made.name}.{name}")
    found = draw(computed(own))
    if name in made.key or found.kind is not kind or not kind.ordered or "*" in found.shown:
        return here
    if empty:
        return found

    def of(world: World, row: Row) -> Any:
        value = found.of(world, row)
        return here.of(world, row) if value is None else value

    return Formula(f"coalesce({found}, {here})", kind, coalesce(found.expr, here.expr), of)


def column_of(made: Made, link: Link, part: str) -> Any:
    """A column of a foreign key."""
    return getattr(made.table, part) if len(link.columns) > 1 else attribute(attribute(made.table, link.name), "id")


@st.composite
def bulk_changes(draw: st.DrawFn, schema: list[Made], world: World) -> list[Written]:
    """Such writes one after the other; the world is left as it was."""
    world = deepcopy(world)
    done: list[Written | None] = []
    for _ in range(draw(st.integers(1, 4))):
        way = draw(st.sampled_from([found_or_made, many_updated, copied]))
        done.append(draw(way(draw(st.sampled_from(schema)), world)))
    return [written for written in done if written is not None]
