"""The compiler for SQLite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as PythonDecimal

from tabor.compile.compiler import Compiler
from tabor.compile.dialect import PLAIN, Around, Step, key_rules, quoted
from tabor.compile.literals import quoted_text
from tabor.compile.sqlite import plans
from tabor.compile.sqlite.aggregates import joined, listed
from tabor.compile.sqlite.moments import MOMENTS
from tabor.compile.sqlite.numbers import NUMBERS, Spell, checked, mean_of_decimals, mean_of_floats, product
from tabor.compile.sqlite.patterns import glob_pattern, like_pattern
from tabor.compile.sqlite.search import SEARCHES, create_search
from tabor.compile.sqlite.structures import STRUCTURES
from tabor.compile.sqlite.texts import TEXTS, decimal_text
from tabor.compile.sqlite.types import is_rowid, stored_as
from tabor.datatypes import (
    BOOLEAN,
    Array,
    Boolean,
    DataType,
    Date,
    DateTime,
    Decimal,
    Duration,
    Enumeration,
    Float,
    Integer,
    Json,
    Pattern,
    Text,
    Time,
    Uuid,
)
from tabor.errors import QueryError, UnsupportedFeature
from tabor.tree.definitions import ColumnDefinition, IndexDefinition, TableDefinition, UniqueDefinition
from tabor.tree.nodes import ColumnNode, Constant, JsonObject, Node, Operation, Ordering
from tabor.tree.nulls import may_be_null

# RFC 3339 in UTC with six decimals, as datetimes are stored; SQLite's clock has milliseconds.
NO_ROWID = -7_310_579_608_133_220_113
INSERTED = f"(last_insert_rowid() <> {NO_ROWID})"
"""Whether a row was inserted, at the end of a statement before which the engine set the last rowid to ``NO_ROWID``."""
NOW = "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')"

OPERATIONS: dict[str, Spell] = {
    **TEXTS,
    **NUMBERS,
    **MOMENTS,
    **STRUCTURES,
    **SEARCHES,
    "inserted": lambda args, node: INSERTED,
    "now": lambda args, node: NOW,
}
"""What SQLite spells in its own way."""
INTEGER = Integer()
BUILT_AS_JSON = (Integer, Boolean, Decimal, Text, Date, Time, DateTime, Uuid, Enumeration, Json)
KEPT_OTHERWISE = (Float, Duration)
"""What stands in a list in another way than in JSON: durations as whole numbers, computed floats with 17 digits."""


class SqliteCompiler(Compiler):
    """SQL for SQLite with STRICT tables."""

    unlimited = " LIMIT -1"

    def place(self, number: int, datatype: DataType) -> str:
        return f"?{number}"

    def function(self, op: str, args: Sequence[str], node: Operation, around: Around = PLAIN) -> str:
        if op == "list_agg":
            return listed(self.json_field(args[0], node.args[0].datatype), around)
        if op == "string_agg":
            return joined(args, around)
        text = super().function(op, args, node, around)
        datatype = node.args[0].datatype if op in ("avg", "sum") else None
        if isinstance(datatype, Float):
            return checked(text, datatype) if op == "sum" else mean_of_floats(text)
        return mean_of_decimals(args[0], datatype, around) if op == "avg" and isinstance(datatype, Decimal) else text

    def fragment(self, text: str, datatype: DataType) -> str:
        # Other types are what the text gives; a cast would keep an index from being used.
        return f"CAST({text} AS REAL)" if isinstance(datatype, Float) else text

    def returned(self, text: str, node: Node) -> str:
        # A float column without a fraction is kept as a whole number, and comes out of RETURNING as one where an
        # expression passes it on.
        passed_on = isinstance(node.datatype, Float) and not isinstance(node, ColumnNode)
        return f"CAST({text} AS REAL)" if passed_on else text

    def special(self, op: str, args: Sequence[str], node: Operation) -> str:
        spell = OPERATIONS.get(op)
        if spell is None:
            raise QueryError(f"This database has no operation {op!r}.")
        return spell(args, node)

    def checked(self, text: str, datatype: DataType) -> str:
        return checked(text, datatype)

    def product(self, factors: Sequence[str]) -> str:
        return product(factors)

    def lock(self, tables: Sequence[str], others: str) -> str:
        raise UnsupportedFeature(
            "SQLite locks no single rows, and needs no for_update(): a transaction that writes keeps every other "
            "writer out until it ends.",
            feature="for_update",
        )

    def explain(self, sql: str, *, analyze: bool) -> str:
        return plans.question(sql, analyze=analyze)

    def plan_steps(self, rows: Sequence[Sequence[object]]) -> Iterator[Step]:
        return plans.steps(rows)

    def builds_json(self, node: JsonObject) -> bool:
        return all(
            self.builds_json(field) if isinstance(field, JsonObject) else self._builds(field)
            for _, field in node.fields
        )

    @staticmethod
    def _builds(field: Node) -> bool:
        datatype = field.datatype
        if not isinstance(datatype, Array):
            return isinstance(datatype, BUILT_AS_JSON)
        while isinstance(datatype, Array):
            datatype = datatype.item
        return not isinstance(datatype, KEPT_OTHERWISE)

    def json_field(self, text: str, datatype: DataType) -> str:
        if isinstance(datatype, Boolean):
            return f"json(CASE {text} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)"
        if isinstance(datatype, (Json, Array)):
            return f"json({text})"
        if isinstance(datatype, Decimal):
            return decimal_text(text, datatype.places)
        return text

    def json_object(self, pairs: Sequence[tuple[str, str]]) -> str:
        return "json_object(" + ", ".join([f"{self.literal(name)}, {text}" for name, text in pairs]) + ")"

    def literal(self, value: object, datatype: DataType | None = None) -> str:
        if isinstance(datatype, Decimal) and isinstance(value, (int, PythonDecimal)):
            return str(int(PythonDecimal(value).scaleb(datatype.places)))
        if isinstance(datatype, Pattern) and isinstance(value, str):
            return quoted_text((like_pattern if datatype.ignore_case else glob_pattern)(value))
        if isinstance(value, bool):
            return str(int(value))
        if isinstance(value, timedelta):
            return str(value // timedelta(microseconds=1))
        return f"x'{value.hex()}'" if isinstance(value, bytes) else super().literal(value, datatype)

    def index_nulls(self, term: Ordering) -> str:
        # An index has no words for nulls here: they are the smallest value.
        return ""

    def unique_terms(self, nodes: Sequence[Node]) -> Sequence[Node]:
        # Nulls always differ in an index here.  That a value is null is told beside it, so that what stands for null
        # may be any value.
        terms: list[Node] = []
        for node in nodes:
            if may_be_null(node):
                told = Operation("is_null", (node,), BOOLEAN)
                terms += (told, Operation("coalesce", (node, Constant(INTEGER, 0)), node.datatype))
            else:
                terms.append(node)
        return terms

    def create_table(self, table: TableDefinition) -> list[str]:
        lines = [self._column(column, table) for column in table.columns]
        if not any(column.generated for column in table.columns) and table.primary_key:
            keys = ", ".join([quoted(name) for name in table.primary_key])
            lines.append(f"CONSTRAINT {quoted(table.name + '_pkey')} PRIMARY KEY ({keys})")
        for unique in table.uniques:
            if unique.nulls_distinct:
                columns = ", ".join([quoted(name) for name in unique.columns])
                lines.append(f"CONSTRAINT {quoted(unique.name)} UNIQUE ({columns})")
        for foreign in table.foreign_keys:
            columns = ", ".join([quoted(name) for name in foreign.columns])
            referenced = ", ".join([quoted(name) for name in foreign.referenced_columns])
            lines.append(
                f"CONSTRAINT {quoted(foreign.name)} FOREIGN KEY ({columns}) REFERENCES {quoted(foreign.references)} "
                f"({referenced}) {key_rules(foreign)}"
            )
        lines += [f"CONSTRAINT {quoted(check.name)} CHECK {self.condition(check.condition)}" for check in table.checks]
        body = ",\n    ".join(lines)
        statements = [f"CREATE TABLE IF NOT EXISTS {quoted(table.name)} (\n    {body}\n) STRICT"]
        statements += [_unique_index(unique, table) for unique in table.uniques if not unique.nulls_distinct]
        statements += [self._index(index) for index in table.indexes]
        if table.searches:
            numbered = is_rowid([column.datatype for column in table.columns if column.name in table.primary_key])
            for search in table.searches:
                statements += create_search(search, table.primary_key, numbered=numbered)
        return statements

    def _index(self, index: IndexDefinition) -> str:
        if not index.nulls_distinct:
            nodes = self.unique_terms([term.node for term in index.terms])
            index = replace(index, terms=tuple([Ordering(node) for node in nodes]))
        # Columns to bring along are simply the last ones here.
        names = [quoted(name) for name in (*index.columns, *index.include)]
        columns = ", ".join([text for text in (self.index_terms(index), *names) if text])
        kind = "UNIQUE INDEX" if index.unique else "INDEX"
        on = f"{quoted(index.table)} ({columns}){self.index_where(index)}"
        return f"CREATE {kind} IF NOT EXISTS {quoted(index.name)} ON {on}"

    def _column(self, column: ColumnDefinition, table: TableDefinition) -> str:
        if column.generated:
            # AUTOINCREMENT: a plain rowid would be handed out again after a delete.
            constraint = quoted(table.name + "_pkey")
            return f"{quoted(column.name)} INTEGER NOT NULL CONSTRAINT {constraint} PRIMARY KEY AUTOINCREMENT"
        required = "" if column.nullable else " NOT NULL"
        return f"{quoted(column.name)} {stored_as(column.datatype)}{required}{self.filled(column)}"


def _unique_index(unique: UniqueDefinition, table: TableDefinition) -> str:
    """A unique constraint that takes two nulls for the same value: an index over what ``unique_terms`` gives."""
    nullable = {column.name for column in table.columns if column.nullable}
    terms = [
        f"(({quoted(name)} IS NULL)), (coalesce({quoted(name)}, 0))" if name in nullable else quoted(name)
        for name in unique.columns
    ]
    return f"CREATE UNIQUE INDEX IF NOT EXISTS {quoted(unique.name)} ON {quoted(table.name)} ({', '.join(terms)})"
