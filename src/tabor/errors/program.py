"""Mistakes of a program: in its settings, its tables, its queries; and the base of every error."""

from __future__ import annotations


class TaborError(Exception):
    """Base of every error that Tabor raises on purpose."""


class SchemaError(TaborError):
    """A table or column is declared in a way that cannot work; raised while the program starts."""

    def __init__(self, message: str, *, table: str | None = None, column: str | None = None) -> None:
        super().__init__(message)
        self.table = table
        self.column = column


class QueryError(TaborError):
    """A query is built or used in a way that cannot work, whatever the data."""


class UnsupportedFeature(QueryError):
    """A query asks for what this database does not have; ``feature`` is the name of what was asked for."""

    def __init__(self, message: str, *, feature: str) -> None:
        super().__init__(message)
        self.feature = feature


class ConfigurationError(TaborError):
    """A setting (URL, secret key, option) is missing or wrong; the message names it."""

    def __init__(self, message: str, *, setting: str | None = None) -> None:
        super().__init__(message)
        self.setting = setting


class RepeatedStatements(TaborError):
    """One line of code ran the same statement again and again where one statement would do.

    ``repeats`` has a record for each such line.
    """

    def __init__(self, found: str, *, repeats: tuple[object, ...]) -> None:
        super().__init__(f"{found}. Ask once for all rows: join across the key, or select the related rows beside.")
        self.repeats = repeats
