"""From what a user selects (columns, expressions, tables, related rows) to nodes and their names."""

from __future__ import annotations

from typing import cast

from tabor.datatypes import brief
from tabor.errors import NotFound, QueryError
from tabor.expression.expr import Expr
from tabor.tree.calls import Call, Named
from tabor.tree.nodes import ColumnNode, Entity, Node, Operation, Source
from tabor.tree.related import Collection


def selected(item: object) -> Node:
    """The node of one selected thing; raises ``QueryError`` for what cannot be selected."""
    if isinstance(item, Expr):
        return item.node
    entity = getattr(item, "_tabor_entity_", None)
    if isinstance(entity, Node):
        return entity
    raise QueryError(
        f"select() takes columns, tables and related rows, such as Event.title or Event.creator; got {brief(item)}."
    )


def key_parts(key: object, count: int) -> tuple[object, ...]:
    """The values of a primary key of ``count`` columns, given as one value or as a tuple."""
    return cast("tuple[object, ...]", key) if count > 1 and isinstance(key, tuple) else (key,)


def wrong_key(source: Source, key: object) -> str:
    """What is wrong with a key of another number of parts."""
    return f"The key of {source.table} is {', '.join(source.identity)}, one value for each; got {brief(key)}."


def no_row(source: Source, key: object) -> NotFound:
    """The error for a key that no row has, of which None is one always."""
    if key is not None:
        return NotFound(source.table, key)
    return NotFound(
        source.table,
        message=f"There is no {source.table} with the key None, which no row has; look whether there is a key before.",
    )


def path_name(source: Source) -> str:
    """The dotted path of foreign keys from the statement's own table, empty for that table itself."""
    hops: list[str] = []
    while source.parent is not None:
        hops.append(source.hop)
        source = source.parent
    if source.alias:
        hops.append(source.alias)
    return ".".join(reversed(hops))


def name_of(node: Node) -> str:
    """The name under which a selected thing stands in a dict or a JSON object."""
    if isinstance(node, ColumnNode):
        path = path_name(node.source)
        return f"{path}.{node.label}" if path else node.label
    if isinstance(node, Entity):
        return path_name(node.source) or node.source.table
    if isinstance(node, Collection):
        path = path_name(node.place)
        return f"{path}.{node.name}" if path else node.name
    if isinstance(node, Named):
        return node.name
    if isinstance(node, Operation):
        operands = node.operands if isinstance(node, Call) else node.args
        return "_".join([node.op, *[name_of(arg).replace(".", "_") for arg in operands if isinstance(arg, ColumnNode)]])
    return "value"


def twice(name: str) -> QueryError:
    """The refusal of two things that would stand under one name."""
    return QueryError(f"Two selected things have the name {name!r}; select it once, or give one a name by named(...).")


def shown(entity: Entity) -> tuple[ColumnNode, ...]:
    """The columns of a row that may be shown: all but the secret ones."""
    return tuple([column for column in entity.columns if not column.secret])


def named(columns: tuple[Node, ...]) -> tuple[tuple[str, Node], ...]:
    """The selected things with their names; a single table is taken apart into its columns.

    Raises ``QueryError`` where two things would have the same name.
    """
    if len(columns) == 1 and isinstance(columns[0], Entity):
        columns = shown(columns[0])
        return tuple([(column.name, column) for column in columns])
    pairs = tuple([(name_of(node), node) for node in columns])
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise twice(name)
    return pairs
