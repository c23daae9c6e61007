"""Makes the function that turns raw rows into ``Documents``: JSON text of each row, its keys beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, cast

from tabor.engines.interface import Codecs, Row
from tabor.query.document import Documents
from tabor.rows.decoder import Decode
from tabor.rows.json_text import text_builder
from tabor.tree.nodes import JsonObject, Node
from tabor.tree.walk import flat_fields


def documents_decoder(node: JsonObject, keys: Sequence[Node], codecs: Codecs, *, ready: bool) -> Decode:
    """The function from raw rows to one ``Documents``.

    ``ready``: the database has built the text, which is each row's first value; else a row brings ``flat_fields``.
    The values of ``keys`` are last in a row; they are decoded only where somebody asks for them.
    """
    text = cast("Callable[[Row], str]", itemgetter(0)) if ready else text_builder(node, codecs)
    start = 1 if ready else len(flat_fields(node))
    codec = [codecs.decoder(key.datatype) for key in keys]

    def key(row: Row) -> tuple[object, ...]:
        return tuple(
            [
                value if decode is None or value is None else decode(value)
                for decode, value in zip(codec, row[start:], strict=True)
            ]
        )

    def decode(rows: list[Row]) -> list[Any]:
        return [Documents(list(map(text, rows)), rows, key)]

    return decode
