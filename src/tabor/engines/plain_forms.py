"""Values as whole numbers, floats, text and bytes: as they are stored where there is nothing else, and as JSON.

Texts of dates, times and moments have a fixed width, so that they sort as what they mean.  Decoders run for every
cell of every row; where the standard library has a function in C for one, it is that function.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context
from decimal import Decimal as PythonDecimal
from functools import partial
from json import JSONDecoder, JSONEncoder
from json.encoder import encode_basestring
from operator import attrgetter, methodcaller
from typing import NamedTuple, cast
from uuid import UUID, SafeUUID

from tabor.datatypes import (
    INT64_MAX,
    INT64_MIN,
    Array,
    Boolean,
    Bytes,
    DataType,
    Date,
    DateTime,
    Decimal,
    Duration,
    Enumeration,
    Float,
    Json,
    Model,
    Text,
    Time,
    Uuid,
)
from tabor.errors import InvalidValue, ValueOutOfRange

python_bool = bool
"""From 0 and 1 to ``False`` and ``True``."""

_MICROSECOND = timedelta(microseconds=1)
# Wide enough for every number of 64 bits, whatever the caller's own decimal context is.
_EXACT = Context(prec=60)
# Sorted, so that two equal objects are equal texts, whatever order their names were given in.
_to_text = JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False, sort_keys=True).encode
_SIGNED_ZERO = re.compile(r'"(?:[^"\\]|\\.)*"|-0\.0(?!\d)')
_from_json = JSONDecoder().decode
_MEMO_ENTRIES = 256
_MEMO_TEXT = 256
_new_uuid = object.__new__
_set_slot = object.__setattr__

Function = Callable[..., object]


def _to_json(value: object) -> str:
    """JSON without the sign of a zero, which not every database keeps."""
    text = _to_text(value)
    return _SIGNED_ZERO.sub(_without_sign, text) if "-0.0" in text else text


def _without_sign(match: re.Match[str]) -> str:
    return "0.0" if match.group() == "-0.0" else match.group()


class Pair(NamedTuple):
    """An encoder and a decoder; ``None`` where the value stays as it is."""

    encode: Function | None
    decode: Function | None


def _encode_moment(value: datetime) -> str:
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return value.isoformat("T", "microseconds")[:26] + "Z"


def _encode_duration(value: timedelta) -> int:
    return value // _MICROSECOND


def _decode_uuid(text: str) -> UUID:
    # UUID's own constructor takes three times as long over checks that the column has made already.
    value = _new_uuid(UUID)
    _set_slot(value, "int", int(text.replace("-", ""), 16))
    _set_slot(value, "is_safe", SafeUUID.unknown)
    return value


def _decimal_pair(places: int) -> Pair:
    def encode(value: PythonDecimal) -> int:
        scaled = int(value.scaleb(places, _EXACT))
        if not INT64_MIN <= scaled <= INT64_MAX:
            raise ValueOutOfRange(f"{value} does not fit into 64 bits", code="out_of_range", value=value)
        return scaled

    def decode(scaled: int) -> PythonDecimal:
        return PythonDecimal(scaled).scaleb(-places, _EXACT)

    return Pair(encode, decode)


class _Members(dict[object, object]):
    """An enumeration's members by value, with a clear error for a value that is none."""

    def __init__(self, datatype: Enumeration) -> None:
        super().__init__((member.value, member) for member in datatype.enum)
        self._label = datatype.label

    def __missing__(self, value: object) -> object:
        raise InvalidValue(f"expected {self._label}, got {value!r}", code="not_a_member", value=value)


def enumeration_pair(datatype: Enumeration) -> Pair:
    """A member as its value, and back."""
    return Pair(attrgetter("_value_"), _Members(datatype).__getitem__)


def _array_pair(datatype: Array) -> Pair:
    to_items, from_items = _items(datatype)
    decode_text = _from_json if from_items is None else partial(_decode_items, from_items)
    if to_items is not None:
        encode: Function = partial(_encode_items, to_items)
    else:
        encode = _encode_texts if isinstance(datatype.item, Text) and not datatype.nullable_items else _to_json
    return Pair(encode, decode_text if isinstance(datatype.item, (Array, Json)) else _remembering(decode_text))


