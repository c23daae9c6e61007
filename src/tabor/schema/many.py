"""``Many[T]`` and ``many()``: the rows of another table that refer to this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Literal, overload

from typing_extensions import TypeVar

from tabor.errors import QueryError, SchemaError
from tabor.expression.expr import Expr
from tabor.query.select import Query
from tabor.query.shape import ROW
from tabor.schema.annotations import table_with
from tabor.schema.facts import TableBase, facts_of
from tabor.schema.options import RelationOptions
from tabor.schema.path import hop_of, node_at
from tabor.schema.reference import key_in
from tabor.schema.related import Related
from tabor.tree.nodes import ColumnNode, Source
from tabor.tree.related import Collection
from tabor.tree.statements import Select

M = TypeVar("M", bound=TableBase)


class Many(Generic[M]):
    """The other side of a foreign key.  On the class a ``Related`` to select, on a row a query of its related rows.

    Example: ``events: Many[Event] = many(lambda: Event.creator)`` in ``User``.
    """

    __slots__ = ("name", "options", "table")

    name: str
    table: type[TableBase]

    def __init__(self, options: RelationOptions) -> None:
        self.options: RelationOptions = options

    if TYPE_CHECKING:

        @overload
        def __get__(self, obj: None, cls: type[Any], /) -> Related[M]: ...
        @overload
        def __get__(self, obj: TableBase, cls: type[Any], /) -> Query[M]: ...
        def __get__(self, obj: TableBase | None, cls: type[Any], /) -> Related[M] | Query[M]: ...

    else:

        def __get__(self, obj, cls, /):
            if obj is None:
                return self.at(facts_of(self.table).source)
            link, owner, child = self._ends()
            if not all(hasattr(obj, name) for name in owner):
                raise QueryError(f"{self.place} needs a saved row; save this one first.")
            return self._of([key_in(getattr(obj, name)) for name in owner], link, child)

    def at(self, source: Source) -> Related[M]:
        """The related rows of the row at the end of a path."""
        link, owner, child = self._ends()
        nodes = tuple([node_at(self.table, name, source) for name in owner])
        return Related(Collection(nodes, link, child, name=self.name, place=source))

    def bind(self, table: type[TableBase], name: str) -> None:
        """Tell the relation its table and name; done once, while the table is put together."""
        self.table = table
        self.name = name
        self._check()

    @property
    def place(self) -> str:
        """The relation as errors name it."""
        return f"{self.table.__name__}.{self.name}"

    def _check(self) -> None:
        """Raise ``SchemaError`` for options that such a relation does not have."""
        if self.options.via is None:
            raise SchemaError(f"{self.place} needs many(lambda: Other.key) with a foreign key of the other table.")

    def _of(self, key: list[object], link: tuple[ColumnNode, ...], child: Select) -> Query[Any]:
        """The related rows of the row with this key."""
        same = [Expr[object](node) == part for node, part in zip(link, key, strict=True)]
        return Query[Any](child, ROW).where(*same)

    def _ends(self) -> tuple[tuple[ColumnNode, ...], tuple[str, ...], Select]:
        """The columns that refer, the names of those referred to, and the select of the related table."""
        assert self.options.via is not None
        source = hop_of(self.options.via())
        if source is None or source.parent is None:
            raise SchemaError(f"{self.place} needs many(lambda: Other.key) with a foreign key of the other table.")
        own = facts_of(self.table)
        if source.token != own.source.token:
            raise SchemaError(f"{self.place}: the key {source.parent.table}.{source.hop} does not lead to {own.name}.")
        child = facts_of(table_with(source.parent.token))
        select = Select(child.source, (child.entity,))
        if child.source.live is not None:
            select.where = (child.source.live,)
        return tuple([child.nodes[name] for name in source.local]), source.remote, select


@overload
def many(via: Callable[[], object], *, init: Literal[False] = False) -> Any: ...
@overload
def many(*, through: Callable[[], object], init: Literal[False] = False) -> Any: ...
@overload
def many(*, table: str = "", init: Literal[False] = False) -> Any: ...
def many(
    via: Callable[[], object] | None = None,
    *,
    through: Callable[[], object] | None = None,
    table: str = "",
    init: Literal[False] = False,
) -> Any:
    """Declare related rows; the annotation says which kind they are.

    ``Many[Event]`` are the rows that refer to this one: ``via`` gives the foreign key that does.

    ``ManyToMany[Group]`` are rows linked by a table between.  ``many()`` makes that table, called after both sides or
    by the name ``table``; ``through`` gives a declared one, or its two foreign keys, the one that leads here first;
    ``via`` gives the other side's relation.

    Each is a function so that the other table may be declared later.  ``init`` stays False: related rows are no part of
    a new row.

    Example: ``events: Many[Event] = many(lambda: Event.creator)``, ``groups: ManyToMany[Group] = many()``,
    ``members: ManyToMany[User] = many(lambda: User.groups)``.
    """
    return Many[Any](RelationOptions(via, through, table))
