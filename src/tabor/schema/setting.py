"""The new value of a column in an update, checked as a row would check it."""

from __future__ import annotations

from tabor.expression.decimals import assignable
from tabor.expression.expr import Expr
from tabor.expression.operand import is_place
from tabor.query.write import Setting
from tabor.schema.annotations import table_with
from tabor.schema.facts import facts_of
from tabor.schema.reference import key_in
from tabor.tree.nodes import Assignment, ColumnNode, Node, Value


def setting(node: ColumnNode, value: object) -> Setting:
    """Set ``node`` to a value or an expression.

    Raises ``InvalidValue`` for a value that the column cannot hold, and ``QueryError`` for an expression with more
    decimal places than the column has.
    """
    operand: Node
    if isinstance(value, Expr):
        facts = facts_of(table_with(node.source.token))
        if facts.columns[node.name].read_only:
            facts.checks[node.name](node)
        if is_place(value.node):
            # What comes later is checked as the column itself would check it.
            operand = Value(facts.columns[node.name].datatype, value.node.values[0])
        else:
            operand = assignable(node, value.node)
    else:
        # The table of the node, not of the attribute: ``Event.creator.id`` is a column of the table that refers.
        operand = Value(node.datatype, key_in(facts_of(table_with(node.source.token)).checks[node.name](value)))
    return Setting(Assignment(node, operand))
