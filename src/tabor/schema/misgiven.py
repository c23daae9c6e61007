"""What is wrong with the values that a row is made with, and what to write."""

from __future__ import annotations

from collections.abc import Mapping

from tabor.datatypes import brief
from tabor.errors import InvalidValue
from tabor.schema.facts import ColumnFacts, TableBase, TableFacts, facts_of

_LATER = "the database fills it when the row is inserted; change it afterwards"


def misgiven(table: type[TableBase], given: tuple[object, ...], others: Mapping[str, object]) -> TypeError:
    """The error for values without the name of a column, or by a name that takes none."""
    if given:
        return TypeError(
            f"{table.__name__}() takes values by the names of columns, not {brief(given[0])} by its place."
        )
    name = next(iter(others))
    return TypeError(f"{table.__name__}() takes no {name}: {_why(table, name)}")


def filled_later(table: type[TableBase], column: str, value: object) -> InvalidValue:
    """The refusal of a value that is set on a new row and that the database fills."""
    return InvalidValue(_LATER, code="read_only", value=value, table=table.__name__, column=column)


def number_given(table: type[TableBase], column: ColumnFacts, value: object) -> InvalidValue:
    """The refusal of a new row with a number, where the database would give it another."""
    return InvalidValue(
        _numbered(table, column), code="read_only", value=value, table=table.__name__, column=column.name
    )


def unsettable(facts: TableFacts, name: str) -> AttributeError:
    """The error for an attribute that is no column and is set on a row."""
    table = facts.table
    relation: object = table._relations_.get(name)  # pyright: ignore[reportPrivateUsage]  # same room
    if relation is None:
        return AttributeError(f"{table.__name__} has no column {name!r}; it has {', '.join(facts.columns)}.")
    row = facts.name
    linked = hasattr(type(relation), "between")
    how = (
        f"await {row}.{name}.set(...), add(...) or remove(...)" if linked else "set their key to this row and save them"
    )
    return AttributeError(f"{table.__name__}.{name} cannot be set, it is a query of other rows: {how}.")


def _numbered(table: type[TableBase], column: ColumnFacts) -> str:
    """What to do instead of giving a new row the number that the database gives it."""
    name, key = table.__name__, column.name
    return (
        f"the database numbers new rows; leave it out, insert the row by {name}.insert({name}.{key}.to(5), ...), or "
        f"declare {key} with column(primary_key=True, init=True) to give every number yourself"
    )


def _why(table: type[TableBase], name: str) -> str:
    facts = facts_of(table)
    column = facts.columns.get(name)
    if column is not None and column.generated:
        return f"{_numbered(table, column)}."
    if column is not None and column.read_only:
        return "it is set by the database and cannot be given."
    if column is not None:
        return f"{_LATER}."
    if name in table._links_:  # pyright: ignore[reportPrivateUsage]  # same room
        (link,) = [table._link_(name)]  # pyright: ignore[reportPrivateUsage]  # same room
        return f"a key over several columns is given by those, {' and '.join(link.local)}."
    if name in table._relations_:  # pyright: ignore[reportPrivateUsage]  # same room
        return "related rows are rows of their own; insert them after this one."
    known = ", ".join([each.name for each in facts.columns.values() if not each.server_set])
    return f"there is no such column; it takes {known}."
