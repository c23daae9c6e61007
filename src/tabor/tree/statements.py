"""The statements that read, and their base: each is immutable and has its shape key and its values.

``values`` stand in the order in which a compiler meets them: joins, columns, conditions, groups, order, limit, offset.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, Self

from tabor.datatypes import DataType, Integer
from tabor.tree.nodes import ColumnNode, Key, Node, Ordering, Placeholder, Source, Values, same_nodes, same_values

COUNT = Integer()
ROWS = Integer(minimum=0)
"""How many rows a limit or an offset is about."""
_PAGES = (5, 10, 12, 15, 20, 24, 25, 30, 40, 50, 60, 75, 80, 100, 200, 250, 500, 1_000)
WRITTEN_LIMITS: frozenset[object] = frozenset([1, 2, *_PAGES, *[size + 1 for size in _PAGES]])
"""Limits that stand in the text: one row, the usual sizes of pages, and one more, which tells of a next page.

A planner that knows how few rows are wanted plans once and for them; as a bound value PostgreSQL plans anew each time.
"""


class Statement:
    """Base of the statements."""

    __slots__ = ("source",)

    source: Source
    reads = False

    @property
    def key(self) -> Key:
        """Equal for statements that compile to the same text."""
        raise NotImplementedError

    @property
    def values(self) -> Values:
        """The bound values, in order."""
        raise NotImplementedError


class Lock(NamedTuple):
    """Which tables of a select have their rows locked, and what it does about rows that others hold."""

    of: tuple[Source, ...]
    others: Literal["wait for", "skip", "refuse"]


class Extras:
    """What few selects have: further sources ``beside`` their own, a lock, and what rows are told apart by."""

    __slots__ = ("beside", "distinct_on", "key", "lock")

    def __init__(
        self, beside: tuple[Source, ...] = (), lock: Lock | None = None, distinct_on: tuple[Node, ...] = ()
    ) -> None:
        self.beside: tuple[Source, ...] = beside
        self.lock: Lock | None = lock
        self.distinct_on: tuple[Node, ...] = distinct_on
        self.key: Key = (
            tuple([source.shape for source in beside]),
            None if lock is None else (tuple([source.key for source in lock.of]), lock.others),
            tuple([node.key for node in distinct_on]),
        )


NONE = Extras()


class Join:
    """A table joined to a select on a condition: where nothing fits it gives no row, or an empty one if ``optional``.

    ``keys`` are the columns of its primary key; ``within`` are tables joined to it before it is joined itself.
    """

    __slots__ = ("key", "keys", "on", "source", "values", "within")

    def __init__(
        self, source: Source, on: Node, keys: tuple[ColumnNode, ...] = (), within: tuple[Join, ...] = ()
    ) -> None:
        self.source: Source = source
        self.on: Node = on
        self.keys: tuple[ColumnNode, ...] = keys
        self.within: tuple[Join, ...] = within
        self.key: Key = (source.shape, on.key, tuple([join.key for join in within]))
        values: Values = ()
        for join in within:
            values += join.values
        self.values: Values = values + source.values + on.values

    @property
    def tables(self) -> tuple[Source, ...]:
        """The tables that it brings in."""
        return (*[table for join in self.within for table in join.tables], self.source)

    @property
    def identity(self) -> tuple[ColumnNode, ...]:
        """The columns that tell its rows apart."""
        return (*[key for join in self.within for key in join.identity], *self.keys)

    @property
    def conditions(self) -> tuple[Node, ...]:
        """What it joins on, the tables within it first."""
        return (*[node for join in self.within for node in join.conditions], self.on)


class Select(Statement):
    """``SELECT columns FROM source …``; ``asks`` tells whether for ``rows``, their ``count``, or if any ``exists``."""

    __slots__ = (
        "asks", "columns", "columns_key", "distinct", "extras", "group", "having", "joins", "limit", "offset", "order",
        "where",
    )  # fmt: skip

    reads = True

    def __init__(self, source: Source, columns: tuple[Node, ...]) -> None:
        self.source = source
        self.columns: tuple[Node, ...] = columns
        self.columns_key: Key = tuple([column.key for column in columns])
        self.joins: tuple[Join, ...] = ()
        self.where: tuple[Node, ...] = ()
        self.group: tuple[Node, ...] = ()
        self.having: tuple[Node, ...] = ()
        self.order: tuple[Ordering, ...] = ()
        self.limit: int | Placeholder | None = None
        self.offset: int | Placeholder | None = None
        self.distinct: bool = False
        self.asks: str = "rows"
        self.extras: Extras | None = None

    def copy(self) -> Self:
        """A new select with the same parts, for the builder to change before anybody sees it."""
        new = object.__new__(type(self))
        new.source = self.source
        new.columns = self.columns
        new.columns_key = self.columns_key
        new.joins = self.joins
        new.where = self.where
        new.group = self.group
        new.having = self.having
        new.order = self.order
        new.limit = self.limit
        new.offset = self.offset
        new.distinct = self.distinct
        new.asks = self.asks
        new.extras = self.extras
        return new

    def with_columns(self, columns: tuple[Node, ...]) -> Self:
        """The same select with other columns."""
        new = self.copy()
        new.columns = columns
        new.columns_key = tuple([column.key for column in columns])
        return new

    @property
    def roots(self) -> frozenset[str]:
        """The keys of the tables in its FROM at which paths may start."""
        beside = self.extras.beside if self.extras else ()
        joined = [table.key for join in self.joins for table in join.tables] if self.joins else ()
        return frozenset([self.source.key, *[source.key for source in beside], *joined])

    @property
    def key(self) -> Key:
        where, order = self.where, self.order
        plain = (
            self.asks,
            self.source.shape,
            self.columns_key,
            (where[0].key if len(where) == 1 else tuple([node.key for node in where])) if where else None,
            tuple([term.key for term in order]) if order else None,
            self.limit if self.limit is None or self.limit in WRITTEN_LIMITS else "bound",
            self.offset is None,
        )
        if not (self.joins or self.group or self.having or self.distinct or self.extras):
            return plain
        return (
            plain,
            tuple([join.key for join in self.joins]),
            tuple([node.key for node in self.group]),
            tuple([node.key for node in self.having]),
            self._alike() if self.group or self.distinct else None,
            self.distinct,
            self.extras and self.extras.key,
        )

    @property
    def values(self) -> Values:
        values = self.source.values
        if self.extras or self.joins:
            values += self._further_values()
        for column in self.columns:
            if column.values:
                values += column.values
        for condition in self.where:
            values += condition.values
        if self.group or self.having or self.extras:
            for node in self.group + self.having + (self.extras.distinct_on if self.extras else ()):
                values += node.values
        for term in self.order:
            values += term.node.values
        if self.limit is not None and self.limit not in WRITTEN_LIMITS:
            values += (self.limit,)
        if self.offset is not None:
            values += (self.offset,)
        return values

    def _alike(self) -> Key:
        """Which of the expressions that a text may have once for several are the same, values too."""
        nodes = (*self.columns, *self.group, *[term.node for term in self.order])
        if not any(node.values for node in self.group):
            return same_nodes(nodes)
        # What is grouped by may be a part of any of these.
        values: Values = ()
        for node in (*nodes, *self.having, *(self.extras.distinct_on if self.extras else ())):
            values += node.values
        return same_values(values)

    def _further_values(self) -> Values:
        """The values of the tables beside its own."""
        values: Values = ()
        for source in self.extras.beside if self.extras else ():
            values += source.values
        for join in self.joins:
            values += join.values
        return values


class Subquery(Node):
    """A select within an expression, in one of three forms.

    ``value``: what it gives for its first row, null where there is none; ``rows``: the list that ``in`` looks
    through, nulls left out; ``exists``: whether it has any row.
    """

    __slots__ = ("form", "statement")

    def __init__(
        self, form: Literal["value", "rows", "exists"], statement: Select, datatype: DataType, *, nullable: bool = False
    ) -> None:
        self.form: Literal["value", "rows", "exists"] = form
        self.statement: Select = statement
        self.datatype = datatype
        self.nullable = nullable
        self.key: Key = (form, statement.key)
        self.values: Values = statement.values


class Raw(Statement):
    """SQL text by hand, split at its ``{}`` places, with one value for each place."""

    __slots__ = ("datatypes", "parts", "raw_values", "reads")

    def __init__(self, parts: tuple[str, ...], values: Values, datatypes: tuple[DataType, ...], *, reads: bool) -> None:
        self.source: Source = Source("", 0)
        self.parts: tuple[str, ...] = parts
        self.raw_values: Values = values
        self.datatypes: tuple[DataType, ...] = datatypes
        self.reads: bool = reads

    @property
    def key(self) -> Key:
        return ("raw", self.parts, tuple([d.key for d in self.datatypes]))

    @property
    def values(self) -> Values:
        return self.raw_values
