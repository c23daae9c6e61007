"""Definition nodes: tables, columns, constraints and indexes as a database should hold them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tabor.datatypes import DataType
from tabor.tree.nodes import Node, Ordering

OnDelete = Literal["restrict", "cascade", "set null", "set default"]

IndexKind = Literal["btree", "hash", "gin", "gist", "spgist", "brin"]


@dataclass(frozen=True, slots=True)
class ColumnDefinition:
    """One column; ``generated`` marks an integer key that the database numbers itself.

    ``default`` is what the database fills in, ``computed`` what it always computes from the row's other columns.
    """

    name: str
    datatype: DataType
    nullable: bool
    generated: bool = False
    default: Node | None = None
    computed: Node | None = None


@dataclass(frozen=True, slots=True)
class UniqueDefinition:
    """A named unique constraint; where nulls are not ``nulls_distinct`` two of them are the same value."""

    name: str
    columns: tuple[str, ...]
    nulls_distinct: bool = True


@dataclass(frozen=True, slots=True)
class ForeignKeyDefinition:
    """A named foreign key; ``deferrable`` where a transaction may put its check off to the commit."""

    name: str
    columns: tuple[str, ...]
    references: str
    referenced_columns: tuple[str, ...]
    on_delete: OnDelete
    deferrable: bool = False


@dataclass(frozen=True, slots=True)
class CheckDefinition:
    """A named check; the condition holds only columns of the table and constants."""

    name: str
    condition: Node


@dataclass(frozen=True, slots=True)
class IndexDefinition:
    """A named index over columns, or over ``terms`` where it says more than their names; ``where`` makes it partial.

    A unique one takes two nulls for the same value where they are not ``nulls_distinct``.  ``include`` are columns that
    it brings along and does not sort by, ``using`` is its kind, ``opclasses`` has the operator class of each term.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    unique: bool = False
    terms: tuple[Ordering, ...] = ()
    where: Node | None = None
    nulls_distinct: bool = True
    include: tuple[str, ...] = ()
    using: IndexKind = "btree"
    opclasses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchDefinition:
    """A named index of the words in some columns of text, found by the table's primary key."""

    name: str
    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """One table with all its constraints; indexes follow it."""

    name: str
    columns: tuple[ColumnDefinition, ...]
    primary_key: tuple[str, ...]
    uniques: tuple[UniqueDefinition, ...] = ()
    foreign_keys: tuple[ForeignKeyDefinition, ...] = ()
    checks: tuple[CheckDefinition, ...] = ()
    indexes: tuple[IndexDefinition, ...] = ()
    searches: tuple[SearchDefinition, ...] = ()
