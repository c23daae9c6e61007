"""Conditions as values: told from other things, moved along a path of keys, and asked what they depend on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any, TypeAlias

from typing_extensions import TypeIs

from tabor.datatypes import BOOLEAN
from tabor.errors import QueryError
from tabor.expression.expr import Expr
from tabor.tree.calls import Call, Fragment, Named
from tabor.tree.nodes import ColumnNode, Comparison, Constant, Node, Operation, Ordering, Source, Value
from tabor.tree.statements import Join, Subquery
from tabor.tree.walk import all_columns, free_columns, nodes_in

Condition: TypeAlias = Expr[bool]
"""What ``where()`` takes, such as ``Event.capacity > 100``."""

Expression: TypeAlias = Expr[Any]
"""Anything that can be selected, compared or sorted by."""

NEVER: Condition = Expr(Comparison("eq", Constant(BOOLEAN, 1), Constant(BOOLEAN, 0)))
"""The condition that no row fits."""


def is_condition(value: object) -> TypeIs[Condition]:
    """Whether ``value`` is a condition: an expression that gives true or false."""
    return isinstance(value, Expr) and value.node.datatype == BOOLEAN


def all_of(conditions: Sequence[Condition]) -> Condition:
    """The condition that all of these, one at least, hold."""
    return reduce(lambda one, other: one & other, conditions)


def any_of(conditions: Sequence[Condition]) -> Condition:
    """The condition that one of these, one at least, holds."""
    return reduce(lambda one, other: one | other, conditions)


def shown_where(conditions: Sequence[Condition], expression: Expression) -> Expression:
    """``expression`` where all ``conditions`` hold, else null, as if the row that it comes from were not there."""
    if not conditions:
        return expression
    node = expression.node
    return Expr(Operation("when", (all_of(conditions).node, node), node.datatype, nullable=True))


def moved_to(condition: Condition, source: Source) -> Condition:
    """The same condition on the row at the end of a path of foreign keys.

    ``User.email == "a@x.io"`` moved along ``Event.creator`` is ``Event.creator.email == "a@x.io"``.  Raises
    ``QueryError`` for a condition on another table than the one that ``source`` leads to.
    """
    return Expr(node_moved_to(condition.node, source))


def node_moved_to(node: Node, source: Source) -> Node:
    """The node of a condition on the row at the end of a path, as ``moved_to`` has it."""
    return _moved(node, source, {})


def node_renamed(node: Node, root: str, source: Source) -> Node:
    """The same expression with the table of the key ``root`` called as ``source`` is; other tables stay."""
    others = frozenset([column.source.root.key for column in _outer_columns(node)]) - {root}
    return _moved(node, source, {}, others)


def roots(condition: Condition) -> set[int]:
    """The tokens of the tables that the condition starts from."""
    return {column.source.root.token for column in _outer_columns(condition.node)}


def depends_on(condition: Condition) -> set[tuple[int, str]]:
    """The columns that the condition depends on, foreign keys that it follows and subqueries included.

    Each is a table's token and the column's name.
    """
    found: set[tuple[int, str]] = set()
    for column in all_columns(condition.node):
        source = column.source
        found.add((source.token, column.name))
        while source.parent is not None:
            found.add((source.parent.token, source.local[0]))
            source = source.parent
    return found


def _outer_columns(node: Node) -> Iterator[ColumnNode]:
    """The columns that the row at hand must have: those of subqueries only as far as they come from around them."""
    for part in nodes_in(node):
        if isinstance(part, ColumnNode):
            yield part
        elif isinstance(part, Subquery):
            yield from free_columns(part.statement)


def _moved(node: Node, source: Source, known: dict[str, Source], own: frozenset[str] = frozenset()) -> Node:
    """The node moved, but for the columns of the tables ``own`` of a subquery around it."""
    if isinstance(node, ColumnNode):
        if node.source.root.key in own:
            return node
        there = _moved_source(node.source, source, known)
        return ColumnNode(there, node.name, node.datatype, nullable=node.nullable or there.optional, secret=node.secret)
    if isinstance(node, Call):
        return node.of(lambda part: _moved(part, source, known, own))
    if isinstance(node, Named):
        return Named(node.name, _moved(node.args[0], source, known, own))
    if isinstance(node, Operation):
        args = tuple([_moved(arg, source, known, own) for arg in node.args])
        if isinstance(node, Comparison):
            return Comparison(node.op, *args)
        if isinstance(node, Fragment):
            return Fragment(node.parts, args, node.datatype, nullable=node.nullable)
        return Operation(node.op, args, node.datatype, nullable=node.nullable)
    if isinstance(node, (Value, Constant)):
        return node
    if isinstance(node, Subquery):
        return _moved_subquery(node, source, known, own)
    raise QueryError(f"A condition with {type(node).__name__} in it cannot be moved along a foreign key.")


def _moved_subquery(node: Subquery, source: Source, known: dict[str, Source], own: frozenset[str]) -> Subquery:
    old = node.statement
    if all(column.source.root.key in own for column in free_columns(old)):
        return node
    if source.root.key in old.roots:
        raise QueryError(
            f"A condition with a subquery on {source.root.table} cannot be moved to where {source.root.table} is the "
            f"table around it; select from an alias of it in the subquery."
        )
    own |= old.roots
    new = old.arranged(
        columns=tuple([_moved(column, source, known, own) for column in old.columns]),
        joins=tuple([_moved_join(join, source, known, own) for join in old.joins]),
        group=tuple([_moved(part, source, known, own) for part in old.group]),
        having=tuple([_moved(part, source, known, own) for part in old.having]),
    )
    new.order = tuple(
        [
            Ordering(_moved(term.node, source, known, own), descending=term.descending, nulls_last=term.nulls_last)
            for term in old.order
        ]
    )
    new.where = tuple([_moved(part, source, known, own) for part in old.where])
    return Subquery(node.form, new, node.datatype, nullable=node.nullable)


def _moved_join(join: Join, source: Source, known: dict[str, Source], own: frozenset[str]) -> Join:
    within = tuple([_moved_join(inner, source, known, own) for inner in join.within])
    return Join(join.source, _moved(join.on, source, known, own), join.keys, within)


def _moved_source(old: Source, source: Source, known: dict[str, Source]) -> Source:
    if old.parent is None:
        if old.token != source.token or old.alias:
            raise QueryError(f"A condition on {old.table} cannot be moved to {source.table}.")
        return source
    found = known.get(old.key)
    if found is None:
        parent = _moved_source(old.parent, source, known)
        found = known[old.key] = Source(
            old.table,
            old.token,
            parent=parent,
            hop=old.hop,
            local=old.local,
            remote=old.remote,
            optional=old.optional or parent.optional,
            identity=old.identity,
            renamed=old.renamed,
        )
    return found
