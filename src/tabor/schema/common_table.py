"""Named queries (common table expressions): tables of a statement that a query makes, recursive ones too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast, overload

from tabor.errors import QueryError
from tabor.expression.expr import Expr
from tabor.query.combining import MaybeNamed, Named, check_alike, columns_of
from tabor.query.select import Query
from tabor.query.selection import name_of, selected
from tabor.query.shape import TUPLE, Shape
from tabor.schema.facts import TableBase, TableFacts
from tabor.schema.path import Maybe, Path
from tabor.tree.derived import Combination, Derived, Itself, Output, place_names
from tabor.tree.nodes import Entity, Key, Node, Source
from tabor.tree.nulls import may_be_null
from tabor.tree.related import Collection, leaves
from tabor.tree.statements import Select

R_co = TypeVar("R_co", covariant=True)
R = TypeVar("R")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
M = TypeVar("M", bound=TableBase)


class CommonTable(Named, Generic[R_co]):
    """A query with a name, used as a table: written once in a statement, however often it is used.

    ``table[expression]`` is the column that the query selected by this expression, ``table[Event]`` the whole row.

    Example: ``busy = cte("busy", Event.select(Event.creator.id, count).group_by(Event.creator.id))``.
    """

    __slots__ = ("_columns", "_from", "_selected", "_shape")

    def __init__(self, source: Source, like: Select, columns: tuple[Node, ...], shape: Shape) -> None:
        super().__init__(source)
        self._from = like.source
        self._selected = like.columns
        self._columns = columns
        self._shape = shape

    def __repr__(self) -> str:
        columns = ", ".join([name_of(column) for column in self._selected])
        return f"<CommonTable {self.source.key.partition('@')[0]}: {columns}>"

    @overload
    def __getitem__(self, item: Expr[A], /) -> Expr[A]: ...
    @overload
    def __getitem__(self, item: type[M], /) -> type[M]: ...
    def __getitem__(self, item: object, /) -> object:
        """The column, or the row, that the query selected so; raises ``QueryError`` for what it did not select."""
        node = self._known(selected(item))
        given = zip(self._selected, self._columns, strict=True)
        whole = [new for old, new in given if old is node or _first_key(old) == node.key]
        pairs = list(zip(leaves(self._selected), leaves(self._columns), strict=True))
        found = [new for old, new in pairs if old is node] or [
            new for old, new in pairs if old.key == node.key and old.values == node.values
        ]
        if isinstance(node, Entity) and whole:
            return _row(self.source, whole[0])
        if len(found) != 1:
            known = ", ".join([name_of(old) for old in self._selected])
            raise QueryError(f"{name_of(node)} is not one column of the named query, which selects {known}.")
        return Expr[object](found[0])

    def _known(self, node: Node) -> Node:
        """The column of the combined queries that is named here by what the first of them selected."""
        known = self._from.outputs.get(node.key) if isinstance(self._from, Derived) else None
        return node if known is None or known.given != node.values else known

    def _again(self, name: str, *, optional: bool) -> CommonTable[R_co]:
        if not isinstance(self.source, Derived):
            raise QueryError(
                "The rows of a recursive query stand once in its step: beside() or join() them as they are."
            )
        source = self.source.again(name or self.source.name, optional=optional)
        nullable = [optional or leaf.nullable for leaf in leaves(self._columns)]
        columns = columns_of(source, source.names, self._selected, nullable)
        return CommonTable[R_co](source, Select(self._from, self._selected), columns, self._shape)

    @overload
    def select(self) -> Query[R_co]: ...
    @overload
    def select(self, a: Expr[A] | type[A], /) -> Query[tuple[A]]: ...
    @overload
    def select(self, a: Expr[A] | type[A], b: Expr[B] | type[B], /) -> Query[tuple[A, B]]: ...
    @overload
    def select(self, a: Expr[A] | type[A], b: Expr[B] | type[B], c: Expr[C] | type[C], /) -> Query[tuple[A, B, C]]: ...
    @overload
    def select(
        self, a: Expr[A] | type[A], b: Expr[B] | type[B], c: Expr[C] | type[C], d: Expr[D] | type[D], /
    ) -> Query[tuple[A, B, C, D]]: ...
    def select(self, *columns: object) -> Query[Any]:
        """A query that starts from this one: of its rows as it gives them, or of some of its columns."""
        if not columns:
            return Query(Select(self.source, self._columns), self._shape)
        return Query(Select(self.source, tuple([selected(item) for item in columns])), TUPLE)


class OptionalTable(MaybeNamed, Generic[R_co]):
    """A named query on the right side of a left join, made by ``optional()``.

    ``table[expression]`` is the column that the query selected by this expression, or None; ``table[Event]`` is the
    whole row or None, and called with a function that picks an expression of the row a value or None.

    Example: ``User.select(User.name, busy[count]).left_join(busy, on=busy[Event.creator.id] == User.id)``.
    """

    __slots__ = ("_table",)

    def __init__(self, table: CommonTable[R_co]) -> None:
        super().__init__(table.source)
        self._table = table

    @overload
    def __getitem__(self, item: Expr[A], /) -> Expr[A | None]: ...
    @overload
    def __getitem__(self, item: type[M], /) -> Maybe[M]: ...
    def __getitem__(self, item: Any, /) -> object:
        """The column, or the row, that the query selected so; raises ``QueryError`` for what it did not select."""
        found: object = self._table[item]
        return found.or_none() if isinstance(found, Path) else found


def again(table: CommonTable[R], name: str, *, optional: bool) -> CommonTable[R]:
    """A named query under another name in one statement, its rows perhaps missing."""
    return table._again(name, optional=optional)  # pyright: ignore[reportPrivateUsage]  # same module


def cte(name: str, query: Query[R]) -> CommonTable[R]:
    """A named query, to be selected from, filtered, and put beside other tables by ``beside()``.

    Raises ``QueryError`` for a query with related rows, or one that ends in ``into()`` or ``dicts()``.

    Example: ``large = cte("large", Event.select(Event.id, Event.title).where(Event.seats > 100))``.
    """
    statement = _plain(query)
    names = place_names(statement.columns)
    source = Derived(statement, statement.source, names, name=name)
    nullable = [may_be_null(leaf) for leaf in leaves(statement.columns)]
    return CommonTable(source, statement, columns_of(source, names, statement.columns, nullable), query.shape)


def recursive(
    name: str, base: Query[R], step: Callable[[CommonTable[R]], Query[R]], *, distinct: bool = False
) -> CommonTable[R]:
    """A named query that goes on from its own rows: those of ``base``, then those that ``step`` makes of the last ones.

    It ends when a step gives no more rows; ``distinct`` leaves out rows that were there before, so that rows that refer
    to one another in a circle end too.  ``step`` is given the table of the last rows, which its query has ``beside``.

    Example::

        depth = value(0)
        top = Topic.select(Topic.id, Topic.name, depth).where(Topic.parent.is_null())
        tree = recursive("tree", top, lambda tree: Topic.select(Topic.id, Topic.name, tree[depth] + 1)
            .beside(tree).where(Topic.parent(lambda parent: parent.id) == tree[Topic.id]))
        await tree.select().order_by(tree[depth])
    """
    first = _plain(base)
    names = place_names(first.columns)
    before = [may_be_null(leaf) for leaf in leaves(first.columns)]
    itself = Itself(name, first.source)
    columns = columns_of(itself, names, first.columns, before)
    then = _plain(step(CommonTable(itself, first, columns, base.shape)))
    check_alike(first, then)
    body = Combination("union" if distinct else "union all", (first, then))
    source = Derived(body, first.source, names, name=name, recursive=True)
    nullable = [a or may_be_null(b) for a, b in zip(before, leaves(then.columns), strict=True)]
    return CommonTable(source, first, columns_of(source, names, first.columns, nullable), base.shape)


def _plain(query: Query[Any]) -> Select:
    """The select of a query that may have a name."""
    statement = query.statement
    related = any(isinstance(column, Collection) for column in statement.columns)
    if related or query.finish is not None or query.shape.kind not in ("row", "tuple", "value"):
        raise QueryError(
            "A named query gives rows, columns or values; use into(), dicts() and related rows on the whole."
        )
    return statement


def _first_key(node: Node) -> Key:
    """The key of a whole row, that of combined queries by what the first of them selected."""
    key = node.key
    while isinstance(node, Entity) and isinstance(key, tuple):
        key = cast("tuple[Key, ...]", key)[-1]
    return key


def _row(source: Source, entity: Node) -> object:
    """The whole row of a table among the columns of a named query."""
    assert isinstance(entity, Entity)
    places = [column.place == column.name for column in entity.columns if isinstance(column, Output)]
    facts = entity.row
    assert isinstance(facts, TableFacts)
    if not all(places):
        raise QueryError(
            f"Columns of {facts.name} have the names of other columns of the query; select {facts.name} first."
        )
    if isinstance(source, Derived) and source.optional:
        source = source.identified(facts.primary_key)
    return cast("object", Path(source, facts.table))
