"""The shape of a result: what each raw row becomes."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Literal

Kind = Literal["row", "tuple", "value", "dict", "json", "documents", "count", "arrow", "plain"]


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


ROW = Shape("row")
TUPLE = Shape("tuple")
VALUE = Shape("value")
DOCUMENTS = Shape("documents")
COUNT = Shape("count")
PLAIN = Shape("plain")
LINKED = Shape("plain", ("link",))
