"""The emission of whole statements: selects, writes, and SQL by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tabor.compile.checks import check_change
from tabor.compile.dialect import quoted
from tabor.compile.selects import Selects
from tabor.datatypes import DataType
from tabor.errors import QueryError
from tabor.tree.nodes import Node, Source
from tabor.tree.statements import Conflict, Delete, Insert, Raw, Select, Statement, Update


class Compiled(NamedTuple):
    """SQL text, the datatype of each of its places in order, and whether it only reads."""

    sql: str
    datatypes: tuple[DataType, ...]
    reads: bool


class Emission(Selects):
    """Emits one statement."""

    def statement(self, statement: Statement) -> Compiled:
        """Emit a whole statement."""
        return Compiled(self._statement(statement), tuple(self._datatypes), statement.reads)

    def _statement(self, statement: Statement) -> str:
        if isinstance(statement, Select):
            return self.select(statement)
        if isinstance(statement, Insert):
            return self._insert(statement)
        if isinstance(statement, Update):
            return self._update(statement)
        if isinstance(statement, Delete):
            return self._delete(statement)
        assert isinstance(statement, Raw)
        return self._raw(statement)

    def _insert(self, statement: Insert) -> str:
        names = ", ".join([quoted(column.name) for column in statement.columns])
        places = ", ".join([self._place(column.datatype) for column in statement.columns])
        values = f"({names}) VALUES ({places})" if names else "DEFAULT VALUES"
        conflict = "" if statement.conflict is None else self._conflict(statement.conflict)
        return f"INSERT INTO {quoted(statement.source.table)} {values}{conflict}{self._returning(statement.returning)}"

    @staticmethod
    def _conflict(conflict: Conflict) -> str:
        target = ", ".join([quoted(column.name) for column in conflict.target])
        settings = ", ".join([f"{quoted(c.name)} = excluded.{quoted(c.name)}" for c in conflict.update])
        return f" ON CONFLICT ({target}) DO " + (f"UPDATE SET {settings}" if settings else "NOTHING")

    def _update(self, statement: Update) -> str:
        check_change(statement)
        settings = ", ".join([f"{quoted(a.column.name)} = {self.node(a.value)}" for a in statement.assignments])
        if self._joins:
            raise QueryError(
                "An update sets columns from the row itself; a value across a foreign key is not possible."
            )
        where = self._own_where(statement.source, statement.where)
        return f"UPDATE {quoted(statement.source.table)} SET {settings}{where}{self._returning(statement.returning)}"

    def _delete(self, statement: Delete) -> str:
        check_change(statement)
        where = self._own_where(statement.source, statement.where)
        return f"DELETE FROM {quoted(statement.source.table)}{where}{self._returning(statement.returning)}"

    def _raw(self, statement: Raw) -> str:
        text = statement.parts[0]
        for datatype, part in zip(statement.datatypes, statement.parts[1:], strict=True):
            self._datatypes.append(datatype)
            text += self._dialect.raw_place(len(self._datatypes), datatype) + part
        return text

    def _own_where(self, source: Source, conditions: Sequence[Node]) -> str:
        """The WHERE of an update or delete, through its own keys where a condition reaches across a foreign key."""
        where = self._where(conditions)
        if not self._joins:
            return where
        if len(source.identity) != 1:
            raise QueryError(
                f"A condition across a foreign key needs {source.table} to have a primary key of one column."
            )
        table, key = quoted(source.table), quoted(source.identity[0])
        body = self._from(source)
        self._joins.clear()
        return f" WHERE {key} IN (SELECT {table}.{key} FROM {body}{where})"

    def _returning(self, columns: Sequence[Node]) -> str:
        if not columns:
            return ""
        text = ", ".join([self.node(column) for column in columns])
        if self._joins:
            raise QueryError("returning() gives columns of the written row itself; read related rows with a select.")
        return f" RETURNING {text}"
