"""The compiler from statement nodes to SQL text with numbered places for values.

A dialect overrides what it spells differently.  Values never stand in the text; identifiers are always quoted.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tabor.compile.checks import check_change, check_select
from tabor.datatypes import DataType, Integer
from tabor.errors import QueryError
from tabor.tree.definitions import TableDefinition
from tabor.tree.nodes import (
    ColumnNode,
    Constant,
    ConstantValue,
    Entity,
    JsonObject,
    Node,
    Operation,
    Ordering,
    Source,
    Value,
)
from tabor.tree.statements import Collection, Conflict, Delete, Insert, Raw, Select, Statement, Update


class Compiled(NamedTuple):
    """SQL text, the datatype of each of its places in order, and whether it only reads."""

    sql: str
    datatypes: tuple[DataType, ...]
    reads: bool


def quoted(name: str) -> str:
    """An identifier in double quotes."""
    return '"' + name.replace('"', '""') + '"'


INFIX = {
    "eq": "=",
    "ne": "<>",
    "lt": "<",
    "lte": "<=",
    "gt": ">",
    "gte": ">=",
    "and": "AND",
    "or": "OR",
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "concat": "||",
}
FUNCTIONS = {"lower", "upper", "length", "count", "min", "max", "sum", "avg"}
TEMPLATES = {
    "is_null": "({} IS NULL)",
    "is_not_null": "({} IS NOT NULL)",
    "not": "(NOT {})",
    "between": "({} BETWEEN {} AND {})",
    "when": "CASE WHEN {} THEN {} END",
}


class Compiler(ABC):
    """Compiles statements of one dialect; holds no state between statements."""

    unlimited = ""
    """What stands before an OFFSET where there is no limit."""

    @abstractmethod
    def place(self, number: int, datatype: DataType) -> str:
        """The text of the place for the value ``number``, counted from 1."""

    def raw_place(self, number: int, datatype: DataType) -> str:
        """The same in SQL written by hand, where the datatype is only guessed from the value."""
        return self.place(number, datatype)

    def name(self, name: str) -> str:
        """An identifier as the database keeps it: shortened where it has a limit."""
        return name

    def nulls(self, term: Ordering) -> str:
        """The words after a term of ORDER BY that put nulls where they belong: as the smallest value by default."""
        last = term.descending if term.nulls_last is None else term.nulls_last
        return "" if last == term.descending else f" NULLS {'LAST' if last else 'FIRST'}"

    def function(self, op: str, args: Sequence[str], node: Operation) -> str:
        """The text of a function that databases call by the same name."""
        return f"{op}({args[0]})"

    @abstractmethod
    def special(self, op: str, args: Sequence[str], node: Operation) -> str:
        """The text of an operation that the dialect spells in its own way."""

    @abstractmethod
    def builds_json(self, node: JsonObject) -> bool:
        """Whether the database can build this object with the very bytes that Python would."""

    @abstractmethod
    def json_field(self, text: str, datatype: DataType) -> str:
        """The text of a value as it stands in a JSON object."""

    @abstractmethod
    def json_object(self, pairs: Sequence[tuple[str, str]]) -> str:
        """The text of a JSON object of names and values."""

    @abstractmethod
    def create_table(self, table: TableDefinition) -> list[str]:
        """The statements that create a table and its indexes where they do not exist."""

    def create_tables(self, tables: Sequence[TableDefinition]) -> list[str]:
        """The statements that create these tables, given by dependency, where they do not exist."""
        return [statement for table in tables for statement in self.create_table(table)]

    def literal(self, value: ConstantValue, datatype: DataType | None = None) -> str:
        """A constant of a table definition as text."""
        if value is None:
            return "NULL"
        return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)

    def compile(self, statement: Statement) -> Compiled:
        """The SQL of a statement."""
        return Emission(self).statement(statement)

    def condition(self, node: Node) -> str:
        """A condition of a table definition, its columns by their bare names."""
        return Emission(self, bare=True).node(node)


class Emission:
    """The making of one text: the places given out and the sources joined so far."""

    def __init__(self, compiler: Compiler, *, bare: bool = False) -> None:
        self._compiler = compiler
        self._bare = bare
        self._datatypes: list[DataType] = []
        self._joins: dict[str, Source] = {}
        self._emitters: dict[type, Callable[[object], str]] = {
            Select: self._select,
            Insert: self._insert,
            Update: self._update,
            Delete: self._delete,
            Raw: self._raw,
        }

    def statement(self, statement: Statement) -> Compiled:
        """Emit a whole statement."""
        sql = self._emitters[type(statement)](statement)
        return Compiled(sql, tuple(self._datatypes), statement.reads)

    # --- statements ---

    def _select(self, statement: object) -> str:
        assert isinstance(statement, Select)
        check_select(statement)
        columns = [self.node(column) for column in statement.columns] or ["1"]
        where = self._where(statement.where) + self._grouping(statement)
        order = ", ".join([self._ordering(term) for term in statement.order])
        tail = where + (f" ORDER BY {order}" if order else "")
        if statement.limit is not None or statement.offset is not None:
            tail += f" LIMIT {self._place(Integer())}" if statement.limit is not None else self._compiler.unlimited
        if statement.offset is not None:
            tail += " OFFSET " + self._place(Integer())
        body = f"{self._from(statement.source)}{tail}"
        distinct = "DISTINCT " if statement.distinct else ""
        if statement.asks == "exists":
            return f"SELECT EXISTS (SELECT {distinct}{', '.join(columns)} FROM {body})"
        if statement.asks == "count":
            if statement.columns == () and statement.limit is None and statement.offset is None:
                return f"SELECT count(*) FROM {body}"
            return f"SELECT count(*) FROM (SELECT {distinct}{', '.join(columns)} FROM {body}) AS counted"
        return f"SELECT {distinct}{', '.join(columns)} FROM {body}"

    def _insert(self, statement: object) -> str:
        assert isinstance(statement, Insert)
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

    def _update(self, statement: object) -> str:
        assert isinstance(statement, Update)
        check_change(statement)
        settings = ", ".join([f"{quoted(a.column.name)} = {self.node(a.value)}" for a in statement.assignments])
        if self._joins:
            raise QueryError(
                "An update sets columns from the row itself; a value across a foreign key is not possible."
            )
        where = self._own_where(statement.source, statement.where)
        return f"UPDATE {quoted(statement.source.table)} SET {settings}{where}{self._returning(statement.returning)}"

    def _delete(self, statement: object) -> str:
        assert isinstance(statement, Delete)
        check_change(statement)
        where = self._own_where(statement.source, statement.where)
        return f"DELETE FROM {quoted(statement.source.table)}{where}{self._returning(statement.returning)}"

    def _raw(self, statement: object) -> str:
        assert isinstance(statement, Raw)
        text = statement.parts[0]
        for datatype, part in zip(statement.datatypes, statement.parts[1:], strict=True):
            self._datatypes.append(datatype)
            text += self._compiler.raw_place(len(self._datatypes), datatype) + part
        return text

    # --- clauses ---

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

    def _from(self, source: Source) -> str:
        text = quoted(source.table)
        for joined in self._joins.values():
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

    def _ordering(self, term: Ordering) -> str:
        return self.node(term.node) + (" DESC" if term.descending else "") + self._compiler.nulls(term)

    # --- expressions ---

    def node(self, node: Node) -> str:
        """Emit one expression."""
        if isinstance(node, ColumnNode):
            return self._column(node)
        if isinstance(node, Value):
            return self._place(node.datatype)
        if isinstance(node, Operation):
            return self._operation(node)
        if isinstance(node, Entity):
            return ", ".join([self._column(column) for column in node.columns])
        if isinstance(node, JsonObject):
            return self._json(node)
        if isinstance(node, Constant):
            return self._compiler.literal(node.value, node.datatype)
        if isinstance(node, Collection):
            return self._column(node.owner)
        raise QueryError(f"{type(node).__name__} cannot stand in a statement.")

    def _column(self, column: ColumnNode) -> str:
        if self._bare:
            return quoted(column.name)
        self._join(column.source)
        return f"{self._alias(column.source)}.{quoted(column.name)}"

    def _join(self, source: Source) -> None:
        if source.parent is not None and source.key not in self._joins:
            self._join(source.parent)
            self._joins[source.key] = source

    def _alias(self, source: Source) -> str:
        names: list[str] = []
        while source.parent is not None:
            names.append(source.hop)
            source = source.parent
        return quoted(self._compiler.name(".".join([source.table, *reversed(names)])))

    def _place(self, datatype: DataType) -> str:
        self._datatypes.append(datatype)
        return self._compiler.place(len(self._datatypes), datatype)

    def _operation(self, node: Operation) -> str:
        op = node.op
        if op in ("in", "not_in") and len(node.args) == 1:
            # An empty list: nothing is in it, everything is not in it.
            return "(1 = 0)" if op == "in" else "(1 = 1)"
        args = [self.node(arg) for arg in node.args]
        if op in INFIX:
            return f"({args[0]} {INFIX[op]} {args[1]})"
        if op in FUNCTIONS:
            return self._compiler.function(op, args, node)
        if op in TEMPLATES:
            return TEMPLATES[op].format(*args)
        if op in ("in", "not_in"):
            return f"({args[0]} {'NOT ' if op == 'not_in' else ''}IN ({', '.join(args[1:])}))"
        return self._compiler.special(op, args, node)

    def _json(self, node: JsonObject) -> str:
        present = None if node.present is None else self.node(node.present)
        pairs: list[tuple[str, str]] = []
        for name, field in node.fields:
            text = self.node(field)
            pairs.append(
                (name, text if isinstance(field, JsonObject) else self._compiler.json_field(text, field.datatype))
            )
        text = self._compiler.json_object(pairs)
        return text if present is None else f"CASE WHEN {present} IS NOT NULL THEN {text} END"
