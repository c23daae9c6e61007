"""From the facts of a table to its definition: columns, keys, constraints and indexes, all of them named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal as PythonDecimal
from functools import lru_cache

from tabor.datatypes import BOOLEAN, Array, Boolean, Bytes, DataType, Decimal, Enumeration, Float, Integer, Json, Text
from tabor.errors import QueryError
from tabor.query.insert import ConflictTarget
from tabor.schema.constraints import TableConstraints, table_constraints
from tabor.schema.facts import ColumnFacts, TableFacts, facts_of
from tabor.schema.links import constraint_name, keys_of, links_of
from tabor.schema.reference import key_in
from tabor.schema.searching import search_definitions
from tabor.schema.server_set import computed_node
from tabor.tree.definitions import (
    CheckDefinition,
    ColumnDefinition,
    ForeignKeyDefinition,
    IndexDefinition,
    TableDefinition,
    UniqueDefinition,
)
from tabor.tree.nodes import ColumnNode, Comparison, Constant, Node, Operation, Value

_INTEGER = Integer()
_TEXT = Text()


def definition(facts: TableFacts) -> TableDefinition:
    """The table as a database should hold it, columns by their names there, constraints named after them."""
    columns, stored = list(facts.columns.values()), facts.source.stored_name
    declared = table_constraints(facts)
    return TableDefinition(
        name=facts.name,
        columns=tuple([_column(facts, column) for column in columns]),
        primary_key=tuple([stored(name) for name in facts.primary_key]),
        uniques=tuple(
            [replace(each, columns=_stored_names(facts, each.columns)) for each in _uniques(facts, declared)]
        ),
        foreign_keys=tuple(_foreign_keys(facts)),
        checks=(*[check for c in columns for check in _checks(facts, c)], *declared.checks),
        indexes=(*_indexes(facts), *declared.indexes),
        searches=search_definitions(facts),
    )


def _stored_names(facts: TableFacts, names: Iterable[str]) -> tuple[str, ...]:
    return tuple([facts.source.stored_name(name) for name in names])


def _column(facts: TableFacts, column: ColumnFacts) -> ColumnDefinition:
    return ColumnDefinition(
        facts.source.stored_name(column.name),
        column.datatype,
        column.nullable,
        column.generated,
        _default(facts, column),
        computed_node(facts, column),
    )


def _default(facts: TableFacts, column: ColumnFacts) -> Node | None:
    """What the database fills a column with, in a new row or, for a key, where the row that it leads to goes."""
    if column.key is None or column.key.on_delete != "set default":
        return column.server_default
    return Value(column.datatype.bare, key_in(facts.checks[column.name](column.default)))


def _uniques(facts: TableFacts, declared: TableConstraints) -> tuple[UniqueDefinition, ...]:
    """The unique constraints, their columns by the names of the attributes."""
    stored = facts.source.stored_name
    own = [c.name for c in facts.columns.values() if c.unique]
    return (*[UniqueDefinition(f"{facts.name}_{stored(name)}_key", (name,)) for name in own], *declared.uniques)


@lru_cache(maxsize=500)
def conflict_targets(facts: TableFacts) -> Mapping[str, ConflictTarget]:
    """What the primary key, the unique constraints and the unique indexes cover, by their names."""
    declared = table_constraints(facts)
    found: dict[str, ConflictTarget] = {}
    if facts.primary_key:
        found[f"{facts.name}_pkey"] = ConflictTarget(tuple([facts.nodes[column] for column in facts.primary_key]))
    for unique in _uniques(facts, declared):
        nodes = tuple([facts.nodes[column] for column in unique.columns])
        found[unique.name] = ConflictTarget(nodes, None, unique.nulls_distinct)
    for index in declared.indexes:
        if index.unique:
            terms = tuple([term.node for term in index.terms])
            found[index.name] = ConflictTarget(terms, index.where, index.nulls_distinct)
    return found


def unique_over(facts: TableFacts, name: str, columns: tuple[ColumnNode, ...]) -> ConflictTarget:
    """What the unique constraint, unique index or primary key with this name covers; without a name these columns.

    Raises ``QueryError`` for a name that there is not.
    """
    found = conflict_targets(facts)
    if not name:
        alike = [target for target in found.values() if not target.nulls_distinct and target.where is None]
        return next((target for target in alike if set(target.terms) == set(columns)), ConflictTarget(columns))
    if name not in found:
        raise QueryError(f"{facts.name} has no unique constraint {name!r}; it has {', '.join(found) or 'none'}.")
    return found[name]


def constraint_columns(facts: TableFacts) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The name of each constraint but the keys with the columns that it is about."""
    for column in facts.columns.values():
        for check in _checks(facts, column):
            yield check.name, (column.name,)
    declared = table_constraints(facts)
    for unique in _uniques(facts, declared):
        yield unique.name, unique.columns
    yield from declared.columns()


