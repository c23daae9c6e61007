"""The emission of inserts, updates and deletes."""

from __future__ import annotations

from collections.abc import Sequence

from tabor.compile.checks import check_change, check_insert
from tabor.compile.comparable import check_set
from tabor.compile.dialect import quoted
from tabor.compile.expressions import Scope
from tabor.compile.selects import Selects
from tabor.errors import QueryError
from tabor.tree.insert_from import InsertFrom, InsertValues
from tabor.tree.nodes import Assignment, ColumnNode, Node, Source, Value
from tabor.tree.update_many import UpdateMany
from tabor.tree.writes import Conflict, Delete, Insert, Update

_GIVEN = quoted("tabor_given")


class Writes(Selects):
    """Emits the statements that change rows."""

    def insert(self, statement: Insert) -> str:
        """An INSERT with what it does on a conflict."""
        rows = self._computed(statement)
        self._scope = Scope(frozenset((statement.source.key,)))
        check_insert(statement, self._scope.visible)
        names = ", ".join([quoted(column.stored_name) for column in statement.columns])
        if not rows:
            rows = f"VALUES ({', '.join([self._given(column) for column in statement.columns])})"
        values = f"({names}) {rows}" if names else "DEFAULT VALUES"
        conflict = "" if statement.conflict is None else self._conflict(statement.conflict)
        table = self._called_in_full(statement.source)
        return f"INSERT INTO {table} {values}{conflict}{self._returning(statement.returning)}"

    def _computed(self, statement: Insert) -> str:
        """The rows that are computed by the database, empty where they are given."""
        if isinstance(statement, InsertFrom):
            return self._selected_rows(statement)
        if not isinstance(statement, InsertValues):
            return ""
        pairs = zip(statement.columns, statement.nodes, strict=True)
        return f"VALUES ({', '.join([self._set(column, node) for column, node in pairs])})"

    def _selected_rows(self, statement: InsertFrom) -> str:
        """The select whose rows are inserted, which sees nothing of the table that they go into."""
        start = len(self._datatypes)
        text = self.select(statement.query)
        if any(column.secret for column in statement.columns):
            self._hide(start)
        # ON CONFLICT right after a select may be read as the condition of a join.
        return text if statement.conflict is None else f"SELECT * FROM ({text}) AS given WHERE (1 = 1)"

    def _conflict(self, conflict: Conflict) -> str:
        text = f" ON CONFLICT{self._target(conflict)} DO "
        if not conflict.changes:
            return f"{text}NOTHING"
        text += f"UPDATE SET {self._settings(conflict.changes)}{self._where(conflict.where)}"
        if self._scope.joins:
            raise QueryError("on_conflict() changes a row by its own columns, not by those across a foreign key.")
        return text

    def _target(self, conflict: Conflict) -> str:
        """What a unique index covers, spelled as in its definition, by which databases know it again."""
        if not conflict.target:
            return ""
        definition = type(self)(self._dialect, bare=True)
        nodes = conflict.target if conflict.nulls_distinct else self._dialect.unique_terms(conflict.target)
        terms = ", ".join([definition.node(node) for node in nodes])
        return f" ({terms})" + ("" if conflict.only is None else f" WHERE {definition.node(conflict.only)}")

    def _settings(self, assignments: Sequence[Assignment]) -> str:
        return ", ".join([self._assignment(assignment) for assignment in assignments])

    def _assignment(self, assignment: Assignment) -> str:
        return f"{quoted(assignment.column.stored_name)} = {self._set(assignment.column, assignment.value)}"

    def _set(self, column: ColumnNode, value: Node) -> str:
        """What a column is set to."""
        start = len(self._datatypes)
        check_set(column, value)
        text = self.node(value)
        if isinstance(value, Value):
            self._meant_for(column)
        if column.secret:
            self._hide(start)
        return text

    def _given(self, column: ColumnNode) -> str:
        text = self._place(column.datatype)
        self._meant_for(column)
        if column.secret:
            self._hide(len(self._datatypes) - 1)
        return text

    def update(self, statement: Update) -> str:
        """An UPDATE by conditions."""
        self._scope = Scope(frozenset((statement.source.key,)))
        check_change(statement, self._scope.visible)
        settings = self._settings(statement.assignments)
        if self._scope.joins:
            raise QueryError(
                "An update sets columns from the row itself, not from one across a foreign key: select it there, "
                "as in User.select(User.name).where(User.id == Event.creator.id).scalar()."
            )
        where = self._own_where(statement.source, statement.where)
        table = self._called_in_full(statement.source)
        return f"UPDATE {table} SET {settings}{where}{self._returning(statement.returning)}"

    def update_many(self, statement: UpdateMany) -> str:
        """An UPDATE of many rows, each by its key, with values of its own."""
        count = len(statement.keys)
        columns = (*statement.keys, *statement.columns)
        names = [quoted(f"v{number}") for number in range(len(columns))]
        rows = ["(" + ", ".join([self._given(column) for column in columns]) + ")" for _ in statement.rows]
        table = self._called_in_full(statement.source)
        pairs = zip(statement.columns, names[count:], strict=True)
        settings = ", ".join([f"{quoted(column.stored_name)} = {_GIVEN}.{name}" for column, name in pairs])
        if statement.source.touch:
            settings += f", {self._settings(statement.source.touch)}"
        keys = [f"{self.node(key)} = {_GIVEN}.{name}" for key, name in zip(statement.keys, names, strict=False)]
        return (
            f"WITH {_GIVEN} ({', '.join(names)}) AS (VALUES {', '.join(rows)}) UPDATE {table} SET {settings} "
            f"FROM {_GIVEN} WHERE {' AND '.join(keys)}{self._returning(statement.returning)}"
        )

    def delete(self, statement: Delete) -> str:
        """A DELETE by conditions."""
        self._scope = Scope(frozenset((statement.source.key,)))
        check_change(statement, self._scope.visible)
        where = self._own_where(statement.source, statement.where)
        table = self._called_in_full(statement.source)
        return f"DELETE FROM {table}{where}{self._returning(statement.returning)}"

    def _own_where(self, source: Source, conditions: Sequence[Node]) -> str:
        """The WHERE of an update or delete, through its own keys where a condition reaches across a foreign key."""
        where = self._where(conditions)
        if not self._scope.joins:
            return where
        if not source.identity:
            raise QueryError(f"A condition across a foreign key needs {source.table} to have a primary key.")
        table, names = self._alias(source), [quoted(source.stored_name(name)) for name in source.identity]
        keys = names[0] if len(names) == 1 else f"({', '.join(names)})"
        body = self._from(self.table(source))
        self._scope.joins.clear()
        return f" WHERE {keys} IN (SELECT {', '.join([f'{table}.{name}' for name in names])} FROM {body}{where})"

    def _returning(self, columns: Sequence[Node]) -> str:
        if not columns:
            return ""
        text = ", ".join([self._dialect.returned(self.node(column), column) for column in columns])
        if self._scope.joins:
            raise QueryError("returning() gives columns of the written row itself; read related rows with a select.")
        return f" RETURNING {text}"
