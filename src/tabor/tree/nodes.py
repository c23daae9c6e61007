"""Expression nodes: what a statement computes, without saying how a database spells it.

Every node carries a ``key`` (equal for nodes that differ only in bound values, cheap to hash) and its bound
``values`` in the order in which a compiler meets them, so that a statement is compiled once for each shape.
Nodes never change after they are made.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from tabor.datatypes import BOOLEAN, DataType

Key = Hashable
Values = tuple[object, ...]
ConstantValue = str | int | float | Decimal | None
"""What can stand in the text of a table definition."""

_new = object.__new__
_AS_THEY_ARE: Mapping[str, str] = {}


class Node:
    """Base of all nodes; ``datatype`` and ``nullable`` describe what it gives."""

    __slots__ = ("datatype", "key", "nullable", "values")

    datatype: DataType
    nullable: bool
    key: Key
    values: Values


class Source:
    """A table in a statement: one that it starts from (``parent is None``), or one reached through a foreign key.

    ``alias`` is the name under which a table that is joined, or that stands there twice, is known.
    ``hop`` is the name of the foreign key, ``local`` and ``remote`` the pairs of columns that join, ``optional``
    says whether the row may be missing.  ``identity`` names the columns of the primary key; ``renamed`` has the names
    in the database of the columns that are called otherwise there; ``token`` tells tables apart that share a name.
    ``live`` is the condition that leaves out rows marked as deleted, ``touch`` what every change of a row sets beside:
    both of a table itself, not of one reached through a key.
    """

    __slots__ = (
        "alias",
        "hop",
        "identity",
        "key",
        "live",
        "local",
        "optional",
        "parent",
        "remote",
        "renamed",
        "shape",
        "table",
        "token",
        "touch",
        "values",
    )

    def __init__(
        self,
        table: str,
        token: int,
        *,
        parent: Source | None = None,
        hop: str = "",
        local: tuple[str, ...] = (),
        remote: tuple[str, ...] = (),
        optional: bool = False,
        identity: tuple[str, ...] = (),
        renamed: Mapping[str, str] = _AS_THEY_ARE,
        alias: str = "",
    ) -> None:
        self.table: str = table
        self.alias: str = alias
        self.token: int = token
        self.parent: Source | None = parent
        self.hop: str = hop
        self.local: tuple[str, ...] = local
        self.remote: tuple[str, ...] = remote
        self.optional: bool = optional
        self.identity: tuple[str, ...] = identity
        self.renamed: Mapping[str, str] = renamed
        self.live: Node | None = None
        self.touch: tuple[Assignment, ...] = ()
        if parent is not None:
            self.key: str = f"{parent.key}>{hop}"
        else:
            self.key = f"{table}#{token} {alias}{'?' if optional else ''}" if alias else f"{table}#{token}"
        # What a statement that starts from it has in its key and before its own values: more for a derived table.
        self.shape: Key = self.key
        self.values: Values = ()

    @property
    def called(self) -> str:
        """What a statement calls it: its alias, or else its own name."""
        return self.alias or self.table

    @property
    def root(self) -> Source:
        """The statement's own table at the start of the path."""
        source = self
        while source.parent is not None:
            source = source.parent
        return source

    def stored_name(self, name: str) -> str:
        """What the database calls the column ``name``."""
        return self.renamed.get(name, name)


class ColumnNode(Node):
    """A column of a source; ``secret`` ones are left out where a whole row is shown.

    ``label`` is what people call it: the name, but for the key of a row that stands in the row before it.
    ``compared`` has the keys of its comparisons with values, by their operators.
    """

    __slots__ = ("compared", "label", "name", "secret", "source")

    def __init__(
        self, source: Source, name: str, datatype: DataType, *, nullable: bool, secret: bool = False, label: str = ""
    ) -> None:
        self.label: str = label or name
        self.source: Source = source
        self.secret: bool = secret
        self.name: str = name
        self.datatype = datatype
        self.nullable = nullable
        self.key: Key = f"{source.key}.{name}"
        self.values: Values = ()
        self.compared: dict[str, Key] = {}

    @property
    def stored_name(self) -> str:
        """What the database calls the column."""
        return self.source.renamed.get(self.name, self.name)


class Value(Node):
    """A bound value; it travels as a parameter and never stands in the SQL text."""

    __slots__ = ()

    def __init__(self, datatype: DataType, value: object) -> None:
        self.datatype = datatype
        self.nullable: bool = value is None
        self.key: Key = ("?", datatype.key)
        self.values: Values = (value,)


class Placeholder:
    """Stands among a statement's values where a prepared query takes an argument."""

    __slots__ = ("datatype", "nullable")

    def __init__(self, datatype: DataType, *, nullable: bool) -> None:
        self.datatype: DataType = datatype
        self.nullable: bool = nullable


