"""Conditions in the three-valued logic of SQL, and orders, each beside the Python that says what it means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cmp_to_key, reduce
from typing import Any

from hypothesis import strategies as st

from tabor import exists, tuple_
from tests.differential.formulas import Formula, attribute, leaves, lifted
from tests.differential.functions import ASCII_LOWER, computed
from tests.differential.schemas import FLAG, INT, LETTERS, NUMBERS, TEXT, WORDS, Made, Row, World


def like(pattern: str, *, ignore_case: bool = False) -> Callable[[str], bool]:
    """The model of LIKE: a pattern as a regular expression."""
    parts: list[str] = []
    escaped = False
    for letter in pattern:
        if escaped or letter not in "%_\\":
            parts.append(re.escape(letter))
            escaped = False
        elif letter == "\\":
            escaped = True
        else:
            parts.append(".*" if letter == "%" else ".")
    parts += [re.escape("\\")] if escaped else []
    flags = re.DOTALL | (re.IGNORECASE | re.ASCII if ignore_case else 0)
    return lambda text: re.fullmatch("".join(parts), text, flags) is not None


COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "__eq__": lambda a, b: a == b,
    "__ne__": lambda a, b: a != b,
    "__lt__": lambda a, b: a < b,
    "__le__": lambda a, b: a <= b,
    "__gt__": lambda a, b: a > b,
    "__ge__": lambda a, b: a >= b,
}
ON_TEXT: dict[str, Callable[[str, str], bool]] = {
    "like": lambda text, other: like(other)(text),
    "ilike": lambda text, other: like(other, ignore_case=True)(text),
    "contains": lambda text, other: other in text,
    "icontains": lambda text, other: other.translate(ASCII_LOWER) in text.translate(ASCII_LOWER),
    "starts_with": str.startswith,
    "ends_with": str.endswith,
}


@st.composite
def comparisons(draw: st.DrawFn, among: list[Formula]) -> Formula:
    """A condition on one or two columns."""
    one = draw(computed(among))
    ways: list[Callable[[st.DrawFn, Formula, list[Formula]], Formula]] = [emptiness]
    if one.kind.ordered:
        ways += [against_value, against_formula, distinction, membership, between, side_by_side]
    if one.kind is TEXT:
        ways += [on_text] * 2
    if one.kind is WORDS:
        ways = [on_words]
    return draw(st.sampled_from(ways))(draw, one, among)


def emptiness(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """Whether there is a value."""
    return draw(
        st.sampled_from(
            [
                Formula(f"{one}.is_null()", FLAG, one.expr.is_null(), lambda w, r: one.of(w, r) is None),
                Formula(f"{one}.is_not_null()", FLAG, one.expr.is_not_null(), lambda w, r: one.of(w, r) is not None),
                Formula(f"{one} == None", FLAG, one.expr.__eq__(None), lambda w, r: one.of(w, r) is None),
            ]
        )
    )


def against_value(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """How it compares with a value."""
    name, value = draw(st.sampled_from(sorted(COMPARED))), draw(one.kind.values)
    compare = COMPARED[name]
    made = getattr(one.expr, name)(value)
    return lifted(FLAG, f"{one}.{name}({value!r})", made, lambda a: compare(a, value), one)


def against_formula(draw: st.DrawFn, one: Formula, among: list[Formula]) -> Formula:
    """How it compares with another column of its type."""
    name = draw(st.sampled_from(sorted(COMPARED)))
    two = draw(st.sampled_from([formula for formula in among if formula.kind is one.kind] or [one]))
    return lifted(FLAG, f"{one}.{name}({two})", getattr(one.expr, name)(two.expr), COMPARED[name], one, two)


def distinction(draw: st.DrawFn, one: Formula, among: list[Formula]) -> Formula:
    """Whether it is another than a value or a column, nulls included."""
    value = draw(st.none() | one.kind.values)
    given = Formula(repr(value), one.kind, value, lambda _, __: value)
    two = draw(st.sampled_from([given, *[formula for formula in among if formula.kind is one.kind]]))
    if draw(st.booleans()):
        made = one.expr.is_distinct_from(two.expr)
        return Formula(f"{one}.is_distinct_from({two})", FLAG, made, lambda w, r: one.of(w, r) != two.of(w, r))
    made = one.expr.is_not_distinct_from(two.expr)
    return Formula(f"{one}.is_not_distinct_from({two})", FLAG, made, lambda w, r: one.of(w, r) == two.of(w, r))


def side_by_side(draw: st.DrawFn, one: Formula, among: list[Formula]) -> Formula:
    """Whether two of them together are one of a list of pairs."""
    two = draw(st.sampled_from([formula for formula in among if formula.kind.ordered]))
    pairs = draw(st.lists(st.tuples(one.kind.values, two.kind.values), min_size=1, max_size=3))
    model = [joined(_equal(one, a), _equal(two, b)) for a, b in pairs]
    found = reduce(either, model)
    expr = tuple_(one.expr, two.expr).is_in(pairs)
    return Formula(f"tuple_({one}, {two}).is_in({pairs})", FLAG, expr, found.of)


def _equal(one: Formula, value: Any) -> Formula:
    return lifted(FLAG, f"({one} == {value!r})", one.expr == value, lambda a: a == value, one)


def membership(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """Whether it is one of a list; an empty one matches nothing, or everything, nulls included."""
    some, within = draw(st.lists(one.kind.values, max_size=3)), draw(st.booleans())
    made = one.expr.is_in(some) if within else one.expr.not_in(some)
    shown = f"{one}.{'is_in' if within else 'not_in'}({some})"
    if not some:
        return Formula(shown, FLAG, made, lambda _, __: not within)
    return lifted(FLAG, shown, made, lambda a: (a in some) is within, one)


def between(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """Whether it lies within two bounds."""
    low, high = draw(one.kind.values), draw(one.kind.values)
    made = one.expr.between(low, high)
    return lifted(FLAG, f"{one}.between({low!r}, {high!r})", made, lambda a: low <= a <= high, one)


def on_text(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """What is in a text."""
    name, part = draw(st.sampled_from(sorted(ON_TEXT))), draw(LETTERS)
    test = ON_TEXT[name]
    return lifted(FLAG, f"{one}.{name}({part!r})", getattr(one.expr, name)(part), lambda a: test(a, part), one)


def on_words(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """What is in a list."""
    word = draw(st.sampled_from(["a", "B", "'"]))
    return draw(
        st.sampled_from(
            [
                lifted(FLAG, f"{one}.has({word!r})", one.expr.has(word), lambda a: word in a, one),
                lifted(FLAG, f"{one}.length() > 1", one.expr.length() > 1, lambda a: len(a) > 1, one),
            ]
        )
    )


def negated(one: Formula) -> Formula:
    """The opposite, which is neither true nor false where the condition is neither."""
    return lifted(FLAG, f"~({one})", ~one.expr, lambda a: not a, one)


def joined(one: Formula, two: Formula) -> Formula:
    """Both."""

    def of(world: World, row: Any) -> bool | None:
        a, b = one.of(world, row), two.of(world, row)
        return False if a is False or b is False else None if a is None or b is None else True

    return Formula(f"({one} & {two})", FLAG, one.expr & two.expr, of)


def either(one: Formula, two: Formula) -> Formula:
    """One or both; by De Morgan's law, which holds with nulls too."""
    model = negated(joined(negated(one), negated(two)))
    return Formula(f"({one} | {two})", FLAG, one.expr | two.expr, model.of)


