"""Paths across foreign keys: what ``Event.creator`` is on the class, and how ``Event.creator.email`` joins."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, NoReturn, cast, overload

from typing_extensions import TypeVar

from tabor.datatypes import brief
from tabor.errors import QueryError
from tabor.expression.expr import Expr
from tabor.expression.selectable import Outer
from tabor.query.write import Setting
from tabor.schema.annotations import table_with
from tabor.schema.facts import TableBase, facts_of, telling_column
from tabor.schema.reference import key_in
from tabor.schema.setting import setting
from tabor.tree.nodes import ColumnNode, Entity, Source

M = TypeVar("M", bound=TableBase)
N = TypeVar("N", bound=TableBase)
S = TypeVar("S")


class Path:
    """The row at the end of a path of foreign keys, or of an alias; its attributes are that table's.

    Type checkers see it as the table class itself.
    """

    def __init__(self, source: Source, target: type[TableBase]) -> None:
        self._source = source
        self._target = target

    @property
    def _tabor_entity_(self) -> Entity:
        facts = facts_of(self._target)
        columns = tuple([moved(node, self._source) for node in facts.nodes.values()])
        return Entity(self._source, columns, facts)

    def or_none(self) -> Maybe[TableBase]:
        """The row as one that may be missing, told by the key that leads to it, or by its own."""
        parent = self._source.parent
        if parent is None:
            facts = facts_of(self._target)
            return Maybe(cast("type[TableBase]", self), moved(facts.nodes[telling_column(facts)], self._source))
        nodes = facts_of(table_with(parent.token)).nodes
        local = [nodes[name] for name in self._source.local]
        node = next((node for node in local if node.nullable), local[0])
        return Maybe(cast("type[TableBase]", self), moved(node, parent))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = self._target._along_(name, self._source)  # pyright: ignore[reportPrivateUsage]  # same room
        self.__dict__[name] = found
        return found

    def __eq__(self, other: object) -> NoReturn:
        hop = self._source.hop or self._source.alias
        key = (self._source.remote or self._source.identity or ("<column>",))[0]
        raise QueryError(
            f"{hop} stands for a row and cannot be compared; compare its key: {hop}.{key} == {_key_shown(other)}."
        )

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        source = self._source
        way = f"as {source.alias or source.table}" if source.parent is None else f"behind {source.hop}"
        return f"<{self._target.__name__} {way}>"


class Maybe(Outer["M | None"], Generic[M]):
    """A row that may be missing, at the end of a nullable foreign key.

    Select it for the whole row or None.  Call it with a function that picks an expression of the row, or a key to go
    on along: the result may be None.

    Example: ``Event.select(Event.reviewer, Event.reviewer(lambda u: u.email))`` gives
    ``list[tuple[User | None, str | None]]``.
    """

    __slots__ = ("_column", "inner")

    inner: type[M]

    def __init__(self, inner: type[M], column: ColumnNode) -> None:
        self.inner = inner
        self._column = column

    @property
    def _tabor_entity_(self) -> Entity:
        return cast("Path", self.inner)._tabor_entity_  # pyright: ignore[reportPrivateUsage]  # same module

    def __repr__(self) -> str:
        return f"{repr(self.inner)[:-1]}, or None>"

    if TYPE_CHECKING:

        @overload
        def __call__(self, pick: Callable[[type[M]], Expr[S]], /) -> Expr[S | None]: ...
        @overload
        def __call__(self, pick: Callable[[type[M]], Maybe[N]], /) -> Maybe[N]: ...
        @overload
        def __call__(self, pick: Callable[[type[M]], type[N]], /) -> Maybe[N]: ...
        def __call__(self, pick: Callable[[type[M]], object], /) -> object: ...

    else:

        def __call__(self, pick, /):
            picked = pick(self.inner)
            return picked.or_none() if isinstance(picked, Path) else picked

        def __getattr__(self, name):
            raise AttributeError(
                f"{self._column.name} may be missing, so its {name!r} may be too; "
                f"write .{self._column.name}(lambda row: row.{name}) for a value or None."
            )

    def is_null(self) -> Expr[bool]:
        """True where the key is empty."""
        return Expr[object](self._column).is_null()

    def is_not_null(self) -> Expr[bool]:
        """True where the key leads to a row."""
        return Expr[object](self._column).is_not_null()

    def to(self, value: object) -> Setting:
        """A new key for ``Table.update(...)``: a row, a reference to one, a key, or None to empty it.

        Raises ``InvalidValue`` for anything else.

        Example: ``Event.update(Event.reviewer.to(None)).where(Event.id == 5)``.
        """
        return setting(self._column, value)

    def __eq__(self, other: object) -> NoReturn:
        name = self._column.name
        raise QueryError(
            f"{name} stands for a row and cannot be compared; compare its key: {name}(lambda row: row.id) == "
            f"{_key_shown(other)}, or use {name}.is_null()."
        )

    def __hash__(self) -> int:
        return id(self)


def _key_shown(other: object) -> str:
    """What a row's key is to be compared with: a value as it is given, the key of a row."""
    given = key_in(other)
    if isinstance(given, TableBase):
        given = getattr(given, facts_of(type(given)).primary_key[0], None)
    return brief(given)


def key_name(landing: object) -> str | None:
    """The name of the foreign key of a table that leads to this row; None for what is no row behind a key."""
    source = _source_of(landing)
    return None if source is None or source.parent is None else source.hop


def hop_of(landing: object) -> Source | None:
    """The source of this row behind one foreign key of a table itself; None for anything else."""
    source = _source_of(landing)
    return source if source is not None and source.parent is not None and source.parent.parent is None else None


def _source_of(landing: object) -> Source | None:
    path = cast("object", landing.inner) if isinstance(landing, Maybe) else landing  # pyright: ignore[reportUnknownMemberType]  # any table
    source: object = path.__dict__["_source"] if isinstance(path, Path) else None
    return source if isinstance(source, Source) else None


def moved(node: ColumnNode, source: Source) -> ColumnNode:
    """The same column of the row at the end of a path."""
    return ColumnNode(source, node.name, node.datatype, nullable=node.nullable or source.optional, secret=node.secret)


def node_at(table: type[TableBase], name: str, source: Source) -> ColumnNode:
    """The column ``name`` of ``table`` as it is reached by the path ``source``."""
    if source.parent is not None and name in source.remote:
        reached = table._along_(name, source)  # pyright: ignore[reportPrivateUsage]  # same room
        if isinstance(reached, Expr) and isinstance(reached.node, ColumnNode):
            return reached.node
    node = facts_of(table).nodes[name]
    return node if node.source is source else moved(node, source)