class Constant(Node):
    """A value that is part of the text (table definitions cannot bind)."""

    __slots__ = ("value",)

    def __init__(self, datatype: DataType, value: ConstantValue) -> None:
        self.datatype = datatype
        self.value: ConstantValue = value
        self.nullable: bool = value is None
        self.key: Key = ("!", datatype.key, value)
        self.values: Values = ()


class Operation(Node):
    """An operator or function with its operands; ``op`` is a word of the tree's own vocabulary, not SQL."""

    __slots__ = ("args", "op")

    def __init__(self, op: str, args: tuple[Node, ...], datatype: DataType, *, nullable: bool = False) -> None:
        self.op: str = op
        self.args: tuple[Node, ...] = args
        self.datatype = datatype
        self.nullable = nullable
        self.key: Key = (op, *[arg.key for arg in args])
        values: Values = ()
        for arg in args:
            values += arg.values
        self.values: Values = values


class Comparison(Operation):
    """A binary operation that gives true or false; the common case, made without a loop."""

    __slots__ = ()

    def __init__(self, op: str, left: Node, right: Node) -> None:
        self.op = op
        self.args: tuple[Node, Node] = (left, right)
        self.datatype: DataType = BOOLEAN
        self.nullable = False
        self.key: Key = (op, left.key, right.key)
        self.values: Values = left.values + right.values


class ColumnComparison(Comparison):
    """A column compared with a value, as most conditions are: what only a compiler asks for is made when it asks.

    ``compared()`` makes it, which takes half of the time of a constructor.
    """

    __slots__ = ("column",)

    column: ColumnNode
    datatype: DataType = BOOLEAN
    nullable: bool = False

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            if name == "args":
                self.args = (self.column, Value(self.column.datatype, *self.values))
                return self.args
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __reduce__(self) -> tuple[Callable[..., ColumnComparison], tuple[object, ...]]:
        # Copies and pickles are made anew: what all of a class have cannot be set.
        return compared, (self.op, self.column, *self.values)


def compared(op: str, column: ColumnNode, value: object) -> ColumnComparison:
    """The same as ``Comparison(op, column, Value(column.datatype, value))``."""
    made = _new(ColumnComparison)
    made.op = op
    made.column = column
    made.values = (value,)
    try:
        made.key = column.compared[op]
    except KeyError:
        made.key = column.compared[op] = (op, column.key, ("?", column.datatype.key))
    return made


class Entity(Node):
    """All columns of a source, to be given back as one row object; ``row`` is what knows how to make it."""

    __slots__ = ("columns", "row", "source")

    def __init__(self, source: Source, columns: tuple[ColumnNode, ...], row: object = None) -> None:
        self.source: Source = source
        self.row: object = row
        self.columns: tuple[ColumnNode, ...] = columns
        self.datatype: DataType = BOOLEAN
        self.nullable: bool = source.optional
        self.key: Key = f"{source.key}.*"
        self.values: Values = ()


class JsonObject(Node):
    """A JSON object built from named nodes; a nested object whose ``present`` value is null is null itself."""

    __slots__ = ("fields", "present")

    def __init__(self, fields: tuple[tuple[str, Node], ...], *, present: Node | None = None) -> None:
        self.fields: tuple[tuple[str, Node], ...] = fields
        self.present: Node | None = present
        self.datatype: DataType = BOOLEAN
        self.nullable: bool = present is not None
        self.key: Key = ("json", present.key if present else None, tuple([(name, node.key) for name, node in fields]))
        values: Values = () if present is None else present.values
        for _, node in fields:
            values += node.values
        self.values: Values = values


class Ordering:
    """One term of an ORDER BY."""

    __slots__ = ("descending", "key", "node", "nulls_last")

    def __init__(self, node: Node, *, descending: bool = False, nulls_last: bool | None = None) -> None:
        self.node: Node = node
        self.descending: bool = descending
        self.nulls_last: bool | None = nulls_last
        self.key: tuple[bool, bool | None, Key] = (descending, nulls_last, node.key)


class Assignment:
    """``column = value`` in an update."""

    __slots__ = ("column", "key", "value")

    def __init__(self, column: ColumnNode, value: Node) -> None:
        self.column: ColumnNode = column
        self.value: Node = value
        self.key: tuple[Key, Key] = (column.key, value.key)


def same_nodes(nodes: Sequence[Node]) -> tuple[int, ...]:
    """For each node that has values the place of the first one that is equal to it, its values too.

    Nodes of one shape may have different values, so a text in which equal ones share their places is right only for
    statements in which the same ones are equal.
    """

    def first(node: Node) -> int:
        return next(n for n, one in enumerate(nodes) if one.key == node.key and one.values == node.values)

    return tuple([first(node) for node in nodes if node.values])


def same_values(values: Values) -> tuple[int, ...]:
    """For each value the place of the first one that is equal to it: what ``same_nodes`` is to parts of nodes, too."""
    first: dict[object, int] = {}
    try:
        return tuple([first.setdefault(value, place) for place, value in enumerate(values)])
    except TypeError:
        return tuple([values.index(value) for value in values])
