"""The emission of selects, and of the clauses that they share with other statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from tabor.compile.checks import check_select, named_twice
from tabor.compile.dialect import quoted
from tabor.compile.expressions import Scope
from tabor.compile.windows import Windows
from tabor.errors import QueryError
from tabor.tree.derived import Derived, Output
from tabor.tree.nodes import Key, Node, Ordering, Source, Value
from tabor.tree.related import PageOfEach, Place, leaves
from tabor.tree.statements import COUNT, ROWS, WRITTEN_LIMITS, Join, Lock, Select
from tabor.tree.walk import all_columns


class Selects(Windows):
    """Emits selects."""

    def select(self, statement: Select, names: Sequence[str] = ()) -> str:
        outline = statement.outline
        beside = "".join([f" CROSS JOIN {self.table(source)}" for source in (statement.source, *outline.beside)])
        around = self._scope
        known: Mapping[Key, Output] = statement.source.outputs if isinstance(statement.source, Derived) else {}
        self._scope = Scope(statement.roots, around, known)
        check_select(statement, self._scope.visible, self._scope.known)
        if outline.group or outline.distinct:
            self._scope.told = {}
        for join in statement.joins:
            text = self._joined(join)
            self._scope.joins[join.source.key] = text
        self._scope.grouped = grouped = frozenset([node.key for node in statement.group])
        columns = self._columns(statement.columns)
        self._scope.grouped = frozenset()
        tail = self._where(statement.where)
        self._scope.grouped = grouped
        tail += self._grouping(statement)
        tables = beside.removeprefix(" CROSS JOIN ")
        if outline.distinct_on:
            selected = self._first_of_each(statement, columns, names, lambda: self._from(tables) + tail)
        else:
            tail += self._sorted(statement.order) + self._cut(statement)
            lock = "" if outline.lock is None else self._lock(outline.lock)
            body = f"{self._from(tables)}{tail}{lock}"
            words = "DISTINCT " if outline.distinct else ""
            if statement.asks == "count" and not statement.columns and statement.limit is statement.offset is None:
                words, columns, names = "", ["count(*)"], ()
            selected = f"SELECT {words}{self._called(columns, names)} FROM {body}"
        self._scope = around
        if statement.asks == "exists":
            return f"SELECT EXISTS ({selected})"
        counts = statement.asks == "count" and columns != ["count(*)"]
        return f"SELECT count(*) FROM ({selected}) AS counted" if counts else selected

    def table(self, source: Source) -> str:
        """A table as it stands in a FROM: by its name, or made on the spot."""
        if not isinstance(source, Derived):
            return self._called_in_full(source)
        if source.name:
            self._name_once(source)
            name, alias = quoted(source.name), quoted(source.called)
            return name if name == alias else f"{name} AS {alias}"
        text = self._body(source, self._scope)
        alias = f"combined_{len(self._unnamed) + 1}"
        self._unnamed[source] = alias
        return f"({text}) AS {quoted(alias)}"

    def _name_once(self, source: Derived) -> None:
        known = self._named.get(source.name)
        start, count = self._met(), len(source.values)
        if known is None:
            text = self._body(source, None)
            names = ", ".join([quoted(name) for name in source.names])
            self._named[source.name] = (source.made, f"{quoted(source.name)} ({names}) AS ({text})", start)
            self._recursive |= source.recursive
            return
        if known[0] != source.made:
            raise named_twice(source.name)
        if count:
            self._alike.append((source.name, slice(known[2], known[2] + count), slice(start, start + count)))
        self._pass_over(source.values)

    def _body(self, source: Derived, outer: Scope | None) -> str:
        """The text of a derived table, which sees the queries around the one that it stands in, and no others."""
        around = self._scope
        self._scope = outer or Scope()
        body = source.body
        if isinstance(body, Select):
            text = self.select(body, source.names)
        else:
            parts = [self._part(part, source.names) for part in body.parts]
            text = f" {body.operator.upper()} ".join(parts)
        self._scope = around
        return text

    def _part(self, part: Select, names: Sequence[str]) -> str:
        text = self.select(part, names)
        # A part with an order or a limit of its own needs brackets, which not every database allows around it.
        cut = part.order or part.limit is not None or part.offset is not None or part.outline.distinct_on
        return f"SELECT * FROM ({text}) AS part" if cut else text

    def _columns(self, columns: Sequence[Node]) -> list[str]:
        return [self._once(leaf) for leaf in leaves(columns)] or ["1"]

    def _once(self, node: Node) -> str:
        """Emit what is selected, grouped or sorted by.

        Where it stands there again it has the same places: a database takes expressions with different places for
        different ones, and would not see that it groups by what it selects.
        """
        told = self._scope.told
        if told is None or not node.values:
            return self._plain(node)
        known = told.setdefault(node.key, [])
        for values, text, secrets in known:
            if values == node.values:
                self._pass_over(values)
                self._secret_columns += secrets
                return text
        before = self._secret_columns
        text = self._plain(node)
        known.append((node.values, text, self._secret_columns - before))
        return text

    @staticmethod
    def _called(columns: Sequence[str], names: Sequence[str]) -> str:
        if names:
            columns = [f"{text} AS {quoted(name)}" for text, name in zip(columns, names, strict=True)]
        return ", ".join(columns)

    def _sorted(self, order: Sequence[Ordering]) -> str:
        if not order:
            return ""
        return " ORDER BY " + ", ".join([self._once(term.node) + self._turn(term) for term in order])

    def _first_of_each(
        self, statement: Select, columns: list[str], names: Sequence[str], body: Callable[[], str]
    ) -> str:
        """The first row, in the order of the query, of those that have the same values, and then the query's order."""
        if not statement.order and statement.asks == "rows":
            raise QueryError("distinct(on=...) keeps the first row of each; say which is first by order_by().")
        told = [self.node(node) for node in statement.outline.distinct_on]
        terms = [self.node(term.node) for term in statement.order]
        turns = [self._turn(term) for term in statement.order]
        own = [f"own_{number}" for number in range(len(columns))]
        sorts = [f"sort_{number}" for number in range(len(terms))]
        cut = self._cut(statement)
        inner = self._called([*columns, *terms], [*own, *sorts])
        order = ", ".join([f"{text}{turn}" for text, turn in zip(terms, turns, strict=True)])
        text = self._dialect.first_of_each(inner, body(), told, order)
        given = self._called([quoted(name) for name in own], names)
        sorted_by = ", ".join([f"{quoted(name)}{turn}" for name, turn in zip(sorts, turns, strict=True)])
        return f"SELECT {given} FROM ({text}) AS firsts{f' ORDER BY {sorted_by}' if sorts else ''}{cut}"

    def _lock(self, lock: Lock) -> str:
        self._locks = True
        for source in lock.of:
            self._join(source, self._scope.joins)
        return self._dialect.lock([self._alias(source) for source in lock.of], lock.others)

    def _cut(self, statement: Select) -> str:
        text = ""
        if statement.limit is not None:
            limit = statement.limit
            text = f" LIMIT {limit if limit in WRITTEN_LIMITS else self._place(ROWS)}"
        elif statement.offset is not None:
            text = self._dialect.unlimited
        return text if statement.offset is None else f"{text} OFFSET {self._place(ROWS)}"

    def page_of_each(self, statement: PageOfEach) -> str:
        """Emit a select of the same page of rows of each group."""
        inner = self.select(statement.inner)
        names = ", ".join([f"c{number}" for number in range(1, len(statement.inner.columns))])
        page = f"place > {self._place(COUNT)}"
        if statement.limit is not None:
            page += f" AND place <= {self._place(COUNT)}"
        return f"WITH numbered ({names}, place) AS ({inner}) SELECT {names} FROM numbered WHERE {page} ORDER BY place"

    def node(self, node: Node) -> str:
        """Emit one expression; some hold what only selects have, such as an order, or what is grouped by."""
        shared = node.key in self._scope.grouped and not isinstance(node, Value)
        return self._once(node) if shared else self._plain(node)

    def _plain(self, node: Node) -> str:
        return self._place_in_order(node) if isinstance(node, Place) else super().node(node)

    def _where(self, conditions: Sequence[Node]) -> str:
        if not conditions:
            return ""
        return " WHERE " + " AND ".join([self.node(node) for node in conditions])

    def _grouping(self, statement: Select) -> str:
        text = ""
        if statement.group:
            text = " GROUP BY " + ", ".join([self._once(node) for node in statement.group])
        if statement.having:
            text += " HAVING " + " AND ".join([self.node(node) for node in statement.having])
        return text

    def _from(self, text: str) -> str:
        """A FROM with these tables and what is joined to them."""
        return text + "".join(self._scope.joins.values())

    def _joined(self, join: Join) -> str:
        """The text of an explicit join; what it needs of its own to be joined stands in parentheses with it."""
        joins = self._scope.joins
        inner: dict[str, str] = {}
        self._scope.joins = inner
        for table in join.within:
            inner[table.source.key] = self._joined(table)
        for source in _paths_from(join):
            self._grouped.add(source.root.key)
            self._join(source, inner)
        self._scope.joins = joins
        text = self.table(join.source) + "".join(inner.values())
        joins.update(dict.fromkeys(inner, ""))
        kind = "LEFT JOIN" if join.source.optional else "JOIN"
        return f" {kind} {f'({text})' if inner else text} ON {self.node(join.on)}"

    def _place_in_order(self, node: Place) -> str:
        link = ", ".join([self.node(column) for column in node.link])
        order = ", ".join([self._ordering(term) for term in node.order])
        return f"row_number() OVER (PARTITION BY {link} ORDER BY {order})"


def _paths_from(join: Join) -> Iterator[Source]:
    """The rows behind keys of the joined table, and of those within the join, that its condition names."""
    own = {table.key for table in join.tables}
    for column in all_columns(join.on):
        if column.source.parent is not None and column.source.root.key in own:
            yield column.source
