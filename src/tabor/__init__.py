"""Tabor: an async, statically typed data layer for SQLite and PostgreSQL, and the backend that grows from it."""

from __future__ import annotations

from tabor.database.database import Database
from tabor.database.watching import StatementEvent
from tabor.datatypes.excerpts import Piece, excerpt
from tabor.datatypes.structures import JsonValue
from tabor.engines.interface import Gauges, Isolation
from tabor.engines.postgres.options import PostgresOptions
from tabor.engines.sqlite.options import SqliteOptions
from tabor.errors import (
    CallbackFailed,
    CheckViolation,
    ConfigurationError,
    DatabaseClosed,
    DatabaseError,
    DatabaseUnavailable,
    DivisionByZero,
    ForeignKeyViolation,
    ForkedProcess,
    IntegrityViolation,
    InvalidValue,
    LockBusy,
    LockLost,
    MissingColumn,
    MissingConstraint,
    MissingTable,
    MultipleFound,
    NotFound,
    NotNullViolation,
    Overloaded,
    PoolExhausted,
    QueryError,
    ReadOnlyTransaction,
    RepeatedStatements,
    RowsNotFound,
    SchemaError,
    StaleRow,
    StatementFailed,
    StatementTimeout,
    TaborError,
    TransactionConflict,
    TransactionError,
    TransactionExpired,
    TransactionMisuse,
    UniqueViolation,
    UnsupportedDatabase,
    UnsupportedFeature,
    ValueOutOfRange,
)
from tabor.expression.aggregates import every, list_agg, some, string_agg
from tabor.expression.casting import cast
from tabor.expression.choices import case, coalesce, concat, greatest, least, nullif
from tabor.expression.expr import Aggregate, Expr
from tabor.expression.fragments import raw
from tabor.expression.functions import count, excluded, now, random, today, value
from tabor.expression.order import Order
from tabor.expression.params import param
from tabor.expression.tuples import tuple_
from tabor.expression.windows import (
    FrameFunction,
    WindowFunction,
    cume_dist,
    dense_rank,
    first_value,
    lag,
    last_value,
    lead,
    nth_value,
    ntile,
    percent_rank,
    rank,
    row_number,
)
from tabor.query.arrow import ArrowTable
from tabor.query.explanation import Explanation, PlanStep
from tabor.query.insert import InsertQuery, OnConflict
from tabor.query.returning import Returned
from tabor.query.runnable import Prepared, Runnable
from tabor.query.select import Query
from tabor.query.subqueries import exists
from tabor.query.write import DeleteQuery, Setting, UpdateQuery
from tabor.schema.alias import alias, optional
from tabor.schema.column import Column, column
from tabor.schema.common_table import CommonTable, OptionalTable, cte, recursive
from tabor.schema.constraints import Constraint, check, index, unique
from tabor.schema.foreign_key import ForeignKey, key
from tabor.schema.linked_rows import LinkedRows
from tabor.schema.many import Many, many
from tabor.schema.many_to_many import ManyToMany
from tabor.schema.path import Maybe
from tabor.schema.reference import Ref
from tabor.schema.related import Related
from tabor.schema.searching import SearchIndex, search_index
from tabor.schema.table import Table
from tabor.schema.types import Email, Json, PlainText, Url
from tabor.schema.update_many import UpdateManyQuery
from tabor.schema.uuid7 import uuid7
from tabor.version import VERSION
from tabor.watch.repeats import detect_repeats
from tabor.watch.slow import log_slow

__version__ = VERSION

__all__ = [
    "Aggregate",
    "ArrowTable",
    "CallbackFailed",
    "CheckViolation",
    "Column",
    "CommonTable",
    "ConfigurationError",
    "Constraint",
    "Database",
    "DatabaseClosed",
    "DatabaseError",
    "DatabaseUnavailable",
    "DeleteQuery",
    "DivisionByZero",
    "Email",
    "Explanation",
    "Expr",
    "ForeignKey",
    "ForeignKeyViolation",
    "ForkedProcess",
    "FrameFunction",
    "Gauges",
    "InsertQuery",
    "IntegrityViolation",
    "InvalidValue",
    "Isolation",
    "Json",
    "JsonValue",
    "LinkedRows",
    "LockBusy",
    "LockLost",
    "Many",
    "ManyToMany",
    "Maybe",
    "MissingColumn",
    "MissingConstraint",
    "MissingTable",
    "MultipleFound",
    "NotFound",
    "NotNullViolation",
    "OnConflict",
    "OptionalTable",
    "Order",
    "Overloaded",
    "Piece",
    "PlainText",
    "PlanStep",
    "PoolExhausted",
    "PostgresOptions",
    "Prepared",
    "Query",
    "QueryError",
    "ReadOnlyTransaction",
    "Ref",
    "Related",
    "RepeatedStatements",
    "Returned",
    "RowsNotFound",
    "Runnable",
    "SchemaError",
    "SearchIndex",
    "Setting",
    "SqliteOptions",
    "StaleRow",
    "StatementEvent",
    "StatementFailed",
    "StatementTimeout",
    "Table",
    "TaborError",
    "TransactionConflict",
    "TransactionError",
    "TransactionExpired",
    "TransactionMisuse",
    "UniqueViolation",
    "UnsupportedDatabase",
    "UnsupportedFeature",
    "UpdateManyQuery",
    "UpdateQuery",
    "Url",
    "ValueOutOfRange",
    "WindowFunction",
    "alias",
    "case",
    "cast",
    "check",
    "coalesce",
    "column",
    "concat",
    "count",
    "cte",
    "cume_dist",
    "dense_rank",
    "detect_repeats",
    "every",
    "excerpt",
    "excluded",
    "exists",
    "first_value",
    "greatest",
    "index",
    "key",
    "lag",
    "last_value",
    "lead",
    "least",
    "list_agg",
    "log_slow",
    "many",
    "now",
    "nth_value",
    "ntile",
    "nullif",
    "optional",
    "param",
    "percent_rank",
    "random",
    "rank",
    "raw",
    "recursive",
    "row_number",
    "search_index",
    "some",
    "string_agg",
    "today",
    "tuple_",
    "unique",
    "uuid7",
    "value",
]
