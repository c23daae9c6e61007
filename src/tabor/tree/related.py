"""Nodes and statements of related rows: a list beside each row, fetched by a second statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tabor.datatypes import BOOLEAN, DataType
from tabor.tree.nodes import (
    ColumnNode,
    Comparison,
    Entity,
    Key,
    Node,
    Operation,
    Ordering,
    Placeholder,
    Source,
    Value,
    Values,
)
from tabor.tree.statements import COUNT, Select, Statement

Finish = Callable[[list[Any]], list[Any]]
"""The last step in Python from the selected items of one list to what the caller gets."""


class Collection(Node):
    """The rows of another table that refer to each row selected: fetched by a second statement.

    ``owner`` is the key of the row that they refer to, ``link`` their columns that refer to it, ``child`` what is
    selected of them, its limit and offset counted for each owner.  ``single`` says that an item is the selected
    thing itself and no tuple; ``finish`` is the last step for each list.  ``name`` is what the relation is called,
    ``place`` the row that has it; ``plain`` asks for values as they stand in JSON.
    """

    __slots__ = ("child", "finish", "link", "name", "owner", "place", "plain", "single")

    def __init__(
        self,
        owner: tuple[ColumnNode, ...],
        link: tuple[ColumnNode, ...],
        child: Select,
        *,
        name: str,
        place: Source,
        single: bool = True,
        finish: Finish | None = None,
        plain: bool = False,
    ) -> None:
        self.name: str = name
        self.place: Source = place
        self.plain: bool = plain
        self.owner: tuple[ColumnNode, ...] = owner
        self.link: tuple[ColumnNode, ...] = link
        self.child: Select = child
        self.single: bool = single
        self.finish: Finish | None = finish
        self.datatype: DataType = owner[0].datatype
        self.nullable: bool = any(column.nullable for column in owner)
        self.key: Key = ("collection", *[column.key for column in owner])
        self.values: Values = ()

    @property
    def conditions(self) -> tuple[Node, ...]:
        """That a related row refers to the row at hand."""
        return tuple([Comparison("eq", *pair) for pair in zip(self.link, self.owner, strict=True)])

    def alone(self) -> Collection:
        """The relation itself: which rows they are, whatever was to be selected of them."""
        return self.giving(self.child.arranged(columns=()))

    def giving(
        self,
        child: Select,
        *,
        link: tuple[ColumnNode, ...] = (),
        single: bool = True,
        finish: Finish | None = None,
        plain: bool = False,
        name: str = "",
    ) -> Collection:
        """The same relation with other things selected of its rows; ``link`` where its table is called otherwise."""
        return Collection(
            self.owner,
            link or self.link,
            child,
            name=name or self.name,
            place=self.place,
            single=single,
            finish=finish,
            plain=plain,
        )


def leaves(columns: Sequence[Node]) -> list[Node]:
    """What is selected, whole rows taken apart into their columns, and related rows into the key that they are by."""
    found: list[Node] = []
    for column in columns:
        if isinstance(column, Entity):
            found += column.columns
        elif isinstance(column, Collection):
            found += column.owner
        else:
            found.append(column)
    return found


def one_of(columns: tuple[ColumnNode, ...], keys: Sequence[Any]) -> Node:
    """The condition that the columns hold one of these keys: single values for one column, else tuples."""
    if len(columns) == 1:
        column = columns[0]
        return Operation("in", (column, *[Value(column.datatype, key) for key in keys]), BOOLEAN)
    types = [column.datatype for column in columns]
    rows = [tuple([Value(kind, part) for kind, part in zip(types, key, strict=True)]) for key in keys]
    given = Operation("rows", tuple([Operation("row", row, BOOLEAN) for row in rows]), BOOLEAN)
    return Operation("in_rows", (Operation("row", columns, BOOLEAN), given), BOOLEAN)


class Place(Node):
    """The place of a row, counted from 1, among those with the same value of ``link``."""

    __slots__ = ("link", "order")

    def __init__(self, link: tuple[ColumnNode, ...], order: tuple[Ordering, ...]) -> None:
        self.link: tuple[ColumnNode, ...] = link
        self.order: tuple[Ordering, ...] = order
        self.datatype: DataType = COUNT
        self.nullable: bool = False
        self.key: Key = ("place", tuple([column.key for column in link]), tuple([term.key for term in order]))
        values: Values = ()
        for term in order:
            values += term.node.values
        self.values: Values = values


class PageOfEach(Statement):
    """The same page of rows for each value of ``link``: the rows of ``inner`` by their place, in their order.

    ``columns`` are what is given back; ``inner`` selects the same, whole rows taken apart, and the place as the last.
    """

    __slots__ = ("columns", "columns_key", "inner", "limit", "offset")

    reads = True

    def __init__(self, select: Select, link: tuple[ColumnNode, ...], order: tuple[Ordering, ...]) -> None:
        self.source: Source = select.source
        self.columns: tuple[Node, ...] = select.columns
        self.columns_key: Key = select.columns_key
        # Related rows are limited by numbers alone.
        assert not isinstance(select.limit, Placeholder)
        assert not isinstance(select.offset, Placeholder)
        self.limit: int | None = select.limit
        self.offset: int = select.offset or 0
        inner = select.arranged(columns=(*leaves(select.columns), Place(link, order)), offset=None)
        inner.order, inner.limit = (), None
        self.inner: Select = inner

    @property
    def key(self) -> Key:
        return ("page of each", self.inner.key, self.columns_key, self.limit is None)

    @property
    def values(self) -> Values:
        page: Values = (self.offset,) if self.limit is None else (self.offset, self.offset + self.limit)
        return self.inner.values + page