def index_names(facts: TableFacts) -> Iterator[str]:
    """The names of the table's indexes and unique constraints."""
    declared = table_constraints(facts)
    yield from [unique.name for unique in _uniques(facts, declared)]
    yield from [index.name for index in (*_indexes(facts), *declared.indexes)]


def _foreign_keys(facts: TableFacts) -> Iterator[ForeignKeyDefinition]:
    for link in keys_of(facts):
        target = facts_of(link.target)
        yield ForeignKeyDefinition(
            constraint_name(facts, link),
            _stored_names(facts, link.local),
            target.name,
            _stored_names(target, link.remote),
            link.on_delete,
            deferrable=link.deferrable,
        )


def _indexes(facts: TableFacts) -> Iterator[IndexDefinition]:
    indexed = [(c.name, (c.name,)) for c in facts.columns.values() if c.index]
    for name, columns in [*indexed, *[(link.name, link.local) for link in links_of(facts.table)]]:
        # The primary key has an index of its own, which begins with its first columns.
        if columns != facts.primary_key[: len(columns)]:
            index = f"{facts.name}_{facts.source.stored_name(name)}_idx"
            yield IndexDefinition(index, facts.name, _stored_names(facts, columns))


def _checks(facts: TableFacts, column: ColumnFacts) -> list[CheckDefinition]:
    if column.key is not None:
        return []
    node = facts.nodes[column.name]
    base = f"{facts.name}_{node.stored_name}"
    return [
        CheckDefinition(f"{base}_{kind}_check", condition) for kind, condition in _conditions(node, column.datatype)
    ]


def _conditions(node: ColumnNode, datatype: DataType) -> Iterator[tuple[str, Node]]:
    if isinstance(datatype, Boolean):
        yield "boolean", Operation("in", (node, Constant(_INTEGER, 0), Constant(_INTEGER, 1)), BOOLEAN)
    elif isinstance(datatype, (Text, Bytes)):
        yield from _length(node, datatype.min_length, datatype.max_length)
    elif isinstance(datatype, Enumeration):
        kind = _INTEGER if datatype.integers else _TEXT
        yield "member", Operation("in", (node, *[Constant(kind, value) for value in datatype.values]), BOOLEAN)
    elif isinstance(datatype, (Integer, Float, Decimal)):
        yield from _range(node, datatype)
    elif isinstance(datatype, (Json, Array)):
        yield "json", Operation("json_valid", (node,), BOOLEAN)
        if isinstance(datatype, Array):
            yield from _length(node, datatype.min_length, datatype.max_length, "list_length")


def _length(node: ColumnNode, minimum: int, maximum: int | None, op: str = "length") -> Iterator[tuple[str, Node]]:
    length = Operation(op, (node,), _INTEGER)
    if minimum and maximum is not None:
        bounds = (length, Constant(_INTEGER, minimum), Constant(_INTEGER, maximum))
        yield "length", Operation("between", bounds, BOOLEAN)
    elif minimum:
        yield "length", Comparison("gte", length, Constant(_INTEGER, minimum))
    elif maximum is not None:
        yield "length", Comparison("lte", length, Constant(_INTEGER, maximum))


def _range(node: ColumnNode, datatype: Integer | Float | Decimal) -> Iterator[tuple[str, Node]]:
    for kind, op, bound in (("minimum", "gte", datatype.minimum), ("maximum", "lte", datatype.maximum)):
        if bound is not None:
            yield kind, Comparison(op, node, Constant(datatype, _stored(bound, datatype)))


def _stored(bound: int | float | PythonDecimal, datatype: Integer | Float | Decimal) -> int | float | PythonDecimal:
    return PythonDecimal(bound) if isinstance(datatype, Decimal) else bound
