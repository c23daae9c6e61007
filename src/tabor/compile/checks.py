"""What makes a select impossible whatever the dialect: foreign tables, aggregates in the wrong place, loose columns.

Checked once for each shape, when it is compiled.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from collections.abc import Set as AbstractSet

from tabor.errors import QueryError
from tabor.tree.derived import Derived
from tabor.tree.nodes import ColumnNode, Key, Node, Operation, Source
from tabor.tree.related import Collection, leaves
from tabor.tree.statements import Select, Statement
from tabor.tree.walk import has_aggregate, has_window, is_aggregate, is_window, loose_columns, nodes_in, parts_of
from tabor.tree.writes import EXCLUDED, Delete, Insert, Update


def check_select(statement: Select, visible: AbstractSet[str], known: Container[Key] = ()) -> None:
    """Raise ``QueryError`` where the select cannot mean anything.

    ``visible`` are the tables that it may name, ``known`` what is there already as a column of a combination.
    """
    ordered = [term.node for term in statement.order]
    if statement.joins or statement.outline.beside:
        _check_joins(statement, visible)
    for node in parts_of(statement):
        check_sources(node, statement, visible, known)
    _check_calls(statement, (*statement.columns, *ordered), known)
    if statement.outline.distinct and ordered:
        _check_distinct(statement, ordered, known)
    for node in (*statement.where, *statement.group):
        if has_aggregate(node, known):
            raise QueryError("An aggregate such as count() cannot stand in where() or group_by(); use having().")
    grouped = bool(statement.group or statement.having)
    if not grouped and not any(has_aggregate(node, known) for node in (*statement.columns, *ordered)):
        return
    told = statement.outline.distinct_on
    one_row = _grouped_by_key(statement.group)
    for node in (*statement.columns, *statement.having, *told, *ordered):
        for column in loose_columns(node, statement.group):
            if column.source.key not in one_row:
                raise QueryError(
                    f"{column.source.table}.{column.name} stands beside an aggregate: group by it{_or_key(column)}, or "
                    f"aggregate it."
                )


def _grouped_by_key(group: Sequence[Node]) -> frozenset[str]:
    """The tables of which each group has one row, because it is grouped by the primary key.

    Databases know of primary keys only where the table itself is.
    """
    columns = [node for node in group if isinstance(node, ColumnNode) and not isinstance(node.source, Derived)]
    grouped = {(column.source.key, column.name) for column in columns}
    return frozenset(
        [
            source.key
            for source in [column.source for column in columns]
            if source.identity and all((source.key, name) in grouped for name in source.identity)
        ]
    )


def _or_key(column: ColumnNode) -> str:
    source = column.source
    if source.parent is not None or isinstance(source, Derived) or not source.identity:
        return ""
    return f" or by {' and '.join([f'{source.called}.{name}' for name in source.identity])}, the key of its row"


def _check_distinct(statement: Select, ordered: Sequence[Node], known: Container[Key]) -> None:
    """Raise ``QueryError`` for rows told apart by what is selected, and sorted by something that is not.

    Which of several equal rows would say where they stand is anybody's guess.
    """
    selected = {(leaf.key, leaf.values) for leaf in leaves(statement.columns)}
    for node in ordered:
        if (node.key, node.values) not in selected and node.key not in known:
            raise QueryError(
                "distinct() gives rows that differ in what is selected, and can be sorted by that alone: select what "
                "order_by() names too, or group_by() what is selected."
            )


def check_change(statement: Update | Delete, visible: AbstractSet[str]) -> None:
    """Raise ``QueryError`` for an update or delete with a column of a table that it does not start from."""
    settings = [a.value for a in statement.assignments] if isinstance(statement, Update) else []
    _check_windows((*settings, *statement.where, *statement.returning))
    for node in (*settings, *statement.where, *statement.returning):
        check_sources(node, statement, visible)


def check_insert(statement: Insert, visible: AbstractSet[str]) -> None:
    """Raise ``QueryError`` where what an insert does on a conflict, or gives back, names another table."""
    conflict = statement.conflict
    if conflict is not None:
        nodes = (*[change.value for change in conflict.changes], *conflict.where)
        _check_windows(nodes)
        for node in nodes:
            check_sources(node, statement, visible | {EXCLUDED.key})
    _check_windows(statement.returning)
    for node in statement.returning:
        check_sources(node, statement, visible)


def check_sources(node: Node, statement: Statement, visible: AbstractSet[str], known: Container[Key] = ()) -> None:
    """Raise ``QueryError`` for a column of a table that the query does not start from, and for a misplaced list."""
    for part in nodes_in(node, known):
        if isinstance(part, ColumnNode) and part.source.root.key not in visible:
            root, table = part.source.root, statement.source.table
            name = root.called
            if isinstance(statement.source, Derived):
                raise QueryError(
                    f"{name}.{part.name} is not among the columns selected in this query on "
                    f"{statement.source.name or 'combined rows'}; select it there."
                )
            raise QueryError(
                f"{name}.{part.name} is not part of a query on {table}; reach {root.table} through a foreign key of "
                f"{table}, or join it."
            )
        if isinstance(part, Operation) and any(isinstance(arg, Collection) for arg in part.args):
            raise QueryError(
                "Related rows are selected beside a row as a list and cannot be compared; ask about them with count(), "
                "any() or none()."
            )


def _check_calls(statement: Select, given: Sequence[Node], known: Container[Key]) -> None:
    """Raise ``QueryError`` for what is computed over many rows, where it stands in another such or before its turn."""
    told = statement.outline.distinct_on
    joined = [node for join in statement.joins for node in join.conditions]
    _check_windows((*joined, *statement.where, *statement.group, *statement.having, *told), known)
    for node in (*given, *statement.having):
        _check_nesting(node, known)
    if statement.outline.lock and any(has_window(node, known) for node in given):
        raise QueryError("for_update() cannot lock rows for which a window function is computed.")


def _check_windows(nodes: Sequence[Node], known: Container[Key] = ()) -> None:
    if any(has_window(node, known) for node in nodes):
        raise QueryError(
            "A window function such as row_number() is computed after where(), group_by(), having() and distinct(on=): "
            "select it in a query, make that a table by cte(), and put the condition on the column of that."
        )


def _check_nesting(node: Node, known: Container[Key]) -> None:
    for part in nodes_in(node, known):
        if isinstance(part, Operation) and is_aggregate(part):
            within = [inner for arg in part.args for inner in nodes_in(arg, known)]
            if any(is_aggregate(inner) or is_window(inner) for inner in within):
                raise QueryError(
                    "An aggregate cannot be computed of another one or of a window function: compute the inner one in "
                    "a cte() and select from that."
                )


def _check_joins(statement: Select, visible: AbstractSet[str]) -> None:
    """Raise ``QueryError`` for two tables of one name, and for a join on a table that is joined only after it."""
    names = {statement.source.called}
    for source in statement.outline.beside:
        _check_name(source, names)
    later = {table.key for join in statement.joins for table in join.tables}
    for join in statement.joins:
        for table in join.tables:
            later.discard(table.key)
            _check_name(table, names)
        for node in join.conditions:
            check_sources(node, statement, visible - later)


def named_twice(name: str) -> QueryError:
    """The refusal of two named queries that differ, in their values at least, and have the same name."""
    return QueryError(f"Two different queries of one statement have the name {name!r}; rename one.")


def _check_name(table: Source, names: set[str]) -> None:
    """Add the name of a table to those that there are; raises ``QueryError`` for one that is there already."""
    if table.called in names:
        raise QueryError(
            f"Two tables of this query are called {table.called!r}; join one of them as alias(..., name) or "
            f"optional(..., name) with a name of its own."
        )
    names.add(table.called)
