"""The emission of selects, and of the clauses that they share with other statements."""

from __future__ import annotations

from collections.abc import Sequence

from tabor.compile.checks import check_select
from tabor.compile.dialect import quoted
from tabor.compile.expressions import Expressions, Scope
from tabor.datatypes import Integer
from tabor.tree.nodes import Node, Ordering, Source
from tabor.tree.related import PageOfEach, Place
from tabor.tree.statements import COUNT, Select


class Selects(Expressions):
    """Emits selects."""

    def select(self, statement: Select, names: Sequence[str] = ()) -> str:
        around = self._scope
        self._scope = Scope(statement.roots, around)
        check_select(statement, self._scope.visible)
        columns = self._columns(statement.columns, names)
        tail = self._where(statement.where) + self._grouping(statement)
        order = ", ".join([self._ordering(term) for term in statement.order])
        tail += (f" ORDER BY {order}" if order else "") + self._cut(statement)
        body = f"{self._from(statement.source)}{tail}"
        self._scope = around
        selected = f"SELECT {'DISTINCT ' if statement.distinct else ''}{columns} FROM {body}"
        if statement.asks == "exists":
            return f"SELECT EXISTS ({selected})"
        if statement.asks == "count":
            if statement.columns == () and statement.limit is None and statement.offset is None:
                return f"SELECT count(*) FROM {body}"
            return f"SELECT count(*) FROM ({selected}) AS counted"
        return selected

    def _columns(self, columns: Sequence[Node], names: Sequence[str]) -> str:
        texts = [self.node(column) for column in columns] or ["1"]
        if names:
            texts = [f"{text} AS {quoted(name)}" for text, name in zip(texts, names, strict=True)]
        return ", ".join(texts)

    def _cut(self, statement: Select) -> str:
        text = ""
        if statement.limit is not None:
            text = f" LIMIT {self._place(Integer())}"
        elif statement.offset is not None:
            text = self._dialect.unlimited
        return text if statement.offset is None else f"{text} OFFSET {self._place(Integer())}"

    def page_of_each(self, statement: PageOfEach) -> str:
        """Emit a select of the same page of rows of each group."""
        inner = self.select(statement.inner)
        names = ", ".join([f"c{number}" for number in range(1, len(statement.inner.columns))])
        page = f"place > {self._place(COUNT)}"
        if statement.limit is not None:
            page += f" AND place <= {self._place(COUNT)}"
        return f"WITH numbered ({names}, place) AS ({inner}) SELECT {names} FROM numbered WHERE {page} ORDER BY place"

    def node(self, node: Node) -> str:
        """Emit one expression; some hold what only selects have, such as an order."""
        return self._place_in_order(node) if isinstance(node, Place) else super().node(node)

    def _where(self, conditions: Sequence[Node]) -> str:
        if not conditions:
            return ""
        return " WHERE " + " AND ".join([self.node(node) for node in conditions])

    def _grouping(self, statement: Select) -> str:
        text = ""
        if statement.group:
            text = " GROUP BY " + ", ".join([self.node(node) for node in statement.group])
        if statement.having:
            text += " HAVING " + " AND ".join([self.node(node) for node in statement.having])
        return text

    def _from(self, source: Source) -> str:
        text = quoted(source.table)
        for joined in self._scope.joins.values():
            parent = joined.parent
            assert parent is not None
            alias, before = self._alias(joined), self._alias(parent)
            on = " AND ".join(
                [
                    f"{before}.{quoted(local)} = {alias}.{quoted(remote)}"
                    for local, remote in zip(joined.local, joined.remote, strict=True)
                ]
            )
            text += f" {'LEFT ' if joined.optional else ''}JOIN {quoted(joined.table)} AS {alias} ON {on}"
        return text

    def _place_in_order(self, node: Place) -> str:
        order = ", ".join([self._ordering(term) for term in node.order])
        return f"row_number() OVER (PARTITION BY {self.node(node.link)} ORDER BY {order})"

    def _ordering(self, term: Ordering) -> str:
        return self.node(term.node) + (" DESC" if term.descending else "") + self._dialect.nulls(term)
