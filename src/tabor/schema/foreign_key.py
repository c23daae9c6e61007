"""``ForeignKey[T]`` and ``key()``: a reference to a row of another table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Literal, get_args, overload
from uuid import UUID

from typing_extensions import TypeVar

from tabor.datatypes import brief
from tabor.errors import SchemaError
from tabor.schema.facts import LinkFacts, TableBase, facts_of
from tabor.schema.options import KeyOptions, check_options
from tabor.schema.path import Maybe
from tabor.schema.reference import Ref, referred
from tabor.tree.definitions import OnDelete

N = TypeVar("N")
K = TypeVar("K", default=int)
M = TypeVar("M", bound=TableBase)


class ForeignKey(Generic[N, K]):
    """A foreign key.  On the class it is the table it leads to (``Event.creator.email`` joins), on a row a ``Ref``.

    ``ForeignKey[User]`` must have a row, ``ForeignKey[User | None]`` may be empty; the second type is the type of
    the target's key where that is not ``int`` (``ForeignKey[Doc, UUID]``).
    """

    __slots__ = ("_landing", "link", "name", "options", "table")

    name: str
    table: type[TableBase]
    options: KeyOptions

    def __init__(self, options: KeyOptions = KeyOptions()) -> None:  # noqa: B008 - frozen
        self.options = options
        self._landing: object = None
        self.link: LinkFacts | None = None

    if TYPE_CHECKING:

        @overload
        def __get__(self: ForeignKey[M | None, K], obj: None, cls: type[Any], /) -> Maybe[M]: ...
        @overload
        def __get__(self: ForeignKey[M, K], obj: None, cls: type[Any], /) -> type[M]: ...
        @overload
        def __get__(self: ForeignKey[M | None, K], obj: TableBase, cls: type[Any], /) -> Ref[M, K] | None: ...
        @overload
        def __get__(self: ForeignKey[M, K], obj: TableBase, cls: type[Any], /) -> Ref[M, K]: ...
        def __get__(self, obj: TableBase | None, cls: type[Any], /) -> object: ...
        def __set__(self, obj: TableBase, value: N | K | Ref[Any, K], /) -> None: ...

    else:

        def __get__(self, obj, cls, /):
            if obj is not None:
                # A key of one column is a slot of the row, which answers first; one of several is put together.
                return referred(obj, self.table._link_(self.name))
            landing = self._landing
            if landing is None:
                landing = self._landing = self.table._along_(self.name, facts_of(self.table).source)
            return landing

    def bind(self, table: type[TableBase], name: str) -> None:
        """Tell the key its table and name; done once, while the table is put together."""
        self.table = table
        self.name = name


@overload
def key(
    *,
    columns: Callable[[], tuple[object, ...]],
    on_delete: Literal["restrict", "cascade", "set null"] = "restrict",
    deferrable: bool = False,
    help: str = "",
    init: Literal[False] = False,
) -> Any: ...
@overload
def key(
    *,
    default: None,
    on_delete: Literal["restrict", "cascade", "set null"] = "restrict",
    unique: bool = False,
    deferrable: bool = False,
    name: str | None = None,
    help: str = "",
    init: Literal[True] = True,
) -> Any: ...
@overload
def key(
    *,
    default: int | str | UUID,
    on_delete: OnDelete = "restrict",
    unique: bool = False,
    deferrable: bool = False,
    name: str | None = None,
    help: str = "",
    init: Literal[True] = True,
) -> Any: ...
@overload
def key(
    *,
    on_delete: Literal["restrict", "cascade"] = "restrict",
    unique: bool = False,
    primary_key: bool = False,
    deferrable: bool = False,
    name: str | None = None,
    help: str = "",
    init: Literal[True] = True,
) -> Any: ...
def key(**options: Any) -> Any:
    """Declare a foreign key with more than its type.

    ``on_delete`` says what deleting the referenced row does: ``"restrict"`` refuses, ``"cascade"`` deletes this row
    too, ``"set null"`` empties the key (only where it may be empty), ``"set default"`` lets it lead to the row of
    ``default``, which has to be there by then.  ``default`` is the key that a new row has where it is given none, None
    for keys that may be empty.
    ``unique`` makes it one to one, ``primary_key`` a part of the row's own key.  The column is indexed, and called
    ``name`` in the database where that is not the attribute's name.

    ``deferrable`` lets a transaction with ``deferred_constraints=True`` put the check off to its commit, the refusal
    of a delete included.

    ``columns`` is for a table whose key has several columns: a function that gives the columns of this table, declared
    by themselves, that hold the other row's key, in the order of that key.

    Raises ``SchemaError`` for an unknown option or ``on_delete``.

    Example: ``creator: ForeignKey[User] = key(on_delete="cascade")``,
    ``seat: ForeignKey[Seat, tuple[int, int]] = key(columns=lambda: (Ticket.row, Ticket.place))``.
    """
    options.pop("init", None)
    check_options("key", options, KeyOptions)
    on_delete = options.get("on_delete", "restrict")
    if on_delete not in get_args(OnDelete):
        raise SchemaError(f"on_delete is one of {', '.join(map(repr, get_args(OnDelete)))}, got {brief(on_delete)}.")
    if options.get("columns") is not None and options.get("name") is not None:
        raise SchemaError("A key over columns= has no column of its own; give name= to those columns.")
    return ForeignKey[Any, Any](KeyOptions(**options))
