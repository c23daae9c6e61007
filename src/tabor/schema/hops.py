"""Steps along foreign keys by name, for those who are given a path as text."""

from __future__ import annotations

from typing import NamedTuple

from tabor.errors import SchemaError
from tabor.expression.expr import Expr
from tabor.query.conditions import Expression
from tabor.schema.facts import TableFacts, facts_of
from tabor.schema.path import moved
from tabor.tree.nodes import Source


class Place(NamedTuple):
    """A row in a query: the query's own, or one at the end of a path of foreign keys from there."""

    facts: TableFacts
    source: Source

    def column(self, name: str) -> Expression:
        """The column ``name`` of the row."""
        return Expr(moved(self.facts.nodes[name], self.source))

    def along(self, name: str) -> Place:
        """The row that the foreign key ``name`` leads to; raises ``SchemaError`` where that is no foreign key."""
        column = self.facts.columns[name]
        if column.key is None:
            raise SchemaError(f"{self.facts.name}.{name} is no foreign key.", table=self.facts.name, column=name)
        target = facts_of(column.key.target)
        source = Source(
            target.name,
            target.source.token,
            parent=self.source,
            hop=name,
            local=(name,),
            remote=(column.key.target_column,),
            optional=column.nullable or self.source.optional,
            identity=target.primary_key,
            renamed=target.source.renamed,
        )
        return Place(target, source)


def own_place(facts: TableFacts) -> Place:
    """The row of a query on the table itself."""
    return Place(facts, facts.source)
