"""The shape of a result: what each raw row becomes."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Literal, NamedTuple

Kind = Literal["row", "tuple", "value", "dict", "json", "documents", "count", "arrow", "plain", "parted"]


class Shape:
    """How raw rows are given back.

    ``row``: objects of the table; ``tuple``: one item for each selected thing; ``value``: the single selected thing
    itself; ``dict``: by ``names``; ``json``: JSON text by ``names``; ``documents``: all rows as one ``Documents``;
    ``count``: the number of rows changed; ``arrow``: all rows as one Arrow table by ``names``;
    ``plain``: like ``tuple``, but of what stands for each value in JSON, after as many keys as there are ``names``.
    """

    __slots__ = ("key", "kind", "names")

    def __init__(self, kind: Kind, names: tuple[str, ...] = ()) -> None:
        self.kind = kind
        self.names: tuple[str, ...] = names
        self.key: Hashable = (kind, names) if names else kind


class Parted(Shape):
    """Whole rows of the table first, and beside them what another shape is made of: one ``PartedRows`` of all rows."""

    __slots__ = ("inner",)

    def __init__(self, inner: Shape) -> None:
        super().__init__("parted")
        self.inner: Shape = inner
        self.key: Hashable = ("parted", inner.key)


class PartedRows(NamedTuple):
    """The rows of the table, the raw values beside each, and the function that makes those to results."""

    stored: list[Any]
    beside: list[tuple[object, ...]]
    decode: Callable[[list[tuple[object, ...]]], list[Any]]


ROW = Shape("row")
TUPLE = Shape("tuple")
VALUE = Shape("value")
DOCUMENTS = Shape("documents")
COUNT = Shape("count")
PLAIN = Shape("plain")
LINKED = Shape("plain", ("link",))
