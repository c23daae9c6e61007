"""Adds to a constraint's refusal what only the tables know: which column, which missing row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tabor.datatypes import BOOLEAN
from tabor.errors import CheckViolation, ForeignKeyViolation, IntegrityViolation, NotNullViolation, UniqueViolation
from tabor.query.conditions import node_moved_to
from tabor.query.renaming import called
from tabor.query.runnable import Runnable
from tabor.query.shape import TUPLE, VALUE
from tabor.schema.facts import LinkFacts, TableFacts, facts_of
from tabor.schema.links import keys_of
from tabor.schema.path import moved
from tabor.schema.reference import key_in
from tabor.tree.insert_from import InsertFrom, InsertValues
from tabor.tree.nodes import ColumnNode, Comparison, Node, Operation, Source, Value, Values
from tabor.tree.statements import Select, Statement
from tabor.tree.writes import Delete, Insert, Update

Run = Callable[[Runnable[list[Any]]], Awaitable[list[Any]]]


def by_attributes(
    error: IntegrityViolation,
    tables: Iterable[TableFacts],
    keys: Mapping[str, tuple[str, tuple[str, ...], str]],
) -> IntegrityViolation:
    """The same refusal with columns by the names of their attributes, and tables in schemas by their whole names.

    ``keys`` has the table, the columns and the other table of foreign keys by their names.
    """
    if isinstance(error, ForeignKeyViolation) and error.references and error.constraint in keys:
        return explained_key(error, keys)
    renamed = [facts.source.renamed for facts in tables if facts.name == error.table]
    names = {stored: name for each in renamed for name, stored in each.items()}
    columns = tuple([names.get(column, column) for column in error.columns])
    if columns == error.columns:
        return error
    if isinstance(error, NotNullViolation):
        return NotNullViolation(error.table, columns[0])
    if isinstance(error, UniqueViolation):
        return UniqueViolation(error.table, columns, constraint=error.constraint)
    if isinstance(error, ForeignKeyViolation):
        return ForeignKeyViolation(error.table, columns, references=error.references, constraint=error.constraint)
    return error


def explained_check(error: CheckViolation, columns: Mapping[str, tuple[str, tuple[str, ...]]]) -> CheckViolation:
    """The same refusal with the table and columns that the constraint's name belongs to."""
    place = columns.get(error.constraint or "")
    return error if place is None else CheckViolation(error.constraint or "", table=place[0], columns=place[1])


def explained_unique(error: UniqueViolation, columns: Mapping[str, tuple[str, tuple[str, ...]]]) -> UniqueViolation:
    """The same refusal with the table and columns of the index, where the database names only that."""
    place = columns.get(error.constraint or "")
    if place is None or error.columns:
        return error
    return UniqueViolation(*place, constraint=error.constraint)


def explained_key(
    error: ForeignKeyViolation, keys: Mapping[str, tuple[str, tuple[str, ...], str]]
) -> ForeignKeyViolation:
    """The same refusal with its columns, and both tables by their whole names: the database leaves out schemas."""
    key = keys.get(error.constraint or "")
    if key is None:
        return error
    table, columns, target = key
    if error.columns:
        return ForeignKeyViolation(table, columns, references=target, constraint=error.constraint)
    return ForeignKeyViolation(target, references=table, constraint=error.constraint)


async def explained_reference(
    error: ForeignKeyViolation, statement: Statement, values: Values, tables: dict[int, TableFacts], run: Run
) -> ForeignKeyViolation:
    """The same refusal naming the column whose row is missing, or the table that still refers to a deleted row."""
    facts = tables.get(statement.source.token)
    if facts is None:
        return error
    if isinstance(statement, Delete):
        for other, chain in _referring(facts, list(tables.values())):
            if await run(_still_referring(statement, other, chain)):
                return await _held(other, chain[0], run)
        return error
    for link, key in _references(statement, values, facts):
        if not await run(_row_with(link, key)):
            return ForeignKeyViolation(facts.name, link.local, references=facts_of(link.target).name)
    return error


