"""Foreign keys of several columns: an attribute over columns that the table declares by themselves."""

from __future__ import annotations

from typing import Any

from tabor.errors import InvalidValue, SchemaError
from tabor.schema.column import Column
from tabor.schema.declare import key_target, links_by
from tabor.schema.facts import LinkFacts, TableBase, TableFacts, facts_of
from tabor.schema.foreign_key import ForeignKey
from tabor.schema.path import key_name
from tabor.schema.reference import key_parts


def keys_of(facts: TableFacts) -> tuple[LinkFacts, ...]:
    """All foreign keys of a table, those of one column and those of several alike."""
    single = [c.link for c in facts.columns.values()]
    return (*[link for link in single if link is not None], *links_of(facts.table))


def constraint_name(facts: TableFacts, link: LinkFacts) -> str:
    """What the constraint of a foreign key is called."""
    return f"{facts.name}_{facts.source.stored_name(link.name)}_fkey"


def links_of(table: type[TableBase]) -> tuple[LinkFacts, ...]:
    """The foreign keys of several columns of a table."""
    return tuple([link_of(table, name) for name in links_by(table)])


def link_of(table: type[TableBase], name: str) -> LinkFacts:
    """One of them; raises ``SchemaError`` where its columns do not fit the key of the table it leads to."""
    declared = links_by(table)[name]
    if declared.link is None:
        declared.link = _resolved(table, declared)
    return declared.link


def _resolved(table: type[TableBase], declared: ForeignKey[Any, Any]) -> LinkFacts:
    place = f"{table.__name__}.{declared.name}"
    assert declared.options.columns is not None
    target, nullable = key_target(table, declared)
    facts, other = facts_of(table), facts_of(target)
    local = tuple([_name(item, place) for item in declared.options.columns()])
    wanted = [other.columns[name].datatype.key for name in other.primary_key]
    missing = [name for name in local if name not in facts.columns]
    if missing or [facts.columns[name].datatype.key for name in local] != wanted:
        raise SchemaError(
            f"{place}: the key of {target.__name__} is {', '.join(other.primary_key)}; give columns=lambda: (...) one "
            f"column of {table.__name__} for each, of the same types and in that order; got {', '.join(local)}.",
            table=facts.name,
            column=declared.name,
        )
    if nullable != any(facts.columns[name].nullable for name in local):
        wrong = "may be empty and none of its columns may" if nullable else "needs a row and its columns may be empty"
        raise SchemaError(f"{place} {wrong}; make both say the same.", table=facts.name, column=declared.name)
    given = declared.options
    emptied = [name for name in local if not facts.columns[name].nullable]
    if given.on_delete == "set default" or (given.on_delete == "set null" and emptied):
        why = f"{emptied[0]} cannot be emptied" if emptied else "it has several columns"
        raise SchemaError(
            f'{place}: on_delete="{given.on_delete}" cannot be, for {why}; write "restrict" or "cascade".',
            table=facts.name,
            column=declared.name,
        )
    return LinkFacts(
        declared.name, target, local, other.primary_key, nullable, given.on_delete, deferrable=given.deferrable
    )


def _name(item: object, place: str) -> str:
    name = item.name if isinstance(item, Column) else key_name(item)
    if name is None:
        raise SchemaError(f"{place}: columns= gives columns and keys of the table itself, got {item!r}.")
    return name


def assign(row: TableBase, link: LinkFacts, value: object) -> None:
    """Set the columns of a key to the key of a row, a reference or a tuple; None empties it.

    Raises ``InvalidValue`` for anything else.
    """
    facts = facts_of(type(row))
    if value is None and link.nullable:
        parts: tuple[object, ...] = (None,) * len(link.local)
    else:
        try:
            parts = key_parts(value, link)
        except InvalidValue as error:
            raise error.at(facts.table.__name__, link.name) from None
    for name, part in zip(link.local, parts, strict=True):
        if facts.columns[name].nullable or part is not None:
            setattr(row, name, part)
