"""``Column[T]`` and ``column()``: an attribute that is an expression on the class and a value on the row."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal as PythonDecimal
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from tabor.errors import SchemaError
from tabor.expression.expr import Expr
from tabor.query.write import Setting
from tabor.schema.facts import MISSING, TableBase, facts_of
from tabor.schema.options import ColumnOptions, check_options
from tabor.schema.setting import setting
from tabor.tree.nodes import ColumnNode

T = TypeVar("T")


class Column(Expr[T]):
    """A column of a table.  ``Event.title`` is a ``Column[str]`` to build queries with; ``event.title`` is a ``str``.

    Declare one by annotation, with ``column(...)`` for more than a type::

        class Event(Table):
            title: Column[str] = column(max_length=200)
            starts_at: Column[datetime]
    """

    __slots__ = ("_check", "name", "options", "table")

    name: str
    table: type[TableBase]
    options: ColumnOptions

    def __init__(self, options: ColumnOptions = ColumnOptions()) -> None:  # noqa: B008 - frozen
        self.options = options

    if TYPE_CHECKING:

        @overload
        def __get__(self, obj: None, cls: type[Any], /) -> Column[T]: ...
        @overload
        def __get__(self, obj: TableBase, cls: type[Any], /) -> T: ...
        def __get__(self, obj: TableBase | None, cls: type[Any], /) -> Column[T] | T: ...
        def __set__(self, obj: TableBase, value: T, /) -> None: ...

    else:

        def __getattr__(self, name: str) -> object:
            # The node needs the resolved annotation, so it is made at first use.
            if name == "node" and hasattr(self, "table"):
                self.node = facts_of(self.table).nodes[self.name]
                return self.node
            raise AttributeError(f"Column has no attribute {name!r}")

    def bind(self, table: type[TableBase], name: str) -> None:
        """Tell the column its table and name; done once, while the table is put together."""
        self.table = table
        self.name = name

    @classmethod
    def at(cls, node: ColumnNode, table: type[TableBase]) -> Column[Any]:
        """The same column reached by a path."""
        column = cls()
        column.table = table
        column.name = node.name
        column.node = node
        return column

    @overload
    def to(self, value: T | Expr[T]) -> Setting: ...
    @overload
    def to(self: Column[PythonDecimal], value: int | Expr[int]) -> Setting: ...
    @overload
    def to(self: Column[PythonDecimal | None], value: int | Expr[int | None]) -> Setting: ...
    def to(self, value: object) -> Setting:
        """A new value for this column in ``Table.update(...)``: a value, or an expression over the row.

        Raises ``InvalidValue`` for a value that the column cannot hold, and ``QueryError`` for an expression with more
        decimal places than it has: say ``round(2)`` after it.

        Example: ``Event.update(Event.capacity.to(Event.capacity - 1)).where(Event.id == 5)``.
        """
        assert isinstance(self.node, ColumnNode)
        return setting(self.node, value)

    def __repr__(self) -> str:
        return f"<Column {self.table.__name__}.{self.name}>" if hasattr(self, "table") else "<Column>"


@overload
def column(
    *, version: Literal[True], name: str | None = None, help: str = "", init: Literal[False] = False
) -> Column[Any]: ...
@overload
def column(
    *,
    stamp: Literal["created", "updated", "deleted"],
    index: bool = False,
    name: str | None = None,
    help: str = "",
    init: Literal[False] = False,
) -> Column[Any]: ...
@overload
def column(
    *,
    computed: Callable[[], Expr[T]],
    unique: bool = False,
    index: bool = False,
    secret: bool = False,
    name: str | None = None,
    help: str = "",
    decimal_places: int | None = None,
    max_digits: int | None = None,
    init: Literal[False] = False,
) -> Column[T]: ...
@overload
def column(
    *,
    server_default: Expr[T],
    unique: bool = False,
    index: bool = False,
    secret: bool = False,
    name: str | None = None,
    help: str = "",
    init: Literal[False] = False,
) -> Column[T]: ...
@overload
def column(
    *,
    server_default: T,
    unique: bool = False,
    index: bool = False,
    secret: bool = False,
    name: str | None = None,
    help: str = "",
    max_length: int | None = None,
    min_length: int | None = None,
    minimum: int | float | PythonDecimal | None = None,
    maximum: int | float | PythonDecimal | None = None,
    plain_text: bool = False,
    email: bool = False,
    url: bool = False,
    max_digits: int | None = None,
    decimal_places: int | None = None,
    init: Literal[False] = False,
) -> Column[T]: ...
@overload
def column(
    *,
    primary_key: Literal[True],
    init: Literal[False] = False,
    default_factory: Callable[[], object] | None = None,
    name: str | None = None,
    help: str = "",
) -> Column[Any]: ...
@overload
def column(
    *,
    primary_key: Literal[True],
    init: Literal[True],
    max_length: int | None = None,
    min_length: int | None = None,
    name: str | None = None,
    help: str = "",
) -> Column[Any]: ...
@overload
def column(
    *,
    default: T,
    unique: bool = False,
    index: bool = False,
    secret: bool = False,
    name: str | None = None,
    help: str = "",
    max_length: int | None = None,
    min_length: int | None = None,
    minimum: int | float | PythonDecimal | None = None,
    maximum: int | float | PythonDecimal | None = None,
    plain_text: bool = False,
    email: bool = False,
    url: bool = False,
    max_digits: int | None = None,
    decimal_places: int | None = None,
    init: Literal[True] = True,
) -> Column[T]: ...
@overload
def column(
    *,
    default_factory: Callable[[], T],
    unique: bool = False,
    index: bool = False,
    secret: bool = False,
    name: str | None = None,
    help: str = "",
    max_length: int | None = None,
    min_length: int | None = None,
    minimum: int | float | PythonDecimal | None = None,
    maximum: int | float | PythonDecimal | None = None,
    plain_text: bool = False,
    email: bool = False,
    url: bool = False,
    max_digits: int | None = None,
    decimal_places: int | None = None,
    init: Literal[True] = True,
) -> Column[T]: ...
@overload
def column(
    *,
    unique: bool = False,
    index: bool = False,
    secret: bool = False,
    name: str | None = None,
    help: str = "",
    max_length: int | None = None,
    min_length: int | None = None,
    minimum: int | float | PythonDecimal | None = None,
    maximum: int | float | PythonDecimal | None = None,
    plain_text: bool = False,
    email: bool = False,
    url: bool = False,
    max_digits: int | None = None,
    decimal_places: int | None = None,
    init: Literal[True] = True,
) -> Column[Any]: ...
def column(**options: Any) -> Column[Any]:
    """Declare a column with more than its type.

    Parameters: ``primary_key`` makes it the row's key (an ``int`` is numbered by the database and a ``UUID`` is made
    in time order, both without being given; other types need ``init=True`` or a ``default_factory``); ``default`` or
    ``default_factory`` fills it where a new row does not say; ``unique`` and ``index`` do so in the database;
    ``max_length`` and ``min_length`` count characters, bytes or items; ``minimum`` and ``maximum`` are inclusive;
    ``plain_text`` refuses markup and control characters; ``email`` demands the shape of an address, ``url`` that of an
    http or https address; ``max_digits`` (18 at most) and ``decimal_places`` size a Decimal; ``secret`` hides it from
    dicts, JSON, ``repr`` and the REST API; ``name`` is what the database calls the column, where that is not the
    attribute's name; ``help`` is shown to people in the API documentation.

    These are filled by the database and are no part of a new row: ``server_default``, a value or an expression such as
    ``now()``, may be changed later; ``computed``, a function that gives an expression over other columns of the row;
    ``version`` counts the changes of the row, and a ``save()`` of an older one raises ``StaleRow``; ``stamp`` is the
    moment at which the row was ``"created"``, ``"updated"`` or ``"deleted"``, the last of which makes ``remove()`` mark
    the row and queries leave it out.

    Raises ``SchemaError`` for options that exclude each other, and for unknown ones.

    Example: ``title: Column[str] = column(max_length=200, plain_text=True, help="Shown on the poster")``.
    """
    if options.get("default", MISSING) is not MISSING and options.get("default_factory") is not None:
        raise SchemaError("column() takes default or default_factory, not both.")
    kinds = [name for name in ("server_default", "computed", "version", "stamp") if name in options]
    given = [name for name in ("default", "default_factory", "primary_key") if name in options]
    if len(kinds) > 1 or (kinds and given):
        raise SchemaError(f"column() takes one of {' and '.join([*kinds, *given])}, not both.")
    default: object = options.get("default", MISSING)
    for kind in (list, dict, set):
        if isinstance(default, kind):
            raise SchemaError(
                f"A default of {default!r} would be shared by all rows; use default_factory={kind.__name__}."
            )
    check_options("column", options, ColumnOptions)
    return Column(ColumnOptions(**options))
