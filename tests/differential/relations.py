"""Related rows, by a key or by a table between: lists of each row and questions about them, beside their Python."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from tabor import alias, optional
from tests.differential.aggregates import LISTED
from tests.differential.conditions import Term, conditions, kept, matching, ordered, orders
from tests.differential.formulas import Formula, leaves, leaves_of, told
from tests.differential.functions import computed
from tests.differential.queries import Model, Rows, cut, keys_of, selected, some_rows, tuples
from tests.differential.schemas import FLAG, INT, NUMBERS, Made, Row, World

Find = Callable[[World, Row], list[Any]]


@dataclass(frozen=True)
class Relation:
    """The rows related to each row of a table, as records of a ``row`` and of the ``link`` that leads to it."""

    name: str
    owner: Made
    target: Made
    find: Find
    between: Made | None = None

    @property
    def expr(self) -> Any:
        """The relation for a query."""
        return getattr(self.owner.table, self.name)

    def leaves_at(self, at: Any, depth: int = 1) -> list[Formula]:
        """What can be asked of its records, where the related rows stand under the name ``at``."""
        return leaves_of(self.target, at, lambda _, record: record["row"], self.target.name, depth)

    @property
    def leaves(self) -> list[Formula]:
        """The same, with the columns of the table between."""
        own = self.leaves_at(self.target.table)
        if self.between is None:
            return own
        there = leaves_of(self.between, self.between.table, lambda _, record: record["link"], self.between.name)
        return [*own, *there]

    @property
    def key(self) -> list[Term]:
        """The order by which its records differ."""
        known = keys_of(self.target, self.target.name)
        known += keys_of(self.between, self.between.name) if self.between else []
        return [Term(leaf) for leaf in self.leaves if leaf.shown in known]


def relations_of(made: Made) -> list[Relation]:
    """The relations of a table."""
    return [*[_by_key(made, name) for name in sorted(made.relations)], *made.linked]


def _by_key(made: Made, name: str) -> Relation:
    child, link = made.relations[name]

    def find(world: World, row: Row) -> list[Any]:
        return [{"row": other} for other in world[child.name].values() if other[link.columns[0]] == row["id"]]

    return Relation(name, made, child, find)


def on_row(one: Formula) -> Formula:
    """A formula of a row as one of a record."""

    def of(world: World, record: Any) -> Any:
        return one.of(world, record["row"])

    return replace(one, of=of)


# --- questions ---


@st.composite
def asked(draw: st.DrawFn, made: Made, depth: int = 1) -> Formula:
    """How many related rows there are, or whether there are any, of those for which a condition holds."""
    relation = draw(st.sampled_from(relations_of(made)))
    condition = draw(narrowed(relation, depth))
    related = relation.expr
    shown = f"{made.name}.{relation.name} where {condition}"

    def found(world: World, row: Row) -> list[Any]:
        return matching(world, relation.find(world, row), [condition])

    way = draw(st.sampled_from(["any", "none", "where any", "count", "limited", "different", "offset"]))
    if way == "any":
        return Formula(f"any({shown})", FLAG, related.any(condition.expr), lambda w, r: bool(found(w, r)))
    if way == "none":
        return Formula(f"none({shown})", FLAG, related.none(condition.expr), lambda w, r: not found(w, r))
    chosen = related.where(condition.expr)
    if way == "where any":
        return Formula(f"where any({shown})", FLAG, chosen.any(), lambda w, r: bool(found(w, r)))
    if way == "count":
        return Formula(f"count({shown})", INT, chosen.count(), lambda w, r: len(found(w, r)))
    number = draw(st.integers(0, 2))
    if way == "limited":
        return Formula(
            f"count({shown} limit {number})",
            INT,
            chosen.limit(number).count(),
            lambda w, r: min(number, len(found(w, r))),
        )
    if way == "offset":
        return Formula(
            f"any({shown} offset {number})", FLAG, chosen.offset(number).any(), lambda w, r: len(found(w, r)) > number
        )
    one = draw(computed([leaf for leaf in relation.leaves if leaf.kind.ordered]))
    expr = chosen.select(one.expr).count(distinct=True)

    def different(world: World, row: Row) -> int:
        return len({told(one.of(world, record)) for record in found(world, row)} - {told(None)})

    return Formula(f"different({one} of {shown})", INT, expr, different)


@st.composite
def narrowed(draw: st.DrawFn, relation: Relation, depth: int) -> Formula:
    """A condition on related rows, which may ask for those related to them in turn."""
    condition = draw(conditions(relation.target, relation.leaves, subqueries=False))
    if not depth or not relations_of(relation.target) or draw(st.booleans()):
        return condition
    more = on_row(draw(questions_of(relation.target, depth - 1)))
    both = f"({condition} & {more})"

    def of(world: World, record: Any) -> bool | None:
        a, b = condition.of(world, record), more.of(world, record)
        return False if a is False or b is False else None if a is None or b is None else True

    return Formula(both, FLAG, condition.expr & more.expr, of)


@st.composite
def questions_of(draw: st.DrawFn, made: Made, depth: int = 1) -> Formula:
    """A condition on the rows related to each row."""
    one = draw(asked(made, depth))
    if one.kind is FLAG:
        return one
    limit = draw(NUMBERS)
    return Formula(f"({one} > {limit})", FLAG, one.expr > limit, lambda w, r: one.of(w, r) > limit)


# --- lists ---


@st.composite
def lists(draw: st.DrawFn, made: Made, depth: int = 1) -> Formula:
    """A list of related rows: filtered, sorted and cut for each row by itself, with lists in it in turn."""
    relation = draw(st.sampled_from(relations_of(made)))
    condition, limit, offset = draw(narrowed(relation, 1)), draw(some_rows), draw(st.none() | st.integers(0, 2))
    sortable = [leaf for leaf in relation.leaves if leaf.kind.ordered]
    first = draw(
        st.lists(st.builds(Term, computed(sortable), st.booleans(), st.sampled_from([None, True, False])), max_size=2)
    )
    # Where a list is cut, the key completes its order.
    said = first if limit is not None and draw(st.booleans()) else [*first, *relation.key]
    among = computed(relation.leaves)
    if relations_of(relation.target):
        among |= asked(relation.target).map(on_row)
        among |= lists(relation.target, depth - 1).map(on_row) if depth else among
    columns = draw(st.lists(among, min_size=1, max_size=3))
    query = relation.expr.where(condition.expr).order_by(*[term.order for term in said])
    query = query if limit is None else query.limit(limit)
    query = query if offset is None else query.offset(offset)
    query = query.select(columns[0].expr)
    for column in columns[1:]:
        query = query.also(column.expr)
    single = len(columns) == 1 and draw(st.booleans())

    def of(world: World, row: Row) -> list[Any]:
        records = matching(world, relation.find(world, row), [condition])
        records = ordered(world, records, [*first, *relation.key])[offset or 0 :]
        rows = tuples(world, records if limit is None else records[:limit], columns)
        return [value for (value,) in rows] if single else list(rows)

    shown = f"{made.name}.{relation.name} where {condition} by {said} [{offset}:{limit}] of {columns}"
    return Formula(shown, LISTED, query.values() if single else query, of)


# --- queries ---


@st.composite
def related_pages(draw: st.DrawFn, made: Made) -> tuple[Any, Model, bool]:
    """Rows with lists of related ones, and with questions about them: selected, compared and sorted by."""
    columns = draw(st.lists(lists(made) | asked(made) | computed(leaves(made)), min_size=1, max_size=3))
    condition = draw(conditions(made) | questions_of(made))
    order = draw(st.lists(st.builds(Term, asked(made), st.booleans()), max_size=1)) + draw(orders(made))
    query = selected(made, columns).where(condition.expr).order_by(*[term.order for term in order])

    def model(world: World) -> Rows:
        return tuples(world, ordered(world, kept(world, made, [condition]), order), columns)

    return *draw(cut(query, model)), True


@st.composite
def related_joins(draw: st.DrawFn, made: Made) -> tuple[Any, Model, bool]:
    """Rows beside each of their related ones; of a left join those without any, too."""
    relation = draw(st.sampled_from(relations_of(made)))
    left = draw(st.booleans())
    called: Any = optional if left else alias
    there: Any = called(relation.target.table, "j")
    condition = draw(conditions(relation.target, relation.leaves, subqueries=False))
    ours = [replace(leaf, of=on_left(leaf)) for leaf in leaves(made, 1)]
    theirs = leaves_of(relation.target, there, lambda _, pair: pair["right"], "j", 1)
    columns = draw(st.lists(computed([*ours, *theirs]), min_size=1, max_size=4))
    along = relation.expr.where(condition.expr)
    query = selected(made, columns)
    query = query.left_join(there, on=along) if left else query.join(there, on=along)

    def model(world: World) -> Rows:
        pairs: list[Any] = []
        for row in world[made.name].values():
            found = matching(world, relation.find(world, row), [condition])
            pairs += [{"left": row, "right": record["row"]} for record in found]
            pairs += [] if found or not left else [{"left": row, "right": None}]
        return tuples(world, pairs, columns)

    return query, model, False


def on_left(one: Formula) -> Callable[[World, Any], Any]:
    """What the formula gives of the left row of a pair."""
    return lambda world, pair: one.of(world, pair["left"])


def relation_questions(made: Made) -> st.SearchStrategy[tuple[Any, Model, bool]]:
    """A question about related rows."""
    return related_pages(made) | related_pages(made) | related_joins(made)
