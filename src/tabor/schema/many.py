"""``Many[T]`` and ``many()``: the rows of another table that refer to this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Literal, cast, overload

from typing_extensions import Self, TypeVar

from tabor.errors import SchemaError
from tabor.expression.expr import Expr, Order, condition
from tabor.query.select import Query
from tabor.query.shape import ROW
from tabor.schema.path import Maybe, Path
from tabor.tree.nodes import ColumnNode, Ordering
from tabor.tree.statements import Collection, Select

if TYPE_CHECKING:
    from tabor.schema.table import Table

M = TypeVar("M", bound="Table")


class Related(Expr[list[M]]):
    """The related rows of each selected row: ``select(User, User.events)`` gives each user a list of events.

    They are fetched by one statement more, however many rows there are.
    """

    __slots__ = ()

    node: Collection

    def where(self, *conditions: Expr[bool]) -> Self:
        """Only related rows for which every condition is true."""
        child = self.node.child.copy()
        child.where += tuple([condition(c) for c in conditions])
        return self._with(child)

    def order_by(self, *terms: Expr[Any] | Order) -> Self:
        """Sort each list by these expressions."""
        child = self.node.child.copy()
        child.order += tuple([t.term if isinstance(t, Order) else Ordering(condition(t)) for t in terms])
        return self._with(child)

    def _with(self, child: Select) -> Self:
        return type(self)(Collection(self.node.owner, self.node.link, child))


class Many(Generic[M]):
    """The other side of a foreign key.  On the class a ``Related`` to select, on a row a query of its related rows.

    Example: ``events: Many[Event] = many(lambda: Event.creator)`` in ``User``.
    """

    __slots__ = ("name", "table", "via")

    name: str
    table: type[Table]

    def __init__(self, via: Callable[[], object]) -> None:
        self.via = via

    if TYPE_CHECKING:

        @overload
        def __get__(self, obj: None, cls: type[Any], /) -> Related[M]: ...
        @overload
        def __get__(self, obj: Table, cls: type[Any], /) -> Query[M]: ...
        def __get__(self, obj: Table | None, cls: type[Any], /) -> Related[M] | Query[M]: ...

    else:

        def __get__(self, obj, cls, /):
            link, owner, child = self._ends()
            if obj is None:
                return Related(Collection(owner, link, child))
            if not hasattr(obj, owner.name):
                raise SchemaError(f"{self.table.__name__}.{self.name} needs a saved row; save this one first.")
            return Query(child, ROW).where(Expr(link) == getattr(obj, owner.name))

    def bind(self, table: type[Table], name: str) -> None:
        """Tell the relation its table and name; done once, while the table is put together."""
        self.table = table
        self.name = name

    def _ends(self) -> tuple[ColumnNode, ColumnNode, Select]:
        """The column that refers, the column referred to, and the select of the related table."""
        place = f"{self.table.__name__}.{self.name}"
        landing = self.via()
        path = cast("object", landing.inner) if isinstance(landing, Maybe) else landing  # pyright: ignore[reportUnknownMemberType]  # any table
        source = getattr(path, "_source", None) if isinstance(path, Path) else None
        if source is None or source.parent is None or source.parent.parent is not None:
            raise SchemaError(f"{place} needs many(lambda: Other.key) with a foreign key of the other table.")
        own = self.table._facts_()  # pyright: ignore[reportPrivateUsage]  # same room
        if source.token != own.source.token:
            raise SchemaError(f"{place}: the key {source.parent.table}.{source.hop} does not lead to {own.name}.")
        child = self.table._declared_by_(source.parent.token)  # pyright: ignore[reportPrivateUsage]  # same room
        return child.nodes[source.hop], own.nodes[source.remote[0]], Select(child.source, (child.entity,))


def many(via: Callable[[], object], *, init: Literal[False] = False) -> Any:
    """Declare the rows of another table that refer to this one by the foreign key ``via``.

    ``via`` is a function so that the other table may be declared later; ``init`` stays False: related rows are no
    part of a new row.

    Example: ``events: Many[Event] = many(lambda: Event.creator)``.
    """
    return Many[Any](via)
