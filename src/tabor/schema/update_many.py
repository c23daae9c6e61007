"""Writes many rows at once, each by its key: slices of rows in one statement each, all of them or none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Literal, TypeVar

from tabor.datatypes import brief
from tabor.errors import InvalidValue, QueryError, RowsNotFound, StaleRow
from tabor.expression.expr import Expr
from tabor.expression.operand import operand
from tabor.query.returning import Returned, Writing
from tabor.query.runnable import Runnable
from tabor.query.runner import Question, Runner, Steps
from tabor.query.shape import ROW, TUPLE, Parted, PartedRows, Shape
from tabor.schema.facts import Extract, TableFacts
from tabor.schema.row_class import LOADED, extractor
from tabor.tree.giving import giving
from tabor.tree.nodes import ColumnNode, Comparison, Node, Value, Values
from tabor.tree.related import Collection
from tabor.tree.statements import Select
from tabor.tree.update_many import UpdateMany

M = TypeVar("M")
Missing = Literal["raise", "ignore"]
Write = Callable[[], Awaitable[object]]

ROWS_AT_ONCE = 1_024
VALUES_AT_ONCE = 16_384
"""How many rows and values one statement takes: well below what databases bind, and quick to prepare."""
KEYS_AT_ONCE = 50
"""How many rows that were not written are looked for at once."""


class UpdateManyQuery(Writing[M]):
    """An update of many rows, each by its key; awaited, it writes all of them or none and gives their number.

    Example: ``await Event.update_many(events, Event.price).returning(Event.id, Event.price)``.
    """

    __slots__ = ("_rows",)

    def __init__(self, rows: ManyRows) -> None:
        super().__init__(rows.statement, ROW)
        self._rows = rows
        self._entity = rows.facts.entity

    @property
    def steps(self) -> Steps:
        return self._rows.count

    def _given_back(self, nodes: tuple[Node, ...], shape: Shape) -> Returned[Any]:
        if any(isinstance(node, Collection) for node in nodes):
            raise QueryError("returning() of update_many() gives columns; read related rows with a select.")
        return Returned(giving(self.statement, nodes), shape, steps=self._rows.returned)


class ManyRows:
    """The rows to write, with the values of their keys and of the columns to write."""

    def __init__(
        self, facts: TableFacts, rows: Sequence[object], columns: Sequence[Expr[Any]], missing: Missing
    ) -> None:
        self.facts = facts
        self._rows = rows
        self._missing = missing
        self._columns = _chosen(facts, columns)
        self._keys = tuple([facts.nodes[name] for name in facts.primary_key])
        self._values = _values_of(facts, rows, tuple([node.name for node in (*self._keys, *self._columns)]))
        self._versions = _versions_of(facts, rows, self._values)
        self._statements = self._sliced()

    @property
    def statement(self) -> UpdateMany:
        """The statement of the first rows, by which the whole is known."""
        return self._statements[0] if self._statements else self._statement(self._keys, [])

    async def count(self, runner: Runner, _: Question[Any], __: Write) -> int:
        """Write the rows and give the number of those that are stored."""
        if len(self._statements) == 1 and self._missing == "ignore" and not self._versions:
            return len(self._adopted(await runner.run(self._whole(self._statements[0])), runner))

        async def work() -> int:
            stored = [row for statement in self._statements for row in await runner.run(self._whole(statement))]
            await self._check_versions(stored, runner)
            return len(self._adopted(stored, runner))

        return await runner.together(work) if self._statements else 0

    def _whole(self, statement: UpdateMany) -> Runnable[list[Any]]:
        return Runnable(statement, ROW)

    async def returned(self, runner: Runner, question: Question[Any], _: Write) -> Any:
        """Write the rows and give what the question asks for of those that are stored, in the order given."""
        asked = question.statement
        assert isinstance(asked, UpdateMany)
        if not self._statements:
            nothing = Select(self.facts.source, asked.returning)
            nothing.limit = 0
            return await runner.run(Runnable(nothing, question.shape, question.finish))
        shape, columns = Parted(question.shape), (self.facts.entity, *asked.returning)

        async def work() -> Any:
            questions = [Runnable(giving(each, columns), shape, _only) for each in self._statements]
            parts = [await runner.run(question) for question in questions]
            stored = [row for part in parts for row in part.stored]
            await self._check_versions(stored, runner)
            found = self._adopted(stored, runner)
            beside = dict(zip(map(self._key_of, stored), [raw for part in parts for raw in part.beside], strict=True))
            results = parts[0].decode([beside[key] for key in self._values if key in found])
            return results if question.finish is None else question.finish(results)

        return await runner.together(work)

    def _sliced(self) -> list[UpdateMany]:
        width = len(self._keys)
        at_once = min(ROWS_AT_ONCE, VALUES_AT_ONCE // (width + 1 + len(self._columns)))
        versions = self._versions
        unread = [values for key, values in self._values.items() if key not in versions]
        found = [self._statement(self._keys, rows) for rows in _slices(unread, at_once)]
        if versions:
            # A row that was read is found by its version too, so that only the row as it was read is written.
            keys = (*self._keys, self.facts.marked["version"])
            read = [(*key, version, *self._values[key][width:]) for key, version in versions.items()]
            found += [self._statement(keys, rows) for rows in _slices(read, at_once)]
        return found

    def _statement(self, keys: tuple[ColumnNode, ...], values: list[Values]) -> UpdateMany:
        # Padded with the last row to a power of two, so that few lengths need a statement of their own; twice the
        # same row is written once.
        size = min(1 << (len(values) - 1).bit_length(), ROWS_AT_ONCE)
        padded = values + values[-1:] * (size - len(values))
        return UpdateMany(self.facts.source, keys, self._columns, padded, (self.facts.entity,))

    async def _check_versions(self, stored: Sequence[object], runner: Runner) -> None:
        """Raise ``StaleRow`` where rows that were not written are there, so at another version."""
        found = {self._key_of(row) for row in stored} if self._versions else set[Values]()
        missed = [key for key in self._versions if key not in found]
        there: list[Values] = []
        for keys in _slices(missed, KEYS_AT_ONCE):
            there += await runner.run(_present(self.facts, self._keys, keys))
        stale = [key for key in missed if key in set(there)]
        if stale:
            told = [key[0] if len(self._keys) == 1 else key for key in stale]
            raise StaleRow(self.facts.name, told[0], self._versions[stale[0]], *told[1:])

    def _key_of(self, row: object) -> Values:
        (key,) = _extractor(self.facts, self.facts.primary_key)([row])
        return key

    def _adopted(self, stored: Sequence[object], runner: Runner) -> dict[Values, object]:
        """Let the rows know what is stored now and give it by key.

        Raises ``RowsNotFound`` where some are not there.
        """
        names = list(self.facts.columns)
        keys = [names.index(node.name) for node in self._keys]
        found = {self._key_of(row): row for row in stored}
        if self._missing == "raise" and len(found) < len(self._values):
            absent = tuple([key[0] if len(keys) == 1 else key for key in self._values if key not in found])
            raise RowsNotFound(self.facts.name, absent, len(self._values))
        touched = [assignment.column for assignment in self.facts.source.touch]
        places = [(node.name, names.index(node.name)) for node in (*self._columns, *touched)]
        runner.remember([row for row, key in zip(self._rows, self._values, strict=True) if key in found])
        for row, key in zip(self._rows, self._values, strict=True):
            if key in found:
                _adopt(row, found[key], places)
        return found


def _only(rows: list[PartedRows]) -> PartedRows:
    return rows[0]


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
def _extractor(facts: TableFacts, names: tuple[str, ...]) -> Extract:
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
            (found,) = extract([row])
        except InvalidValue as error:
            raise error.in_row(number) from None
        except AttributeError:
            raise _without_value(facts, number, next(name for name in names if not hasattr(row, name))) from None
        if found[:width] in values:
            raise QueryError(f"Row {number} of update_many() has the same key as a row before it: {found[:width]}.")
        values[found[:width]] = found
    return values


def _without_value(facts: TableFacts, number: int, name: str) -> QueryError:
    """The refusal of a row that was never read for a column that only the database has a value for."""
    if name in facts.primary_key:
        return QueryError(f"Row {number} of update_many() has no key yet; insert() it first.")
    return QueryError(
        f"Row {number} of update_many() has no {name}, which the database fills; name the columns to write, all but it."
    )


def refused(error: InvalidValue, rows: Sequence[object], extract: Extract) -> InvalidValue:
    """The refusal of a value of one of many rows, saying which row it is; of a single row as it is."""
    for number, row in enumerate(rows if len(rows) > 1 else ()):
        try:
            extract([row])
        except InvalidValue as found:
            return found.in_row(number)
    return error