@st.composite
def conditions(draw: st.DrawFn, made: Made, among: list[Formula] | None = None, *, subqueries: bool = True) -> Formula:
    """A condition on the rows of a table: a tree of comparisons and of questions to other tables.

    ``among`` are the columns to compare, where they are not those of the table alone.
    """
    simple: st.SearchStrategy[Formula] = comparisons(among or leaves(made))
    if subqueries and made.relations:
        simple |= asked(made)
    grown = st.recursive(
        simple,
        lambda inner: inner.map(negated) | st.builds(joined, inner, inner) | st.builds(either, inner, inner),
        max_leaves=4,
    )
    return draw(grown)


@st.composite
def asked(draw: st.DrawFn, made: Made) -> Formula:
    """A condition that asks the rows which refer to the row at hand."""
    child, link = draw(st.sampled_from([made.relations[name] for name in sorted(made.relations)]))
    condition = draw(conditions(child, subqueries=False))
    reference = attribute(attribute(child.table, link.name), "id")
    beside = child.table.select(reference).where(condition.expr)

    def theirs(world: World, row: Any) -> list[Row]:
        return [r for r in kept(world, child, [condition]) if r[link.columns[0]] == row["id"]]

    number, limit = draw(scalars(made)), draw(NUMBERS)
    shown = f"{child.name} by {link.name} where {condition}"
    return draw(
        st.sampled_from(
            [
                Formula(
                    f"exists({shown})",
                    FLAG,
                    exists(beside.where(reference == made.table.id)),
                    lambda w, r: bool(theirs(w, r)),
                ),
                Formula(f"is_in({shown})", FLAG, made.table.id.is_in(beside), lambda w, r: bool(theirs(w, r))),
                Formula(f"not_in({shown})", FLAG, made.table.id.not_in(beside), lambda w, r: not theirs(w, r)),
                lifted(FLAG, f"{number} > {limit}", number.expr > limit, lambda n: n > limit, number),
            ]
        )
    )


