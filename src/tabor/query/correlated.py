"""Questions about the related rows of each row, as subqueries: how many there are, whether there are any, one value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tabor.datatypes import BOOLEAN
from tabor.errors import QueryError
from tabor.expression.expr import Expr
from tabor.query.keyset import total_order
from tabor.query.renaming import called, under
from tabor.tree.nodes import ColumnNode, Entity, Node, Operation
from tabor.tree.related import Collection
from tabor.tree.statements import COUNT, Select, Subquery
from tabor.tree.walk import has_aggregate, nodes_in, parts_of


def number_of(relation: Collection, *, distinct: bool) -> Expr[int]:
    """How many related rows there are, or how many different values are selected of them."""
    child = relation.child
    if not distinct:
        return Expr(Subquery("value", _unordered(relation, child.arranged(columns=(), asks="count")), COUNT))
    if len(child.columns) != 1 or isinstance(child.columns[0], (Entity, Collection)):
        raise QueryError(
            "count(distinct=True) of related rows counts the different values of one column, such as "
            "User.events.select(Event.place).count(distinct=True)."
        )
    if child.limit is not None or child.offset is not None:
        raise QueryError("count(distinct=True) of related rows takes all of them; limit() and offset() cut none out.")
    different = Operation("count_distinct", child.columns, COUNT)
    return Expr(Subquery("value", _unordered(relation, child.arranged(columns=(different,))), COUNT))


def any_related(relation: Collection, conditions: Sequence[Node]) -> Expr[bool]:
    """Whether there is a related row for which all ``conditions`` are true."""
    child = relation.child
    if conditions and (child.limit is not None or child.offset is not None):
        raise QueryError(
            "any() and none() ask all related rows about their conditions; leave out limit() and offset()."
        )
    child = child.arranged(columns=())
    child.where += tuple(conditions)
    return Expr(Subquery("exists", _unordered(relation, child), BOOLEAN))


def value_of_related(relation: Collection, keys: Sequence[ColumnNode]) -> Expr[object]:
    """What is selected of the first related row, their order completed by their ``keys``, or an aggregate of all."""
    child = relation.child
    column = child.columns[0]
    if len(child.columns) != 1 or isinstance(column, (Entity, Collection)) or relation.finish is not None:
        raise QueryError(
            "scalar() of related rows follows a select() of exactly one column or aggregate, such as "
            "User.events.select(Event.seats.sum()).scalar()."
        )
    cut = child.limit is not None or child.offset is not None
    if not has_aggregate(column):
        child = child.copy()
        child.order = total_order(child, keys)
        child.limit = 0 if child.limit == 0 else 1
        statement = _correlated(relation, child)
    elif cut:
        raise QueryError("An aggregate of related rows is of all of them; limit() and offset() cut none out.")
    else:
        statement = _unordered(relation, child)
    return Expr(Subquery("value", statement, column.datatype, nullable=True))


def _unordered(relation: Collection, child: Select) -> Select:
    child = child.copy()
    child.order = ()
    return _correlated(relation, child)


def _correlated(relation: Collection, child: Select) -> Select:
    """The select ``child`` of the rows related to the row around it.

    Its tables get other names where the query around it has the same.
    """
    asked = relation.giving(child)
    if relation.owner[0].source.root.key in child.roots:
        table = child.source
        alias = f"{table.table}>{_depth(child) + 1}"
        asked = under(asked, called(table, alias))
    statement = asked.child.copy()
    statement.where = (*asked.conditions, *statement.where)
    return statement


def _depth(statement: Select) -> int:
    """How many selects stand within one another in a select, itself not counted."""
    return max([1 + _depth(inner) for inner in _selects_in(statement)], default=0)


def _selects_in(statement: Select) -> Iterator[Select]:
    for node in parts_of(statement):
        for part in nodes_in(node):
            if isinstance(part, Subquery):
                yield part.statement
