"""Tables that a statement makes for itself: the combined rows of several selects, and named queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Literal, Self

from tabor.datatypes import DataType
from tabor.tree.nodes import ColumnNode, Key, Node, Source, Values
from tabor.tree.related import leaves
from tabor.tree.statements import Select

SetOperator = Literal["union", "union all", "intersect", "except"]


class Combination:
    """Selects of the same columns whose rows are put together by one set operator, from left to right."""

    __slots__ = ("key", "operator", "parts", "values")

    def __init__(self, operator: SetOperator, parts: tuple[Select, ...]) -> None:
        self.operator: SetOperator = operator
        self.parts: tuple[Select, ...] = parts
        self.key: Key = (operator, tuple([part.key for part in parts]))
        values: Values = ()
        for part in parts:
            values += part.values
        self.values: Values = values


class Itself(Source):
    """A recursive query as its own step sees it: by its name alone."""

    __slots__ = ()

    def __init__(self, name: str, like: Source) -> None:
        super().__init__(name, like.token)
        self.key: str = named_key(name, like)
        self.shape: Key = self.key


def named_key(name: str, like: Source) -> str:
    """What tells a derived table from others, without the query that it is made of."""
    return f"{name or 'combined'}@{like.key}"


class Derived(Source):
    """A table whose rows are those of ``body``, its columns called ``names``.

    With a ``name`` it is a common table expression, written once however often it is used, and ``recursive`` where
    its body starts from the name itself.  Without one it stands where it is used, and ``outputs`` has the columns by
    the keys of what was selected, so that a condition or an order may name that.  ``made`` is the key of what it is,
    whatever it is called where it is used.
    """

    __slots__ = ("body", "made", "name", "names", "outputs", "recursive")

    def __init__(
        self,
        body: Select | Combination,
        like: Source,
        names: tuple[str, ...],
        *,
        name: str = "",
        recursive: bool = False,
    ) -> None:
        super().__init__(like.table, like.token)
        self.body: Select | Combination = body
        self.names: tuple[str, ...] = names
        self.name: str = name
        self.recursive: bool = recursive
        self.outputs: Mapping[Key, Output] = {}
        self.key: str = named_key(name, like)
        self.made: Key = (self.key, names, recursive, body.key)
        self.shape: Key = self.made
        self.values: Values = body.values

    @property
    def called(self) -> str:
        return self.alias or self.name or self.table

    def again(self, alias: str, *, optional: bool) -> Self:
        """The same table under another name, its rows perhaps missing."""
        new = copy(self)
        new.alias = alias
        new.optional = optional
        new.key = f"{self.key} {alias}{'?' if optional else ''}"
        new.shape = (new.key, self.made)
        return new

    def identified(self, identity: tuple[str, ...]) -> Self:
        """The same table, seen as the rows of a table with this primary key."""
        new = copy(self)
        new.identity = identity
        return new


class Output(ColumnNode):
    """A column of a derived table: ``place`` is its name there, ``name`` that of the attribute it fills.

    ``given`` are the values of the expression that it was selected by.
    """

    __slots__ = ("given", "place")

    def __init__(
        self, source: Source, place: str, name: str, datatype: DataType, *, nullable: bool, secret: bool, label: str
    ) -> None:
        super().__init__(source, name, datatype, nullable=nullable, secret=secret, label=label)
        self.place: str = place
        self.given: Values = ()
        self.key: Key = f"{source.key}.{place}"

    @property
    def stored_name(self) -> str:
        """What the column is called in the derived table."""
        return self.place


def place_names(columns: Sequence[Node]) -> tuple[str, ...]:
    """A name for each of the ``leaves``: the column's own where it is the first to have it."""
    names: list[str] = []
    for number, leaf in enumerate(leaves(columns), 1):
        name = leaf.name if isinstance(leaf, ColumnNode) else ""
        names.append(name if name and name not in names else f"column_{number}")
    return tuple(names)
