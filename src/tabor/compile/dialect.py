"""What a dialect spells in its own way: places, names, functions, JSON, tables; the emission asks it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from functools import reduce
from typing import NamedTuple

from tabor.compile.literals import no_literal, plain_text, quoted_text
from tabor.datatypes import DataType
from tabor.tree.definitions import ForeignKeyDefinition, IndexKind, TableDefinition
from tabor.tree.nodes import JsonObject, Node, Operation, Ordering

Step = tuple[str, int, Mapping[str, object]]
"""What a step of a plan does, how many steps stand around it, and what else is known of it."""
LONGEST_MADE = 10_000_000
"""How many characters a text may have that is padded or repeated: what is longer is refused before it is made."""


def quoted(name: str) -> str:
    """An identifier in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def key_rules(key: ForeignKeyDefinition) -> str:
    """What a foreign key does when its row is deleted, and when it is checked."""
    # RESTRICT would refuse a row at once, even where the same statement deletes those that refer to it.
    action = "NO ACTION" if key.on_delete == "restrict" else key.on_delete.upper()
    return f"ON DELETE {action}{' DEFERRABLE INITIALLY IMMEDIATE' if key.deferrable else ''}"


class Around(NamedTuple):
    """What stands around the operands of a call over many rows.

    ``distinct`` says that equal ones count once; ``order`` is the order within the brackets, ``tail`` what follows
    them: the filter and the window.
    """

    distinct: bool = False
    order: str = ""
    tail: str = ""

    @property
    def word(self) -> str:
        """The word before the operands."""
        return "DISTINCT " if self.distinct else ""


PLAIN = Around()


class Dialect(ABC):
    """The spelling of one dialect; holds no state between statements."""

    unlimited = ""
    """What stands before an OFFSET where there is no limit."""

    filters_groups = True
    """Whether the filter of a function over a window may test what is computed of a group."""

    index_kinds: frozenset[IndexKind] = frozenset({"btree"})
    """The kinds of indexes that there are."""

    has_opclasses = False
    """Whether the terms of an index may have operator classes."""

    @abstractmethod
    def place(self, number: int, datatype: DataType) -> str:
        """The text of the place for the value ``number``, counted from 1."""

    def raw_place(self, number: int, datatype: DataType) -> str:
        """The same in SQL written by hand, where the datatype is only guessed from the value."""
        return self.place(number, datatype)

    def name(self, name: str) -> str:
        """An identifier as the database keeps it: shortened where it has a limit."""
        return name

    def nulls(self, term: Ordering) -> str:
        """The words after a term of ORDER BY that put nulls where they belong: as the smallest value by default."""
        last = term.descending if term.nulls_last is None else term.nulls_last
        return "" if last == term.descending else f" NULLS {'LAST' if last else 'FIRST'}"

    def function(self, op: str, args: Sequence[str], node: Operation, around: Around = PLAIN) -> str:
        """The text of a function that databases call by the same name."""
        if op == "count_rows":
            return f"count(*){around.tail}"
        if op == "count_distinct":
            return f"count(DISTINCT {args[0]}){around.tail}"
        return f"{op}({around.word}{', '.join(args)}{around.order}){around.tail}"

    @abstractmethod
    def fragment(self, text: str, datatype: DataType) -> str:
        """SQL by hand, in parentheses, whose values are to be of this type."""

    def checked(self, text: str, datatype: DataType) -> str:
        """The text of an arithmetic expression, refused by the database where its result does not fit its type."""
        return text

    def product(self, factors: Sequence[str]) -> str:
        """The product of floats, refused by the database where it is too large or too small for a float.

        A zero that is computed has no sign, as one that is stored: ``+ 0.0`` takes it away.
        """
        return f"({reduce('({} * {})'.format, factors)} + 0.0)"

    def case(self, text: str, node: Operation) -> str:
        """A CASE expression."""
        return text

    def returned(self, text: str, node: Node) -> str:
        """What a statement that writes gives back, where the database would give it in another form than a select."""
        return text

    @abstractmethod
    def special(self, op: str, args: Sequence[str], node: Operation) -> str:
        """The text of an operation that the dialect spells in its own way."""

    @abstractmethod
    def lock(self, tables: Sequence[str], others: str) -> str:
        """The words after a select that lock the rows of these tables and ``wait for``, ``skip`` or ``refuse`` others'.

        Raises ``UnsupportedFeature`` where rows cannot be locked.
        """

    def first_of_each(self, columns: str, body: str, told: Sequence[str], order: str) -> str:
        """A select of the first row, by ``order``, of those with the same values of ``told``."""
        numbered = f"row_number() OVER (PARTITION BY {', '.join(told)}{f' ORDER BY {order}' if order else ''})"
        return f"SELECT * FROM (SELECT {columns}, {numbered} AS place FROM {body}) AS numbered WHERE place = 1"

    @abstractmethod
    def explain(self, sql: str, *, analyze: bool) -> str:
        """The statement that gives the plan of another one, which runs only if ``analyze``.

        Raises ``UnsupportedFeature`` where nothing can be measured.
        """

    @abstractmethod
    def plan_steps(self, rows: Sequence[Sequence[object]]) -> Iterator[Step]:
        """The steps of a plan in the rows that ``explain`` gave, each before those within it."""

    @abstractmethod
    def builds_json(self, node: JsonObject) -> bool:
        """Whether the database can build this object with the very bytes that Python would."""

    @abstractmethod
    def json_field(self, text: str, datatype: DataType) -> str:
        """The text of a value as it stands in a JSON object."""

    @abstractmethod
    def json_object(self, pairs: Sequence[tuple[str, str]]) -> str:
        """The text of a JSON object of names and values."""

    def table(self, name: str) -> str:
        """A table where a statement or a definition names it: by its one name, or by its schema and its own name."""
        return quoted(name)

    def renumber(self, table: str, column: str) -> str:
        """The statement after which the numbers that the database gives a column go on behind those that were given.

        Empty where they do so by themselves.
        """
        return ""

    def unique_terms(self, nodes: Sequence[Node]) -> Sequence[Node]:
        """What a unique index that takes two nulls for the same value is over, to be unique over these nodes."""
        return nodes

    @abstractmethod
    def create_table(self, table: TableDefinition) -> list[str]:
        """The statements that create a table and its indexes where they do not exist."""

    def create_tables(self, tables: Sequence[TableDefinition]) -> list[str]:
        """The statements that create these tables, given by dependency, where they do not exist."""
        return [statement for table in tables for statement in self.create_table(table)]

    def literal(self, value: object, datatype: DataType | None = None) -> str:
        """A value in a table definition as text; raises ``QueryError`` for one that has no such form."""
        if isinstance(value, Enum):
            value = value.value
        text = plain_text(value)
        if value is None or text is not None:
            return "NULL" if text is None else quoted_text(text)
        if isinstance(value, (int, float, Decimal)):
            return str(value)
        raise no_literal(value)
