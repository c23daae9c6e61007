"""Lists and JSON objects made of others: with more in them, and with less."""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from typing import cast as typed

from hypothesis import strategies as st

from tests.differential.formulas import Formula, lifted
from tests.differential.schemas import EXTRA, FLAG, INT, JSON, JSON_KEYS, TEXT, WORDS, World

PATHS = st.lists(JSON_KEYS, min_size=1, max_size=3)
ITEMS = st.sampled_from(["a", "B", "é"])


def joined(draw: st.DrawFn, one: Formula, among: list[Formula]) -> Formula:
    """The items of two lists."""
    if draw(st.booleans()):
        items = draw(st.lists(ITEMS, max_size=2))
        return lifted(WORDS, f"{one}.append(*{items})", one.expr.append(*items), lambda a: a + items, one)
    two = draw(st.sampled_from([formula for formula in (one, *among) if formula.kind is WORDS]))
    return lifted(WORDS, f"({one} + {two})", one.expr + two.expr, lambda a, b: a + b, one, two)


def taken_out(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """A list without an item."""
    item = draw(ITEMS)
    return lifted(WORDS, f"{one}.without({item!r})", one.expr.without(item), lambda a: [b for b in a if b != item], one)


def with_key(draw: st.DrawFn, one: Formula, among: list[Formula]) -> Formula:
    """An object with a value at the end of a path."""
    path, plain = draw(PATHS), draw(JSON)
    value = Formula(repr(plain), EXTRA, plain, lambda _, __: plain)
    given = draw(st.sampled_from([value, *[formula for formula in among if formula.kind in (EXTRA, FLAG, INT, TEXT)]]))
    expr = one.expr.with_key(*path, value=given.expr)

    def of(world: World, row: Any) -> Any:
        whole = one.of(world, row)
        return None if whole is None else with_value(whole, path, given.of(world, row))

    return Formula(f"{one}.with_key(*{path}, value={given})", EXTRA, expr, of)


def with_value(whole: Any, path: list[str], value: Any) -> Any:
    """A copy of the JSON value with another one at the end of a path; itself where no object is in the way."""
    if not isinstance(whole, dict):
        return whole
    key, *rest = path
    fields = typed("dict[str, Any]", whole)
    return {**fields, key: with_value(fields.get(key, {}), rest, value) if rest else deepcopy(value)}


def without_key(draw: st.DrawFn, one: Formula, _: list[Formula]) -> Formula:
    """An object without what is at the end of a path."""
    path = draw(PATHS)
    expr = one.expr.without_key(*path)
    return lifted(EXTRA, f"{one}.without_key(*{path})", expr, lambda a: without_value(a, path), one)


def without_value(whole: Any, path: list[str]) -> Any:
    """A copy of the JSON value without the key at the end of a path."""
    key, *rest = path
    if not isinstance(whole, dict) or key not in whole:
        return typed("Any", whole)
    fields = typed("dict[str, Any]", whole)
    if rest:
        return {**fields, key: without_value(fields[key], rest)}
    return {name: value for name, value in fields.items() if name != key}
