"""Writes many rows at once, each by its key: slices of rows in one statement each, all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Literal

from tabor.datatypes import brief
from tabor.errors import InvalidValue, QueryError, RowsNotFound, StaleRow
from tabor.expression.expr import Expr
from tabor.expression.operand import operand
from tabor.query.runnable import Runnable
from tabor.query.runner import Runner
from tabor.query.shape import ROW, TUPLE
from tabor.schema.facts import TableFacts
from tabor.schema.row_class import LOADED, extractor
from tabor.tree.nodes import ColumnNode, Comparison, Node, Value, Values
from tabor.tree.statements import Select
from tabor.tree.update_many import UpdateMany

Missing = Literal["raise", "ignore"]

ROWS_AT_ONCE = 1_024
VALUES_AT_ONCE = 16_384
"""How many rows and values one statement takes: well below what databases bind, and quick to prepare."""
KEYS_AT_ONCE = 50
"""How many rows that were not written are looked for at once."""


class ManyRows:
    """The rows to write, with the values of their keys and of the columns to write."""

    def __init__(self, facts: TableFacts, rows: Sequence[object], columns: Sequence[Expr[Any]]) -> None:
        self._facts = facts
        self._rows = rows
        self._columns = _chosen(facts, columns)
        self._keys = tuple([facts.nodes[name] for name in facts.primary_key])
        self._values = _values_of(facts, rows, tuple([node.name for node in (*self._keys, *self._columns)]))
        self._versions = _versions_of(facts, rows, self._values)

    async def write(self, runner: Runner, missing: Missing) -> int:
        """Write them and give the number of stored rows; see ``Table.update_many``."""
        questions = self._questions()
        if len(questions) == 1 and missing == "ignore" and not self._versions:
            return self._adopted(await runner.run(questions[0]), missing, runner)

        async def work() -> int:
            stored = [row for question in questions for row in await runner.run(question)]
            if self._versions:
                await self._check_versions(stored, runner)
            return self._adopted(stored, missing, runner)

        return await runner.together(work) if questions else 0

    def _questions(self) -> list[Runnable[list[Any]]]:
        width = len(self._keys)
        at_once = min(ROWS_AT_ONCE, VALUES_AT_ONCE // (width + 1 + len(self._columns)))
        versions = self._versions
        unread = [values for key, values in self._values.items() if key not in versions]
        found = [self._question(self._keys, rows) for rows in _slices(unread, at_once)]
        if versions:
            # A row that was read is found by its version too, so that only the row as it was read is written.
            keys = (*self._keys, self._facts.marked["version"])
            read = [(*key, version, *self._values[key][width:]) for key, version in versions.items()]
            found += [self._question(keys, rows) for rows in _slices(read, at_once)]
        return found

    def _question(self, keys: tuple[ColumnNode, ...], values: list[Values]) -> Runnable[list[Any]]:
        # Padded with the last row to a power of two, so that few lengths need a statement of their own; twice the
        # same row is written once.
        size = min(1 << (len(values) - 1).bit_length(), ROWS_AT_ONCE)
        padded = values + [values[-1]] * (size - len(values))
        facts = self._facts
        return Runnable(UpdateMany(facts.source, keys, self._columns, padded, (facts.entity,)), ROW)

    async def _check_versions(self, stored: Sequence[object], runner: Runner) -> None:
        """Raise ``StaleRow`` where rows that were not written are there, so at another version."""
        key_of = _extractor(self._facts, self._facts.primary_key)
        found = {key_of(row) for row in stored}
        missed = [key for key in self._versions if key not in found]
        there: list[Values] = []
        for keys in _slices(missed, KEYS_AT_ONCE):
            there += await runner.run(_present(self._facts, self._keys, keys))
        stale = [key for key in missed if key in set(there)]
        if stale:
            told = [key[0] if len(self._keys) == 1 else key for key in stale]
            raise StaleRow(self._facts.name, told[0], self._versions[stale[0]], *told[1:])

    def _adopted(self, stored: Sequence[object], missing: Missing, runner: Runner) -> int:
        """Let the rows know what is stored now; raises ``RowsNotFound`` where some are not there."""
        names = list(self._facts.columns)
        keys = [names.index(node.name) for node in self._keys]
        key_of = _extractor(self._facts, self._facts.primary_key)
        found = {key_of(row): row for row in stored}
        if missing == "raise" and len(found) < len(self._values):
            absent = tuple([key[0] if len(keys) == 1 else key for key in self._values if key not in found])
            raise RowsNotFound(self._facts.name, absent, len(self._values))
        touched = [assignment.column for assignment in self._facts.source.touch]
        places = [(node.name, names.index(node.name)) for node in (*self._columns, *touched)]
        runner.remember([row for row, key in zip(self._rows, self._values, strict=True) if key in found])
        for row, key in zip(self._rows, self._values, strict=True):
            if key in found:
                _adopt(row, found[key], places)
        return len(found)


def _present(facts: TableFacts, nodes: Sequence[ColumnNode], keys: Sequence[Values]) -> Runnable[list[Any]]:
    """The keys among these that rows have."""
    select = Select(facts.source, tuple(nodes))
    found: Node | None = None
    for key in keys:
        same = _same(nodes, key)
        found = same if found is None else Comparison("or", found, same)
    select.where = () if found is None else (found,)
    return Runnable(select, TUPLE)


def _same(nodes: Sequence[ColumnNode], key: Values) -> Node:
    """The condition that a row has this key."""
    first, *others = [Comparison("eq", node, Value(node.datatype, part)) for node, part in zip(nodes, key, strict=True)]
    for other in others:
        first = Comparison("and", first, other)
    return first


def _slices(rows: list[Values], size: int) -> Iterator[list[Values]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _versions_of(facts: TableFacts, rows: Sequence[object], keys: Iterable[Values]) -> dict[Values, int]:
    """The version that each row was read with, by its key; rows that were not read have none."""
    node = facts.marked.get("version")
    if node is None:
        return {}
    place = list(facts.columns).index(node.name)
    read = [(key, getattr(row, LOADED)) for key, row in zip(keys, rows, strict=True)]
    return {key: loaded[place] for key, loaded in read if loaded is not None}


def _adopt(row: object, stored: object, places: Sequence[tuple[str, int]]) -> None:
    loaded: tuple[object, ...] | None = getattr(row, LOADED)
    for name, _ in places:
        object.__setattr__(row, name, getattr(stored, name))
    if loaded is not None:
        raw, fresh = list(loaded), getattr(stored, LOADED)
        for _, place in places:
            raw[place] = fresh[place]
        object.__setattr__(row, LOADED, tuple(raw))


@lru_cache(maxsize=500)
def _extractor(facts: TableFacts, names: tuple[str, ...]) -> Any:
    return extractor([facts.columns[name] for name in names], facts.checks)


def _chosen(facts: TableFacts, columns: Sequence[Expr[Any]]) -> tuple[ColumnNode, ...]:
    """The columns to write; raises ``QueryError`` for what is none of the table, its key, or twice there."""
    if not facts.primary_key:
        raise QueryError(f"{facts.table.__name__} has no primary key, so update_many() cannot tell its rows apart.")
    if not columns:
        own = [name for name, column in facts.columns.items() if not column.read_only and not column.primary_key]
        return tuple([facts.nodes[name] for name in own])
    chosen: list[ColumnNode] = []
    for column in columns:
        node = operand(column)
        if not isinstance(node, ColumnNode) or node.source.key != facts.source.key:
            raise QueryError(f"update_many() takes columns of {facts.name} itself, got {brief(column)}.")
        if node.name in facts.primary_key:
            raise QueryError(f"update_many() finds rows by {facts.name}.{node.name}, which it cannot write too.")
        if facts.columns[node.name].read_only:
            raise QueryError(f"{facts.name}.{node.name} is set by the database, and update_many() cannot write it.")
        if node in chosen:
            raise QueryError(f"{facts.name}.{node.name} is given twice in one update_many().")
        chosen.append(node)
    return tuple(chosen)


def _values_of(facts: TableFacts, rows: Sequence[object], names: tuple[str, ...]) -> dict[Values, Values]:
    """The values of each row by its key, keys first; raises for a row of another table, without a key, or twice."""
    table, width = facts.table.__name__, len(facts.primary_key)
    extract = _extractor(facts, names)
    values: dict[Values, Values] = {}
    for number, row in enumerate(rows):
        if not isinstance(row, facts.row):
            raise QueryError(f"{table}.update_many() takes rows made by {table}(...); row {number} is {brief(row)}.")
        try:
            found = extract(row)
        except InvalidValue as error:
            raise error.in_row(number) from None
        except AttributeError:
            raise QueryError(f"Row {number} of update_many() has no key yet; insert() it first.") from None
        if found[:width] in values:
            raise QueryError(f"Row {number} of update_many() has the same key as a row before it: {found[:width]}.")
        values[found[:width]] = found
    return values


def refused(error: InvalidValue, rows: Sequence[object], extract: Callable[[object], object]) -> InvalidValue:
    """The refusal of a value of one of many rows, saying which row it is; of a single row as it is."""
    for number, row in enumerate(rows if len(rows) > 1 else ()):
        try:
            extract(row)
        except InvalidValue as found:
            return found.in_row(number)
    return error
