"""Every exception Tabor raises on purpose, each with the facts its handler needs.

One base class, ``TaborError``, catches them all.  A message is one plain sentence with the names and
values involved and what to do; the same facts stand on the exception as attributes, so that no handler
has to read the sentence.
"""

from __future__ import annotations

from tabor.errors.database import (
    CallbackFailed,
    CheckViolation,
    DatabaseClosed,
    DatabaseError,
    DatabaseUnavailable,
    DivisionByZero,
    ForeignKeyViolation,
    ForkedProcess,
    IntegrityViolation,
    LockBusy,
    LockLost,
    MissingColumn,
    MissingConstraint,
    MissingTable,
    NotNullViolation,
    Overloaded,
    PoolExhausted,
    ReadOnlyTransaction,
    StatementFailed,
    StatementTimeout,
    TransactionConflict,
    TransactionError,
    TransactionExpired,
    TransactionMisuse,
    UniqueViolation,
    UnsupportedDatabase,
)
from tabor.errors.program import (
    ConfigurationError,
    QueryError,
    RepeatedStatements,
    SchemaError,
    TaborError,
    UnsupportedFeature,
)
from tabor.errors.rows import (
    InvalidValue,
    MultipleFound,
    NotFound,
    RowsNotFound,
    StaleRow,
    ValueOutOfRange,
)

__all__ = [
    "CallbackFailed",
    "CheckViolation",
    "ConfigurationError",
    "DatabaseClosed",
    "DatabaseError",
    "DatabaseUnavailable",
    "DivisionByZero",
    "ForeignKeyViolation",
    "ForkedProcess",
    "IntegrityViolation",
    "InvalidValue",
    "LockBusy",
    "LockLost",
    "MissingColumn",
    "MissingConstraint",
    "MissingTable",
    "MultipleFound",
    "NotFound",
    "NotNullViolation",
    "Overloaded",
    "PoolExhausted",
    "QueryError",
    "ReadOnlyTransaction",
    "RepeatedStatements",
    "RowsNotFound",
    "SchemaError",
    "StaleRow",
    "StatementFailed",
    "StatementTimeout",
    "TaborError",
    "TransactionConflict",
    "TransactionError",
    "TransactionExpired",
    "TransactionMisuse",
    "UniqueViolation",
    "UnsupportedDatabase",
    "UnsupportedFeature",
    "ValueOutOfRange",
]
