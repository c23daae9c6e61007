"""The tables of a relation under other names, so that they stand beside the same tables in one statement."""

from __future__ import annotations

from collections.abc import Mapping

from tabor.query.conditions import node_renamed
from tabor.tree.nodes import ColumnNode, Node, Ordering, Source
from tabor.tree.related import Collection
from tabor.tree.statements import Join


def under(relation: Collection, source: Source) -> Collection:
    """The same relation with its table called as ``source`` is, and what that is joined to called after it.

    What is selected of the related rows has to be expressions.
    """
    child = relation.child
    if source.key == child.source.key:
        return relation
    names = {child.source.key: source}
    for join in child.joins:
        table = join.source
        alias = f"{source.alias}>{table.table}"
        names[table.key] = called(table, alias)
    new = child.arranged(
        columns=tuple([_renamed(column, names) for column in child.columns]),
        joins=tuple([_renamed_join(join, names) for join in child.joins]),
    )
    new.source = source
    new.order = tuple(
        [
            Ordering(_renamed(term.node, names), descending=term.descending, nulls_last=term.nulls_last)
            for term in child.order
        ]
    )
    new.where = tuple([_renamed(node, names) for node in child.where])
    return relation.giving(new, link=tuple([_column(column, names) for column in relation.link]))


def called(table: Source, alias: str) -> Source:
    """A table under another name."""
    return Source(table.table, table.token, alias=alias, identity=table.identity, renamed=table.renamed)


def _renamed(node: Node, names: Mapping[str, Source]) -> Node:
    for key, source in names.items():
        node = node_renamed(node, key, source)
    return node


def _column(column: ColumnNode, names: Mapping[str, Source]) -> ColumnNode:
    """A column of one of the tables themselves."""
    source = names[column.source.key]
    return ColumnNode(source, column.name, column.datatype, nullable=column.nullable or source.optional)


def _renamed_join(join: Join, names: Mapping[str, Source]) -> Join:
    keys = tuple([_column(key, names) for key in join.keys])
    return Join(names[join.source.key], _renamed(join.on, names), keys)
