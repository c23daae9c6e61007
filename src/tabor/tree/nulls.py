"""Which expressions may be null in the database, conditions among them.

A condition is typed as true or false, and its node says so; over a null it is neither, which is null to a database.
"""

from __future__ import annotations

from collections.abc import Sequence

from tabor.datatypes import Boolean
from tabor.tree.calls import Call
from tabor.tree.nodes import Node, Operation

_KNOWN = frozenset(
    {
        "is_null",
        "is_not_null",
        "distinct_from",
        "not_distinct_from",
        "count",
        "count_rows",
        "count_distinct",
        "list_agg",
    }
)
"""What gives a value whatever it is made of."""


def may_be_null(node: Node) -> bool:
    """Whether a row may have null there: by its type, or as a condition, or what is made of one, over a null."""
    if node.nullable:
        return True
    if not isinstance(node, Operation) or node.op in _KNOWN:
        return False
    given = _given(node)
    if node.op == "coalesce":
        return all(map(may_be_null, given))
    if isinstance(node.datatype, Boolean):
        return any(map(may_be_null, given))
    return any(not arg.nullable and may_be_null(arg) for arg in given)


def _given(node: Operation) -> Sequence[Node]:
    """What the operation makes its value of: the results of a choice, not its tests, and not what is around a call."""
    if isinstance(node, Call):
        return node.operands
    return (*node.args[1::2], node.args[-1]) if node.op == "case" else node.args
