"""What tables and columns are called in a database: the usual names, and the ones that a declaration gives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tabor.datatypes import brief
from tabor.errors import SchemaError

NAME_BYTES = 63
"""How long a name may be: a longer one is cut off by some databases, which take two for the same then."""
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def table_name(class_name: str) -> str:
    """``UserProfile`` to ``user_profile``."""
    return _WORD_START.sub("_", class_name).lower()


def check_table_name(class_name: str, name: str) -> None:
    """Raise ``SchemaError`` for the name of a table that not every database can keep as it is."""
    if _has_unwritable(name):
        raise SchemaError(f"{class_name}: the name of a table has no NUL and no lone surrogates, got {brief(name)}.")
    if len(name.encode()) > NAME_BYTES:
        raise SchemaError(f"{class_name}: the name {brief(name)} is longer than the {NAME_BYTES} bytes of a name.")


def check_schema_name(class_name: str, name: str) -> None:
    """Raise ``SchemaError`` for the name of a schema that a database cannot keep as it is."""
    if not name or "." in name or _has_unwritable(name):
        raise SchemaError(
            f"{class_name}: the name of a schema is not empty and has no dot, no NUL and no lone surrogates, got "
            f"{brief(name)}."
        )
    if len(name.encode()) > NAME_BYTES:
        raise SchemaError(f"{class_name}: the schema {brief(name)} is longer than the {NAME_BYTES} bytes of a name.")


def check_stored_name(table: str, column: str, name: object) -> None:
    """Raise ``SchemaError`` for what a column cannot be called in every database."""
    why = ""
    if not isinstance(name, str) or not name or _has_unwritable(name):
        why = (
            f"the name in the database is a text that is not empty, without NUL and lone surrogates, got {brief(name)}"
        )
    elif len(name.encode()) > NAME_BYTES:
        why = f"the name {brief(name)} is longer than the {NAME_BYTES} bytes of a name"
    if why:
        raise SchemaError(f"{table}.{column}: {why}.", table=table, column=column)


def stored_names(table: str, columns: Mapping[str, str | None], others: Iterable[str]) -> dict[str, str]:
    """What the database calls the columns that it calls otherwise than the table does.

    ``columns`` has the name that each column was given, None where it was given none; ``others`` are further names in
    use.  Raises ``SchemaError`` for two that a database takes for the same: some do not tell ``A`` from ``a``.
    """
    taken = {_folded(name): name for name in others}
    for column, given in columns.items():
        name = given or column
        before = taken.setdefault(_folded(name), column)
        if before != column:
            raise SchemaError(
                f"{table}.{before} and {table}.{column} are both called {name!r} in the database, upper and lower case "
                f"not told apart; give one of them another name.",
                table=table,
                column=column,
            )
    return {column: given for column, given in columns.items() if given is not None and given != column}


def _has_unwritable(name: str) -> bool:
    return "\0" in name or any("\ud800" <= letter <= "\udfff" for letter in name)


def _folded(name: str) -> str:
    """The name as a database sees it that tells upper and lower case of ASCII letters not apart."""
    return "".join([letter.lower() if letter.isascii() else letter for letter in name])
