"""What an insert fills columns with that the database computes: whether it fits them, and what fills the others."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Any

from tabor.datatypes import Decimal, Float, Integer
from tabor.errors import QueryError
from tabor.expression.decimals import rescaled
from tabor.expression.operand import operand
from tabor.query.insert import InsertQuery
from tabor.query.write import Setting
from tabor.schema.definition import unique_over
from tabor.schema.facts import MISSING, ColumnFacts, TableFacts
from tabor.schema.reference import key_in
from tabor.tree.insert_from import InsertValues
from tabor.tree.nodes import ColumnNode, Node, Operation, Value
from tabor.tree.walk import nodes_in


def inserting_row(facts: TableFacts, settings: Sequence[object]) -> InsertQuery[Any]:
    """The insert of one row whose columns are set as in an update; what ``Table.insert(column.to(...))`` calls.

    Raises ``QueryError`` for a column that is set twice, from a column of a row, or not at all though it has to be.
    """
    method = f"{facts.table.__name__}.insert()"
    nodes: dict[ColumnNode, Node] = {}
    for setting in settings:
        if not isinstance(setting, Setting):
            raise QueryError(f"{method} takes rows alone, or settings such as Event.title.to('x'); got {setting!r}.")
        column, value = setting.assignment.column, setting.assignment.value
        target = _own(facts, method, column)
        if target in nodes:
            raise QueryError(f"{method} sets {target.name} twice.")
        if any(isinstance(node, ColumnNode) for node in nodes_in(value)):
            raise QueryError(f"{method} sets {target.name} from a column, and there is no row yet that has one.")
        nodes[target] = value if isinstance(value, Value) else fitting(facts, target, value)
    others = unset_columns(facts, [node.name for node in nodes])
    for other in others:
        nodes[facts.nodes[other.name]] = default_of(facts, method, other)
    made = tuple([other.name for other in others if other.default_factory not in (None, list, dict)])
    numbered = numbered_among(facts, nodes)
    insert = InsertValues(facts.source, tuple(nodes), tuple(nodes.values()), made=made, numbered=numbered)
    return InsertQuery(insert, facts.entity, lambda name, columns: unique_over(facts, name, columns))


def target_column(facts: TableFacts, method: str, column: object) -> ColumnNode:
    """The column of the table to be filled; raises ``QueryError`` for what is none, or is not for users to fill."""
    node = operand(column)
    if isinstance(node, ColumnNode):
        return _own(facts, method, node)
    raise QueryError(f"{method} fills columns of {facts.name} itself, got {column!r}.")


def _own(facts: TableFacts, method: str, node: ColumnNode) -> ColumnNode:
    if node.source.key != facts.source.key:
        raise QueryError(
            f"{method} fills columns of {facts.name} itself, and {node.source.table}.{node.name} is of another table."
        )
    if facts.columns[node.name].read_only:
        raise QueryError(f"{facts.name}.{node.name} is set by the database, and {method} cannot fill it.")
    return facts.nodes[node.name]


def numbered_among(facts: TableFacts, columns: Iterable[ColumnNode]) -> ColumnNode | None:
    """The one of these columns that the database would number."""
    return next((column for column in columns if facts.columns[column.name].generated), None)


def fitting(facts: TableFacts, target: ColumnNode, node: Node) -> Node:
    """A computed value as its column holds it; raises ``QueryError`` where that would lose something."""
    have, want = node.datatype.bare, target.datatype.bare
    if have.key == want.key:
        return node
    if isinstance(want, Decimal) and (have.places if isinstance(have, Decimal) else 0) <= want.places:
        if isinstance(have, (Decimal, Integer)):
            return rescaled(node, want.places)
    elif isinstance(want, Float) and isinstance(have, Integer):
        return Operation("to_float", (node,), want, nullable=node.nullable)
    raise QueryError(
        f"{facts.name}.{target.name} holds {want.label}, and what is given for it is {have.label}; cast() it."
    )


def unset_columns(facts: TableFacts, names: Container[str]) -> list[ColumnFacts]:
    """The columns, beside those with these names, that a new row has to be given a value for."""
    return [column for name, column in facts.columns.items() if name not in names and not column.server_set]


def default_of(facts: TableFacts, method: str, column: ColumnFacts, *, many: bool = False) -> Value:
    """What fills a column that an insert, of one row or of ``many``, says nothing of."""
    place = f"{method} gives no value for {column.name}"
    if column.required:
        raise QueryError(f"{place}, which every row needs; {'select one, and name the column' if many else 'set it'}.")
    default = column.default
    if default is MISSING:
        if many and (column.primary_key or column.unique):
            raise QueryError(f"{place}, of which each row needs one of its own; select it, and name the column.")
        assert column.default_factory is not None
        default = column.default_factory()
    return Value(column.datatype.bare, key_in(facts.checks[column.name](default)))
