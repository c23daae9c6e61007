"""What goes wrong between Tabor and a database: reaching it, statements, constraints, transactions, locks."""

from __future__ import annotations

from typing import Self

from tabor.errors.program import TaborError


class DatabaseError(TaborError):
    """Base of everything that goes wrong between Tabor and a database."""


class DatabaseClosed(DatabaseError):
    """The database is not open: not yet, or no longer."""


class DatabaseUnavailable(DatabaseError):
    """The database cannot be reached or its engine has died; ``reason`` says why.

    ``not_applied`` is True where it is known that nothing of the work was kept, so that it may be done again.
    """

    def __init__(self, message: str, *, reason: str = "", not_applied: bool = False) -> None:
        super().__init__(message)
        self.reason = reason
        self.not_applied = not_applied


class UnsupportedDatabase(DatabaseError):
    """The database library or server is older than Tabor can rely on."""

    def __init__(self, message: str, *, found: str, needed: str) -> None:
        super().__init__(message)
        self.found = found
        self.needed = needed


class ForkedProcess(DatabaseError):
    """A database that was opened before ``fork()`` is used in the child process."""


class StatementFailed(DatabaseError):
    """The database refused a statement for a reason that no other class names (a syntax error, say).

    ``sql`` is the statement's text without values, ``reason`` what the database said.
    """

    def __init__(self, reason: str, *, sql: str = "") -> None:
        super().__init__(f"The database refused a statement: {reason}." + (f" The statement was: {sql}" if sql else ""))
        self.reason = reason
        self.sql = sql


class MissingTable(StatementFailed):
    """The database has no such table, or (``kind``) ``search index``; ``table`` is its name, where it is known."""

    def __init__(self, table: str, *, sql: str = "", kind: str = "table") -> None:
        named = f"no {kind} {table}" if table else f"no such {kind}"
        super().__init__(f"it has {named}; make what is missing with `await db.create_tables()`", sql=sql)
        self.table = table
        self.kind = kind


class MissingColumn(StatementFailed):
    """A table of the database has no such column; ``column`` is its name, ``table`` that of the table where known."""

    def __init__(self, column: str, table: str = "", *, sql: str = "") -> None:
        place = f"{table}.{column}" if table else column
        super().__init__(
            f"there is no column {place}; correct its name, or add it to the table, which may have been made before "
            "the column was declared: create_tables() changes no table that is there",
            sql=sql,
        )
        self.column = column
        self.table = table


class MissingConstraint(StatementFailed):
    """No unique constraint, unique index or primary key of the table is over just the columns of ``on_conflict()``."""

    def __init__(self, *, sql: str = "") -> None:
        super().__init__(
            "no unique constraint or index is over just the columns that on_conflict() names; declare it, by "
            "column(unique=True) or unique(...), and see that the table has it: create_tables() changes no table that "
            "is there. One over expressions or a part of the rows is named by on_conflict(constraint=...)",
            sql=sql,
        )


class DivisionByZero(StatementFailed):
    """An expression divides by zero."""

    def __init__(self, *, sql: str = "") -> None:
        super().__init__("an expression divides by zero; leave such rows out, or use nullif(divisor, 0)", sql=sql)


class StatementTimeout(DatabaseError):
    """A statement ran longer than its deadline and was stopped; nothing of it was kept.

    ``seconds`` is the deadline.
    """

    def __init__(self, seconds: float, *, sql: str = "") -> None:
        super().__init__(
            f"A statement was stopped after {seconds:g} s. Add an index or a limit, or raise the deadline."
            + (f" The statement was: {sql}" if sql else "")
        )
        self.seconds = seconds
        self.sql = sql


class Overloaded(DatabaseError):
    """There is more work waiting than the database can take; nothing of this request was done.

    ``retry_after`` is the number of seconds after which trying again makes sense.
    """

    def __init__(self, message: str, *, retry_after: float = 1.0) -> None:
        super().__init__(f"{message} Try again in {retry_after:g} s.")
        self.retry_after = retry_after


class PoolExhausted(Overloaded):
    """Every connection stayed in use for the whole time that a caller may wait for one.

    ``holders`` says for each what it does: the task, the statement, and the age of the lease in seconds.
    """

    def __init__(self, message: str, *, holders: tuple[tuple[str, str, float], ...], retry_after: float = 1.0) -> None:
        shown = "; ".join([f"{task} has run {sql[:80]!r} for {age:.1f} s" for task, sql, age in holders])
        super().__init__(f"{message} {shown}." if shown else message, retry_after=retry_after)
        self.holders = holders