async def _held(other: TableFacts, link: LinkFacts, run: Run) -> ForeignKeyViolation:
    """The refusal of a delete because rows of ``other`` refer to the row, or would refer to one that is not there."""
    target = facts_of(link.target).name
    if link.on_delete == "set default":
        default = key_in(other.checks[link.name](other.columns[link.name].default))
        if not await run(_row_with(link, (default,))):
            return ForeignKeyViolation(other.name, link.local, references=target)
    return ForeignKeyViolation(target, references=other.name)


def _row_with(link: LinkFacts, key: tuple[object, ...]) -> Runnable[list[Any]]:
    """The row that a foreign key with this value leads to."""
    target = facts_of(link.target)
    nodes = [target.nodes[name] for name in link.remote]
    select = Select(target.source, tuple(nodes))
    select.where = tuple(
        [Comparison("eq", node, Value(node.datatype, part)) for node, part in zip(nodes, key, strict=True)]
    )
    return Runnable(select, TUPLE)


def _referring(facts: TableFacts, tables: Sequence[TableFacts]) -> list[tuple[TableFacts, tuple[LinkFacts, ...]]]:
    """The keys that keep rows of a table from being deleted: the table of each, and the keys from it to the rows.

    More than one key leads there where rows between would be deleted too.  Those of tables whose rows would stay come
    first: of the others it is not known whether they would.  Keys that lead to another row then come last.
    """
    deleted: dict[type[object], tuple[LinkFacts, ...]] = {facts.table: ()}
    found: list[tuple[TableFacts, tuple[LinkFacts, ...]]] = []
    for table in (waiting := [facts.table]):
        for other in tables:
            for link in keys_of(other):
                chain = (link, *deleted[table])
                if link.target is table and link.on_delete in ("restrict", "set default"):
                    found.append((other, chain))
                elif link.target is table and link.on_delete == "cascade" and other.table not in deleted:
                    deleted[other.table] = chain
                    waiting.append(other.table)
    return sorted(found, key=lambda each: (each[1][0].on_delete == "set default", each[0].table in deleted))


def _still_referring(statement: Delete, other: TableFacts, chain: Sequence[LinkFacts]) -> Runnable[list[Any]]:
    """A row that refers to one of the rows to be deleted.

    Its table has a name of its own here: the conditions of the delete may look into the same table by subqueries.
    """
    referring = called(other.source, f"{other.name}>0")
    source = referring
    for link in chain:
        facts = facts_of(link.target)
        source = Source(
            facts.name,
            facts.source.token,
            parent=source,
            hop=link.name,
            local=link.local,
            remote=link.remote,
            identity=facts.primary_key,
            renamed=facts.source.renamed,
        )
    keys = [moved(other.nodes[name], referring) for name in chain[0].local]
    select = Select(referring, (keys[0],))
    select.where = (
        *[Operation("is_not_null", (key,), BOOLEAN) for key in keys],
        *[node_moved_to(node, source) for node in statement.where],
    )
    select.limit = 1
    return Runnable(select, VALUE)


def _references(
    statement: Statement, values: Values, facts: TableFacts
) -> Iterator[tuple[LinkFacts, tuple[object, ...]]]:
    """The keys that a statement sets, as far as it and the values it ran with say them."""
    given: list[dict[str, object]] = []
    if isinstance(statement, InsertValues):
        given = [_plainly_set(zip(statement.columns, statement.nodes, strict=True), values)]
    elif isinstance(statement, Insert) and not isinstance(statement, InsertFrom):
        names = [column.name for column in statement.columns]
        given = [dict(zip(names, row, strict=True)) for row in statement.rows[:100]]
    elif isinstance(statement, Update):
        given = [_plainly_set([(a.column, a.value) for a in statement.assignments], values)]
    for row in given:
        for link in keys_of(facts):
            key = tuple([row.get(name) for name in link.local])
            if None not in key:
                yield link, key


def _plainly_set(pairs: Iterable[tuple[ColumnNode, Node]], values: Values) -> dict[str, object]:
    """The values of the columns that are set to one; the others are computed by the database."""
    rest = iter(values)
    given: dict[str, object] = {}
    for column, node in pairs:
        own = [next(rest) for _ in node.values]
        if isinstance(node, Value):
            given[column.name] = own[0]
    return given