def _encode_texts(value: list[str]) -> str:
    # What the encoder would give, which prepares itself anew for each value and takes three times as long.
    return f"[{','.join(map(encode_basestring, value))}]"


def _encode_items(to_items: Function, value: object) -> str:
    return _to_json(to_items(value))


def _decode_items(from_items: Function, text: str) -> object:
    return from_items(_from_json(text))


def _remembering(decode: Function) -> Function:
    """``decode``, which gives a list, with a small memory: lists such as tags repeat.  Each caller has its own list."""
    memory: dict[str, tuple[object, ...]] = {}

    def remembered(text: str) -> list[object]:
        items = memory.get(text)
        if items is not None:
            return list(items)
        fresh = cast("list[object]", decode(text))
        if len(text) <= _MEMO_TEXT:
            if len(memory) >= _MEMO_ENTRIES:
                memory.clear()
            memory[text] = tuple(fresh)
        return fresh

    return remembered


def _items(datatype: Array) -> Pair:
    """From a list of values to a list that JSON can hold, and back."""
    item = _items(datatype.item) if isinstance(datatype.item, Array) else _item_pair(datatype.item)
    return Pair(
        None if item.encode is None else partial(each, item.encode),
        None if item.decode is None else partial(each, item.decode),
    )


def each(function: Function, values: list[object]) -> list[object]:
    """The values of a list through ``function``; a null stays one."""
    return [None if value is None else function(value) for value in values]


def _item_pair(datatype: DataType) -> Pair:
    """How one item of an array stands in JSON: numbers, booleans and JSON itself as such, the rest as text."""
    if isinstance(datatype, Model):
        return Pair(datatype.plain, _model_from_plain(datatype))
    if isinstance(datatype, (Boolean, Json)):
        return Pair(None, None)
    if isinstance(datatype, Float):
        return Pair(None, float)
    if isinstance(datatype, Bytes):
        return Pair(_encode_base64, b64decode)
    if isinstance(datatype, Decimal):
        pair = _decimal_pair(datatype.places)
        return Pair(partial(_encode_decimal_text, pair), PythonDecimal)
    return pair_of(datatype)


def _model_pair(datatype: Model) -> Pair:
    def encode(value: object) -> str:
        return _to_json(datatype.plain(value))

    return Pair(encode, datatype.from_text)


def _model_from_plain(datatype: Model) -> Function:
    def decode(value: object) -> object:
        return datatype.from_text(_to_json(value))

    return decode


def _encode_base64(value: bytes) -> str:
    return b64encode(value).decode("ascii")


def _encode_decimal_text(pair: Pair, value: PythonDecimal) -> str:
    assert pair.encode is not None
    assert pair.decode is not None
    return format(pair.decode(pair.encode(value)), "f")


_PAIRS: dict[type[DataType], Pair] = {
    Boolean: Pair(int, python_bool),
    Date: Pair(date.isoformat, date.fromisoformat),
    Time: Pair(methodcaller("isoformat", "microseconds"), time.fromisoformat),
    DateTime: Pair(_encode_moment, datetime.fromisoformat),
    Duration: Pair(_encode_duration, partial(timedelta, 0, 0)),
    Uuid: Pair(str, _decode_uuid),
    Json: Pair(_to_json, _from_json),
}


def pair_of(datatype: DataType) -> Pair:
    """The encoder and the decoder of a datatype."""
    if isinstance(datatype, Decimal):
        return _decimal_pair(datatype.places)
    if isinstance(datatype, Enumeration):
        return enumeration_pair(datatype)
    if isinstance(datatype, Array):
        return _array_pair(datatype)
    if isinstance(datatype, Model):
        return _model_pair(datatype)
    return _PAIRS.get(type(datatype), Pair(None, None))