class IntegrityViolation(DatabaseError):
    """Base of the refusals by a constraint of the database.

    ``table``, ``columns`` and ``constraint`` say which it is; ``row`` is the place of the refused row among many that
    were inserted at once, counted from 0, where the database tells.
    """

    def __init__(
        self,
        message: str,
        *,
        table: str | None = None,
        columns: tuple[str, ...] = (),
        constraint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.table = table
        self.columns = columns
        self.constraint = constraint
        self.row: int | None = None

    def in_row(self, row: int) -> Self:
        """The same refusal, saying which of many rows it is about, counted from 0."""
        Exception.__init__(self, f"Row {row}: {self}")
        self.row = row
        return self


class UniqueViolation(IntegrityViolation):
    """Another row already has this value (these values); ``columns`` names them."""

    def __init__(self, table: str | None, columns: tuple[str, ...], *, constraint: str | None = None) -> None:
        super().__init__(
            f"Another row of {table} already has this {' and '.join(columns) or 'value'}.",
            table=table,
            columns=columns,
            constraint=constraint,
        )


class ForeignKeyViolation(IntegrityViolation):
    """A row refers to a row that does not exist, or a row that others refer to would be deleted.

    ``references`` is the table on the other side, where it is known.
    """

    def __init__(
        self,
        table: str | None = None,
        columns: tuple[str, ...] = (),
        *,
        references: str | None = None,
        constraint: str | None = None,
    ) -> None:
        if columns and references:
            message = f"{table}.{columns[0]} refers to a row of {references} that does not exist."
        elif references:
            message = f"A row of {table} cannot go while rows of {references} refer to it."
        else:
            message = "A row would refer to a row that does not exist, or lose the row it refers to."
        super().__init__(message, table=table, columns=columns, constraint=constraint)
        self.references = references


class CheckViolation(IntegrityViolation):
    """A row breaks a check constraint; ``constraint`` is its name."""

    def __init__(self, constraint: str, *, table: str | None = None, columns: tuple[str, ...] = ()) -> None:
        super().__init__(
            f"The row breaks the check {constraint}" + (f" of {table}." if table else "."),
            table=table,
            columns=columns,
            constraint=constraint,
        )


class NotNullViolation(IntegrityViolation):
    """A column that needs a value was left empty."""

    def __init__(self, table: str | None, column: str) -> None:
        super().__init__(f"{table}.{column} needs a value; it may not be null.", table=table, columns=(column,))
        self.column = column


class TransactionError(DatabaseError):
    """Base of what goes wrong with a transaction as a whole."""


class TransactionConflict(TransactionError):
    """Two transactions wanted the same rows and this one had to give way; run it again."""


class TransactionExpired(TransactionError):
    """A transaction was open longer than allowed and was rolled back; ``seconds`` is the limit it passed."""

    def __init__(self, message: str, *, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class TransactionMisuse(TransactionError):
    """A transaction is used where it does not belong: in another task, or after its end."""


class ReadOnlyTransaction(TransactionMisuse):
    """A transaction that only reads was asked to write; nothing was changed. ``sql`` is the statement, where known."""

    def __init__(self, *, sql: str = "") -> None:
        super().__init__(
            "This transaction only reads, by read_only=True; write in another one."
            + (f" The statement was: {sql}" if sql else "")
        )
        self.sql = sql


class LockBusy(DatabaseError):
    """A lock was not free within the time that its caller would wait; ``name`` is its name, ``seconds`` that time."""

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(f"The lock {name!r} was not free within {seconds:g} s; somebody else has it.")
        self.name = name
        self.seconds = seconds


class LockLost(DatabaseError):
    """A lock was lost with its connection while its block ran, so that another may have had it too: ``name``."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The lock {name!r} was lost with its connection while its block ran; somebody else may have had it since."
        )
        self.name = name


class CallbackFailed(TransactionError):
    """The transaction was committed, and then functions that wanted to hear of it failed; the others have all run.

    ``errors`` are their errors, at least one, in the order in which the functions ran.
    """

    def __init__(self, errors: tuple[Exception, ...]) -> None:
        first = f"{type(errors[0]).__name__}: {errors[0]}"
        more = f", and {len(errors) - 1} more" if len(errors) > 1 else ""
        super().__init__(
            f"The transaction was committed, but a function to call after the commit failed: {first}{more}."
        )
        self.errors = errors
