"""From declared tables to table definitions, in an order in which they can be created."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal as PythonDecimal

from tabor.datatypes import BOOLEAN, Array, Boolean, Bytes, DataType, Decimal, Enumeration, Float, Integer, Json, Text
from tabor.errors import SchemaError
from tabor.schema.facts import ColumnFacts, TableBase, TableFacts, facts_of
from tabor.tree.definitions import (
    CheckDefinition,
    ColumnDefinition,
    ForeignKeyDefinition,
    IndexDefinition,
    TableDefinition,
    UniqueDefinition,
)
from tabor.tree.nodes import ColumnNode, Comparison, Constant, Node, Operation

_INTEGER = Integer()
_TEXT = Text()


class Catalog:
    """An explicit set of tables.

    Raises ``SchemaError`` where two have the same name or a key leads to a table that is not in the set.
    """

    def __init__(self, tables: Iterable[type[TableBase]]) -> None:
        self.tables: tuple[TableFacts, ...] = tuple([facts_of(table) for table in tables])
        names = [facts.name for facts in self.tables]
        for name in names:
            if names.count(name) > 1:
                raise SchemaError(f"Two tables are called {name!r}; give one of them name=... .", table=name)
        tokens = {facts.source.token for facts in self.tables}
        for facts in self.tables:
            for column in facts.columns.values():
                if column.key is not None and facts_of(column.key.target).source.token not in tokens:
                    target = column.key.target.__name__
                    raise SchemaError(
                        f"{facts.table.__name__}.{column.name} leads to {target}, which is not among the tables given; "
                        f"add {target}.",
                        table=facts.name,
                        column=column.name,
                    )

    def __iter__(self) -> Iterator[TableFacts]:
        return iter(self.tables)

    def sorted(self) -> tuple[TableFacts, ...]:
        """The tables by dependency: each after those it refers to, as far as there is no cycle."""
        done: list[TableFacts] = []
        visiting: set[int] = set()

        def visit(facts: TableFacts) -> None:
            if facts.source.token in visiting:
                return
            visiting.add(facts.source.token)
            for column in facts.columns.values():
                if column.key is not None:
                    visit(facts_of(column.key.target))
            done.append(facts)

        for facts in self.tables:
            visit(facts)
        return tuple(done)

    def constraint_columns(self) -> dict[str, tuple[str, str]]:
        """The table and column of each check, by the name of its constraint."""
        found: dict[str, tuple[str, str]] = {}
        for facts in self.tables:
            for column in facts.columns.values():
                for check in _checks(facts, column):
                    found[check.name] = (facts.name, column.name)
        return found


def definition(facts: TableFacts) -> TableDefinition:
    """The table as a database should hold it, every constraint named after its table and column."""
    columns = list(facts.columns.values())
    return TableDefinition(
        name=facts.name,
        columns=tuple([ColumnDefinition(c.name, c.datatype, c.nullable, c.generated) for c in columns]),
        primary_key=facts.primary_key,
        uniques=tuple([UniqueDefinition(f"{facts.name}_{c.name}_key", (c.name,)) for c in columns if c.unique]),
        foreign_keys=tuple(
            [
                ForeignKeyDefinition(
                    f"{facts.name}_{c.name}_fkey",
                    (c.name,),
                    facts_of(c.key.target).name,
                    (c.key.target_column,),
                    c.key.on_delete,
                )
                for c in columns
                if c.key is not None
            ]
        ),
        checks=tuple([check for c in columns for check in _checks(facts, c)]),
        indexes=tuple(
            [IndexDefinition(f"{facts.name}_{c.name}_idx", facts.name, (c.name,)) for c in columns if c.index]
        ),
    )


def _checks(facts: TableFacts, column: ColumnFacts) -> list[CheckDefinition]:
    if column.key is not None:
        return []
    node, base = facts.nodes[column.name], f"{facts.name}_{column.name}"
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


def _length(node: ColumnNode, minimum: int, maximum: int | None) -> Iterator[tuple[str, Node]]:
    length = Operation("length", (node,), _INTEGER)
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
