"""``Table.insert_from``: the insert of the rows that a query gives, by the database alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self, TypeVar, overload

from tabor.errors import QueryError
from tabor.query.insert import InsertQuery
from tabor.query.select import Query
from tabor.query.selection import name_of
from tabor.query.shape import TUPLE, VALUE
from tabor.schema.column import Column
from tabor.schema.definition import unique_over
from tabor.schema.facts import TableBase, TableFacts, facts_of
from tabor.schema.filling import default_of, fitting, numbered_among, target_column, unset_columns
from tabor.tree.insert_from import InsertFrom
from tabor.tree.nodes import Entity
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
    method = f"{facts.table.__name__}.insert_from()"
    targets = [target_column(facts, method, column) for column in columns]
    names = [target.name for target in targets]
    if len(set(names)) < len(names) or len(targets) != len(statement.columns):
        selected = ", ".join([name_of(node) for node in statement.columns])
        raise QueryError(
            f"{method} names each column once, one for each that the query selects: it "
            f"selects {selected}, and the columns are {', '.join(names) or 'none'}."
        )
    given = [fitting(facts, *pair) for pair in zip(targets, statement.columns, strict=True)]
    for column in unset_columns(facts, names):
        targets.append(facts.nodes[column.name])
        given.append(default_of(facts, method, column, many=True))
    rows, numbered = statement.arranged(columns=tuple(given)), numbered_among(facts, targets)
    insert = InsertFrom(facts.source, tuple(targets), rows, numbered=numbered)
    return InsertQuery(insert, facts.entity, lambda name, columns: unique_over(facts, name, columns))


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