@st.composite
def scalars(draw: st.DrawFn, made: Made) -> Formula:
    """How many rows refer to the row at hand, or the largest key of them."""
    child, link = draw(st.sampled_from([made.relations[name] for name in sorted(made.relations)]))
    condition = draw(conditions(child, subqueries=False))
    mine = attribute(attribute(child.table, link.name), "id") == made.table.id
    how = draw(st.sampled_from(["count", "max"]))
    expr = child.table.select(getattr(child.table.id, how)()).where(mine, condition.expr).scalar()

    def of(world: World, row: Any) -> int | None:
        keys = [r["id"] for r in kept(world, child, [condition]) if r[link.columns[0]] == row["id"]]
        return len(keys) if how == "count" else max(keys, default=None)

    return Formula(f"{how}({child.name} by {link.name} where {condition})", INT, expr, of)


# --- rows ---


def kept(world: World, made: Made, wanted: Iterable[Formula]) -> list[Row]:
    """The rows of a table for which every condition is true."""
    return matching(world, world[made.name].values(), wanted)


def matching(world: World, rows: Iterable[Any], wanted: Iterable[Formula]) -> list[Any]:
    """Those of the rows for which every condition is true."""
    wanted = list(wanted)
    return [row for row in rows if all(one.of(world, row) is True for one in wanted)]


@dataclass(frozen=True)
class Term:
    """One term of an order: nulls are smaller than everything unless it says where they go."""

    formula: Formula
    descending: bool = False
    nulls_last: bool | None = None

    @property
    def order(self) -> Any:
        """The term for a query."""
        expr = self.formula.expr
        return expr.desc(nulls_last=self.nulls_last) if self.descending else expr.asc(nulls_last=self.nulls_last)

    def compare(self, world: World, one: Any, two: Any) -> int:
        """Below 0 where ``one`` comes first."""
        a, b = self.formula.of(world, one), self.formula.of(world, two)
        if a is None or b is None:
            last = self.descending if self.nulls_last is None else self.nulls_last
            return ((a is None) - (b is None)) * (1 if last else -1)
        found = int(a > b) - int(a < b)
        return -found if self.descending else found


@st.composite
def orders(draw: st.DrawFn, made: Made) -> list[Term]:
    """An order that its last terms, the key, make complete."""
    able = [formula for formula in leaves(made) if formula.kind.ordered]
    flags = st.sampled_from([None, True, False])
    chosen = draw(st.lists(st.builds(Term, computed(able), st.booleans(), flags), max_size=2))
    return [*chosen, *[Term(leaf) for leaf in leaves(made, 0) if leaf.shown.rpartition(".")[2] in made.key]]


def ordered(world: World, rows: list[Any], order: list[Term]) -> list[Any]:
    """The rows in that order."""

    def compare(one: Any, two: Any) -> int:
        return next(filter(None, (term.compare(world, one, two) for term in order)), 0)

    return sorted(rows, key=cmp_to_key(compare))
