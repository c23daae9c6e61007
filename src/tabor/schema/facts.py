"""What is known of a declared table and its columns once their annotations are resolved; frozen facts, no behaviour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tabor.datatypes import DataType
from tabor.tree.definitions import OnDelete
from tabor.tree.nodes import ColumnNode, Entity, Key, Source

if TYPE_CHECKING:
    from tabor.schema.table import Table


class Missing:
    """The type of ``MISSING``: no default was given."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()


@dataclass(frozen=True, slots=True, eq=False)
class KeyFacts:
    """Where a foreign key leads: the target table, its key column, and what deleting the target does."""

    target: type[Table]
    target_column: str
    on_delete: OnDelete


@dataclass(frozen=True, slots=True, eq=False)
class ColumnFacts:
    """One column.  ``generated`` marks an integer key that the database numbers; ``help`` is for people."""

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

    @property
    def required(self) -> bool:
        """Whether a new row must be given a value."""
        return not self.generated and self.default is MISSING and self.default_factory is None


@dataclass(frozen=True, slots=True, eq=False)
class TableFacts:
    """One table: its columns in order, its source and entity for queries, and the classes its rows are made of.

    ``storage`` holds the slots and is filled by decoders; ``row`` is what users see, a subclass of
    ``table``, and ``new_row`` the same before it is stored.
    ``extract`` gives the values to insert for the columns ``insertable``, whose key is ``insertable_key``.
    """

    table: type[Table]
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
    extract: Callable[[object], tuple[object, ...]]
    uniques: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
