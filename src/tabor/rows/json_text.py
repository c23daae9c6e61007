"""JSON text of rows, built in Python with the very bytes that a database would build.

Datetimes are RFC 3339 in UTC with six decimals and ``Z``, decimals text with all their places, durations
ISO 8601, bytes base64.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal as PythonDecimal
from enum import Enum
from typing import Any, cast
from uuid import UUID

from tabor.datatypes import Array, DataType, Decimal, Json, Model
from tabor.engines.interface import Codec, Codecs, Row
from tabor.query.nesting import to_json
from tabor.tree.nodes import JsonObject, Node
from tabor.tree.related import Collection

JSON = Json()
_encode_sorted = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=True).encode


def json_builder(node: JsonObject, codecs: Codecs) -> Callable[[list[Row]], list[Any]]:
    """The function from raw rows, one value for each field in order, to the bytes of JSON objects."""
    text = text_builder(node, codecs)

    def decode(rows: list[Row]) -> list[Any]:
        return [text(row).encode() for row in rows]

    return decode


def text_builder(node: JsonObject, codecs: Codecs) -> Callable[[Row], str]:
    """The function from one raw row, which may have more values behind, to the text of its JSON object."""
    build = _object_builder(node, codecs)

    def text(row: Row) -> str:
        return to_json(build(iter(row)))

    return text


def plain_decoder(columns: Sequence[Node], keys: int, codecs: Codecs) -> Callable[[list[Row]], list[Any]]:
    """The function from raw rows to tuples of what stands for each value in JSON.

    The first ``keys`` values, and those that related rows are found by, are decoded and no more.
    """
    builds = [
        _owner_builder(column, codecs)
        if isinstance(column, Collection)
        else _key_builder(column.datatype, codecs)
        if place < keys
        else _field_builder(column.datatype, codecs)
        for place, column in enumerate(columns)
    ]

    def plain(row: Row) -> tuple[Any, ...]:
        values = iter(row)
        return tuple([build(values) for build in builds])

    return lambda rows: list(map(plain, rows))


def _owner_builder(collection: Collection, codecs: Codecs) -> Callable[[Any], Any]:
    """The key that related rows are found by, None where a part of it is."""
    parts = [_key_builder(column.datatype, codecs) for column in collection.owner]

    def build(values: Any) -> Any:
        key = tuple([part(values) for part in parts])
        return None if None in key else key

    return parts[0] if len(parts) == 1 else build


def _key_builder(datatype: DataType, codecs: Codecs) -> Callable[[Any], Any]:
    decode = codecs.decoder(datatype)

    def build(values: Any) -> Any:
        value = next(values)
        return value if value is None or decode is None else decode(value)

    return build


def _object_builder(node: JsonObject, codecs: Codecs) -> Callable[[Any], Any]:
    fields: list[tuple[str, Callable[[Any], Any]]] = []
    for name, field in node.fields:
        if isinstance(field, JsonObject):
            fields.append((name, _object_builder(field, codecs)))
        else:
            fields.append((name, _field_builder(field.datatype, codecs)))
    optional = node.present is not None

    def build(values: Any) -> Any:
        present = not optional or next(values) is not None
        made = {name: field(values) for name, field in fields}
        return made if present else None

    return build


def _field_builder(datatype: DataType, codecs: Codecs) -> Callable[[Any], Any]:
    # A model's JSON is in the column already.
    decode = codecs.decoder(JSON if isinstance(datatype, Model) else datatype)
    if isinstance(datatype, Json):
        return _json_builder(decode)

    def build(values: Any) -> Any:
        value = next(values)
        if value is None:
            return None
        return jsonable(value if decode is None else decode(value), datatype)

    return build


def _json_builder(decode: Codec | None) -> Callable[[Any], Any]:
    def build(values: Any) -> Any:
        value = next(values)
        return None if value is None else in_order(value if decode is None else decode(value))

    return build


def in_order(value: object) -> object:
    """A JSON value with the names of its objects sorted, as they are stored; a database may have them in any order."""
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        return {name: in_order(members[name]) for name in sorted(members)}
    return list(map(in_order, cast("list[object]", value))) if isinstance(value, list) else value


def jsonable(value: object, datatype: DataType) -> object:
    """A decoded value as what stands for it in JSON."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(datatype, Json):
        # Of a model its JSON may have come, or an instance from within a list.
        made = datatype.plain(value) if isinstance(datatype, Model) and isinstance(value, datatype.model) else value
        return in_order(made)
    if isinstance(datatype, Array):
        items = cast("list[object]", value)
        return [None if item is None else jsonable(item, datatype.item) for item in items]
    if isinstance(value, PythonDecimal) and isinstance(datatype, Decimal):
        return f"{value:.{datatype.places}f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    if isinstance(value, time):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return iso_duration(value)
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return str(value) if isinstance(value, UUID) else value


def json_of(value: object, datatype: DataType) -> str:
    """A decoded value as JSON text by itself, the names of objects sorted, so that equal values are equal texts."""
    return _encode_sorted(jsonable(value, datatype))


def iso_duration(value: timedelta) -> str:
    """A duration by ISO 8601: ``timedelta(days=1, hours=2)`` is ``P1DT2H``.

    Days, hours, minutes and seconds with up to six decimals; nothing is a month or year.
    """
    sign, rest = ("-", -value) if value < timedelta(0) else ("", value)
    minutes, seconds = divmod(rest.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    second = f"{seconds}.{rest.microseconds:06d}".rstrip("0") if rest.microseconds else str(seconds)
    clock = [f"{hours}H" if hours else "", f"{minutes}M" if minutes else "", f"{second}S" if second != "0" else ""]
    text = (f"{rest.days}D" if rest.days else "") + ("T" + "".join(clock) if any(clock) else "")
    return f"{sign}P{text or 'T0S'}"
