"""The compiler from statement nodes to SQL text with numbered places for values.

A dialect overrides what it spells differently.  Values never stand in the text; identifiers are always quoted.
"""

from __future__ import annotations

from tabor.compile.dialect import Dialect, quoted
from tabor.compile.emission import Compiled, Emission
from tabor.errors import UnsupportedFeature
from tabor.tree.definitions import ColumnDefinition, IndexDefinition
from tabor.tree.nodes import ColumnNode, Node, Ordering
from tabor.tree.statements import Statement


class Compiler(Dialect):
    """Compiles statements of one dialect; holds no state between statements."""

    def compile(self, statement: Statement) -> Compiled:
        """The SQL of a statement."""
        return Emission(self).statement(statement)

    def bare(self, node: Node) -> str:
        """An expression of a table definition: its columns by their bare names, its values as literals."""
        return Emission(self, bare=True).node(node)

    def filled(self, column: ColumnDefinition) -> str:
        """What the database itself fills a column with, after its type."""
        if column.computed is not None:
            return f" GENERATED ALWAYS AS {self.condition(column.computed)} STORED"
        return "" if column.default is None else f" DEFAULT {self.condition(column.default)}"

    def condition(self, node: Node) -> str:
        """A condition or expression of a table definition, in parentheses."""
        text = self.bare(node)
        return text if text[:1] == "(" and text[-1:] == ")" else f"({text})"

    def index_terms(self, index: IndexDefinition) -> str:
        """What an index is over, in the order in which queries ask for it.

        Raises ``UnsupportedFeature`` for an index that the database does not have.
        """
        asked = "" if index.using in self.index_kinds else f"using={index.using!r}"
        if index.opclasses and not self.has_opclasses:
            asked = "opclasses="
        if asked:
            raise UnsupportedFeature(
                f"This database cannot make the index {index.name} of {index.table}: it does not have {asked}. Leave "
                f"that out, or make the index by db.sql() on the databases that have it.",
                feature=f"index({asked})",
            )
        classes = [f" {quoted(name)}" for name in index.opclasses] or [""] * len(index.terms)
        ordered = index.using == "btree"
        pairs = zip(index.terms, classes, strict=True)
        return ", ".join(
            [self._index_term(term) + own + (self._turned(term) if ordered else "") for term, own in pairs]
        )

    def _index_term(self, term: Ordering) -> str:
        text = self.bare(term.node)
        return text if isinstance(term.node, ColumnNode) else f"({text})"

    def _turned(self, term: Ordering) -> str:
        return (" DESC" if term.descending else "") + self.index_nulls(term)

    def index_nulls(self, term: Ordering) -> str:
        """The words after a term of an index that put nulls where queries look for them."""
        return self.nulls(term)

    def index_where(self, index: IndexDefinition) -> str:
        """The condition of a partial index."""
        return "" if index.where is None else f" WHERE {self.condition(index.where)}"
