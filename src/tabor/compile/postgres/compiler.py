"""The compiler for PostgreSQL and for databases that speak its language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from hashlib import blake2b
from typing import get_args

from tabor.compile.compiler import Compiler
from tabor.compile.dialect import PLAIN, Around, Step, key_rules, quoted
from tabor.compile.postgres import plans
from tabor.compile.postgres.aggregates import ROW_FUNCTIONS
from tabor.compile.postgres.conditional import unless
from tabor.compile.postgres.moments import MOMENTS, finite
from tabor.compile.postgres.numbering import renumber
from tabor.compile.postgres.numbers import NUMBERS, Spell, checked
from tabor.compile.postgres.schemas import create_schema, qualified
from tabor.compile.postgres.search import SEARCHES, create_function, create_search
from tabor.compile.postgres.structures import STRUCTURES
from tabor.compile.postgres.texts import TEXTS, ordered, plain_text
from tabor.compile.postgres.types import column_type, value_type
from tabor.datatypes import (
    Array,
    Boolean,
    DataType,
    Date,
    DateTime,
    Decimal,
    Enumeration,
    Float,
    Integer,
    Text,
    Time,
    Uuid,
)
from tabor.errors import QueryError
from tabor.tree.definitions import (
    CheckDefinition,
    ColumnDefinition,
    ForeignKeyDefinition,
    IndexDefinition,
    IndexKind,
    TableDefinition,
)
from tabor.tree.names import schema_of
from tabor.tree.nodes import JsonObject, Node, Operation, Ordering
from tabor.tree.nulls import may_be_null
from tabor.tree.walk import of_one_row

NAME_BYTES = 63
"""The longest identifier (NAMEDATALEN - 1); a longer one would be cut without an error."""
ROW_COLUMNS = 1_600
"""How many columns a row may have (MaxTupleAttributeNumber, rounded down)."""

BUILT_AS_JSON = (Integer, Boolean, Decimal, Text, Date, Time, DateTime, Uuid, Enumeration)
_CAST = (Date, DateTime, Float, Time, Uuid)
"""Whose literals say their type: their text alone could be taken for another one."""
BUILT_AS_ITEM = (Integer, Boolean, Text, Uuid, Enumeration)

OPERATIONS: dict[str, Spell] = {
    **TEXTS,
    **NUMBERS,
    **MOMENTS,
    **STRUCTURES,
    **SEARCHES,
    # A row that was there already has been locked, which leaves its mark in this system column.
    "inserted": lambda args, node: "(xmax = 0)",
}
"""What PostgreSQL spells in its own way."""


class PostgresCompiler(Compiler):
    """SQL for PostgreSQL.

    Every place is cast to its type, so that the server never guesses one from the context.
    """

    filters_groups = False
    index_kinds: frozenset[IndexKind] = frozenset(get_args(IndexKind))
    has_opclasses = True

    def place(self, number: int, datatype: DataType) -> str:
        return f"${number}::{value_type(datatype)}"

    def raw_place(self, number: int, datatype: DataType) -> str:
        # Text may be meant for a column of any type (and None is bound as text): there the server knows better.
        return f"${number}" if isinstance(datatype, Text) else self.place(number, datatype)

    def name(self, name: str) -> str:
        data = name.encode()
        if len(data) <= NAME_BYTES:
            return name
        digest = blake2b(data, digest_size=5).hexdigest()
        return f"{data[: NAME_BYTES - 11].decode(errors='ignore')}_{digest}"

    def nulls(self, term: Ordering) -> str:
        last = term.descending if term.nulls_last is None else term.nulls_last
        # Without nulls the words would say nothing, but an index in the plain order could not serve them.
        if last == (not term.descending) or not may_be_null(term.node):
            return ""
        return f" NULLS {'LAST' if last else 'FIRST'}"

    def function(self, op: str, args: Sequence[str], node: Operation, around: Around = PLAIN) -> str:
        spell = ROW_FUNCTIONS.get(op)
        return super().function(op, args, node, around) if spell is None else spell(args, node, around)

    def fragment(self, text: str, datatype: DataType) -> str:
        return f"{text}::{value_type(datatype)}"

    def special(self, op: str, args: Sequence[str], node: Operation) -> str:
        spell = OPERATIONS.get(op)
        if spell is None:
            raise QueryError(f"This database has no operation {op!r}.")
        return spell(args, node)

    def checked(self, text: str, datatype: DataType) -> str:
        return checked(text, datatype)

    def case(self, text: str, node: Operation) -> str:
        return ordered(text, node.datatype)

    def lock(self, tables: Sequence[str], others: str) -> str:
        words = {"wait for": "", "skip": " SKIP LOCKED", "refuse": " NOWAIT"}[others]
        return f" FOR UPDATE OF {', '.join(tables)}{words}"

    def first_of_each(self, columns: str, body: str, told: Sequence[str], order: str) -> str:
        on = ", ".join(told)
        return f"SELECT DISTINCT ON ({on}) {columns} FROM {body} ORDER BY {on}{f', {order}' if order else ''}"

    # --- JSON ---

    def explain(self, sql: str, *, analyze: bool) -> str:
        return plans.question(sql, analyze=analyze)

    def plan_steps(self, rows: Sequence[Sequence[object]]) -> Iterator[Step]:
        return plans.steps(rows)

    def builds_json(self, node: JsonObject) -> bool:
        return len(node.fields) <= ROW_COLUMNS and all(
            len(name.encode()) <= NAME_BYTES
            and (self.builds_json(field) if isinstance(field, JsonObject) else _builds(field))
            for name, field in node.fields
        )

    def json_field(self, text: str, datatype: DataType) -> str:
        if isinstance(datatype, Date):
            return finite(text, text, "date '0001-01-01'", "date '9999-12-31'")
        return plain_text(text, datatype) if isinstance(datatype, (Decimal, DateTime, Time)) else text

    def json_object(self, pairs: Sequence[tuple[str, str]]) -> str:
        # row_to_json() puts no space after a colon or comma; json_build_object() does.
        fields = ", ".join([f"{text} AS {quoted(name)}" for name, text in pairs])
        return f"(SELECT row_to_json(fields) FROM (SELECT {fields}) AS fields)"

    # --- tables ---

    def literal(self, value: object, datatype: DataType | None = None) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, timedelta):
            return f"'{value // timedelta(microseconds=1)} microseconds'::interval"
        if isinstance(value, bytes):
            return f"'\\x{value.hex()}'::bytea"
        text = super().literal(value, datatype)
        return f"{text}::{value_type(datatype)}" if isinstance(datatype, _CAST) else text

    def table(self, name: str) -> str:
        return qualified(name)

    def renumber(self, table: str, column: str) -> str:
        return renumber(self.table(table), column)

    def create_table(self, table: TableDefinition) -> list[str]:
        return self.create_tables([table])

    def create_tables(self, tables: Sequence[TableDefinition]) -> list[str]:
        later = {table.name for table in tables}
        created = [create_schema(name) for name in dict.fromkeys([schema_of(table.name) for table in tables]) if name]
        created += [create_function()] if any(table.searches for table in tables) else []
        added: list[str] = []
        for table in tables:
            # A key may lead to a table that this one's own table comes before only where keys go in a circle.
            waiting = [key for key in table.foreign_keys if key.references in later - {table.name}]
            later.discard(table.name)
            created += self._table(table, [key for key in table.foreign_keys if key not in waiting])
            added += [self._add(table, key) for key in waiting]
        return created + added

    def _table(self, table: TableDefinition, keys: Sequence[ForeignKeyDefinition]) -> list[str]:
        lines = [self._column(column, table) for column in table.columns]
        if not any(column.generated for column in table.columns) and table.primary_key:
            lines.append(f"CONSTRAINT {self._name(table.name + '_pkey')} PRIMARY KEY ({_names(table.primary_key)})")
        for unique in table.uniques:
            words = "UNIQUE" if unique.nulls_distinct else "UNIQUE NULLS NOT DISTINCT"
            lines.append(f"CONSTRAINT {self._name(unique.name)} {words} ({_names(unique.columns)})")
        lines += [self._foreign(key) for key in keys]
        lines += [
            f"CONSTRAINT {self._name(check.name)} CHECK ({self.bare(check.condition)})"
            for check in table.checks
            if not _native(check)
        ]
        body = ",\n    ".join(lines)
        statements = [f"CREATE TABLE IF NOT EXISTS {self.table(table.name)} (\n    {body}\n)"]
        statements += [self._index(index, table) for index in table.indexes]
        for search in table.searches:
            statements += create_search(search, self.table(table.name), self.name(f"{table.name}_{search.name}_idx"))
        return statements

    def _column(self, column: ColumnDefinition, table: TableDefinition) -> str:
        text = f"{quoted(column.name)} {column_type(column.datatype)}{'' if column.nullable else ' NOT NULL'}"
        if column.generated:
            return f"{text} GENERATED BY DEFAULT AS IDENTITY CONSTRAINT {self._name(table.name + '_pkey')} PRIMARY KEY"
        return text + self.filled(column)

    def _foreign(self, key: ForeignKeyDefinition) -> str:
        target = f"{self.table(key.references)} ({_names(key.referenced_columns)})"
        columns = f"FOREIGN KEY ({_names(key.columns)}) REFERENCES {target}"
        return f"CONSTRAINT {self._name(key.name)} {columns} {key_rules(key)}"

    def _add(self, table: TableDefinition, key: ForeignKeyDefinition) -> str:
        name = self.literal(self.name(key.name))
        owner = self.literal(self.table(table.name))
        there = f"SELECT 1 FROM pg_catalog.pg_constraint WHERE conname = {name} AND conrelid = {owner}::regclass"
        return unless(there, f"ALTER TABLE {self.table(table.name)} ADD {self._foreign(key)}")

    def _index(self, index: IndexDefinition, table: TableDefinition) -> str:
        nullable = {column.name for column in table.columns if column.nullable}
        # In the order in which queries ask for them: nulls as the smallest value.
        names = [quoted(name) + (" NULLS FIRST" if name in nullable else "") for name in index.columns]
        columns = self.index_terms(index) or ", ".join(names)
        kind = "UNIQUE INDEX" if index.unique else "INDEX"
        nulls = "" if index.nulls_distinct else " NULLS NOT DISTINCT"
        using = "" if index.using == "btree" else f" USING {index.using}"
        include = f" INCLUDE ({_names(index.include)})" if index.include else ""
        on = f"{self.table(index.table)}{using} ({columns}){include}{nulls}{self.index_where(index)}"
        return f"CREATE {kind} IF NOT EXISTS {self._name(index.name)} ON {on}"

    def _name(self, name: str) -> str:
        return quoted(self.name(name))


def _names(names: Sequence[str]) -> str:
    return ", ".join([quoted(name) for name in names])


def _native(check: CheckDefinition) -> bool:
    """Whether the column's type holds the condition by itself: JSON is JSON, and a boolean has two values."""
    condition = check.condition
    if not isinstance(condition, Operation):
        return False
    return condition.op == "json_valid" or (condition.op == "in" and isinstance(condition.args[0].datatype, Boolean))


def _builds(field: Node) -> bool:
    datatype = field.datatype
    # The object is made in a subquery of its own, where count(*) and row_number() would see a single row.
    if not of_one_row(field):
        return False
    if isinstance(datatype, Array):
        return isinstance(datatype.item, BUILT_AS_ITEM)
    return isinstance(datatype, BUILT_AS_JSON)
