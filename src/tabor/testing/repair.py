"""Changes the values of a made row until it fulfils the checks of its table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal as PythonDecimal
from typing import Any

from tabor.datatypes import DataType, Decimal
from tabor.errors import InvalidValue
from tabor.schema.constraints import columns_in
from tabor.schema.facts import ColumnFacts, TableFacts
from tabor.testing.conditions import compared_values, fulfilled
from tabor.testing.draw import Draw
from tabor.testing.errors import NoValidRow
from tabor.tree.definitions import CheckDefinition
from tabor.tree.nodes import Node, Operation

ROUNDS = 60


def repaired(
    facts: TableFacts, checks: tuple[CheckDefinition, ...], values: dict[str, object], free: Mapping[str, Draw]
) -> dict[str, object]:
    """The changes to the columns in ``free`` with which ``values`` fulfil all checks.

    Raises ``NoValidRow`` naming the check and its columns where none are found.
    """
    checks = tuple([part for check in checks for part in _conjuncts(check.name, check.condition)])
    changes: dict[str, object] = {}
    for _ in range(ROUNDS):
        now = {**values, **changes}
        broken = next((check for check in checks if not fulfilled(check.condition, now)), None)
        if broken is None:
            return changes
        better = _better(facts, checks, broken, now, free)
        if better is None:
            raise _unfulfilled(facts, broken)
        name, value = better
        changes[name] = value
    raise _unfulfilled(facts, next((c for c in checks if not fulfilled(c.condition, {**values, **changes})), checks[0]))


def _conjuncts(name: str, condition: Node) -> Iterator[CheckDefinition]:
    """The parts of a check that each have to be true, so that they can be fulfilled one after the other."""
    if isinstance(condition, Operation) and condition.op == "and":
        for part in condition.args:
            yield from _conjuncts(name, part)
    else:
        yield CheckDefinition(name, condition)


def _unfulfilled(facts: TableFacts, check: CheckDefinition) -> NoValidRow:
    reason = f"no values were found that fulfil the check {check.name}"
    return NoValidRow(facts.name, columns_in([check.condition]), reason, constraint=check.name)


def _better(
    facts: TableFacts,
    checks: tuple[CheckDefinition, ...],
    broken: CheckDefinition,
    now: dict[str, object],
    free: Mapping[str, Draw],
) -> tuple[str, object] | None:
    """The change of one column that fulfils ``broken`` and leaves the fewest checks broken; by chance if none does."""
    names = [name for name in columns_in([broken.condition]) if name in free]
    fitting: list[tuple[int, str, object]] = []
    other: list[tuple[str, object]] = []
    for name in names:
        for value in _candidates(facts, facts.columns[name], broken, now, free[name]):
            row = {**now, name: value}
            if fulfilled(broken.condition, row):
                fitting.append((sum(not fulfilled(check.condition, row) for check in checks), name, value))
            else:
                other.append((name, value))
    if fitting:
        least = min(count for count, _, _ in fitting)
        best = [(name, value) for count, name, value in fitting if count == least]
        # The first that leaves nothing broken; among those that do, one by chance, so as not to go in a circle.
        return best[0] if least == 0 else free[best[0][0]].chance.choice(best)
    return free[other[0][0]].chance.choice(other) if other else None


def _candidates(
    facts: TableFacts, column: ColumnFacts, check: CheckDefinition, now: dict[str, object], draw: Draw
) -> Iterator[object]:
    beside = [now[name] for name in columns_in([check.condition]) if name != column.name and name in now]
    for base in [*compared_values(check.condition, column.datatype), *beside]:
        for candidate in _around(base, now[column.name], column.datatype, draw):
            if draw.unique and candidate == base:
                continue
            try:
                value = facts.checks[column.name](candidate)
            except InvalidValue:
                continue
            yield value
    if column.nullable:
        yield None


def _around(base: Any, own: Any, datatype: DataType, draw: Draw) -> Iterator[object]:
    """A value, and what lies beside it: one step away, or as many as the number of the row where values differ."""
    yield base
    steps = draw.number if draw.unique else 1
    if isinstance(base, str) and isinstance(own, str):
        yield from (base + own, own + base, own.lower(), own.upper(), base + str(draw.number), "x" * (len(own) + 1))
    elif isinstance(base, int) and isinstance(own, str) and not isinstance(base, bool):
        yield from (own.ljust(base + step, "-") for step in (0, 1) if 0 <= base < 10_000)
        yield from (own[-(base + step) :] for step in (0, -1) if base + step > 0)
    elif isinstance(base, bool):
        yield not base
    else:
        for sign in (steps, -steps):
            with suppress(TypeError, OverflowError):
                yield base + sign * _step(base, datatype)


def _step(base: object, datatype: DataType) -> Any:
    if isinstance(datatype, Decimal):
        return PythonDecimal(1).scaleb(-datatype.places)
    if isinstance(base, (datetime, timedelta)):
        return timedelta(hours=1)
    return timedelta(days=1) if isinstance(base, date) else 1
