"""The compiler from statement nodes to SQL text with numbered places for values.

A dialect overrides what it spells differently.  Values never stand in the text; identifiers are always quoted.
"""

from __future__ import annotations

from tabor.compile.dialect import Dialect
from tabor.compile.emission import Compiled, Emission
from tabor.tree.nodes import Node
from tabor.tree.statements import Statement


class Compiler(Dialect):
    """Compiles statements of one dialect; holds no state between statements."""

    def compile(self, statement: Statement) -> Compiled:
        """The SQL of a statement."""
        return Emission(self).statement(statement)

    def condition(self, node: Node) -> str:
        """A condition of a table definition, its columns by their bare names."""
        return Emission(self, bare=True).node(node)
