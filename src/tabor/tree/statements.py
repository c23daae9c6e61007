"""The statements that read, and their base: each is immutable and has its shape key and its values.

``values`` stand in the order in which a compiler meets them: joins, columns, conditions, groups, order, limit, offset.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, Self, TypeAlias, TypedDict, Unpack

from tabor.datatypes import DataType, Integer
from tabor.tree.nodes import ColumnNode, Key, Node, Ordering, Placeholder, Source, Values, same_nodes, same_values

_new = object.__new__
COUNT = Integer()
ROWS = Integer(minimum=0)
"""How many rows a limit or an offset is about."""
_PAGES = (5, 10, 12, 15, 20, 24, 25, 30, 40, 50, 60, 75, 80, 100, 200, 250, 500, 1_000)
WRITTEN_LIMITS: frozenset[object] = frozenset([1, 2, *_PAGES, *[size + 1 for size in _PAGES]])
"""Limits that stand in the text: one row, the usual sizes of pages, and one more, which tells of a next page.

A planner that knows how few rows are wanted plans once and for them; as a bound value PostgreSQL plans anew each time.
"""


Asks: TypeAlias = Literal["rows", "count", "exists"]


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


class Parts(TypedDict, total=False):
    """The parts of a select's outline that a copy of it has otherwise."""

    columns: tuple[Node, ...]
    joins: tuple[Join, ...]
    beside: tuple[Source, ...]
    group: tuple[Node, ...]
    having: tuple[Node, ...]
    offset: int | Placeholder | None
    distinct: bool
    distinct_on: tuple[Node, ...]
    lock: Lock | None
    asks: Asks


class Outline:
    """All of a select but its table, conditions, order and limit: what most queries share with those they came from.

    ``beside`` are further tables in its FROM, ``distinct_on`` what rows are told apart by.  ``key`` and the values
    ``before`` and ``after`` those of the conditions are there once it is settled, for the first who asks.
    """

    __slots__ = (
        "after", "asks", "before", "beside", "columns", "distinct", "distinct_on", "group", "having", "joins", "key",
        "lock", "offset",
    )  # fmt: skip

    def __init__(self, columns: tuple[Node, ...]) -> None:
        self.columns: tuple[Node, ...] = columns
        self.joins: tuple[Join, ...] = ()
        self.beside: tuple[Source, ...] = ()
        self.group: tuple[Node, ...] = ()
        self.having: tuple[Node, ...] = ()
        self.offset: int | Placeholder | None = None
        self.distinct: bool = False
        self.distinct_on: tuple[Node, ...] = ()
        self.lock: Lock | None = None
        self.asks: Asks = "rows"
        self.key: Key = None
        self.before: Values = ()
        self.after: Values = ()

    def copy(self) -> Outline:
        """A new outline with the same parts, not settled yet."""
        new = _new(Outline)
        new.columns = self.columns
        new.joins = self.joins
        new.beside = self.beside
        new.group = self.group
        new.having = self.having
        new.offset = self.offset
        new.distinct = self.distinct
        new.distinct_on = self.distinct_on
        new.lock = self.lock
        new.asks = self.asks
        new.key = None
        return new

    def settle(self) -> None:
        """Make the key and the values: when they are first asked for."""
        self.before = _values_of([*self.beside, *self.joins, *self.columns])
        self.after = _values_of([*self.group, *self.having, *self.distinct_on])
        plain = (self.asks, tuple([column.key for column in self.columns]), self.offset is None)
        rare = (
            tuple([join.key for join in self.joins]),
            tuple([source.shape for source in self.beside]),
            tuple([node.key for node in self.group]),
            tuple([node.key for node in self.having]),
            self.distinct,
            tuple([node.key for node in self.distinct_on]),
            None if self.lock is None else (tuple([source.key for source in self.lock.of]), self.lock.others),
        )
        self.key = (plain, rare) if any(rare) else plain

    def alike(self, order: Sequence[Ordering]) -> Key:
        """Which of the expressions that a text may have once for several are the same, values too."""
        nodes = (*self.columns, *self.group, *[term.node for term in order])
        if not any(node.values for node in self.group):
            return same_nodes(nodes)
        # What is grouped by may be a part of any of these.
        return same_values(_values_of([*nodes, *self.having, *self.distinct_on]))


class Select(Statement):
    """``SELECT columns FROM source …``; ``asks`` tells whether for ``rows``, their ``count``, or if any ``exists``.

    Its parts are read here and changed in a copy: ``where``, ``order`` and ``limit`` of a ``copy()`` may be set before
    anybody sees it, the others are those of its ``outline`` and given to ``arranged()``.
    """

    __slots__ = ("limit", "order", "outline", "where")

    reads = True

    def __init__(self, source: Source, columns: tuple[Node, ...]) -> None:
        self.source = source
        self.outline: Outline = Outline(columns)
        self.where: tuple[Node, ...] = ()
        self.order: tuple[Ordering, ...] = ()
        self.limit: int | Placeholder | None = None

    def copy(self) -> Self:
        """A new select with the same parts, for the builder to change before anybody sees it."""
        new = _new(type(self))
        new.source = self.source
        new.outline = self.outline
        new.where = self.where
        new.order = self.order
        new.limit = self.limit
        return new

    def arranged(self, **parts: Unpack[Parts]) -> Self:
        """A copy with these parts in place of its own."""
        new = self.copy()
        new.outline = outline = self.outline.copy()
        for name, value in parts.items():
            setattr(outline, name, value)
        return new

    @property
    def columns(self) -> tuple[Node, ...]:
        """What is selected."""
        return self.outline.columns

    @property
    def columns_key(self) -> Key:
        """Equal for selects of the same columns."""
        return tuple([column.key for column in self.outline.columns])

    @property
    def joins(self) -> tuple[Join, ...]:
        """The tables joined on a condition."""
        return self.outline.joins

    @property
    def group(self) -> tuple[Node, ...]:
        """What rows are put together by."""
        return self.outline.group

    @property
    def having(self) -> tuple[Node, ...]:
        """The conditions that groups are kept by."""
        return self.outline.having

    @property
    def offset(self) -> int | Placeholder | None:
        """How many of the first rows are left out."""
        return self.outline.offset

    @property
    def asks(self) -> Asks:
        """What is asked for."""
        return self.outline.asks

    @property
    def roots(self) -> frozenset[str]:
        """The keys of the tables in its FROM at which paths may start."""
        joined = [table.key for join in self.outline.joins for table in join.tables]
        return frozenset([self.source.key, *[source.key for source in self.outline.beside], *joined])

    @property
    def key(self) -> Key:
        outline, where, order, limit = self.outline, self.where, self.order, self.limit
        if outline.key is None:
            outline.settle()
        return (
            self.source.shape,
            outline.key,
            (where[0].key if len(where) == 1 else tuple([node.key for node in where])) if where else None,
            tuple([term.key for term in order]) if order else None,
            limit if limit is None or limit in WRITTEN_LIMITS else "bound",
            outline.alike(order) if outline.group or outline.distinct else None,
        )

    @property
    def values(self) -> Values:
        outline = self.outline
        if outline.key is None:
            outline.settle()
        values = self.source.values + outline.before
        for condition in self.where:
            values += condition.values
        values += outline.after
        for term in self.order:
            values += term.node.values
        if self.limit is not None and self.limit not in WRITTEN_LIMITS:
            values += (self.limit,)
        return values if outline.offset is None else (*values, outline.offset)


def _values_of(parts: Iterable[Source | Join | Node]) -> Values:
    """The values of several parts, one after another."""
    values: Values = ()
    for part in parts:
        if part.values:
            values += part.values
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
