"""What is known of a declared table and its columns once their annotations are resolved.

Frozen facts without behaviour, and ``TableBase``: a table class as the other modules of this room see it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Self

from tabor.datatypes import DataType
from tabor.errors import QueryError
from tabor.tree.definitions import OnDelete
from tabor.tree.nodes import ColumnNode, Entity, Key, Node, Source


class Missing:
    """The type of ``MISSING``: no default was given."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()
Check = Callable[[object], object]
Extract = Callable[[Sequence[object]], list[tuple[object, ...]]]
Mark = Literal["", "version", "created", "updated", "deleted"]
"""What a column keeps about its row: how often it was changed, or when something was done to it."""


@dataclass(frozen=True, slots=True, eq=False)
class KeyFacts:
    """Where a foreign key leads: the target table, its key column, and what deleting the target does."""

    target: type[TableBase]
    target_column: str
    on_delete: OnDelete
    deferrable: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class LinkFacts:
    """A foreign key of any number of columns: which columns of the table, in the order of the target's key."""

    name: str
    target: type[TableBase]
    local: tuple[str, ...]
    remote: tuple[str, ...]
    nullable: bool
    on_delete: OnDelete
    deferrable: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class ColumnFacts:
    """One column.  ``generated`` marks an integer key that the database numbers; ``help`` is for people.

    ``server_default`` is filled in and ``computed`` computed by the database; ``mark`` tells a version and the stamps.
    """

    name: str
    datatype: DataType
    nullable: bool = False
    primary_key: bool = False
    generated: bool = False
    unique: bool = False
    index: bool = False
    secret: bool = False
    help: str = ""
    default: object = MISSING
    default_factory: Callable[[], object] | None = None
    key: KeyFacts | None = None
    server_default: Node | None = None
    computed: Callable[[], object] | None = None
    mark: Mark = ""

    @property
    def link(self) -> LinkFacts | None:
        """The foreign key that the column is, told as one of several columns is."""
        key = self.key
        if key is None:
            return None
        local, remote = (self.name,), (key.target_column,)
        return LinkFacts(self.name, key.target, local, remote, self.nullable, key.on_delete, deferrable=key.deferrable)

    @property
    def required(self) -> bool:
        """Whether a new row must be given a value."""
        return not self.server_set and self.default is MISSING and self.default_factory is None

    @property
    def server_set(self) -> bool:
        """Whether the database gives a new row its value, so that a new row takes none."""
        return self.generated or self.server_default is not None or self.read_only

    @property
    def read_only(self) -> bool:
        """Whether nobody but Tabor and the database changes it."""
        return self.computed is not None or self.mark != ""


@dataclass(frozen=True, slots=True, eq=False)
class TableFacts:
    """One table: its columns in order, its source and entity for queries, and the classes its rows are made of.

    ``storage`` holds the slots and is filled by decoders; ``row`` is what users see, a subclass of
    ``table``, and ``new_row`` the same before it is stored.
    ``extract`` gives the values of rows to insert for the columns ``insertable``, whose key is ``insertable_key``.
    ``checks`` gives the value to keep for each column or raises ``InvalidValue``; ``build`` makes a new row
    of the class that it is given, as ``__new__`` does.
    ``marked`` are the version and the stamps, as far as there are some;
    ``late`` names the columns with a server default, which a new row has no value for.
    """

    table: type[TableBase]
    name: str
    help: str
    columns: Mapping[str, ColumnFacts]
    primary_key: tuple[str, ...]
    source: Source
    nodes: Mapping[str, ColumnNode]
    entity: Entity
    storage: type
    row: type
    new_row: type
    insertable: tuple[ColumnNode, ...]
    insertable_key: Key
    extract: Extract
    checks: Mapping[str, Check]
    build: Callable[..., TableBase]
    marked: Mapping[Mark, ColumnNode]
    late: frozenset[str]


class TableBase:
    """The one base of ``Table``: what the modules below it need to know of a table class, and nothing more.

    The names with underscores on both sides belong to this room; ``facts_of`` is for the others.
    """

    __slots__ = ()

    if TYPE_CHECKING:
        _declared_: ClassVar[dict[str, Any]]
        _links_: ClassVar[dict[str, Any]]
        _relations_: ClassVar[dict[str, Any]]
        _searches_: ClassVar[dict[str, Any]]
        _token_: ClassVar[int]

        @classmethod
        def get(cls, key: object, /) -> Coroutine[Any, Any, Self]:
            """The row with this primary key."""
            ...

        @classmethod
        def _facts_(cls) -> TableFacts: ...
        @classmethod
        def _link_(cls, name: str) -> LinkFacts: ...
        @classmethod
        def _along_(cls, name: str, source: Source) -> object: ...


def facts_of(table: type[TableBase]) -> TableFacts:
    """The facts of a table, resolved at first use; raises ``SchemaError`` for a declaration that cannot work."""
    return table._facts_()  # pyright: ignore[reportPrivateUsage]  # the room's own name, for others to ask by this function


def telling_column(facts: TableFacts) -> str:
    """The column that tells whether a row is there: a part of its key, or another one that is never empty.

    Raises ``QueryError`` for a table that has neither.
    """
    for name, column in facts.columns.items():
        if not column.nullable:
            return name
    raise QueryError(f"Every column of {facts.name} may be empty, so a row that is missing cannot be told from one.")
