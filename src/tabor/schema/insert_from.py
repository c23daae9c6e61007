"""``Table.insert_from``: the insert of the rows that a query gives, by the database alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self, TypeVar, overload

from tabor.datatypes import Decimal, Float, Integer
from tabor.errors import QueryError
from tabor.expression.decimals import rescaled
from tabor.expression.operand import operand
from tabor.query.insert import InsertQuery
from tabor.query.select import Query
from tabor.query.selection import name_of
from tabor.query.shape import TUPLE, VALUE
from tabor.schema.column import Column
from tabor.schema.definition import unique_named
from tabor.schema.facts import MISSING, ColumnFacts, TableBase, TableFacts, facts_of
from tabor.tree.insert_from import InsertFrom
from tabor.tree.nodes import ColumnNode, Entity, Node, Operation, Value
from tabor.tree.related import Collection
from tabor.tree.statements import Select

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")


class Filled(TableBase):
    """What a table has for being filled from a query."""

    __slots__ = ()

    @overload
    @classmethod
    def insert_from(cls, query: Query[tuple[A]], a: Column[A], /) -> InsertQuery[Self]: ...
    @overload
    @classmethod
    def insert_from(cls, query: Query[tuple[A, B]], a: Column[A], b: Column[B], /) -> InsertQuery[Self]: ...
    @overload
    @classmethod
    def insert_from(
        cls, query: Query[tuple[A, B, C]], a: Column[A], b: Column[B], c: Column[C], /
    ) -> InsertQuery[Self]: ...
    @overload
    @classmethod
    def insert_from(
        cls, query: Query[tuple[A, B, C, D]], a: Column[A], b: Column[B], c: Column[C], d: Column[D], /
    ) -> InsertQuery[Self]: ...
    @overload
    @classmethod
    def insert_from(
        cls, query: Query[tuple[A, B, C, D, E]], a: Column[A], b: Column[B], c: Column[C], d: Column[D], e: Column[E], /
    ) -> InsertQuery[Self]: ...
    @overload
    @classmethod
    def insert_from(
        cls,
        query: Query[tuple[A, B, C, D, E, F]],
        a: Column[A],
        b: Column[B],
        c: Column[C],
        d: Column[D],
        e: Column[E],
        f: Column[F],
        /,
    ) -> InsertQuery[Self]: ...
    @classmethod
    def insert_from(cls, query: Query[Any], /, *columns: Column[Any]) -> InsertQuery[Self]:
        """Insert the rows of ``query`` into these columns, in one statement; no row travels through Python.

        Columns that are not named take their defaults: those of the database, and Python's, of which a
        ``default_factory`` is called once for all rows.  Everything that an insert can do follows: ``on_conflict``,
        ``all()``, ``returning()``; awaited, it gives the number of rows.

        Raises ``QueryError`` for a column that every row needs and that is not named, for columns that do not fit what
        the query selects, and for a default that each row would need a value of its own of.

        Example::

            await Archive.insert_from(Event.select(Event.title, Event.starts_at), Archive.title, Archive.starts_at)
        """
        return _inserting(facts_of(cls), query, columns)


def _inserting(facts: TableFacts, query: Query[Any], columns: Sequence[Column[Any]]) -> InsertQuery[Any]:
    statement = _plain(facts, query)
    targets = [_target(facts, column) for column in columns]
    names = [target.name for target in targets]
    if len(set(names)) < len(names) or len(targets) != len(statement.columns):
        selected = ", ".join([name_of(node) for node in statement.columns])
        raise QueryError(
            f"{facts.table.__name__}.insert_from() names each column once, one for each that the query selects: it "
            f"selects {selected}, and the columns are {', '.join(names) or 'none'}."
        )
    given = [_fitting(facts, *pair) for pair in zip(targets, statement.columns, strict=True)]
    for name, column in facts.columns.items():
        if name not in names and not column.server_set:
            targets.append(facts.nodes[name])
            given.append(Value(column.datatype.bare, facts.checks[name](_default(facts, column))))
    insert = InsertFrom(facts.source, tuple(targets), statement.with_columns(tuple(given)))
    return InsertQuery(insert, facts.entity, lambda name: unique_named(facts, name))


def _plain(facts: TableFacts, query: Query[Any]) -> Select:
    """The select of a query that a database can insert the rows of."""
    columns = query.statement.columns
    plain = not any(isinstance(node, (Entity, Collection)) for node in columns)
    if query.shape not in (TUPLE, VALUE) or query.finish is not None or not plain:
        raise QueryError(
            f"{facts.table.__name__}.insert_from() takes a query of columns, such as Event.select(Event.title), "
            f"without rows, related rows, into() or dicts()."
        )
    return query.statement


def _target(facts: TableFacts, column: Column[Any]) -> ColumnNode:
    """The column of the table to be filled; raises ``QueryError`` for what is none, or is not for users to fill."""
    node = operand(column)
    if not isinstance(node, ColumnNode) or node.source.key != facts.source.key:
        raise QueryError(f"{facts.table.__name__}.insert_from() fills columns of {facts.name} itself, got {column!r}.")
    if facts.columns[node.name].read_only or facts.columns[node.name].generated:
        raise QueryError(f"{facts.name}.{node.name} is set by the database, and insert_from() cannot fill it.")
    return facts.nodes[node.name]


def _fitting(facts: TableFacts, target: ColumnNode, node: Node) -> Node:
    """What is selected, as its column holds it; raises ``QueryError`` where that would lose something."""
    have, want = node.datatype.bare, target.datatype.bare
    if have.key == want.key:
        return node
    if isinstance(want, Decimal) and (have.places if isinstance(have, Decimal) else 0) <= want.places:
        if isinstance(have, (Decimal, Integer)):
            return rescaled(node, want.places)
    elif isinstance(want, Float) and isinstance(have, Integer):
        return Operation("to_float", (node,), want, nullable=node.nullable)
    raise QueryError(
        f"{facts.name}.{target.name} holds {want.label}, and the query gives {have.label} for it; cast() it."
    )


def _default(facts: TableFacts, column: ColumnFacts) -> object:
    """What fills a column that the query gives nothing for."""
    place = f"{facts.table.__name__}.insert_from() gives no value for {column.name}"
    if column.required:
        raise QueryError(f"{place}, which every row needs; select one, and name the column.")
    if column.default is not MISSING:
        return column.default
    if column.primary_key or column.unique:
        raise QueryError(f"{place}, of which each row needs one of its own; select it, and name the column.")
    assert column.default_factory is not None
    return column.default_factory()
